-- The servers that run on this database, each of which says every ten seconds that it does.
CREATE TABLE node (
    id TEXT PRIMARY KEY,
    -- Settings that have to be the same on all of them, one a line.
    settings TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
