"""What a mail says of its way here, whom it names and what it answers."""

from __future__ import annotations

from intake.anatomy import AuthenticationResults, ParsedMail
from intake.parsing import parse
from intake.trace import LONGEST_VALUE, MOST_RECEIVED, MOST_RECIPIENTS, MOST_RESULTS
from tests.unit.intake.mails import raw_mail


def test_verdicts_are_kept_with_the_place_where_they_stand() -> None:
    mail = parse(
        raw_mail("""
        Authentication-Results: mx.example.pe;
         dmarc=pass header.from=example.pe
        Received: from a by mx.example.pe
        Authentication-Results: mx.example.pe; dmarc=fail
        Received: from b by a
        DKIM-Signature: v=1; d=example.pe
        DKIM-Signature: v=1; d=example.org

        x
        """)
    )

    assert mail.authentication_results == (
        AuthenticationResults("mx.example.pe; dmarc=pass header.from=example.pe", 0),
        AuthenticationResults("mx.example.pe; dmarc=fail", 1),
    )
    assert mail.received == ("from a by mx.example.pe", "from b by a")
    assert mail.dkim_signatures == 2
    assert ParsedMail.from_json(mail.to_json()) == mail


def test_a_verdict_too_long_to_be_kept_whole_is_known_by_its_length() -> None:
    [kept] = parse(b"Authentication-Results: " + b"x" * (LONGEST_VALUE + 100) + b"\n\n").authentication_results

    assert len(kept.value) == LONGEST_VALUE + 1


def test_what_is_answered_comes_nearest_first_and_once() -> None:
    mail = parse(b"References: <1@a.pe> <2@a.pe> nada <3@a.pe>\nIn-Reply-To: su correo <2@a.pe>\n\nx")

    assert mail.references == ("<2@a.pe>", "<3@a.pe>", "<1@a.pe>")


def test_recipients_of_the_envelope_come_first() -> None:
    mail = parse(
        raw_mail("""
        To: Mesa de Partes <mesadepartes@example.pe>, "Otra" <otra@example.pe>
        Cc: MesaDePartes@example.pe
        Delivered-To: mesadepartes+7.ab12@example.pe

        x
        """)
    )

    assert mail.recipients == ("mesadepartes+7.ab12@example.pe", "mesadepartes@example.pe", "otra@example.pe")


def test_nothing_of_it_is_kept_without_end() -> None:
    received = b"Received: x\n" * 200
    verdicts = b"Authentication-Results: mx.example.pe\n" * 100
    recipients = b"".join(
        b"To: " + b", ".join(b"%d.%d@b.pe" % (row, n) for n in range(20)) + b"\n" for row in range(30)
    )

    mail = parse(received + verdicts + recipients + b"\n")

    assert (len(mail.received), len(mail.authentication_results)) == (MOST_RECEIVED, MOST_RESULTS)
    assert len(mail.recipients) == MOST_RECIPIENTS
