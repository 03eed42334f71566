-- Secrets of the installation as a whole, made once: the key that names us to push services.
CREATE TABLE installation_secret (
    name            TEXT PRIMARY KEY,
    sealed          BYTEA NOT NULL,
    created_at      BIGINT NOT NULL
);
