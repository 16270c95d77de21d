"""Answers to mails: how many an address gets, how many go out at once, and what a mail asks for by its subject."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from rules.numbering import InvalidNumber, parse_number

ANSWERS_PER_DAY: Final = 5
"""Automatic answers to one address in 24 hours; more would feed a loop (RFC 3834, section 2)."""

ANSWER_WINDOW: Final = timedelta(hours=24)

BREAKER_LIMIT: Final = 200
BREAKER_WINDOW: Final = timedelta(minutes=10)
"""So many answers leave in so long, whoever they are for; what is more waits until there is room again."""

_STATUS = re.compile(
    r"(?:(?:re|rv|fw|fwd) ?: ?)*estado(?: del?)?(?: tr[aá]mite)?[ :]+"
    r"([a-z]{2,8}[ -]?[0-9]{4}[ -]?[0-9]{6,12}[ -]?[0-9a-z])",
    re.IGNORECASE,
)


def answered_address(address: str) -> str:
    """Return as what an address is counted: small, and without what stands after a plus in it."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def number_asked_for(subject: str) -> str | None:
    """
    Return the number of the trámite whose status a subject asks for, as `ESTADO MPD-2026-000001-M`; None if none does.

    One that was copied wrongly is returned as it stands: it is asked for all the same.
    """
    found = _STATUS.fullmatch(" ".join(subject.split()))
    if found is None:
        return None
    try:
        return str(parse_number(found[1]))
    except InvalidNumber:
        return found[1]
