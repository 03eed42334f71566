-- Since when an account has had a phone that approves, so that those without one are found among a million.
ALTER TABLE account ADD COLUMN companion_at BIGINT;
UPDATE account SET companion_at = (SELECT min(p.paired_at) FROM phone p WHERE p.account_id = account.id)
    WHERE id IN (SELECT account_id FROM phone);
-- Without a second column: what is created goes to the end of the index, which costs an import next to nothing.
CREATE INDEX account_with_companion ON account (environment_id) WHERE companion_at IS NOT NULL;
CREATE INDEX account_without_companion ON account (environment_id) WHERE companion_at IS NULL;
