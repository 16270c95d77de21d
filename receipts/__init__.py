"""Frozen facts to PDF."""
