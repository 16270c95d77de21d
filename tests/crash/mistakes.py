"""The seven known mistakes, put into a worker's process: each must be found out by what the lives leave behind."""

from __future__ import annotations

import os
import smtplib
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, assert_never

from aioimaplib.aioimaplib import Command

from tests.crash.lives import Mistake
from tests.crash.steps import replace_at, set_value

if TYPE_CHECKING:
    from collections.abc import Callable

WITHOUT_CONSTRAINT = "ALTER TABLE mail_items DROP CONSTRAINT IF EXISTS {name}"
"""Then all that keeps a mail from being recorded twice is that the worker looks for it before."""

OPEN_TO_ALL = "SELECT office_id FROM mailboxes WHERE id = $1 AND ($2::uuid, $3::bigint) IS NOT NULL"


def make_mistake(mistake: Mistake, *, smtp_port: int) -> None:
    """Make it in this process from now on."""
    match mistake:
        case Mistake.TRUST_SEEN:
            replace_at("intake.imap:ImapConnection.uids", lambda _: _search("UNSEEN"))
        case Mistake.MARK_BEFORE_PROCESSING:
            replace_at("intake.imap:ImapConnection.uids", lambda _: _search("UNFLAGGED"))
            replace_at("intake.imap:ImapConnection.fetch", _marking_first)
            set_value("intake.batches:MOST_MAILS", 1)
        case Mistake.MARK_BEFORE_COMMIT:
            replace_at("actions.mail:record_mail", _moving_first)
        case Mistake.SEND_WITHIN_TRANSACTION:
            replace_at("actions.submission:submit", lambda submit: _sending(submit, smtp_port))
        case Mistake.NO_CONTENT_KEY:
            replace_at("intake.spool:ContentKey.hexdigest", lambda _: _random_key)
        case Mistake.LOOK_BEFORE_INSERTING:
            set_value("actions.mail_ledger:FENCE", OPEN_TO_ALL)
        case Mistake.TWO_TRANSACTIONS:
            replace_at("actions.submission:submit", _committing_first)
        case _:
            assert_never(mistake)


def _random_key(_key: Any) -> str:
    return os.urandom(32).hex()


def _search(criterion: str) -> Callable[[Any], Any]:
    async def uids(self: Any) -> list[int]:
        self._protocol.news.clear()
        response = await self._within(30, self._protocol.search(criterion, charset=None, by_uid=True))
        words = [word for line in response.lines if line.upper().startswith(b"SEARCH") for word in line.split()[1:]]
        return sorted({int(word) for word in words if word.isdigit()})

    return uids


def _marking_first(fetch: Any) -> Any:
    async def marking(self: Any, uid: int, sink: Any, **named: Any) -> int:
        arguments = (str(uid), "+FLAGS.SILENT", r"(\Flagged)")
        tag = self._protocol.new_tag()
        await self._run(Command("STORE", tag, *arguments, prefix="UID", untagged_resp_name="FETCH"))
        return await fetch(self, uid, sink, **named)

    return marking


def _moving_first(record_mail: Any) -> Any:
    connections: list[Any] = []
    replace_at("intake.imap:ImapConnection.__init__", lambda made: _noting(made, connections))

    async def moving(tools: Any, lease: Any, mail: Any) -> Any:
        await connections[-1].move(mail.slot.uid, "Procesados")
        return await record_mail(tools, lease, mail)

    return moving


def _noting(made: Any, connections: list[Any]) -> Any:
    def noting(self: Any, *arguments: Any) -> None:
        connections.append(self)
        made(self, *arguments)

    return noting


def _sending(submit: Any, smtp_port: int) -> Any:
    async def sending(connection: Any, tools: Any, submission: Any, **named: Any) -> Any:
        tramite = await submit(connection, tools, submission, **named)
        receipt = EmailMessage()
        receipt["To"], receipt["From"] = submission.contact_email, "mesadepartes@example.pe"
        receipt.set_content(tramite.number)
        with smtplib.SMTP("127.0.0.1", smtp_port) as server:
            server.send_message(receipt)
        sent = "UPDATE notices SET state = 'SENT', finished_at = now(), next_try_at = NULL WHERE tramite_id = $1"
        await connection.execute_query(sent, [tramite.id])
        return tramite

    return sending


def _committing_first(submit: Any) -> Any:
    async def committing(connection: Any, *arguments: Any, **named: Any) -> Any:
        await connection.execute_script("COMMIT; BEGIN")
        return await submit(connection, *arguments, **named)

    return committing
