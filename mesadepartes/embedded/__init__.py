"""Servers that 'make run' brings along: PostgreSQL and a mail server for development."""
