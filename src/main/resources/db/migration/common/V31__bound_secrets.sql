-- How often each secret of an owner (an account, or an environment) was replaced or removed. It is authenticated with what is
-- sealed, so that an older value that is put back does not open.
CREATE TABLE secret_version (
    owner_id        TEXT NOT NULL,
    place           TEXT NOT NULL,
    version         BIGINT NOT NULL,
    PRIMARY KEY (owner_id, place)
);

-- A password hash lies sealed for its account; password_hash is empty then, and holds what was written before.
ALTER TABLE password ADD COLUMN sealed_hash BYTEA;
-- Seals around what lies open beside them: the hash of a recovery code, the public key of a phone.
ALTER TABLE recovery_code ADD COLUMN sealed_binding BYTEA;
ALTER TABLE phone ADD COLUMN sealed_binding BYTEA;

-- Which keys each running server has read, so that no new key seals before all have it.
CREATE TABLE key_holder (
    node_id         TEXT PRIMARY KEY,
    known_keys      TEXT NOT NULL,
    primary_key     TEXT NOT NULL,
    seen_at         BIGINT NOT NULL
);
