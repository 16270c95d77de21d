"""Signing in: by what the server offers, with passwords and with tokens, and what becomes of a refusal."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from intake.imap import ConnectionLost, ImapConnection, signed_in
from intake.sign_in import Mechanism, ServerBusy, SignInRefused, TokenRefused
from intake.tokens import Client, Grant, Token, Tokens
from tests.unit.intake.scripted import Line, ScriptedServer


class GivenTokens(Tokens):
    """Tokens that a test gives; each is good until it says otherwise."""

    def __init__(self, *texts: str) -> None:
        super().__init__(Client("https://login.example/", Grant.REFRESH_TOKEN, "id", None))
        self.texts = list(texts)
        self.now = 0.0
        self.kept: Token | None = None

    async def token(self) -> Token:
        self.kept = self.kept or Token(self.texts.pop(0), good_until=100)
        return self.kept

    def forget(self) -> None:
        self.kept = None

    def is_good(self, token: Token) -> bool:
        return token.is_good_at(self.now)


def offering(*words: str) -> Line:
    return f"* CAPABILITY IMAP4rev1 {' '.join(words)}\r\n{{tag}} OK done\r\n".encode()


@asynccontextmanager
async def connected(
    answers: dict[str, Line], *, greeting: bytes = b"* OK ready\r\n", **changes: object
) -> AsyncGenerator[tuple[ImapConnection, ScriptedServer]]:
    async with (
        asyncio.timeout(60),
        ScriptedServer(answers, greeting=greeting).running() as server,
        signed_in(replace(server.account, **changes)) as connection,  # pyright: ignore[reportArgumentType]
    ):
        yield connection, server


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLAIN = encoded('\0rosa\0contra"seña')
XOAUTH2 = encoded("user=rosa\1auth=Bearer token-1\1\1")


def in_two_steps(credentials: str, *, ends: bytes) -> dict[str, Line]:
    """Answer AUTHENTICATE by a challenge, and the credentials by an end."""
    tags: list[bytes] = []

    async def begin(writer: asyncio.StreamWriter, tag: bytes) -> None:
        tags.append(tag)
        writer.write(b"+ \r\n")

    async def end(writer: asyncio.StreamWriter, _line: bytes) -> None:
        writer.write(tags[-1] + ends)

    return {"AUTHENTICATE": begin, credentials: end}


async def test_plain_is_taken_where_it_is_offered_and_sent_along_where_that_is_understood() -> None:
    answers: dict[str, Line] = {"CAPABILITY": offering("AUTH=PLAIN", "SASL-IR"), "AUTHENTICATE": b"{tag} OK in\r\n"}
    async with connected(answers) as (_, server):
        assert server.asked == ["CAPABILITY", f"AUTHENTICATE PLAIN {PLAIN}", "CAPABILITY"]


async def test_plain_waits_for_its_turn_where_nothing_may_be_sent_along() -> None:
    answers = {"CAPABILITY": offering("AUTH=PLAIN"), **in_two_steps(PLAIN, ends=b" OK in\r\n")}
    async with connected(answers) as (_, server):
        assert server.asked == ["CAPABILITY", "AUTHENTICATE PLAIN", PLAIN, "CAPABILITY"]


async def test_what_the_greeting_tells_is_not_asked_again() -> None:
    greeting = b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"
    async with connected({"AUTHENTICATE": b"{tag} OK in\r\n"}, greeting=greeting) as (_, server):
        assert server.asked == [f"AUTHENTICATE PLAIN {PLAIN}", "CAPABILITY"]


async def test_login_is_used_where_the_settings_say_so() -> None:
    answers: dict[str, Line] = {"CAPABILITY": offering("AUTH=PLAIN", "SASL-IR")}
    async with connected(answers, mechanism=Mechanism.LOGIN) as (_, server):
        assert server.asked[1].startswith("LOGIN ")


async def test_a_server_that_forbids_login_learns_no_password() -> None:
    async with ScriptedServer({"CAPABILITY": offering("LOGINDISABLED")}).running() as server:
        with pytest.raises(SignInRefused):
            async with signed_in(server.account):
                pass

    assert not any("LOGIN " in command for command in server.asked)


async def test_who_wants_to_know_is_told_what_we_are() -> None:
    answers: dict[str, Line] = {"CAPABILITY": offering("ID"), "ID": b"* ID NIL\r\n{tag} OK done\r\n"}
    async with connected(answers) as (_, server):
        assert server.asked[-1] == 'ID ("name" "mesadepartes")'


@pytest.mark.parametrize("sends_along", [True, False])
async def test_a_token_is_shown(*, sends_along: bool) -> None:
    two_steps = in_two_steps(XOAUTH2, ends=b" OK in\r\n")
    answers: dict[str, Line] = {
        **({"AUTHENTICATE": b"{tag} OK in\r\n"} if sends_along else two_steps),
        "CAPABILITY": offering("AUTH=XOAUTH2", *(["SASL-IR"] if sends_along else [])),
    }
    async with connected(answers, tokens=GivenTokens("token-1")) as (_, server):
        lines = [f"AUTHENTICATE XOAUTH2 {XOAUTH2}"] if sends_along else ["AUTHENTICATE XOAUTH2", XOAUTH2]
        assert server.asked == ["CAPABILITY", *lines, "CAPABILITY"]


async def test_the_reason_of_a_refusal_is_answered_so_that_the_server_says_no() -> None:
    tags: list[bytes] = []

    async def refuse(writer: asyncio.StreamWriter, tag: bytes) -> None:
        tags.append(tag)
        writer.write(b"+ " + encoded('{"status":"401","schemes":"bearer"}').encode() + b"\r\n")

    async def end(writer: asyncio.StreamWriter, _line: bytes) -> None:
        writer.write(tags[-1] + b" NO AUTHENTICATE failed.\r\n")

    tokens = GivenTokens("token-1", "token-2")
    answers: dict[str, Line] = {"CAPABILITY": offering("SASL-IR"), "AUTHENTICATE": refuse, "": end}
    async with asyncio.timeout(10), ScriptedServer(answers).running() as server:
        with pytest.raises(TokenRefused):
            async with signed_in(replace(server.account, tokens=tokens)):
                pass

    assert server.asked[:3] == ["CAPABILITY", f"AUTHENTICATE XOAUTH2 {XOAUTH2}", ""]
    assert (await tokens.token()).text == "token-2"


async def test_challenge_after_challenge_is_not_answered_for_ever() -> None:
    async def again(writer: asyncio.StreamWriter, _line: bytes) -> None:
        writer.write(b"+ eA==\r\n")

    answers: dict[str, Line] = {"CAPABILITY": offering("SASL-IR"), "AUTHENTICATE": again, "": again, "*": again}
    async with asyncio.timeout(10), ScriptedServer(answers).running() as server:
        with pytest.raises(ConnectionLost):
            async with signed_in(replace(server.account, tokens=GivenTokens("token-1"))):
                pass


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", SignInRefused),
        (b"NO LOGIN failed.", SignInRefused),
        (b"BAD nonsense", SignInRefused),
        (b"NO [ALERT] Application-specific password required (Failure)", SignInRefused),
        (b"NO [UNAVAILABLE] Temporary authentication failure", ServerBusy),
        (b"NO [ALERT] Too many simultaneous connections. (Failure)", ServerBusy),
        (b"NO [LIMIT] Maximum number of connections from user+IP exceeded", ServerBusy),
    ],
)
async def test_a_server_that_is_busy_is_told_from_one_that_refuses(words: bytes, kind: type[Exception]) -> None:
    async with ScriptedServer({"LOGIN": b"{tag} " + words + b"\r\n"}).running() as server:
        with pytest.raises(kind):
            async with signed_in(server.account):
                pass


async def test_a_connection_may_not_outlive_its_token() -> None:
    tokens = GivenTokens("token-1")
    answers: dict[str, Line] = {"CAPABILITY": offering("SASL-IR"), "AUTHENTICATE": b"{tag} OK in\r\n"}
    async with connected(answers, tokens=tokens) as (connection, _):
        assert connection.may_go_on
        tokens.now = 100
        assert not connection.may_go_on


async def test_nothing_secret_is_in_what_a_log_would_show() -> None:
    tokens = GivenTokens("token-1")
    async with ScriptedServer({}).running() as server:
        shown = repr((server.account, replace(server.account, tokens=tokens), await tokens.token()))

    assert "contra" not in shown
    assert "token-1" not in shown
