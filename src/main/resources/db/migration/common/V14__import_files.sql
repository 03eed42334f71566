-- Files given to the console: sealed piece by piece, kept until they are taken in or forgotten. kind: JSONL, CSV, KEYCLOAK or
-- GROUPS. What is under way is worked off by whoever holds the lease.
CREATE TABLE import_file (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    kind            TEXT NOT NULL,
    replace_factors BIGINT NOT NULL,
    name            TEXT NOT NULL,
    bytes           BIGINT NOT NULL,
    account_id      TEXT NOT NULL,
    actor_name      TEXT NOT NULL,
    door            TEXT NOT NULL,
    address         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    started_at      BIGINT,
    leased_until    BIGINT NOT NULL DEFAULT 0,
    bytes_read      BIGINT NOT NULL DEFAULT 0,
    created         BIGINT NOT NULL DEFAULT 0,
    changed         BIGINT NOT NULL DEFAULT 0,
    unchanged       BIGINT NOT NULL DEFAULT 0,
    refused         BIGINT NOT NULL DEFAULT 0,
    finished_at     BIGINT,
    run_id          TEXT,
    problem         TEXT NOT NULL DEFAULT ''
);
CREATE INDEX import_file_newest ON import_file (environment_id, created_at);
CREATE INDEX import_file_waiting ON import_file (leased_until) WHERE started_at IS NOT NULL AND finished_at IS NULL;

CREATE TABLE import_file_piece (
    file_id         TEXT NOT NULL REFERENCES import_file (id),
    number          BIGINT NOT NULL,
    sealed_piece    BYTEA NOT NULL,
    PRIMARY KEY (file_id, number)
);
