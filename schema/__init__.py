"""API types as plain data, and the committed SDL."""
