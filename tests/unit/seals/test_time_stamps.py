"""Time stamps from a real authority over HTTP; what does not answer what was asked is not believed."""

from __future__ import annotations

import asyncio
import base64
import logging
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from actions.tools import TimeStamps
from mesadepartes.clock import now
from mesadepartes.settings import Settings
from mesadepartes.wiring import authority_of
from seals.time_stamp_checks import TimeStamp, WrongToken, check_time_stamp
from seals.time_stamps import Authority
from tests.seals import authority, curve_key, make_authority
from tests.servers import time_stamper
from tests.servers.time_stamper import TimeStamper, right

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIGEST = sha256(b"una cabeza").digest()
OTHER = sha256(b"otra cabeza").digest()


@pytest.fixture(scope="module")
def stamper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeStamper]:
    if reason := time_stamper.why_missing():
        pytest.skip(reason)
    with TimeStamper(tmp_path_factory.mktemp("tsa")) as server:
        yield server


@pytest.fixture
def client(stamper: TimeStamper) -> Authority:
    stamper.answers = right
    stamper.asked.clear()
    return Authority(stamper.url)


async def checked(token: bytes, digest: bytes = DIGEST, *, trusts: bool = True) -> TimeStamp:
    trusted = [authority().certificate] if trusts else []
    return await asyncio.to_thread(check_time_stamp, token, digest, trusted)


async def test_a_stamp_is_had_and_says_when_by_whom_and_of_what(client: Authority, stamper: TimeStamper) -> None:
    as_tool: TimeStamps = client
    before = now().replace(microsecond=0)

    token = await as_tool.stamp(DIGEST)

    assert token is not None
    stamp = await checked(token)
    assert before <= stamp.at <= now()
    assert stamp.is_trusted
    assert "TSA de las pruebas" in stamp.authority
    [(headers, query)] = stamper.asked
    assert headers["Content-Type"] == "application/timestamp-query"
    assert DIGEST in query
    assert "Authorization" not in headers


async def test_who_does_not_trust_the_authority_is_told_so(client: Authority) -> None:
    token = await client.stamp(DIGEST)

    assert token is not None
    assert not (await checked(token, trusts=False)).is_trusted
    stranger = make_authority("Otra CA", key=curve_key(5)).certificate
    assert not (await asyncio.to_thread(check_time_stamp, token, DIGEST, [stranger])).is_trusted


async def test_a_stamp_says_nothing_of_something_else(client: Authority) -> None:
    token = await client.stamp(DIGEST)

    assert token is not None
    with pytest.raises(WrongToken, match="stamps something else"):
        await checked(token, OTHER)


async def test_user_and_password_are_shown_and_the_password_is_not_printed(stamper: TimeStamper) -> None:
    stamper.answers = right
    stamper.asked.clear()
    client = Authority(stamper.url, "mesa", "secret-1")

    assert await client.stamp(DIGEST)

    [(headers, _)] = stamper.asked
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"mesa:secret-1").decode()
    assert "secret-1" not in repr(client)


Answer = tuple[int, str, bytes]
REPLY = "application/timestamp-reply"


def of_another_digest(stamper: TimeStamper) -> Callable[[bytes, bytes], Answer]:
    return lambda query, _: (200, REPLY, stamper.reply(query.replace(DIGEST, OTHER)))


def of_another_question(stamper: TimeStamper) -> Callable[[bytes, bytes], Answer]:
    kept: list[bytes] = []

    def answer(_: bytes, reply: bytes) -> Answer:
        kept.append(reply)
        return 200, REPLY, kept[0]

    return answer


def damaged(_: bytes, reply: bytes) -> Answer:
    return 200, REPLY, reply[:-20] + bytes([reply[-20] ^ 1]) + reply[-19:]


def refusing(_: bytes, __: bytes) -> Answer:
    return 200, REPLY, bytes.fromhex("30053003020102")


WRONG: dict[str, tuple[Callable[[bytes, bytes], Answer], str]] = {
    "500": (lambda _, reply: (500, REPLY, reply), "status 500"),
    "a page": (lambda _, __: (200, "text/html", b"<h1>Bienvenido</h1>"), "text/html"),
    "nonsense": (lambda _, __: (200, REPLY, b"nonsense"), "cannot be read"),
    "nothing": (lambda _, __: (200, REPLY, b""), "cannot be read"),
    "half of it": (lambda _, reply: (200, REPLY, reply[: len(reply) // 2]), "cannot be read"),
    "no token": (lambda _, __: (200, REPLY, bytes.fromhex("30053003020100")), "not right"),
    "too much of it": (lambda _, reply: (200, REPLY, reply + bytes(200_000)), "cannot be read"),
    "a redirection": (lambda _, reply: (302, REPLY, reply), "status 302"),
    "a refusal": (refusing, "it refuses: rejection"),
    "damaged": (damaged, "not right"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_no_answer_is_no_stamp_and_is_logged(
    client: Authority, stamper: TimeStamper, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    stamper.answers, why = WRONG[what]

    with caplog.at_level(logging.WARNING):
        assert await client.stamp(DIGEST) is None

    [record] = [each for each in caplog.records if each.name == "seals.time_stamps"]
    assert why in record.getMessage()


async def test_a_stamp_of_something_else_is_not_taken(
    client: Authority, stamper: TimeStamper, caplog: pytest.LogCaptureFixture
) -> None:
    stamper.answers = of_another_digest(stamper)

    assert await client.stamp(DIGEST) is None

    assert "stamps something else" in caplog.text


async def test_the_answer_to_an_earlier_question_is_not_taken(
    client: Authority, stamper: TimeStamper, caplog: pytest.LogCaptureFixture
) -> None:
    stamper.answers = of_another_question(stamper)

    assert await client.stamp(DIGEST)
    assert await client.stamp(DIGEST) is None

    assert "nonce is not ours" in caplog.text


async def test_one_that_is_slow_or_away_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    over, left = asyncio.Event(), asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slow = Authority(f"http://127.0.0.1:{port}", patience_seconds=0.2)

    assert await slow.stamp(DIGEST) is None
    assert "too slow" in caplog.text
    over.set()
    await left.wait()
    server.close()
    await server.wait_closed()
    assert await Authority(f"http://127.0.0.1:{port}/").stamp(DIGEST) is None
    assert "cannot be reached: ConnectionRefusedError" in caplog.text


async def test_a_damaged_token_says_nothing_else_and_never_breaks_the_check(client: Authority) -> None:
    token = await client.stamp(DIGEST)
    assert token is not None

    def survivors() -> list[TimeStamp]:
        """Those that still say something: where the damage is in what says nothing, such as the form's version."""
        return [stamp for place in range(0, len(token), len(token) // 150) if (stamp := look(damaged_at(token, place)))]

    def look(broken: bytes) -> TimeStamp | None:
        try:
            return check_time_stamp(broken, DIGEST, [authority().certificate])
        except WrongToken:
            return None

    right, found = await checked(token), await asyncio.to_thread(survivors)
    assert len(found) < 30
    assert {stamp for stamp in found if stamp.is_trusted} <= {right}


def damaged_at(token: bytes, place: int) -> bytes:
    return token[:place] + bytes([token[place] ^ 0x41]) + token[place + 1 :]


def test_without_an_address_there_is_no_authority() -> None:
    assert authority_of(Settings.from_environ({})) is None
    assert authority_of(Settings.from_environ({"MESA_TSA_URL": "https://tsa.example/x"})) == Authority(
        "https://tsa.example/x"
    )
