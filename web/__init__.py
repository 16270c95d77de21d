"""The counter's pages, as they are served: see docs/pages.md."""
