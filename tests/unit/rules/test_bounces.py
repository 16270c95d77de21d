"""Which codes tell of an address, and how people are told why a notice did not arrive."""

from __future__ import annotations

import pytest

from rules.bounces import find_status, is_dead, leading_status
from rules.mail import SuppressionReason
from rules.notices import COURTESY, NoticeKind, NoticeState, TramiteNoticeKind, say_reason, withheld
from rules.people import mask_email


@pytest.mark.parametrize("status", ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.1", "5.4.4"])
def test_codes_of_a_mailbox_or_domain_that_is_not_there_tell_of_the_address(status: str) -> None:
    assert is_dead(status)


@pytest.mark.parametrize(
    "status",
    [None, "", "5.0.0", "5.1.7", "5.1.8", "5.2.2", "5.2.3", "5.3.4", "5.4.6", "5.7.1", "5.7.26", "4.1.1", "4.2.1", "x"],
)
def test_policy_size_full_mailboxes_and_the_sender_tell_nothing_of_the_address(status: str | None) -> None:
    assert not is_dead(status)


@pytest.mark.parametrize(
    ("text", "status"),
    [("5.1.1 (bad destination mailbox)", "5.1.1"), ("Status 4.4.7", "4.4.7"), ("550", None), ("15.1.1", None)],
)
def test_the_code_is_found_among_words(text: str, status: str | None) -> None:
    assert find_status(text) == status


def test_a_servers_words_count_only_from_their_beginning() -> None:
    assert leading_status("5.1.1 <a@b.pe>: unknown") == "5.1.1"
    assert leading_status("Blocked, see 5.1.1 of our policy") is None


@pytest.mark.parametrize("kind", NoticeKind)
def test_only_courtesy_is_switched_off(kind: NoticeKind) -> None:
    reason = withheld(kind, is_wanted=False, has_bounced=False)

    assert reason == (SuppressionReason.PREFERENCE if kind in COURTESY else None)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_dead_address_gets_nothing_but_what_tells_of_the_account(kind: NoticeKind) -> None:
    reason = withheld(kind, is_wanted=False, has_bounced=True)

    about_tramite = kind.value in {each.value for each in TramiteNoticeKind}
    is_withheld = about_tramite or kind in (NoticeKind.MAIL_REFUSED, NoticeKind.MAIL_STATUS_UNTOLD)
    assert reason == (SuppressionReason.ADDRESS_BOUNCED if is_withheld else None)


def test_receipts_and_what_a_term_hangs_on_are_no_courtesy() -> None:
    assert {kind.value for kind in COURTESY} == {"UPDATED", "REFERRED", "RESOLVED"}


def test_each_kind_about_a_tramite_is_a_notice_and_has_a_word() -> None:
    assert {kind.value for kind in TramiteNoticeKind} <= {kind.value for kind in NoticeKind}
    assert all(kind.label for kind in TramiteNoticeKind)


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        (NoticeState.SENT, None, None),
        (NoticeState.PENDING, None, None),
        (NoticeState.PENDING, "RCPT 451", "se sigue intentando"),
        (NoticeState.SUPPRESSED, "PREFERENCE", "pidió no recibir"),
        (NoticeState.SUPPRESSED, "ADDRESS_BOUNCED", "ya no llegan"),
        (NoticeState.SUPPRESSED, "NO_ADDRESS", "No hay una dirección"),
        (NoticeState.SUPPRESSED, "MAILING_LIST", "no admite respuestas automáticas"),
        (NoticeState.UNDELIVERABLE, "BOUNCED 5.1.1", "no existe"),
        (NoticeState.UNDELIVERABLE, "INVALID_ADDRESS", "no existe"),
        (NoticeState.UNDELIVERABLE, "BOUNCED 5.2.2", "devuelto"),
        (NoticeState.UNDELIVERABLE, "BOUNCED ", "devuelto"),
        (NoticeState.UNDELIVERABLE, "DATA 552", "rechazó"),
        (NoticeState.UNDELIVERABLE, "CONNECT 421", "72 horas"),
        (NoticeState.UNDELIVERABLE, "TIMED_OUT", "72 horas"),
    ],
)
def test_people_are_told_why(state: NoticeState, reason: str | None, said: str | None) -> None:
    told = say_reason(state, reason)

    assert (told is None) if said is None else (told is not None and said in told)


def test_an_address_is_masked_to_what_its_owner_knows_again() -> None:
    assert [mask_email(address) for address in ("maria@example.pe", "a@b.pe")] == ["m***@example.pe", "a***@b.pe"]
