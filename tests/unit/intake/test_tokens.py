"""Access tokens: asked for over TLS, kept while they are good, renewed in time, and never shown."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from intake.tokens import Client, Grant, GrantRefused, Tokens, TokensUnavailable

CERTIFICATE = Path(__file__).parents[2] / "data" / "mail" / "localhost.pem"
TRUSTING = ssl.create_default_context(cafile=str(CERTIFICATE))


@dataclass
class Endpoint:
    """A token endpoint that answers one thing after the other, the last again and again."""

    answers: list[tuple[int, object]]
    forms: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Endpoint]:
        """Serve while the block runs."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(CERTIFICATE)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        form = parse_qs((await reader.readexactly(length)).decode())
        self.forms.append({name: values[0] for name, values in form.items()})
        status, answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        writer.write(
            b"HTTP/1.1 %d X\r\nLocation: https://127.0.0.1/\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
        )
        await writer.drain()
        writer.close()

    def client(self, **changes: object) -> Client:
        """Return an application of this endpoint."""
        values = {
            "url": f"https://localhost:{self.port}/token?v=2",
            "grant": Grant.CLIENT_CREDENTIALS,
            "client_id": "an-id",
            "client_secret": "secret-1",
            "scope": "https://outlook.example/.default",
        }
        return Client(**{**values, **changes})  # pyright: ignore[reportArgumentType]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_an_application_shows_itself_and_its_token_is_kept_until_shortly_before_its_end() -> None:
    answers: list[tuple[int, object]] = [
        (200, {"access_token": "a", "expires_in": 3600}),
        (200, {"access_token": "b", "expires_in": "3600"}),
    ]
    async with Endpoint(answers).running() as endpoint:
        clock = Clock()
        tokens = Tokens(endpoint.client(), tls=TRUSTING, clock=clock)

        first = await tokens.token()
        clock.now += 3299
        assert (await tokens.token()).text == "a"
        assert tokens.is_good(first)
        clock.now += 1
        assert not tokens.is_good(first)
        assert (await tokens.token()).text == "b"

    assert (
        endpoint.forms
        == [
            {
                "grant_type": "client_credentials",
                "client_id": "an-id",
                "client_secret": "secret-1",
                "scope": "https://outlook.example/.default",
            }
        ]
        * 2
    )


async def test_several_who_need_a_token_ask_once() -> None:
    async with Endpoint([(200, {"access_token": "a", "expires_in": 3600})]).running() as endpoint:
        tokens = Tokens(endpoint.client(), tls=TRUSTING)

        await asyncio.gather(*(tokens.token() for _ in range(5)))

    assert len(endpoint.forms) == 1


async def test_a_token_that_was_refused_is_not_shown_again() -> None:
    answers: list[tuple[int, object]] = [(200, {"access_token": text}) for text in ("a", "b")]
    async with Endpoint(answers).running() as endpoint:
        tokens = Tokens(endpoint.client(), tls=TRUSTING)
        await tokens.token()

        tokens.forget()

        assert (await tokens.token()).text == "b"


async def test_a_consent_is_shown_by_its_token_and_a_newer_one_takes_its_place() -> None:
    answers: list[tuple[int, object]] = [
        (200, {"access_token": "a", "refresh_token": "newer", "expires_in": 1}),
        (200, {"access_token": "b", "expires_in": 3600}),
    ]
    async with Endpoint(answers).running() as endpoint:
        clock = Clock()
        client = endpoint.client(grant=Grant.REFRESH_TOKEN, refresh_token="first", scope=None)
        tokens = Tokens(client, tls=TRUSTING, clock=clock)
        await tokens.token()
        clock.now += 10

        await tokens.token()

    assert [form["refresh_token"] for form in endpoint.forms] == ["first", "newer"]


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, {"error": "invalid_grant"}, GrantRefused),
        (401, {"error": "invalid_client", "error_description": "secret-1"}, GrantRefused),
        (400, {"error": "temporarily_unavailable"}, TokensUnavailable),
        (429, {"error": "invalid_grant"}, TokensUnavailable),
        (503, b"<html>", TokensUnavailable),
        (302, {"access_token": "a"}, TokensUnavailable),
        (200, b"", TokensUnavailable),
        (200, b"[]", TokensUnavailable),
        (200, {"access_token": 3}, TokensUnavailable),
        (200, {"access_token": "a\r\nA1 LOGOUT"}, TokensUnavailable),
        (200, b"[" * 60_000, TokensUnavailable),
    ],
)
async def test_what_is_no_token_is_told_apart(status: int, answer: object, kind: type[Exception]) -> None:
    async with Endpoint([(status, answer)]).running() as endpoint:
        with pytest.raises(kind) as caught:
            await Tokens(endpoint.client(), tls=TRUSTING).token()

    assert "secret-1" not in str(caught.value)


@pytest.mark.parametrize("lasts", [None, "soon", "nan", -5, 0, 1e300])
async def test_a_life_that_is_nonsense_does_no_harm(lasts: object) -> None:
    async with Endpoint([(200, {"access_token": "a", "expires_in": lasts})]).running() as endpoint:
        clock = Clock()
        token = await Tokens(endpoint.client(), tls=TRUSTING, clock=clock).token()

    assert 1 <= token.good_until - clock.now <= 24 * 3600


async def test_an_endpoint_that_nobody_vouches_for_learns_no_secret() -> None:
    async with Endpoint([(200, {"access_token": "a"})]).running() as endpoint:
        with pytest.raises(TokensUnavailable):
            await Tokens(endpoint.client()).token()

    assert endpoint.forms == []


async def test_an_endpoint_that_is_not_there_is_asked_again_later() -> None:
    async with Endpoint([(200, {})]).running() as endpoint:
        client = endpoint.client()

    with pytest.raises(TokensUnavailable):
        await Tokens(client, tls=TRUSTING).token()
