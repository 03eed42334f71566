-- Why a line of a file was refused, in a form every language can say; lines refused before keep their sentence.

ALTER TABLE import_refusal ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE import_refusal ADD COLUMN arguments TEXT NOT NULL DEFAULT '';
