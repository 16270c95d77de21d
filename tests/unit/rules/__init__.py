"""Rules, each on plain values."""
