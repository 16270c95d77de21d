"""The IMAP client against servers that misbehave: it gets what it asked for, or the connection is gone."""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.imap import (
    Account,
    CommandRefused,
    ConnectionLost,
    ImapConnection,
    MessageTooLarge,
    MessageTooSlow,
    NotFetched,
    signed_in,
)
from intake.sign_in import SignInRefused
from rules.mailboxes import Placement
from tests.unit.intake.scripted import Line, ScriptedServer

FOREVER = timedelta(minutes=10)
"""No test waits this long: what would is the mistake that the test is about."""


@asynccontextmanager
async def connected(
    answers: dict[str, Line] | None = None,
    *,
    greeting: bytes = b"* OK ready\r\n",
    folder: str | None = "INBOX",
    **changes: float,
) -> AsyncGenerator[tuple[ImapConnection, ScriptedServer]]:
    async with (
        asyncio.timeout(60),
        ScriptedServer(answers or {}, greeting=greeting).running() as server,
        signed_in(replace(server.account, **changes)) as connection,
    ):
        if folder is not None:
            await connection.select(folder)
        yield connection, server


def then_close(data: bytes) -> Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]:
    async def answer(writer: asyncio.StreamWriter, tag: bytes) -> None:
        writer.write(data.replace(b"{tag}", tag))
        await writer.drain()
        writer.close()

    return answer


async def test_signing_in_opens_the_folder_by_its_name_and_hides_nothing_from_the_server() -> None:
    async with connected(folder=None) as (connection, server):
        assert await connection.select("Año 2026") == 7

    signing_in = ["CAPABILITY", 'LOGIN "rosa" "contra\\"seña"', "CAPABILITY"]
    assert server.asked == [*signing_in, 'SELECT "A&APE-o 2026"', "LOGOUT"]


