"""Who handles the mails of a mailbox, and which mails they decide."""

from __future__ import annotations

import pytest

from rules.access import Role
from rules.mail import MailOutcome, SuppressionReason
from rules.mail_desk import (
    MailNotQuarantined,
    MailRight,
    MailUnanswerable,
    OwnMail,
    TooManyAnswers,
    check_answerable,
    check_not_own,
    check_quarantined,
    may_handle,
)

SEE, DECIDE = MailRight.SEE, MailRight.DECIDE
ALLOWED = {
    (Role.CLERK, SEE, True),
    (Role.CLERK, DECIDE, True),
    *((role, SEE, in_office) for role in (Role.SUPERVISOR, Role.AUDITOR) for in_office in (True, False)),
    (Role.SUPERVISOR, DECIDE, True),
    (Role.SUPERVISOR, DECIDE, False),
}
"""All that is allowed: role, right, whether the mailbox files to an office of theirs."""


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", MailRight)
@pytest.mark.parametrize("in_office", [True, False])
def test_each_role_handles_what_the_table_says(role: Role, right: MailRight, *, in_office: bool) -> None:
    assert may_handle(role, right, in_office=in_office) is ((role, right, in_office) in ALLOWED)


@pytest.mark.parametrize("outcome", [each for each in MailOutcome if each is not MailOutcome.QUARANTINED])
def test_what_does_not_wait_is_not_decided_and_each_outcome_says_what_happened(outcome: MailOutcome) -> None:
    with pytest.raises(MailNotQuarantined) as refusal:
        check_quarantined(outcome)

    assert refusal.value.message.startswith("Ese correo ")
    assert refusal.value.message.endswith(". Actualice la lista de correos.")


def test_what_waits_is_decided() -> None:
    check_quarantined(MailOutcome.QUARANTINED)


@pytest.mark.parametrize(
    "claimed",
    [{"ana@example.pe"}, {"ANA@Example.PE"}, {"ana+copia@example.pe"}, {"otra@example.pe", "ana@example.pe"}],
)
def test_a_mail_that_names_oneself_among_its_senders_is_not_decided(claimed: set[str]) -> None:
    with pytest.raises(OwnMail):
        check_not_own(claimed, own="Ana@example.pe")


@pytest.mark.parametrize("claimed", [set[str](), {"berta@example.pe"}, {"ana@example.pe.evil.test"}, {"ana@otra.pe"}])
def test_a_mail_of_others_is_decided(claimed: set[str]) -> None:
    check_not_own(claimed, own="ana@example.pe")


@pytest.mark.parametrize("reason", SuppressionReason)
def test_what_no_machine_answers_no_person_does(reason: SuppressionReason) -> None:
    with pytest.raises(TooManyAnswers if reason is SuppressionReason.TOO_MANY else MailUnanswerable):
        check_answerable(reason)
