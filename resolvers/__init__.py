"""GraphQL: unpack, one action or one reading, shape."""
