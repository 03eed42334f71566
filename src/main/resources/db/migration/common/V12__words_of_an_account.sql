-- So that whether someone has a word too is seen in the index alone, when two words are looked for.
DROP INDEX account_word_account;
CREATE INDEX account_word_account ON account_word (account_id, word);
