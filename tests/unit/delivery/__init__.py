"""Mail out."""
