"""What may be seen; read-only."""