async def test_a_wrong_password_is_told_apart() -> None:
    with pytest.raises(SignInRefused):
        async with connected({"LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}):
            pass


@pytest.mark.parametrize("greeting", [b"* BYE busy\r\n", b"HTTP/1.1 200 OK\r\n"])
async def test_a_server_that_does_not_greet_is_left(greeting: bytes) -> None:
    with pytest.raises(ConnectionLost):
        async with connected(greeting=greeting):
            pass


async def test_a_closed_port_is_a_lost_connection() -> None:
    async with ScriptedServer({}).running() as server:
        account = server.account

    with pytest.raises(ConnectionLost):
        async with signed_in(account):
            pass


async def test_a_server_without_a_certificate_we_trust_is_left() -> None:
    async with ScriptedServer({}).running() as server:
        account = Account("127.0.0.1", server.port, "rosa", "x", ssl.create_default_context())

        with pytest.raises(ConnectionLost):
            async with signed_in(account):
                pass

    assert not any("LOGIN" in command for command in server.asked)


CERTIFICATE = Path(__file__).parents[2] / "data" / "mail" / "localhost.pem"
"""A certificate for `localhost` and its key; it proves nothing but that TLS works."""


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def begin_tls(writer: asyncio.StreamWriter, tag: bytes) -> None:
    writer.write(tag + b" OK go\r\n")
    await writer.drain()
    await writer.start_tls(server_context())


@pytest.mark.parametrize("starts_in_clear", [False, True])
async def test_a_server_that_is_trusted_is_spoken_to_in_tls(*, starts_in_clear: bool) -> None:
    tls = None if starts_in_clear else server_context()
    async with asyncio.timeout(60), ScriptedServer({"STARTTLS": begin_tls}, tls=tls).running() as server:
        context = ssl.create_default_context(cafile=str(CERTIFICATE))
        account = Account("localhost", server.port, "rosa", "x", context, starts_in_clear=starts_in_clear)

        async with signed_in(account) as connection:
            assert await connection.select("INBOX") == 7

    assert server.asked[-4:] == ['LOGIN "rosa" "x"', "CAPABILITY", 'SELECT "INBOX"', "LOGOUT"]


async def test_clear_text_behind_starttls_is_not_believed() -> None:
    async with ScriptedServer({"STARTTLS": b"{tag} OK go\r\n* CAPABILITY IMAP4rev1\r\n"}).running() as server:
        context = ssl.create_default_context()
        account = Account("127.0.0.1", server.port, "rosa", "x", context, starts_in_clear=True)

        with pytest.raises(ConnectionLost):
            async with signed_in(account):
                pass

    assert server.asked == ["STARTTLS"]


async def test_a_server_that_refuses_starttls_learns_no_password() -> None:
    async with ScriptedServer({"STARTTLS": b"{tag} NO never\r\n"}).running() as server:
        context = ssl.create_default_context()
        account = Account("127.0.0.1", server.port, "rosa", "x", context, starts_in_clear=True)

        with pytest.raises(ConnectionLost):
            async with signed_in(account):
                pass

    assert server.asked == ["STARTTLS"]


@pytest.mark.parametrize(
    "answer", [b"{tag} NO none\r\n", b"* 1 EXISTS\r\n{tag} OK done\r\n", b"* OK [UIDVALIDITY x]\r\n{tag} OK done\r\n"]
)
async def test_a_folder_without_lasting_uids_is_refused(answer: bytes) -> None:
    async with connected({"SELECT": answer}, folder=None) as (connection, _):
        with pytest.raises(CommandRefused):
            await connection.select("INBOX")


async def test_all_uids_are_listed_whatever_else_is_said() -> None:
    answer = b"* 4 EXISTS\r\n* SEARCH 5 2\r\n* 1 EXPUNGE\r\n* SEARCH 9\r\n{tag} OK done\r\n"
    async with connected({"UID SEARCH ALL": answer}) as (connection, server):
        assert await connection.uids() == [2, 5, 9]

    assert "UID SEARCH ALL" in server.asked


async def test_thousands_of_untagged_lines_do_no_harm() -> None:
    flags = b"".join(b"* %d FETCH (UID %d FLAGS (\\Seen))\r\n" % (n, n) for n in range(1, 5001))
    answer = flags + b"* 5 FETCH (RFC822.SIZE 10 UID 5)\r\n{tag} OK done\r\n"
    async with connected({"UID FETCH 5,7 ": answer}) as (connection, _):
        assert [listed.uid for listed in await connection.describe([5, 7])] == [5]


async def test_a_message_of_which_the_server_cannot_tell_takes_nothing_from_the_others() -> None:
    answers: dict[str, Line] = {
        "UID FETCH 5:6 ": b"* 1 FETCH (UID 5 RFC822.SIZE 10)\r\n{tag} NO some are damaged\r\n",
        "UID FETCH 6 (UID INT": b'* 2 FETCH (UID 6 INTERNALDATE "09-Mar-2026 10:00:00 -0500")\r\n{tag} NO x\r\n',
        "UID FETCH 7 (UID INTERNALDATE)": b"{tag} NO it is damaged\r\n",
        "UID FETCH 8 ": b"{tag} BAD what?\r\n",
    }
    async with connected(answers) as (connection, _):
        assert [listed.uid for listed in await connection.describe([5, 6])] == [5]
        assert await connection.received_at(6) == datetime(2026, 3, 9, 15, tzinfo=UTC)
        assert await connection.received_at(7) is None
        with pytest.raises(CommandRefused):
            await connection.describe([8])


BODY = b"A1 OK fake\r\n{tag} OK injected\r\n* 9 EXISTS\r\n)\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 5 BODY[] {%d}\r\n%s)\r\n{tag} OK done\r\n",
        b"* 1 FETCH (BODY[] {%d}\r\n%s UID 5)\r\n{tag} OK done\r\n",
        b"* 3 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 5 BODY[] {%d}\r\n%s)\r\n* 2 EXPUNGE\r\n{tag} OK done\r\n",
    ],
)
async def test_a_message_arrives_byte_by_byte(answer: bytes) -> None:
    async def say(writer: asyncio.StreamWriter, tag: bytes) -> None:
        filled = answer.replace(b"{tag}", tag) % (len(BODY), BODY)
        for at in range(0, len(filled), 3):
            writer.write(filled[at : at + 3])
            await writer.drain()

    async with connected({"UID FETCH 5 (UID BODY.PEEK[])": say}) as (connection, _):
        sink = io.BytesIO()

        assert await connection.fetch(5, sink, limit_bytes=1000) == len(BODY)
        assert sink.getvalue() == BODY


