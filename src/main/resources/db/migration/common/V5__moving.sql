-- Imports: how far each file has come, and what it held that was refused.

CREATE TABLE import_run (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    file_hash       TEXT NOT NULL,
    file_name       TEXT NOT NULL,
    options         TEXT NOT NULL,
    actor_name      TEXT NOT NULL,
    position        BIGINT NOT NULL,
    created         BIGINT NOT NULL,
    changed         BIGINT NOT NULL,
    unchanged       BIGINT NOT NULL,
    refused         BIGINT NOT NULL,
    started_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    finished_at     BIGINT
);
CREATE INDEX import_run_file ON import_run (environment_id, file_hash);

CREATE TABLE import_refusal (
    number          ${identity},
    run_id          TEXT NOT NULL REFERENCES import_run (id),
    line            BIGINT NOT NULL,
    username        TEXT NOT NULL,
    reason          TEXT NOT NULL
);
CREATE INDEX import_refusal_run ON import_refusal (run_id, number);

-- The hash that stands in for a name nobody has is found by its place among the accounts of an environment.
CREATE INDEX password_environment ON password (environment_id, account_id);
