-- Keys for programs. Only the hash of a key is stored; the prefix is what people recognise it by. An owner who is gone leaves
-- keys that open nothing, so the owner is no reference.
CREATE TABLE api_key (
    id                TEXT PRIMARY KEY,
    environment_id    TEXT NOT NULL REFERENCES environment (id),
    name              TEXT NOT NULL,
    prefix            TEXT NOT NULL,
    token_hash        TEXT NOT NULL UNIQUE,
    owner_id          TEXT NOT NULL,
    scopes            TEXT NOT NULL,
    created_at        BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL,
    last_used_at      BIGINT,
    last_used_address TEXT,
    revoked_at        BIGINT
);
CREATE INDEX api_key_environment ON api_key (environment_id, id);

-- Requests that were sent with an Idempotency-Key, and what was answered: sealed, since an answer may hold a token.
CREATE TABLE idempotent_request (
    key_hash          TEXT PRIMARY KEY,
    environment_id    TEXT NOT NULL,
    request_hash      TEXT NOT NULL,
    sealed_answer     BYTEA,
    started_at        BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL
);
CREATE INDEX idempotent_request_expiry ON idempotent_request (expires_at);

-- A second factor asked for by an application that keeps its own passwords. Without an account it is a decoy.
CREATE TABLE challenge (
    id                TEXT PRIMARY KEY,
    environment_id    TEXT NOT NULL REFERENCES environment (id),
    asked_by          TEXT NOT NULL,
    account_id        TEXT,
    decoy             TEXT,
    expires_at        BIGINT NOT NULL
);
CREATE INDEX challenge_expiry ON challenge (expires_at);
CREATE INDEX challenge_account ON challenge (account_id);

-- What an operator has agreed for an environment. Without a row: everything, without limit.
CREATE TABLE entitlement (
    environment_id    TEXT PRIMARY KEY REFERENCES environment (id),
    features          TEXT NOT NULL,
    seats             BIGINT,
    ends_at           BIGINT,
    issued_at         BIGINT NOT NULL,
    set_by            TEXT NOT NULL,
    set_at            BIGINT NOT NULL
);

CREATE INDEX totp_environment ON totp (environment_id);
