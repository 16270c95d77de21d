"""Rows of the record."""
