"""What becomes of a mail that a person vouches for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from intake import wording
from intake.anatomy import Suspicion
from intake.triage import Known, Thread
from intake.vouching import of_header, vouch
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome, Proof, SuppressionReason
from tests.unit.intake.test_triage import OWN, file, filed, mail

if TYPE_CHECKING:
    from intake.anatomy import ParsedMail

MAIN = file("a.pdf")
ID = UUID(int=1)
PROVEN = Known(Proof.PROVEN_BY_SERVER, None, Thread(ID, TramiteStatus.OBSERVED, is_party=True))


@pytest.mark.parametrize("suspicion", Suspicion)
def test_what_is_suspicious_does_not_count(suspicion: Suspicion) -> None:
    decision = vouch(mail(MAIN, suspicions=frozenset({suspicion})), own_addresses=OWN)

    assert (decision.outcome, decision.reason, len(filed(decision))) == (MailOutcome.FILED, None, 1)
    assert (decision.suppression, decision.missing) == (None, ())


@pytest.mark.parametrize(
    ("kept", "suppression"),
    [
        (mail(MAIN, from_addresses=tuple(OWN)), SuppressionReason.OWN_MAIL),
        (mail(MAIN, from_addresses=("a@e.pe", "b@e.pe"), sender_address=None), SuppressionReason.NO_SINGLE_SENDER),
        (mail(MAIN, header_names=frozenset({"list-id"})), SuppressionReason.MAILING_LIST),
    ],
)
def test_its_files_are_taken_and_whether_it_may_be_answered_stays(
    kept: ParsedMail, suppression: SuppressionReason
) -> None:
    decision = vouch(kept, own_addresses=OWN)

    assert (decision.outcome, len(filed(decision)), decision.suppression) == (MailOutcome.FILED, 1, suppression)


@pytest.mark.parametrize(
    "kept", [mail(subject="", text=""), mail(header_names=frozenset({"list-id"})), mail(media_type="multipart/report")]
)
def test_what_holds_nothing_is_filed_with_what_is_missing(kept: ParsedMail) -> None:
    decision = vouch(kept, own_addresses=OWN)

    assert (decision.outcome, decision.files, decision.missing) == (MailOutcome.FILED, (), (wording.NO_MAIN,))


def test_a_forged_one_is_not_answered() -> None:
    decision = vouch(mail(MAIN), own_addresses=OWN, known=Known(Proof.FAILED))

    assert (decision.outcome, decision.suppression) == (MailOutcome.FILED, SuppressionReason.FORGED)


def test_a_proven_reply_is_a_reply_and_any_other_one_is_a_filing_about_it() -> None:
    held = mail(MAIN, suspicions=frozenset({Suspicion.TWO_ENCODINGS}))
    unproven = Known(Proof.NONE, None, PROVEN.thread)

    decisions = [vouch(held, own_addresses=OWN, known=known) for known in (PROVEN, unproven)]

    assert [(each.outcome, each.about) for each in decisions] == [(MailOutcome.REPLY, ID), (MailOutcome.FILED, ID)]


def test_of_a_header_alone_it_is_said_that_the_rest_was_too_large() -> None:
    decision = of_header(vouch(mail(), own_addresses=OWN))

    assert (decision.outcome, decision.missing) == (MailOutcome.FILED, (wording.TOO_LARGE,))
