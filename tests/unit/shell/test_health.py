"""Health of a worker."""

from __future__ import annotations

import asyncio

import pytest

from mesadepartes.health import health_served


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def broken() -> bool:
    raise OSError("no database")


async def ask(port: int | None, path: str) -> bytes:
    assert port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return answer.split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("check", "status"), [(yes, b"200 OK"), (no, b"503 Service Unavailable"), (broken, b"503 Service Unavailable")]
)
async def test_ready_tells_whether_it_can_work(check: object, status: bytes) -> None:
    async with health_served("127.0.0.1", 0, check) as port:  # pyright: ignore[reportArgumentType]
        assert await ask(port, "/readyz") == b"HTTP/1.1 " + status
        assert await ask(port, "/healthz") == b"HTTP/1.1 200 OK"
        assert await ask(port, "/etc/passwd") == b"HTTP/1.1 404 Not Found"


async def test_nonsense_does_not_end_it() -> None:
    async with health_served("127.0.0.1", 0, yes) as port:
        for nonsense in (b"\r\n\r\n", b"\xff" * 20_000, b"GET\r\n\r\n"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(nonsense)
            writer.close()

        assert await ask(port, "/healthz") == b"HTTP/1.1 200 OK"


async def test_no_port_no_server() -> None:
    async with health_served("127.0.0.1", None, yes) as port:
        assert port is None


async def test_a_check_that_hangs_is_a_no_and_is_asked_once() -> None:
    asked, answers = 0, asyncio.Event()

    async def hangs() -> bool:
        nonlocal asked
        asked += 1
        await answers.wait()
        return True

    async with health_served("127.0.0.1", 0, hangs) as port:
        first, second = await asyncio.gather(ask(port, "/readyz"), ask(port, "/readyz"))
        assert (first, second, asked) == (b"HTTP/1.1 503 Service Unavailable", b"HTTP/1.1 503 Service Unavailable", 1)

        answers.set()
        assert await ask(port, "/readyz") == b"HTTP/1.1 200 OK"
