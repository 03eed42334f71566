-- How far the mails have come that announce the date of an automatic start.
CREATE TABLE start_announcement (
    environment_id  TEXT PRIMARY KEY REFERENCES environment (id),
    starts_at       BIGINT NOT NULL,
    after_account   TEXT NOT NULL,
    finished_at     BIGINT
);
