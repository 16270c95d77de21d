"""Answers to mails: how many an address gets, how many go out at once, and what a mail asks for in its first words."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import Final

from rules.numbering import InvalidNumber, TramiteNumber, parse_number

ANSWERS_PER_DAY: Final = 5
"""Automatic answers to one address in 24 hours; more would feed a loop (RFC 3834, section 2)."""

ANSWER_WINDOW: Final = timedelta(hours=24)

BREAKER_LIMIT: Final = 200
BREAKER_WINDOW: Final = timedelta(minutes=10)
"""So many answers leave in so long, whoever they are for; what is more waits until there is room again."""

QUESTION_LENGTH: Final = 500
"""A longer mail says more than a question: it is received as a document, whatever it begins with."""

_BEFORE = r"(?:(?:re|rv|fw|fwd) ?: ?)*"
_GREETING = r"(?:(?:buen(?:os|as)? (?:dias?|tardes?|noches?)|hola|estimad[oa]s?(?: senor(?:es|as?)?)?)[ ,.:;]+)?"
_WHAT = r"(?:tramite|expediente|documento|solicitud|registro)"
_OF = r"(?:de(?:l| la| mi| este)?|n(?:ro|um(?:ero)?|\.? ?o)?|#)"
_ASKED = rf"(?:consult[ao](?: (?:de|del|el|sobre))? )?estado(?:[ :,.°\-]++(?:{_OF}|{_WHAT})(?![a-z]))*+[ :,.°\-]*+"
"""Of separators and words nothing is given back: what strangers write must not be tried in every possible way."""

_PLACE = r"(?P<prefix>[a-z]{2,8}[ \-./]*)?(?P<year>[0-9]{4})(?:[ \-./]+(?P<short>[0-9]{1,12})|(?P<long>[0-9]{6,12}))"
_SUBJECT = re.compile(rf"{_BEFORE}{_ASKED}(?P<number>{_PLACE}(?:[ \-./]*(?P<check>[0-9a-z]))?)[ .?!]*")
_FIRST_WORDS = re.compile(rf"{_GREETING}{_ASKED}(?P<number>{_PLACE}(?:[\-./]?(?P<check>[0-9a-z]))?)(?![0-9a-z])")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")


def answered_address(address: str) -> str:
    """Return as what an address is counted: small, and without what stands after a plus in it."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def number_asked_for(subject: str, text: str = "", *, prefix: str = "MPD") -> str | None:
    """
    Return the number of the trámite whose status a mail asks for, as `ESTADO MPD-2026-000001-M`; None if none does.

    Either its subject asks, whole, or its *text* does at its beginning. A number without check character, or without
    its letters, is completed with *prefix*, the institution's; one that was copied wrongly is returned as it stands:
    it is asked for all the same.
    """
    found = _SUBJECT.fullmatch(_plain(subject)[:QUESTION_LENGTH]) or _FIRST_WORDS.match(_plain(text)[:QUESTION_LENGTH])
    return _number(found, prefix) if found else None


def _plain(text: str) -> str:
    """Return *text* small, on one line, without accents, and with one kind of dash."""
    decomposed = unicodedata.normalize("NFKD", text[: 4 * QUESTION_LENGTH])
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(_DASHES.sub("-", bare).lower().split())


def _number(found: re.Match[str], prefix: str) -> str | None:
    letters = (found["prefix"] or prefix).strip(" -./").upper()
    try:
        return str(parse_number(found["number"] if found["prefix"] else f"{prefix}{found['number']}"))
    except InvalidNumber:
        if letters != prefix and (found["check"] is None or found["long"] is None):
            return None
    serial = int(found["short"] or found["long"])
    if found["check"] is not None or serial == 0 or int(found["year"]) < 1000:
        return found["number"].upper()
    return str(TramiteNumber(letters, int(found["year"]), serial))
