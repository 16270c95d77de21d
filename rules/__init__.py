"""Pure rules of the counter: true on paper, with no computer."""
