-- What caches have to forget, for every node to read a moment later. Rows live some minutes.
CREATE TABLE signal (
    id ${identity},
    -- Everything when there is none.
    environment_id TEXT,
    account_id TEXT,
    session_id TEXT,
    at BIGINT NOT NULL
);
