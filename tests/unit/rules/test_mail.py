"""What a machine may answer (RFC 3834)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.mail import MailFacts, SuppressionReason, is_automatic, may_be_answered

OWN = frozenset({"mesa@entidad.example.pe", "avisos@entidad.example.pe"})
HUMAN = MailFacts(
    from_addresses=("ana@example.pe",),
    return_path="ana@example.pe",
    header_names=frozenset({"from", "to", "date", "subject", "message-id", "received"}),
)


def headers(*names: str) -> frozenset[str]:
    return HUMAN.header_names | set(names)


@pytest.mark.parametrize(
    "facts",
    [
        HUMAN,
        replace(HUMAN, return_path=None),
        replace(HUMAN, auto_submitted="no"),
        replace(HUMAN, auto_submitted=" No (written by hand)"),
        replace(HUMAN, auto_submitted="no; owner=ana"),
        replace(HUMAN, precedence="first-class"),
        replace(HUMAN, auto_response_suppress="DR, RN, NRN"),
        replace(HUMAN, sender="secretaria@example.pe"),
        replace(HUMAN, loops=("otra@example.pe",)),
        replace(HUMAN, from_addresses=("noreply.gomez.no@example.pe"[7:],)),
        replace(HUMAN, from_addresses=("noriega@example.pe",)),
        replace(HUMAN, from_addresses=("carlos.daemon.ruiz@example.pe",)),
        replace(HUMAN, from_addresses=("autorepuestos@example.pe",)),
        replace(HUMAN, return_path="bounces+ana=example.pe@esp.example.com"),
    ],
)
def test_a_person_is_answered(facts: MailFacts) -> None:
    assert may_be_answered(facts, own_addresses=OWN) is None


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(HUMAN, from_addresses=("MESA@entidad.example.pe",)), "OWN_MAIL"),
        (replace(HUMAN, sender="avisos@entidad.example.pe"), "OWN_MAIL"),
        (replace(HUMAN, return_path="<mesa@entidad.example.pe>"), "OWN_MAIL"),
        (replace(HUMAN, loops=("x@example.pe", " mesa@entidad.example.pe ")), "OWN_MAIL"),
        (replace(HUMAN, content_type="multipart/report; report-type=delivery-status"), "BOUNCE"),
        (replace(HUMAN, content_type="Multipart/Report"), "BOUNCE"),
        (replace(HUMAN, content_type="message/delivery-status"), "BOUNCE"),
        (replace(HUMAN, return_path=""), "NULL_RETURN_PATH"),
        (replace(HUMAN, return_path="<>"), "NULL_RETURN_PATH"),
        (replace(HUMAN, return_path="MAILER-DAEMON"), "NULL_RETURN_PATH"),
        (replace(HUMAN, return_path="mailer-daemon@mx.example.pe"), "NULL_RETURN_PATH"),
        (replace(HUMAN, return_path=" < > "), "NULL_RETURN_PATH"),
        (replace(HUMAN, auto_submitted="auto-replied; owner-email=ana@example.pe"), "AUTO_SUBMITTED"),
        (replace(HUMAN, auto_submitted="auto-generated"), "AUTO_SUBMITTED"),
        (replace(HUMAN, auto_submitted=""), "AUTO_SUBMITTED"),
        (replace(HUMAN, auto_submitted="(no) auto-notified"), "AUTO_SUBMITTED"),
        (replace(HUMAN, header_names=headers("x-autoreply")), "AUTO_SUBMITTED"),
        (replace(HUMAN, auto_response_suppress="All"), "RESPONSES_UNWANTED"),
        (replace(HUMAN, auto_response_suppress="DR, OOF,AutoReply"), "RESPONSES_UNWANTED"),
        (replace(HUMAN, precedence="Bulk"), "BULK"),
        (replace(HUMAN, precedence="junk"), "BULK"),
        (replace(HUMAN, precedence="first-class, list"), "BULK"),
        (replace(HUMAN, precedence="auto-reply"), "BULK"),
        (replace(HUMAN, header_names=headers("x-failed-recipients")), "AUTO_SUBMITTED"),
        (replace(HUMAN, header_names=headers("x-beenthere")), "MAILING_LIST"),
        (replace(HUMAN, header_names=headers("list-id")), "MAILING_LIST"),
        (replace(HUMAN, header_names=headers("list-unsubscribe")), "MAILING_LIST"),
        (replace(HUMAN, from_addresses=("MAILER-DAEMON@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("postmaster@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("no-reply@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("noreply-notificaciones@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("do-not-reply@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("no.responder@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("ventas-noreply@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("maildaemon@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("lista-bounces@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=("postmaster\\@example.org@example.pe",)), "ROBOT_ADDRESS"),
        (replace(HUMAN, sender="noreply@example.pe"), "ROBOT_ADDRESS"),
        (replace(HUMAN, from_addresses=()), "NO_SINGLE_SENDER"),
        (replace(HUMAN, from_addresses=("ana@example.pe", "beto@example.pe")), "NO_SINGLE_SENDER"),
        (replace(HUMAN, from_addresses=("ana",)), "NO_SINGLE_SENDER"),
    ],
)
def test_a_machine_is_never_answered(facts: MailFacts, reason: str) -> None:
    assert may_be_answered(facts, own_addresses=OWN) is SuppressionReason(reason)


def test_hostile_headers_cost_no_time() -> None:
    facts = replace(HUMAN, auto_submitted="(" * 1_000_000, precedence="a " * 500_000)

    assert may_be_answered(facts, own_addresses=OWN) is SuppressionReason.AUTO_SUBMITTED


def test_headers_that_mail_systems_add_for_people_do_not_make_a_mail_automatic() -> None:
    assert not is_automatic(SuppressionReason.RESPONSES_UNWANTED)
    assert not is_automatic(SuppressionReason.NO_SINGLE_SENDER)
    assert not is_automatic(None)
    assert is_automatic(SuppressionReason.AUTO_SUBMITTED)
