"""Each reason for which a mail waits for a person, or had its outcome, is told in words."""

from __future__ import annotations

import pytest

from intake.anatomy import Suspicion
from intake.mailbox import FAILED, NOT_GIVEN, TOO_LARGE
from intake.replies import STATUS
from intake.replies import TOO_LARGE as HEADER_ONLY
from intake.triage import EMPTY
from rules.mail import MailOutcome, SuppressionReason, is_automatic
from rules.mail_reasons import HELD, TOLD, UNTOLD, say_mail_reason
from rules.verdicts import REFUSABLE, code_of

OF_FILES = {code_of(each) for each in REFUSABLE}
OF_QUARANTINE = {*(each.value for each in Suspicion), *OF_FILES, FAILED, TOO_LARGE, HEADER_ONLY, NOT_GIVEN, "OWN_MAIL"}
OTHERS = {EMPTY, STATUS, HEADER_ONLY, *(each.value for each in SuppressionReason if is_automatic(each))}


def test_every_reason_is_told_and_no_other() -> None:
    assert (set(HELD), set(TOLD)) == (OF_QUARANTINE, OTHERS)


@pytest.mark.parametrize("said", [*HELD.values(), *TOLD.values(), UNTOLD])
def test_what_is_said_is_a_sentence_in_spanish_without_codes(said: str) -> None:
    assert (said[0].isupper(), said[-1]) == (True, "."), said
    assert "_" not in said
    assert "  " not in said
    assert len(said) <= 300


@pytest.mark.parametrize("reason", sorted(OF_QUARANTINE))
def test_who_decides_is_told_what_to_do(reason: str) -> None:
    said = say_mail_reason(MailOutcome.QUARANTINED, reason)

    assert said == HELD[reason]
    assert any(verb in HELD[reason] for verb in ("Ábralo", "espóndale", "libérelo", "avise", "Busque"))


def test_of_several_reasons_all_are_told_and_the_advice_once() -> None:
    said = say_mail_reason(MailOutcome.QUARANTINED, "TWO_CONTENT_TYPES, TWO_FROM")

    assert said is not None
    assert said.count("Ábralo como texto") == 1
    assert "de qué tipo es" in said
    assert said.endswith(HELD["TWO_FROM"])


@pytest.mark.parametrize("reason", ["TWO_FROM, TWO_CONT", "TWO_FROM"])
def test_a_reason_that_was_cut_off_is_passed_over(reason: str) -> None:
    assert say_mail_reason(MailOutcome.QUARANTINED, reason) == HELD["TWO_FROM"]


def test_what_is_not_known_is_said_in_general() -> None:
    assert say_mail_reason(MailOutcome.QUARANTINED, "SOMETHING_NEW") == UNTOLD


def test_a_mail_without_a_reason_has_no_words() -> None:
    assert say_mail_reason(MailOutcome.FILED, None) is None


def test_a_reason_is_told_by_what_became_of_the_mail() -> None:
    said = {say_mail_reason(outcome, "TOO_LARGE") for outcome in (MailOutcome.FILED, MailOutcome.QUARANTINED)}

    assert said == {HELD["TOO_LARGE"], TOLD["TOO_LARGE"]}
    assert say_mail_reason(MailOutcome.REJECTED, "TWO_FROM") == HELD["TWO_FROM"]