@pytest.mark.parametrize(
    "answer",
    [
        b"{tag} OK done\r\n",
        b"{tag} NO [SERVERBUG] cannot\r\n",
        b'* 1 FETCH (UID 5 BODY[] "")\r\n{tag} OK done\r\n',
        b"* 1 FETCH (UID 5 BODY[] NIL)\r\n{tag} OK done\r\n",
        b"* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n{tag} OK done\r\n",
        b"* 1 FETCH (UID 6 BODY[] {3}\r\nabc)\r\n{tag} OK done\r\n",
    ],
)
async def test_a_message_that_is_not_given_is_told_apart_and_others_follow(answer: bytes) -> None:
    other = b"* 1 FETCH (UID 8 BODY[] {3}\r\nabc)\r\n{tag} OK done\r\n"
    async with connected({"UID FETCH 5": answer, "UID FETCH 8": other}) as (connection, _):
        with pytest.raises(NotFetched):
            await connection.fetch(5, io.BytesIO(), limit_bytes=1000)

        assert await connection.fetch(8, io.BytesIO(), limit_bytes=1000) == 3


async def test_a_message_of_ten_gigabytes_is_not_taken() -> None:
    answer = b"* 1 FETCH (UID 5 BODY[] {10000000000}\r\nabc"
    async with connected({"UID FETCH 5": answer}) as (connection, _):
        sink = io.BytesIO()

        with pytest.raises(MessageTooLarge):
            await connection.fetch(5, sink, limit_bytes=1000)
        assert sink.getvalue() == b""
        with pytest.raises(ConnectionLost):
            await connection.uids()


async def test_a_connection_cut_inside_a_message_is_lost() -> None:
    async with connected({"UID FETCH 5": then_close(b"* 1 FETCH (UID 5 BODY[] {100}\r\nabc")}) as (connection, _):
        with pytest.raises(ConnectionLost):
            await connection.fetch(5, io.BytesIO(), limit_bytes=1000)


async def test_a_message_that_trickles_is_given_up_in_time() -> None:
    async def trickle(writer: asyncio.StreamWriter, _tag: bytes) -> None:
        writer.write(b"* 1 FETCH (UID 5 BODY[] {100000}\r\n")
        for _ in range(1000):
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.01)  # the server is slow

    async with connected({"UID FETCH 5": trickle}) as (connection, _):
        with pytest.raises(MessageTooSlow):
            await connection.fetch(5, io.BytesIO(), limit_bytes=100_000, seconds=0.1)


async def test_a_disk_that_is_full_loses_the_connection_not_the_mail() -> None:
    class FullDisk:
        def write(self, _data: bytes) -> int:
            raise OSError(28, "No space left on device")

    async with connected({"UID FETCH 5": b"* 1 FETCH (UID 5 BODY[] {3}\r\nabc)\r\n{tag} OK\r\n"}) as (connection, _):
        with pytest.raises(ConnectionLost) as caught:
            await connection.fetch(5, FullDisk(), limit_bytes=1000)

    assert isinstance(caught.value.__cause__, OSError)


async def test_a_late_answer_reaches_nobody() -> None:
    asked = asyncio.Event()

    async def say_late(writer: asyncio.StreamWriter, tag: bytes) -> None:
        await asked.wait()
        writer.write(b"* SEARCH 1 2 3\r\n" + tag + b" OK done\r\n")

    async with connected({"UID SEARCH": say_late}, answer_seconds=2) as (connection, _):
        with pytest.raises(ConnectionLost):
            await connection.uids()
        asked.set()
        with pytest.raises(ConnectionLost):
            await connection.describe([1])


async def test_a_cancelled_command_ends_the_connection() -> None:
    asked = asyncio.Event()

    async def say_nothing(_writer: asyncio.StreamWriter, _tag: bytes) -> None:
        asked.set()

    async with connected({"UID SEARCH": say_nothing}) as (connection, _):
        task = asyncio.create_task(connection.uids())
        await asked.wait()
        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(ConnectionLost):
            await connection.uids()


@pytest.mark.parametrize(
    "last_words",
    [
        then_close(b"+ idling\r\n"),
        then_close(b"+ idling\r\n* BYE idle for too long\r\n"),
        b"+ idling\r\n* BYE and yet it stays connected\r\n",
    ],
)
async def test_an_end_while_waiting_is_noticed_at_once(last_words: Line) -> None:
    async with connected({"IDLE": last_words}) as (connection, _):
        await connection.uids()

        with pytest.raises(ConnectionLost):
            await connection.wait_for_mail(FOREVER)


