-- Accounts of other platforms that are the same person as one whose e-mail is bound.
CREATE TABLE account_links (
  account TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  linked_at INTEGER NOT NULL
) STRICT;
