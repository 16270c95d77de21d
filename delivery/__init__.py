"""Mail out: compose, claim, send."""
