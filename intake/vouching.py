"""What becomes of a mail that a person vouches for: what is suspicious about it does not count; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from intake import wording
from intake.triage import COUNTER_RULES, NOTHING_KNOWN, Decision, decide
from rules.mail import MailOutcome

if TYPE_CHECKING:
    from intake.anatomy import ParsedMail
    from intake.triage import Known
    from rules.file_rules import FileRules


def vouch(
    mail: ParsedMail,
    *,
    own_addresses: frozenset[str],
    rules: FileRules = COUNTER_RULES,
    known: Known = NOTHING_KNOWN,
) -> Decision:
    """
    Decide as `intake.triage.decide` does, of a mail of which a person says that it is to be taken in.

    It is a filing, or a reply to the trámite that its proven sender was asked about. Whether it may be answered does
    not change by that.
    """
    trusted = replace(mail, suspicions=frozenset())
    asked = decide(trusted, own_addresses=own_addresses, rules=rules, known=known)
    taken = decide(trusted, own_addresses=frozenset(), rules=rules, known=known)
    if taken.outcome not in (MailOutcome.FILED, MailOutcome.REPLY):
        taken = Decision(MailOutcome.FILED, missing=(wording.NO_MAIN,))
    return replace(taken, suppression=asked.suppression)


def of_header(decision: Decision) -> Decision:
    """Return what a person vouches for of a mail of which only the header was fetched, as it is too large."""
    missing = tuple(each for each in decision.missing if each != wording.NO_MAIN)
    return replace(decision, outcome=MailOutcome.FILED, missing=(wording.TOO_LARGE, *missing))
