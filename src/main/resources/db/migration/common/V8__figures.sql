-- What happened on a day that is over, counted once: for the drawings over time.
CREATE TABLE daily_figure (
    environment_id  TEXT NOT NULL REFERENCES environment (id),
    day             BIGINT NOT NULL,
    signed_in       BIGINT NOT NULL,
    refused         BIGINT NOT NULL,
    people          BIGINT NOT NULL,
    enrolled        BIGINT NOT NULL,
    PRIMARY KEY (environment_id, day)
);
CREATE INDEX activity_time ON activity (environment_id, kind, at);

-- How long a session of an environment may last; absent means as the program has it.
ALTER TABLE environment ADD COLUMN session_idle_seconds BIGINT;
ALTER TABLE environment ADD COLUMN session_longest_seconds BIGINT;
