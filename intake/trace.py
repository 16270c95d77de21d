"""What a mail says of its way here, of whom it is for and of what it answers; bounded, and nothing of it proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from intake.addresses import read_claims
from intake.anatomy import AuthenticationResults
from intake.reports import MESSAGE_ID

if TYPE_CHECKING:
    from intake.headers import Fields

MOST_RECEIVED: Final = 50
MOST_RESULTS: Final = 20
MOST_REFERENCES: Final = 50
MOST_RECIPIENTS: Final = 200
LONGEST_VALUE: Final = 4000
LONGEST_REFERENCES: Final = 64 * 1024

_RECIPIENTS: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
_MOST_FIELDS_READ: Final = 40


def read_received(fields: Fields) -> tuple[str, ...]:
    """Return the Received fields, topmost first."""
    return tuple(value[:LONGEST_VALUE] for value in fields.values("received")[:MOST_RECEIVED])


def read_authentication_results(fields: Fields) -> tuple[AuthenticationResults, ...]:
    """
    Return the verdicts of mail servers, topmost first.

    One that is too long is kept as such, a character longer than may be: were it left out, another would be the first.
    """
    found: list[AuthenticationResults] = []
    above = 0
    for name, value in fields.items:
        above += name == "received"
        if name == "authentication-results" and len(found) < MOST_RESULTS:
            found.append(AuthenticationResults(value[: LONGEST_VALUE + 1], above))
    return tuple(found)


def read_references(fields: Fields) -> tuple[str, ...]:
    """Return the ids of the mails that this one answers: In-Reply-To, then References from its end."""
    answered = fields.values("in-reply-to")[:1]
    earlier = fields.values("references")[:1]
    found = [*_ids(answered), *reversed(_ids(earlier))]
    return tuple(dict.fromkeys(found))[:MOST_REFERENCES]


def _ids(values: list[str]) -> list[str]:
    return [found for value in values for found in MESSAGE_ID.findall(value[-LONGEST_REFERENCES:])]


def read_recipients(fields: Fields) -> tuple[str, ...]:
    """Return the addresses that the mail names as its recipients, those of the envelope first, in lower case."""
    found: dict[str, None] = {}
    values = [value for name in _RECIPIENTS for value in fields.values(name)[:_MOST_FIELDS_READ]]
    for value in values[:_MOST_FIELDS_READ]:
        found |= dict.fromkeys(claim.address.lower() for claim in read_claims(value) if "@" in claim.address)
    return tuple(found)[:MOST_RECIPIENTS]
