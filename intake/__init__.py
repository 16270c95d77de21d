"""Mail in: mailbox, parsing, triage, reception."""
