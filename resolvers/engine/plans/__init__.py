"""Compiled reads: a document's selections as one SQL statement for each root, and a builder of its answer."""
