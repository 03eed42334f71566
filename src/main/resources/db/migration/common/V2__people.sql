-- Where an account comes from, when its second factor was set up, and the keys people are sorted by.
-- index_version says by which rules the words below were made; opening an installation makes missing ones.
ALTER TABLE account ADD COLUMN source TEXT NOT NULL DEFAULT 'LOCAL';
ALTER TABLE account ADD COLUMN enrolled_at BIGINT;
ALTER TABLE account ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN index_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account DROP COLUMN search_text;
UPDATE account SET enrolled_at = (SELECT t.enrolled_at FROM totp t WHERE t.account_id = account.id);

CREATE INDEX account_by_username ON account (environment_id, username_key ${bytewise});
CREATE INDEX account_by_name ON account (environment_id, name_key ${bytewise}, id ${bytewise});
CREATE INDEX account_by_last_sign_in ON account (environment_id, (coalesce(last_sign_in_at, 0)), id ${bytewise});
CREATE INDEX account_by_role ON account (environment_id, role, username_key ${bytewise});
CREATE INDEX account_enrolled ON account (environment_id, username_key ${bytewise}) WHERE enrolled_at IS NOT NULL;
CREATE INDEX account_not_enrolled ON account (environment_id, username_key ${bytewise}) WHERE enrolled_at IS NULL;
CREATE INDEX account_disabled ON account (environment_id, username_key ${bytewise}) WHERE disabled_at IS NOT NULL;
CREATE INDEX account_to_index ON account (index_version);

-- The beginnings of words someone is found by: user name and its parts, mail address, the parts of the name.
CREATE TABLE account_word (
    environment_id  TEXT NOT NULL,
    word            TEXT ${bytewise} NOT NULL,
    account_id      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (environment_id, word, account_id)
);
CREATE INDEX account_word_account ON account_word (account_id);

-- A group may stand inside others, and may give its members a role.
ALTER TABLE account_group ADD COLUMN role TEXT;
CREATE TABLE group_nesting (
    environment_id  TEXT NOT NULL,
    parent_id       TEXT NOT NULL REFERENCES account_group (id) ON DELETE CASCADE,
    child_id        TEXT NOT NULL REFERENCES account_group (id) ON DELETE CASCADE,
    PRIMARY KEY (parent_id, child_id)
);
CREATE INDEX group_nesting_child ON group_nesting (child_id);
CREATE INDEX group_nesting_environment ON group_nesting (environment_id);

CREATE INDEX policy_exemption_until ON policy_exemption (environment_id, until);
CREATE INDEX guess_budget_next ON guess_budget (environment_id, next_at);

-- Every state the policy had, so that a change can be compared and taken back.
CREATE TABLE policy_version (
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    version         BIGINT NOT NULL,
    mode            TEXT NOT NULL,
    scope           TEXT NOT NULL,
    subjects        TEXT NOT NULL,
    style           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    changed_at      BIGINT NOT NULL,
    changed_by      TEXT NOT NULL,
    PRIMARY KEY (environment_id, version)
);

-- Requiring two-factor authentication some time after an event: what is armed, and when it starts once the event came.
CREATE TABLE automatic_start (
    environment_id  TEXT PRIMARY KEY REFERENCES environment (id),
    event           TEXT NOT NULL,
    delay_seconds   BIGINT NOT NULL,
    scope           TEXT NOT NULL,
    subjects        TEXT NOT NULL,
    event_at        BIGINT,
    starts_at       BIGINT
);

-- Work on many accounts, done in the background piece by piece.
CREATE TABLE bulk_job (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    action          TEXT NOT NULL,
    details         TEXT NOT NULL,
    account_id      TEXT,
    actor_name      TEXT NOT NULL,
    door            TEXT NOT NULL,
    address         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    finished_at     BIGINT,
    leased_until    BIGINT NOT NULL,
    total           BIGINT NOT NULL
);
CREATE INDEX bulk_job_open ON bulk_job (leased_until) WHERE finished_at IS NULL;
CREATE INDEX bulk_job_environment ON bulk_job (environment_id, created_at);
CREATE TABLE bulk_job_item (
    job_id          TEXT NOT NULL REFERENCES bulk_job (id) ON DELETE CASCADE,
    account_id      TEXT NOT NULL,
    result          TEXT,
    PRIMARY KEY (job_id, account_id)
);
CREATE INDEX bulk_job_item_open ON bulk_job_item (job_id) WHERE result IS NULL;
