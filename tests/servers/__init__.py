"""Real servers that the tests start: PostgreSQL, Dovecot, an SMTP sink."""
