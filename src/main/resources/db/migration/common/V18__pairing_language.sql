-- The words that are compared are of one language on both sides: that of the page the pairing began on.
ALTER TABLE phone_pairing ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
