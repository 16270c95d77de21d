"""What Exchange, Gmail, iCloud, Dovecot and others do that no standard says: it is survived."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta

import pytest

from intake.answers import Listed
from intake.imap import CommandRefused, ConnectionLost, MessageTooLarge, NotFetched
from intake.protocol import KEEPALIVE_SECONDS, PROBE_SECONDS, PROBES
from intake.substitutes import is_substitute
from rules.mailboxes import Placement
from tests.unit.intake.mails import raw_mail
from tests.unit.intake.scripted import Line
from tests.unit.intake.test_imap import FOREVER, connected, then_close


async def test_exchange_tells_the_size_before_the_uid_and_three_times_too_much() -> None:
    answers: dict[str, Line] = {
        "UID FETCH 5 (UID RFC822.SIZE": b'* 1 FETCH (RFC822.SIZE 3000 UID 5 INTERNALDATE " 9-Mar-2026 10:00:00 -0500")'
        b"\r\n{tag} OK FETCH completed.\r\n",
        "UID FETCH 5 (UID BODY": b"* 1 FETCH (UID 5 BODY[] {3}\r\nabc FLAGS (\\Seen))\r\n{tag} OK FETCH completed.\r\n",
    }
    async with connected(answers) as (connection, _):
        sink = io.BytesIO()

        assert await connection.describe([5]) == [Listed(5, 3000, datetime(2026, 3, 9, 15, tzinfo=UTC))]
        assert await connection.fetch(5, sink, limit_bytes=10) == 3
        assert sink.getvalue() == b"abc"


async def test_a_size_that_is_told_too_small_does_not_let_more_in_than_is_allowed() -> None:
    answers: dict[str, Line] = {
        "UID FETCH 5 (UID RFC822.SIZE": b"* 1 FETCH (UID 5 RFC822.SIZE 1)\r\n{tag} OK done\r\n",
        "UID FETCH 5 (UID BODY": b"* 1 FETCH (UID 5 BODY[] {11}\r\nabcdefghijk)\r\n{tag} OK done\r\n",
    }
    async with connected(answers) as (connection, _):
        with pytest.raises(MessageTooLarge):
            await connection.fetch(5, io.BytesIO(), limit_bytes=10)


async def test_exchange_signs_in_and_is_connected_to_nothing() -> None:
    answers: dict[str, Line] = {"SELECT": b"{tag} BAD User is authenticated but not connected.\r\n"}
    async with connected(answers, folder=None) as (connection, _):
        with pytest.raises(CommandRefused):
            await connection.select("INBOX")


async def test_exchange_gives_ok_and_nothing_and_the_mail_is_there_still() -> None:
    answers: dict[str, Line] = {
        "UID FETCH 5": b"{tag} OK FETCH completed.\r\n",
        "UID SEARCH UID 5": b"* SEARCH 5\r\n{tag} OK SEARCH completed.\r\n",
    }
    async with connected(answers) as (connection, _):
        with pytest.raises(NotFetched):
            await connection.fetch(5, io.BytesIO(), limit_bytes=10)
        assert await connection.are_there([5]) == {5}


@pytest.mark.parametrize(
    ("mail", "is_one"),
    [
        (b"From: Microsoft Exchange Server\r\nSubject: Retrieval using the IMAP4 protocol failed for the following "
         b"message: 42\r\n\r\nThe server couldn't retrieve the following message:\r\n", True),
        (raw_mail("Subject: Solicitud\n\nSubject: Retrieval using the IMAP4 protocol failed for the following message"),
         False),
        (b"", False),
    ],
)  # fmt: skip
def test_exchange_makes_up_a_mail_in_place_of_one_it_cannot_read(mail: bytes, *, is_one: bool) -> None:
    assert is_substitute(mail) is is_one


async def test_exchange_refuses_a_charset_so_that_none_is_named() -> None:
    async with connected({"UID SEARCH CHARSET": b"{tag} NO [BADCHARSET (US-ASCII)] no\r\n"}) as (connection, server):
        assert await connection.uids() == []

        assert "UID SEARCH ALL" in server.asked


async def test_icloud_gives_nothing_for_rfc822_so_that_the_body_is_asked_for() -> None:
    answers: dict[str, Line] = {
        "UID FETCH 5 (UID RFC822)": b"* 1 FETCH (UID 5)\r\n{tag} OK done\r\n",
        "UID FETCH 5 (UID BODY.PEEK[])": b"* 1 FETCH (BODY[] {3}\r\nabc UID 5)\r\n{tag} OK done\r\n",
    }
    async with connected(answers) as (connection, _):
        assert await connection.fetch(5, io.BytesIO(), limit_bytes=10) == 3


async def test_gmail_tells_where_a_mail_went_in_the_tagged_line() -> None:
    answers: dict[str, Line] = {"UID MOVE 5": b"* 1 EXPUNGE\r\n{tag} OK [COPYUID 3 5 9] (Success)\r\n"}
    async with connected(answers) as (connection, _):
        assert await connection.move(5, "Procesados") is Placement.MOVED


async def test_gmail_has_labels_for_folders_and_a_missing_one_is_made() -> None:
    made = False

    async def move(writer: asyncio.StreamWriter, tag: bytes) -> None:
        writer.write(tag + (b" OK\r\n" if made else b" NO [TRYCREATE] No folder Procesados (Failure)\r\n"))

    async def create(writer: asyncio.StreamWriter, tag: bytes) -> None:
        nonlocal made
        made = True
        writer.write(tag + b" OK Success\r\n")

    async with connected({"UID MOVE": move, "CREATE": create}) as (connection, _):
        assert await connection.move(5, "Procesados") is Placement.MOVED


@pytest.mark.parametrize(
    "end",
    [
        b"* BYE Disconnected for inactivity.\r\n",
        b"* BYE Session expired, please login again.\r\n",
        b"* BYE Session invalidated - AccessTokenExpired\r\n",
        b"* BYE [OVERQUOTA] Account exceeded command or bandwidth limits.\r\n",
    ],
)
async def test_servers_end_idling_as_they_like(end: bytes) -> None:
    async with connected({"IDLE": then_close(b"+ idling\r\n" + end)}) as (connection, _):
        await connection.uids()

        with pytest.raises(ConnectionLost):
            await connection.wait_for_mail(FOREVER)


async def test_dovecot_says_that_it_is_still_here() -> None:
    idle_tag = b""

    async def idle(writer: asyncio.StreamWriter, tag: bytes) -> None:
        nonlocal idle_tag
        idle_tag = tag
        writer.write(b"+ idling\r\n" + b"* OK Still here\r\n" * 3)

    async def done(writer: asyncio.StreamWriter, _tag: bytes) -> None:
        writer.write(idle_tag + b" OK Idle completed.\r\n")

    async with connected({"IDLE": idle, "DONE": done}) as (connection, server):
        await connection.uids()

        await connection.wait_for_mail(timedelta(seconds=0.2))

        assert server.asked[-2:] == ["IDLE", "DONE"]


async def test_a_server_that_is_slow_to_tell_is_asked_to_a_beat() -> None:
    asked = 0

    async def tell_late(writer: asyncio.StreamWriter, tag: bytes) -> None:
        nonlocal asked
        asked += 1
        writer.write((b"* 4 EXISTS\r\n" if asked == 3 else b"") + tag + b" OK done\r\n")

    async with connected({"NOOP": tell_late}, beat_seconds=0.01) as (connection, server):
        await connection.uids()

        await connection.wait_for_mail(FOREVER)

        assert "IDLE" not in server.asked
        assert server.asked.count("NOOP") == 3


async def test_a_server_that_numbers_its_mails_anew_in_between_is_left() -> None:
    answers: dict[str, Line] = {"NOOP": b"* OK [UIDVALIDITY 8] renumbered\r\n{tag} OK done\r\n"}
    async with connected(answers, beat_seconds=0.01) as (connection, _):
        await connection.uids()

        with pytest.raises(ConnectionLost):
            await connection.wait_for_mail(FOREVER)


@pytest.mark.parametrize("capability", ["uidplus", "UIDPLUS"])
async def test_capabilities_are_read_in_any_case(capability: str) -> None:
    answers: dict[str, Line] = {
        "CAPABILITY": f"* capability IMAP4rev1 {capability}\r\n{{tag}} OK done\r\n".encode(),
        "UID COPY": b"{tag} ok done\r\n",
        "UID STORE": b"{tag} OK done\r\n",
        "UID EXPUNGE": b"{tag} OK done\r\n",
    }
    async with connected(answers) as (connection, _):
        assert await connection.move(5, "Procesados") is Placement.MOVED


async def test_a_peer_that_is_gone_is_noticed_by_the_system_within_half_a_minute() -> None:
    assert KEEPALIVE_SECONDS + PROBES * PROBE_SECONDS <= 30