async def test_waiting_ends_with_the_first_news() -> None:
    answers: dict[str, Line] = {"IDLE": b"+ idling\r\n* 4 EXISTS\r\n", "DONE": b""}
    idle_tag = b""

    async def idle(writer: asyncio.StreamWriter, tag: bytes) -> None:
        nonlocal idle_tag
        idle_tag = tag
        writer.write(b"* OK still here\r\n+ idling\r\n* 4 EXISTS\r\n")

    async def done(writer: asyncio.StreamWriter, _tag: bytes) -> None:
        writer.write(idle_tag + b" OK done\r\n")

    async with connected({**answers, "IDLE": idle, "DONE": done}) as (connection, server):
        await connection.uids()

        await connection.wait_for_mail(FOREVER)

        assert server.asked[-1] == "DONE"


async def test_news_that_came_during_other_commands_are_not_waited_for() -> None:
    answers: dict[str, Line] = {
        "UID SEARCH": b"* SEARCH\r\n{tag} OK done\r\n",
        "UID MOVE": b"* 1 EXPUNGE\r\n* 7 EXISTS\r\n{tag} OK done\r\n",
    }
    async with connected(answers) as (connection, server):
        await connection.uids()
        await connection.move(1, "Procesados")

        await connection.wait_for_mail(FOREVER)

        assert "IDLE" not in server.asked


@pytest.mark.parametrize(
    "said",
    [b"* 2 EXPUNGE\r\n", b"* 2 EXPUNGE\r\n* 2 EXISTS\r\n* 0 RECENT\r\n", b"* 2 EXISTS\r\n"],
    ids=["it is gone", "and how many are left", "only how many are left"],
)
async def test_what_we_move_away_is_no_news(said: bytes) -> None:
    answers: dict[str, Line] = {"UID MOVE": said + b"{tag} OK done\r\n", "IDLE": b"{tag} OK not long\r\n"}
    async with connected(answers) as (connection, server):
        await connection.uids()
        await connection.move(1, "Procesados")

        await connection.wait_for_mail(FOREVER)

        assert server.asked[-1] == "IDLE"


@pytest.mark.parametrize(
    "said",
    [
        b"* 2 EXPUNGE\r\n* 3 EXISTS\r\n",
        b"* 4 EXISTS\r\n* 2 EXPUNGE\r\n",
        b"* 2 EXPUNGE\r\n* 2 EXISTS\r\n* 3 EXISTS\r\n",
        b"* 2 EXPUNGE\r\n* 2 EXISTS\r\n* 1 RECENT\r\n",
    ],
)
async def test_a_mail_that_comes_while_one_is_moved_away_is_news(said: bytes) -> None:
    answers: dict[str, Line] = {"UID MOVE": said + b"{tag} OK done\r\n"}
    async with connected(answers) as (connection, server):
        await connection.uids()
        await connection.move(1, "Procesados")

        await connection.wait_for_mail(FOREVER)

        assert "IDLE" not in server.asked


async def test_a_number_that_does_not_grow_is_news_when_nothing_is_moved() -> None:
    answers: dict[str, Line] = {"NOOP": b"* 3 EXISTS\r\n{tag} OK done\r\n"}
    async with connected(answers, beat_seconds=0.01) as (connection, server):
        await connection.uids()

        await connection.wait_for_mail(FOREVER)

        assert server.asked.count("NOOP") == 1


async def test_a_server_that_refuses_to_idle_is_asked_instead() -> None:
    async with connected({"IDLE": b"{tag} NO not today\r\n"}, poll_seconds=0.01) as (connection, server):
        for _ in range(2):
            await connection.uids()
            await connection.wait_for_mail(FOREVER)

        assert server.asked.count("IDLE") == 1


DELETED = "UID STORE 5 +FLAGS.SILENT (\\Deleted)"
UIDPLUS = b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n{tag} OK done\r\n"
MOVES: dict[str, Line] = {
    "UID MOVE": b"* OK [COPYUID 7 5 1]\r\n* 1 EXPUNGE\r\n{tag} OK done\r\n",
    "UID COPY": b"{tag} OK [COPYUID 7 5 1] done\r\n",
    "UID STORE": b"* 1 FETCH (UID 5 FLAGS (\\Deleted))\r\n{tag} OK done\r\n",
    "UID EXPUNGE": b"* 1 EXPUNGE\r\n{tag} OK done\r\n",
    "CREATE": b"{tag} OK made\r\n",
    "UID SEARCH UID 5": b"* SEARCH 5\r\n{tag} OK done\r\n",
}


