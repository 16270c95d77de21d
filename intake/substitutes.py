"""Mails that a server made up in place of one that it could not hand out."""

from __future__ import annotations

import re

_SUBJECT = re.compile(
    rb"^Subject:[ \t]*Retrieval using the (?:IMAP4|POP3) protocol failed for the following message",
    re.IGNORECASE | re.MULTILINE,
)
_PHRASE = b"protocol failed for the following message"
"""Exchange writes this, and in the body that the message has not been deleted."""


def is_substitute(head: bytes) -> bool:
    """Say whether a mail that begins so stands for another one: a person must look at that in the mailbox itself."""
    if _PHRASE not in head.lower():
        return False
    end = re.search(rb"\r?\n\r?\n", head)
    return _SUBJECT.search(head, 0, end.start() if end else len(head)) is not None
