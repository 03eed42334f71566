-- What a database notes while another is copied into it: the row without a name is the copy, the others are its tables and how
-- far each has come. A database with any row here is not whole, and nothing is served from it.
CREATE TABLE unfinished_copy (
    table_name  TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    source      TEXT NOT NULL,
    place       BIGINT NOT NULL,
    copied      BIGINT NOT NULL,
    digest      BYTEA
);

-- That this database was restored, from what, and when: what was signed before then by a phone is not accepted any more.
CREATE TABLE restoration (
    id           TEXT PRIMARY KEY,
    backup_id    TEXT NOT NULL,
    backup_at    BIGINT NOT NULL,
    restored_at  BIGINT NOT NULL
);
