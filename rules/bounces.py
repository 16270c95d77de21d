"""Bounces (rebotes): what a delivery report (RFC 3464) or a refusal tells of a mail and of an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

REPORT_WINDOW: Final = timedelta(days=10)
"""Reports on a mail come within this after it was promised; mail servers give up after five days."""

MARK_LIFE: Final = timedelta(days=180)
"""For so long nothing is sent to an address that was found dead; then it is tried again."""

MOST_FAILURES: Final = 20
"""How many failures of one report are looked at; ours have one recipient each."""

_STATUS = re.compile(r"\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b", re.ASCII)
_DEAD_MAILBOX = re.compile(r"5\.1\.[0-9]{1,3}|5\.2\.1|5\.4\.[14]", re.ASCII)
_ABOUT_THE_SENDER = frozenset({"5.1.7", "5.1.8"})


@dataclass(frozen=True, slots=True)
class Failure:
    """
    A mail that did not arrive, as somebody reports it; nothing of it is proven.

    `addresses` are those that the report names for the recipient, in lower case; `message_ids` may be the mail's.
    """

    addresses: tuple[str, ...]
    status: str
    message_ids: tuple[str, ...]


def find_status(text: str) -> str | None:
    """Return the enhanced status code (RFC 3463) in *text*, None without one."""
    found = _STATUS.search(text)
    return found[0] if found else None


def leading_status(text: str) -> str | None:
    """Return the enhanced status code with which a server's words begin (RFC 2034), None without one."""
    found = _STATUS.match(text.lstrip())
    return found[0] if found else None


def is_dead(status: str | None) -> bool:
    """
    Say whether an enhanced status code means that the address itself takes no mail.

    No such mailbox or domain (5.1.x, but not what is about the sender), disabled (5.2.1), unroutable (5.4.4), or an
    unknown recipient as large providers say it (5.4.1). A full mailbox, a policy or a filter say nothing of it.
    """
    return status is not None and _DEAD_MAILBOX.fullmatch(status) is not None and status not in _ABOUT_THE_SENDER
