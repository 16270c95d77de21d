"""The intake on its own: parsing, decoding, triage and the IMAP client."""
