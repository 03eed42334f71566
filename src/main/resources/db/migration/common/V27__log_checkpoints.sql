-- The chain of signed checkpoints of each environment's log: docs/log-format.md.
CREATE TABLE activity_checkpoint (
    environment_id  TEXT NOT NULL,
    number          BIGINT NOT NULL,
    made_at         BIGINT NOT NULL,
    key_id          TEXT NOT NULL,
    previous        TEXT NOT NULL,
    entry_count     BIGINT NOT NULL,
    first_sequence  BIGINT NOT NULL,
    last_sequence   BIGINT NOT NULL,
    first_at        BIGINT NOT NULL,
    last_at         BIGINT NOT NULL,
    high            BIGINT NOT NULL,
    settled         BIGINT NOT NULL,
    pruned_through  BIGINT NOT NULL,
    pruned_entries  BIGINT NOT NULL,
    pruned_last     TEXT NOT NULL,
    list_digest     TEXT NOT NULL,
    signature       TEXT NOT NULL,
    entries         BYTEA NOT NULL,
    PRIMARY KEY (environment_id, number)
);

-- Where each chain ends.
CREATE TABLE activity_head (
    environment_id  TEXT PRIMARY KEY,
    number          BIGINT NOT NULL,
    hash            TEXT NOT NULL,
    made_at         BIGINT NOT NULL,
    high            BIGINT NOT NULL,
    settled         BIGINT NOT NULL,
    pruned_through  BIGINT NOT NULL,
    pruned_entries  BIGINT NOT NULL,
    pruned_last     TEXT NOT NULL
);

-- Counts that may still grow.
CREATE INDEX activity_open ON activity (environment_id, at) WHERE repeat_key IS NOT NULL;

-- How far each place outside has been told.
CREATE TABLE activity_sink (
    name            TEXT NOT NULL,
    environment_id  TEXT NOT NULL,
    number          BIGINT NOT NULL,
    told_at         BIGINT NOT NULL,
    leased_until    BIGINT NOT NULL,
    PRIMARY KEY (name, environment_id)
);
