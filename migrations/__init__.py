"""Migrations of the schema, read and edited by a person."""
