"""Delivery reports of many servers, read for what counts; and whatever else calls itself one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.anatomy import DeliveryReport, ParsedMail, ReportedRecipient
from intake.parsing import parse, parse_file
from intake.reports import MOST_IDS, MOST_RECIPIENTS
from intake.triage import decide
from rules.bounces import MOST_FAILURES, Failure
from rules.mail import MailOutcome
from tests.unit.intake.mails import raw_mail

SAMPLES = Path(__file__).parents[2] / "data" / "mail"
OWN = frozenset({"mesadepartes@example.pe"})
OURS = "<observed.0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@example.pe>"


def report_mail(
    status: str,
    *,
    original: str = f"Message-ID: {OURS}\nSubject: Su trámite",
    original_type: str = "text/rfc822-headers",
    header: str = "",
) -> bytes:
    return raw_mail(f"""
Return-Path: <>
From: MAILER-DAEMON@mx.example.pe
Subject: Undelivered
{header}Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Sorry.
--b
Content-Type: message/delivery-status

{status}
--b
Content-Type: {original_type}

{original}
--b--
""")


POSTFIX = """Reporting-MTA: dns; mx.example.pe
X-Postfix-Queue-ID: 4XYZ
Arrival-Date: Mon,  9 Mar 2026 10:00:00 -0500 (-05)

Final-Recipient: rfc822; Rosa@example.pe
Original-Recipient: rfc822;rosa@example.pe
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.pe
Diagnostic-Code: smtp; 550 5.1.1 <rosa@example.pe>: User unknown
"""

FAILURE = Failure(("rosa@example.pe",), "5.1.1", (OURS,))


def failures(data: bytes) -> tuple[Failure, ...]:
    return decide(parse(data), own_addresses=OWN).failures


def test_a_report_is_read_and_survives_its_way_out_of_the_jail() -> None:
    mail = parse(report_mail(POSTFIX))

    assert mail.report == DeliveryReport((OURS,), (ReportedRecipient(("rosa@example.pe",), "failed", "5.1.1"),))
    assert ParsedMail.from_json(mail.to_json()) == mail
    assert failures(report_mail(POSTFIX)) == (FAILURE,)


@pytest.mark.parametrize(
    "status",
    [
        POSTFIX.replace("\n", "\r\n").replace("\r\n", "\n"),
        "\n\n" + POSTFIX,
        POSTFIX.replace("Action: failed", "Action: Failed (permanently)"),
        POSTFIX.replace("Status: 5.1.1", "Status: 5.1.1 (bad destination mailbox address)"),
        POSTFIX.replace("rfc822; Rosa@example.pe", "RFC822;<rosa@EXAMPLE.pe>"),
        POSTFIX.replace("rfc822; Rosa@example.pe", "rosa@example.pe"),
        POSTFIX.replace("Reporting-MTA: dns; mx.example.pe", "this is no field"),
    ],
)
def test_servers_write_it_in_many_ways(status: str) -> None:
    assert failures(report_mail(status)) == (FAILURE,)


@pytest.mark.parametrize("original_type", ["message/rfc822", "text/rfc822-headers", "message/global-headers"])
def test_the_message_id_is_that_of_the_mail_that_came_back(original_type: str) -> None:
    assert failures(report_mail(POSTFIX, original_type=original_type)) == (FAILURE,)


def test_the_message_id_may_be_that_which_the_report_answers() -> None:
    data = report_mail(POSTFIX, original="Subject: x", header=f"In-Reply-To: {OURS}\n")

    assert failures(data) == (FAILURE,)


def test_a_recipient_whose_mail_was_sent_on_is_known_by_both_addresses() -> None:
    forwarded = POSTFIX.replace("rfc822; Rosa@example.pe", "rfc822; elsewhere@example.org")

    assert failures(report_mail(forwarded))[0].addresses == ("elsewhere@example.org", "rosa@example.pe")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "", "not failed"])
def test_only_what_failed_counts(action: str) -> None:
    assert failures(report_mail(POSTFIX.replace("Action: failed", f"Action: {action}"))) == ()


def test_a_server_that_gave_up_after_days_says_failed_with_a_temporary_code() -> None:
    given_up = POSTFIX.replace("Status: 5.1.1", "Status: 4.4.1")

    assert failures(report_mail(given_up)) == (Failure(("rosa@example.pe",), "4.4.1", (OURS,)),)


def test_without_a_message_id_there_is_nothing_to_act_on() -> None:
    data = report_mail(POSTFIX, original="Subject: x")

    assert failures(data) == ()
    assert decide(parse(data), own_addresses=OWN).outcome is MailOutcome.BOUNCE


def test_a_mail_that_is_no_report_as_a_whole_is_none() -> None:
    data = report_mail(POSTFIX).replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed")

    assert parse(data).report is None
    assert failures(data) == ()


def test_a_bounce_with_our_receipt_names_nobody_whose_mail_it_is() -> None:
    mail = parse_file(SAMPLES / "bounce-with-our-receipt.eml")

    assert mail.report == DeliveryReport((), (ReportedRecipient(("rosa@example.pe",), "failed", "5.1.1"),))
    assert decide(mail, own_addresses=OWN).failures == ()


def test_a_report_without_end_is_cut() -> None:
    recipient = "Final-Recipient: rfc822; rosa@example.pe\nAction: failed\nStatus: 5.1.1\n\n"
    ids = "".join(f"Message-ID: <{n}@example.pe>\n" for n in range(100))

    mail = parse(report_mail(recipient * 1000, original=ids))

    assert mail.report is not None
    assert len(mail.report.recipients) <= MOST_RECIPIENTS + 1
    assert len(mail.report.message_ids) == MOST_IDS
    assert len(decide(mail, own_addresses=OWN).failures) == MOST_FAILURES


@given(st.binary(max_size=400))
def test_any_bytes_in_a_report_are_survived(data: bytes) -> None:
    framed = report_mail("STATUS", original="ORIGINAL").replace(b"STATUS", data).replace(b"ORIGINAL", data)

    mail = parse(framed)

    assert ParsedMail.from_json(mail.to_json()) == mail
