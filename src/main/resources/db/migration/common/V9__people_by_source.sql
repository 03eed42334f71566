-- So that a search for people of a source of which there are none, or few, does not walk through everybody.
CREATE INDEX account_by_source ON account (environment_id, source);
