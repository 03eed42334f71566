-- Times are milliseconds since 1970, UTC. Identifiers are random text. Every table belongs to an environment.
-- "sealed_" columns hold secrets encrypted for exactly their row; "_hash" columns cannot be turned back.

CREATE TABLE installation (
    id              TEXT PRIMARY KEY,
    sealed_check    BYTEA NOT NULL,
    created_at      BIGINT NOT NULL
);

CREATE TABLE environment (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    host            TEXT UNIQUE,
    display_name    TEXT NOT NULL,
    sign_in_style   TEXT NOT NULL,
    created_at      BIGINT NOT NULL
);

CREATE TABLE account (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    username        TEXT NOT NULL,
    username_key    TEXT NOT NULL,
    username_shape  TEXT NOT NULL,
    email           TEXT NOT NULL,
    email_key       TEXT NOT NULL,
    display_name    TEXT NOT NULL,
    search_text     TEXT NOT NULL,
    role            TEXT NOT NULL,
    locale          TEXT,
    created_at      BIGINT NOT NULL,
    disabled_at     BIGINT,
    last_sign_in_at BIGINT,
    UNIQUE (environment_id, username_key),
    UNIQUE (environment_id, username_shape)
);
CREATE INDEX account_email ON account (environment_id, email_key);

CREATE TABLE account_group (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    name            TEXT NOT NULL,
    name_key        TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (environment_id, name_key)
);

CREATE TABLE group_member (
    environment_id  TEXT NOT NULL,
    group_id        TEXT NOT NULL REFERENCES account_group (id),
    account_id      TEXT NOT NULL REFERENCES account (id),
    added_at        BIGINT NOT NULL,
    PRIMARY KEY (group_id, account_id)
);
CREATE INDEX group_member_account ON group_member (account_id);

CREATE TABLE password (
    account_id      TEXT PRIMARY KEY REFERENCES account (id),
    environment_id  TEXT NOT NULL,
    password_hash   TEXT NOT NULL,
    changed_at      BIGINT NOT NULL,
    must_change_why TEXT
);

CREATE TABLE totp (
    account_id      TEXT PRIMARY KEY REFERENCES account (id),
    environment_id  TEXT NOT NULL,
    sealed_secret   BYTEA NOT NULL,
    secret_hash     TEXT NOT NULL UNIQUE,
    algorithm       TEXT NOT NULL,
    digits          INTEGER NOT NULL,
    period_seconds  INTEGER NOT NULL,
    drift_steps     INTEGER NOT NULL,
    last_step       BIGINT NOT NULL,
    enrolled_at     BIGINT NOT NULL,
    last_used_at    BIGINT
);

CREATE TABLE recovery_code (
    account_id      TEXT PRIMARY KEY REFERENCES account (id),
    environment_id  TEXT NOT NULL,
    code_hash       TEXT NOT NULL,
    issued_at       BIGINT NOT NULL,
    confirmed_at    BIGINT
);

CREATE TABLE policy (
    environment_id  TEXT PRIMARY KEY REFERENCES environment (id),
    mode            TEXT NOT NULL,
    scope           TEXT NOT NULL,
    version         BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL
);

CREATE TABLE policy_subject (
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    kind            TEXT NOT NULL,
    subject_id      TEXT NOT NULL,
    PRIMARY KEY (environment_id, kind, subject_id)
);

CREATE TABLE policy_exemption (
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    account_id      TEXT NOT NULL REFERENCES account (id),
    granted_by      TEXT NOT NULL,
    reason          TEXT NOT NULL,
    until           BIGINT NOT NULL,
    PRIMARY KEY (environment_id, account_id)
);

-- A sign-in that has not finished. Its token opens nothing but the next step of this sign-in.
CREATE TABLE pending_sign_in (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    token_hash      TEXT NOT NULL UNIQUE,
    account_id      TEXT,
    replaces_id     TEXT,
    version         BIGINT NOT NULL,
    state           TEXT NOT NULL,
    sealed_data     BYTEA,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX pending_sign_in_expiry ON pending_sign_in (expires_at);
CREATE INDEX pending_sign_in_account ON pending_sign_in (account_id);

CREATE TABLE session (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    token_hash      TEXT NOT NULL UNIQUE,
    account_id      TEXT NOT NULL REFERENCES account (id),
    proofs          TEXT NOT NULL,
    door            TEXT NOT NULL,
    address         TEXT NOT NULL,
    browser         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    last_seen_at    BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE known_browser (
    token_hash      TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    account_id      TEXT NOT NULL REFERENCES account (id),
    address         TEXT NOT NULL,
    last_used_at    BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX known_browser_account ON known_browser (account_id, address);

-- Budgets of guesses; see the package throttle. The key is a keyed hash where it stands for an invented name.
CREATE TABLE guess_budget (
    bucket          TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL,
    in_a_row        BIGINT NOT NULL,
    most_in_a_row   BIGINT NOT NULL,
    day_started_at  BIGINT NOT NULL,
    in_day          BIGINT NOT NULL,
    next_at         BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX guess_budget_updated ON guess_budget (updated_at);

CREATE TABLE activity (
    sequence        ${identity},
    environment_id  TEXT NOT NULL,
    at              BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    account_id      TEXT,
    actor_id        TEXT,
    actor_name      TEXT NOT NULL,
    door            TEXT NOT NULL,
    address         TEXT NOT NULL,
    browser         TEXT NOT NULL,
    request_id      TEXT NOT NULL,
    details         TEXT NOT NULL
);
CREATE INDEX activity_account ON activity (account_id, sequence);
CREATE INDEX activity_environment ON activity (environment_id, sequence);

CREATE TABLE setup_link (
    token_hash      TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    expires_at      BIGINT NOT NULL
);
