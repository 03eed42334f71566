-- What each running server knows of the keys, beside its settings: one row says all about a server. Empty for a server of the
-- version before, which says it in key_holder; nothing reads that table any more, and the next migration that breaks may drop it.
ALTER TABLE node ADD COLUMN known_keys TEXT NOT NULL DEFAULT '';
ALTER TABLE node ADD COLUMN primary_key TEXT NOT NULL DEFAULT '';
