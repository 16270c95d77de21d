"""Whole flows over HTTP, WebSocket, SMTP and IMAP."""
