"""Each nasty mail of tests/data/weird, taken apart in the real jail and decided, against what its table expects."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from intake.anatomy import ParsedMail, Suspicion
from intake.parsing import PARSE
from intake.triage import decide
from rules.mail import MailOutcome
from tests.lasting_jail import LastingJail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from intake.triage import Decision

WEIRD: Final = Path(__file__).parents[2] / "data" / "weird"
EXPECTED: Final[dict[str, dict[str, Any]]] = tomllib.loads((WEIRD / "expected.toml").read_text())
OWN: Final = frozenset({"mesadepartes@example.pe"})
OF_LARGE_MAILS: Final = {Suspicion.HEADER_TOO_LONG, Suspicion.TOO_MANY_FIELDS, Suspicion.TOO_MANY_PARTS}
PARSE_TIME: Final = timedelta(seconds=20)

SEEN: Final[dict[str, Callable[[ParsedMail, Decision], object]]] = {
    "outcome": lambda _, decision: decision.outcome.value,
    "reason": lambda _, decision: decision.reason,
    "suppression": lambda _, decision: decision.suppression and decision.suppression.value,
    "answerable": lambda _, decision: decision.suppression is None,
    "files": lambda _, decision: [f"{chosen.role.value} {chosen.name}" for chosen in decision.files],
    "missing": lambda _, decision: len(decision.missing),
    "failures": lambda _, decision: len(decision.failures),
    "size": lambda _, decision: decision.files[0].part.size_bytes,
    "sender": lambda mail, _: mail.sender_address or "",
    "sender_name": lambda mail, _: mail.sender_name,
    "subject": lambda mail, _: mail.subject,
    "text": lambda mail, _: mail.text,
    "message_id": lambda mail, _: mail.message_id or "",
    "references": lambda mail, _: list(mail.references),
    "results_above": lambda mail, _: [each.received_above for each in mail.authentication_results],
}
"""
What the table may say of a mail: its outcome and the reason of it; why no machine may answer it, or only whether one
may; the files that are filed, in their roles, and the decoded size of the first one; how many sentences tell what is
missing; how many failed deliveries a bounce tells of; what parsing finds in it (empty for none); for each
Authentication-Results field, how many Received fields stand above it. `group` is the kind of trouble that it makes.
"""


@pytest.fixture(scope="module")
def jail() -> Iterator[LastingJail]:
    jail = LastingJail([PARSE])
    yield jail
    jail.close()


@pytest.mark.parametrize("name", EXPECTED)
async def test_each_weird_mail_has_its_outcome(jail: LastingJail, name: str) -> None:
    argument = json.dumps({"path": str(WEIRD / f"{name}.eml")}).encode()
    expected = {key: value for key, value in EXPECTED[name].items() if key != "group"}

    mail = ParsedMail.from_json(await jail.run(PARSE, argument, timeout=PARSE_TIME))
    decision = decide(mail, own_addresses=OWN)

    assert {key: SEEN[key](mail, decision) for key in expected} == expected


def test_the_table_tells_of_every_mail_and_of_no_other() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in WEIRD.glob("*.eml"))


def test_every_outcome_is_one_that_there_is() -> None:
    assert {each["outcome"] for each in EXPECTED.values()} <= set(MailOutcome)


def test_there_is_a_mail_for_each_suspicion() -> None:
    told = {word for each in EXPECTED.values() for word in str(each.get("reason")).split(", ")}

    assert {suspicion.value for suspicion in Suspicion} - told == {suspicion.value for suspicion in OF_LARGE_MAILS}
