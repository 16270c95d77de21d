"""The tests' own Dovecot and SMTP sink: what the other journeys rely on."""

from __future__ import annotations

from datetime import UTC, datetime

import aiosmtplib
import pytest

from tests.servers.dovecot import Account, StoredMail
from tests.servers.sink import Sink

MAIL = b"From: ana@example.org\r\nSubject: Solicitud\r\n\r\nHola, se\xf1or\r\n"
DATE = datetime(2026, 3, 2, 14, 5, 6, tzinfo=UTC)


async def test_dovecot_keeps_mail_and_its_date(mail_account: Account) -> None:
    uid = await mail_account.deliver(MAIL, internal_date=DATE)

    assert await mail_account.mails() == [StoredMail(uid, frozenset(), DATE, MAIL)]
    assert await mail_account.folders() == {"INBOX", "Procesados", "Cuarentena"}


async def test_dovecot_keeps_mail_through_a_restart(mail_account: Account) -> None:
    await mail_account.deliver(MAIL, folder="Procesados")

    await mail_account.server.restart()

    assert [mail.content for mail in await mail_account.mails("Procesados")] == [MAIL]


async def test_dovecot_changes_its_uid_validity(mail_account: Account) -> None:
    await mail_account.deliver(MAIL)
    before = await mail_account.uid_validity()

    await mail_account.change_uid_validity()

    assert await mail_account.uid_validity() != before
    assert [mail.content for mail in await mail_account.mails()] == [MAIL]


async def test_accounts_do_not_see_each_other(mail_account: Account) -> None:
    other = mail_account.server.new_account()

    await other.deliver(MAIL)

    assert await mail_account.mails() == []


async def test_sink_answers_as_it_is_told_and_then_accepts(sink: Sink) -> None:
    sink.answer_next("451 4.7.1 Try later")

    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send(sink)
    await send(sink)

    mail = await sink.wait_for(lambda mail: mail.message["Subject"] == "Solicitud")
    assert (refused.value.code, mail.recipients, mail.content) == (451, ("ana@example.org",), MAIL)
    assert len(await sink.wait_for_attempts(2)) == 2
    assert len(sink.mails) == 1


async def send(sink: Sink) -> None:
    """Send the mail to the sink."""
    await aiosmtplib.send(
        MAIL, sender="mesa@muni.example", recipients=["ana@example.org"], hostname=sink.host, port=sink.port
    )
