"""The verbs of the counter: one action, one transaction."""
