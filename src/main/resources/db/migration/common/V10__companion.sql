-- Phones that approve, how they are paired, and what they are asked.
CREATE TABLE phone (
    id                  TEXT PRIMARY KEY,
    environment_id      TEXT NOT NULL REFERENCES environment (id),
    account_id          TEXT NOT NULL,
    name                TEXT NOT NULL,
    thumbprint          TEXT NOT NULL UNIQUE,
    public_key          TEXT NOT NULL,
    origin              TEXT NOT NULL,
    paired_at           BIGINT NOT NULL,
    last_seen_at        BIGINT NOT NULL,
    sealed_codes        BYTEA NOT NULL,
    codes_taken         INTEGER NOT NULL,
    codes_last_step     BIGINT NOT NULL,
    codes_last_used_at  BIGINT,
    sealed_subscription BYTEA,
    push_failed_at      BIGINT
);
CREATE INDEX phone_by_account ON phone (account_id);

CREATE TABLE phone_pairing (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    account_id      TEXT NOT NULL,
    begun_from      TEXT NOT NULL,
    origin          TEXT NOT NULL,
    code_hash       TEXT NOT NULL UNIQUE,
    state           TEXT NOT NULL,
    thumbprint      TEXT,
    public_key      TEXT,
    phone_name      TEXT,
    phone_id        TEXT,
    expires_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL
);
CREATE INDEX phone_pairing_by_account ON phone_pairing (account_id);
CREATE INDEX phone_pairing_by_change ON phone_pairing (changed_at);

CREATE TABLE phone_proof (
    proof_hash  TEXT PRIMARY KEY,
    expires_at  BIGINT NOT NULL
);

CREATE TABLE approval (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    account_id      TEXT NOT NULL,
    sign_in_id      TEXT NOT NULL,
    state           TEXT NOT NULL,
    confirmation    TEXT NOT NULL,
    digits          TEXT NOT NULL,
    wrong           INTEGER NOT NULL,
    application     TEXT NOT NULL,
    browser         TEXT NOT NULL,
    system_name     TEXT NOT NULL,
    address         TEXT NOT NULL,
    network         TEXT,
    place           TEXT,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    phone_id        TEXT
);
CREATE INDEX approval_by_account ON approval (account_id, created_at);
CREATE INDEX approval_by_sign_in ON approval (sign_in_id);
CREATE INDEX approval_by_change ON approval (changed_at);

-- How people who are pestered are spared: requests since the last good answer, and what was held back.
CREATE TABLE approval_restraint (
    account_id      TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    unanswered      INTEGER NOT NULL,
    declined        INTEGER NOT NULL,
    last_asked_at   BIGINT NOT NULL,
    held_back       INTEGER NOT NULL
);

-- Whether approval is asked beyond what the rules demand. The row with the empty group is the environment's.
CREATE TABLE approval_rule (
    environment_id   TEXT NOT NULL REFERENCES environment (id),
    group_id         TEXT NOT NULL,
    mode             TEXT NOT NULL,
    share            INTEGER NOT NULL,
    longest_seconds  BIGINT NOT NULL,
    PRIMARY KEY (environment_id, group_id)
);
ALTER TABLE environment ADD COLUMN approval_confirmation TEXT NOT NULL DEFAULT 'NUMBER';
ALTER TABLE environment ADD COLUMN approval_version BIGINT NOT NULL DEFAULT 0;

-- A password its owner has reported as known to others: it opens nothing until it is changed.
ALTER TABLE password ADD COLUMN blocked_by TEXT;
