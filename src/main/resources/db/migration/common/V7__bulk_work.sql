-- Bulk work: what is chosen first waits to be confirmed (started_at is empty, total is -1 until all are chosen), then runs.
-- rights: what whoever started it might do then; the work may never do more, also when they were given more since.
ALTER TABLE bulk_job ADD COLUMN rights TEXT NOT NULL DEFAULT '';
ALTER TABLE bulk_job ADD COLUMN started_at BIGINT;
ALTER TABLE bulk_job ADD COLUMN cancelled_at BIGINT;
ALTER TABLE bulk_job ADD COLUMN done BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bulk_job ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;
CREATE INDEX bulk_job_item_refused ON bulk_job_item (job_id, account_id) WHERE result IS NOT NULL AND result <> 'done';
CREATE INDEX account_by_id ON account (environment_id, id ${bytewise});
