"""Stored bytes and the jail that untrusted bytes are read in."""
