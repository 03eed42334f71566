-- A code that is read out to someone whose phone is replaced. The row stays after the code was used or has expired, until a
-- new app is registered or the person is reset: as long as it is there, nobody registers one with the password alone.
CREATE TABLE replacement_code (
    account_id      TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    environment_id  TEXT NOT NULL,
    code_hash       TEXT NOT NULL,
    issued_at       BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    used_at         BIGINT
);

-- A recovery code that was used by someone who has not yet confirmed the new one: it leads back to where they left, in the
-- browser in which it was used.
CREATE TABLE recovery_resumption (
    account_id      TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    environment_id  TEXT NOT NULL,
    code_hash       TEXT NOT NULL,
    browser_hash    TEXT NOT NULL,
    expires_at      BIGINT NOT NULL
);

-- The secret of an app that was replaced, removed or reset. It opens in this row only and is no factor: it is there to say to
-- its owner that a code comes from an older QR code.
CREATE TABLE former_totp (
    account_id      TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    environment_id  TEXT NOT NULL,
    sealed_secret   BYTEA NOT NULL,
    algorithm       TEXT NOT NULL,
    digits          INTEGER NOT NULL,
    period_seconds  INTEGER NOT NULL,
    expires_at      BIGINT NOT NULL
);

-- Steps of an app whose code was recognised as one of another time. They are never accepted.
CREATE TABLE totp_named_step (
    account_id      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    environment_id  TEXT NOT NULL,
    step            BIGINT NOT NULL,
    PRIMARY KEY (account_id, step)
);

-- What every administrator is to see once.
CREATE TABLE alert (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    kind            TEXT NOT NULL,
    arguments       TEXT NOT NULL,
    raised_at       BIGINT NOT NULL
);
CREATE INDEX alert_environment ON alert (environment_id, raised_at);

CREATE TABLE alert_acknowledgement (
    alert_id        TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    account_id      TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    environment_id  TEXT NOT NULL,
    acknowledged_at BIGINT NOT NULL,
    PRIMARY KEY (alert_id, account_id)
);
