"""The mail intake killed at every step, while all around it fails; and what must hold when it is over."""
