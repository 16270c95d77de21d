"""Programs that measure; the figures in the documentation come from them."""
