-- When the owner of the account showed that the address is theirs.
ALTER TABLE account ADD COLUMN email_confirmed_at BIGINT;

-- The mail server of an environment. Without a row nothing is sent, and nothing is kept for later.
CREATE TABLE mail_settings (
    environment_id  TEXT PRIMARY KEY REFERENCES environment (id),
    host            TEXT NOT NULL,
    port            INTEGER NOT NULL,
    security        TEXT NOT NULL,
    username        TEXT NOT NULL,
    sealed_password BYTEA,
    from_address    TEXT NOT NULL,
    from_name       TEXT NOT NULL,
    locale          TEXT NOT NULL,
    changed_at      BIGINT NOT NULL
);

-- Mails to send, and for some days those that were. "next_at" is also the lease of the node that is sending.
CREATE TABLE mail_queue (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    account_id      TEXT REFERENCES account (id),
    kind            TEXT NOT NULL,
    locale          TEXT NOT NULL,
    recipient       TEXT NOT NULL,
    sealed_contents BYTEA,
    state           TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    created_at      BIGINT NOT NULL,
    next_at         BIGINT NOT NULL,
    give_up_at      BIGINT NOT NULL,
    last_answer     TEXT NOT NULL
);
CREATE INDEX mail_queue_due ON mail_queue (state, next_at);
CREATE INDEX mail_queue_environment ON mail_queue (environment_id, created_at);
CREATE INDEX mail_queue_account ON mail_queue (account_id, kind, created_at);

-- Links in mails. Each works once.
CREATE TABLE mail_link (
    token_hash      TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    account_id      TEXT NOT NULL REFERENCES account (id),
    purpose         TEXT NOT NULL,
    recipient       TEXT NOT NULL,
    address         TEXT NOT NULL,
    browser         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX mail_link_account ON mail_link (account_id, purpose);
CREATE INDEX mail_link_expiry ON mail_link (expires_at);

-- Refusals that repeat are counted in one entry: its key names what is counted together.
ALTER TABLE activity ADD COLUMN repeats BIGINT NOT NULL DEFAULT 1;
ALTER TABLE activity ADD COLUMN last_at BIGINT;
ALTER TABLE activity ADD COLUMN repeat_key TEXT;
CREATE UNIQUE INDEX activity_repeat ON activity (repeat_key) WHERE repeat_key IS NOT NULL;
CREATE INDEX activity_kind ON activity (environment_id, kind, sequence);
CREATE INDEX activity_actor ON activity (environment_id, actor_name, sequence);
CREATE INDEX activity_address ON activity (environment_id, address, sequence);
CREATE INDEX activity_at ON activity (environment_id, at);

-- How long entries are kept; 0 is for ever. Without a row, the default.
CREATE TABLE activity_settings (
    environment_id  TEXT PRIMARY KEY REFERENCES environment (id),
    keep_days       INTEGER NOT NULL
);
