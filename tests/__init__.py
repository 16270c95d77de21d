"""The tests of the counter."""