@pytest.mark.parametrize(
    ("capabilities", "flags", "commands", "placement"),
    [
        (b"MOVE UIDPLUS", rb"\*", ['UID MOVE 5 "Cuarentena"'], Placement.MOVED),
        (b"uidplus", rb"\*", ['UID COPY 5 "Cuarentena"', DELETED, "UID EXPUNGE 5"], Placement.MOVED),
        (b"", rb"\Seen \*", ["UID STORE 5 +FLAGS.SILENT ($MDP_Procesado)"], Placement.MARKED),
        (b"", rb"\Seen", [], Placement.LEFT),
    ],
)
async def test_moving_touches_no_other_mail(
    capabilities: bytes, flags: bytes, commands: list[str], placement: Placement
) -> None:
    answers = {
        **MOVES,
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 " + capabilities + b"\r\n{tag} OK done\r\n",
        "SELECT": b"* OK [PERMANENTFLAGS (" + flags + b")] x\r\n* OK [UIDVALIDITY 7] x\r\n{tag} OK done\r\n",
    }
    async with connected(answers) as (connection, server):
        assert await connection.move(5, "Cuarentena") is placement

        assert server.asked[4:] == commands


@pytest.mark.parametrize(
    ("capability", "answer", "commands", "are_moved"),
    [
        (b"MOVE", b"OK done", ['UID MOVE 3,5:6 "Procesados"'], True),
        (b"MOVE", b"NO [TRYCREATE] none", ['UID MOVE 3,5:6 "Procesados"'], False),
        (b"MOVE", b"BAD unknown", ['UID MOVE 3,5:6 "Procesados"'], False),
        (b"UIDPLUS", b"OK done", [], False),
    ],
)
async def test_several_mails_are_moved_by_one_command_or_none_of_them(
    capability: bytes, answer: bytes, commands: list[str], *, are_moved: bool
) -> None:
    answers: dict[str, Line] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 " + capability + b"\r\n{tag} OK done\r\n",
        "UID MOVE": b"{tag} " + answer + b"\r\n",
    }
    async with connected(answers) as (connection, server):
        assert await connection.move_together([5, 3, 6], "Procesados") is are_moved

        assert server.asked[4:] == commands


async def test_a_server_that_cannot_move_though_it_says_so_is_asked_to_copy() -> None:
    answers = {**MOVES, "UID MOVE": b"{tag} BAD unknown\r\n"}
    async with connected(answers) as (connection, server):
        assert [await connection.move(uid, "Procesados") for uid in (5, 6)] == [Placement.MOVED] * 2

        assert sum(command.startswith("UID MOVE") for command in server.asked) == 1


async def test_a_mail_that_is_copied_and_cannot_be_removed_is_not_copied_again() -> None:
    answers = {**MOVES, "CAPABILITY": UIDPLUS, "UID STORE": b"{tag} NO read-only\r\n"}
    async with connected(answers) as (connection, _):
        assert await connection.move(5, "Procesados") is Placement.LEFT


async def test_a_mail_that_another_program_took_away_is_nobodys_to_move() -> None:
    answers = {**MOVES, "UID MOVE": b"{tag} NO [NONEXISTENT] no such mail\r\n", "CREATE": b"{tag} NO exists\r\n"}
    async with connected({**answers, "UID SEARCH UID 5": b"* SEARCH\r\n{tag} OK\r\n"}) as (connection, _):
        assert await connection.move(5, "Procesados") is Placement.GONE


async def test_a_folder_that_is_missing_is_made() -> None:
    async def refuse_once(writer: asyncio.StreamWriter, tag: bytes) -> None:
        made = any(command.startswith("CREATE") for command in server.asked)
        writer.write(tag + (b" OK done\r\n" if made else b" NO [TRYCREATE] none\r\n"))

    async with connected({**MOVES, "UID MOVE": refuse_once}) as (connection, server):
        assert await connection.move(5, "Procesados")

        assert 'CREATE "Procesados"' in server.asked


async def test_a_mail_that_cannot_be_moved_stays() -> None:
    answers = {**MOVES, "UID MOVE": b"{tag} NO [OVERQUOTA] full\r\n", "CREATE": b"{tag} NO exists\r\n"}
    async with connected(answers) as (connection, _):
        assert await connection.move(5, "Procesados") is None


async def test_the_header_of_a_mail_is_fetched_alone() -> None:
    answer = b"* 1 FETCH (UID 5 BODY[HEADER]<0> {12}\r\nSubject: a\r\n)\r\n{tag} OK done\r\n"
    async with connected({"UID FETCH 5 (UID BODY.PEEK[HEADER]<0.65536>)": answer}) as (connection, _):
        assert await connection.fetch_header(5) == b"Subject: a\r\n"
