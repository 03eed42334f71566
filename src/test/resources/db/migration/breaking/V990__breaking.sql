-- breaking: programs that know only the schema before cannot go on.
CREATE TABLE after_breaking (id TEXT PRIMARY KEY);
