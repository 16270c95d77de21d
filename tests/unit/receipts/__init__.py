"""The receipts room: facts, layout, PDF."""
