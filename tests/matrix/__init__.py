"""The matrix of docs/authorization.md, done for real: the table, the people and things of it, and how each is tried."""
