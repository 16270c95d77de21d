"""Uploads over HTTP: whole, in pieces, broken off, too long, and not what they say."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio

from actions import sessions
from models.files import Content, Upload
from rules.files import HEAD_BYTES
from rules.verdicts import Finding, say_finding
from tests.counter import PDF
from tests.database.transfers import Person, Served, served
from transfers.body import Patience

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    import httpx

    from tests.counter import Counter

BIG = PDF + os.urandom(3_000_000)


@pytest_asyncio.fixture
async def site(counter: Counter) -> AsyncGenerator[Served]:
    async with served(counter) as site:
        yield site


@pytest_asyncio.fixture
async def maria(site: Served) -> AsyncGenerator[Person]:
    maria = await site.person()
    async with maria.http:
        yield maria


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def told(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal, which says a sentence and nothing else."""
    body = response.json()
    assert set(body) <= {"code", "message", "offset"}
    assert body["message"][0].isupper()
    assert body["message"].endswith(".")
    return response.status_code, body["code"]


async def stored(person: Person, digest: str) -> bytes:
    return b"".join([chunk async for chunk in person.counter.tools.store.read(digest)])


async def is_untouched(person: Person, upload: Upload) -> bool:
    """Whether nothing of the upload is kept or recorded."""
    row = await Upload.get(id=upload.id)
    return row.content_id is None and person.counter.tools.staging.length(upload.id) == 0


@asynccontextmanager
async def connected(site: Served, data: bytes) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection and send bytes as they are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    try:
        writer.write(data)
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def raw(site: Served, data: bytes) -> bytes:
    """Send bytes as they are and return all that is answered until the server closes."""
    async with asyncio.timeout(60), connected(site, data) as (reader, _):
        return await reader.read()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


def request_head(person: Person, upload: Upload, *lines: str) -> bytes:
    head = (
        f"PUT /uploads/{upload.id} HTTP/1.1",
        "Host: mesa.example.pe",
        f"Authorization: Bearer {person.token}",
        *lines,
    )
    return "\r\n".join((*head, "", "")).encode()


async def test_a_whole_file_arrives_at_once(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)

    response = await maria.put(upload, BIG)

    assert response.status_code == 200
    told = {"offset": len(BIG), "complete": True, "sha256": sha256(BIG)}
    damaged = {"code": "DAMAGED", "message": say_finding(Finding.DAMAGED)}
    assert response.json() == told | {"kind": "pdf", "findings": [damaged], "fitness": "REMARKED"}
    assert await stored(maria, sha256(BIG)) == BIG
    assert (await Upload.get(id=upload.id)).content_id == sha256(BIG)
    assert (await Content.get(sha256=sha256(BIG))).size_bytes == len(BIG)
    assert maria.counter.tools.staging.length(upload.id) == 0


async def test_a_file_arrives_in_pieces_and_can_be_filed(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)
    assert await maria.offset(upload) == ("0", str(len(BIG)), "?0")

    first = await maria.put(upload, BIG[:1_000_000], offset=0)
    middle = await maria.offset(upload)
    second = await maria.put(upload, BIG[1_000_000:], offset=1_000_000)

    assert first.json() == {"offset": 1_000_000, "complete": False, "sha256": None}
    assert middle == ("1000000", str(len(BIG)), "?0")
    assert second.json().items() >= {"offset": len(BIG), "complete": True, "sha256": sha256(BIG)}.items()
    assert await maria.offset(upload) == (str(len(BIG)), str(len(BIG)), "?1")
    tramite = await maria.counter.file(maria.viewer, main_upload=upload.id)
    assert (await tramite.attachments.all())[0].content_id == sha256(BIG)


async def test_an_upload_broken_off_goes_on_where_it_ended(site: Served, maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)
    async with connected(site, request_head(maria, upload, f"Content-Length: {len(BIG)}") + BIG[:200_000]):
        await until(lambda: maria.counter.tools.staging.length(upload.id) == 200_000)

    assert (await maria.offset(upload))[0] == "200000"
    async with asyncio.timeout(30):
        while (response := await maria.put(upload, BIG[200_000:], offset=200_000)).status_code == 409:
            await asyncio.sleep(0.05)
    assert response.json()["sha256"] == sha256(BIG)
    assert await stored(maria, sha256(BIG)) == BIG


async def test_a_wrong_offset_is_told_the_right_one(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)
    await maria.put(upload, BIG[:5000])

    response = await maria.put(upload, BIG[4000:], offset=4000)

    assert told(response) == (409, "UPLOAD_OFFSET_MISMATCH")
    assert response.json()["offset"] == 5000
    assert response.headers["upload-offset"] == "5000"
    assert (await maria.offset(upload))[0] == "5000"


async def test_the_last_answer_can_be_asked_for_again(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)
    first = await maria.put(upload, PDF)

    again = await maria.put(upload, b"", offset=len(PDF))
    from_the_start = await maria.put(upload, PDF, offset=0)

    assert again.json() == first.json()
    assert told(from_the_start) == (409, "UPLOAD_OFFSET_MISMATCH")
    assert from_the_start.json()["offset"] == len(PDF)


async def test_an_upload_all_there_but_not_recorded_is_completed_by_an_empty_request(maria: Person) -> None:
    """As after a crash between the last byte and the store."""
    upload = await maria.open_upload("solicitud.pdf", PDF)

    async def all_of_it() -> AsyncIterator[bytes]:
        yield PDF

    await maria.counter.tools.staging.append(upload.id, 0, all_of_it(), limit_bytes=len(PDF))
    assert await maria.offset(upload) == (str(len(PDF)), str(len(PDF)), "?0")

    response = await maria.put(upload, b"", offset=len(PDF))

    assert response.json().items() >= {"offset": len(PDF), "complete": True, "sha256": sha256(PDF)}.items()


async def test_what_the_store_has_taken_over_is_not_written_to_any_more(maria: Person) -> None:
    """As after a crash between the store and the row: the bytes in both places are the same file."""
    upload, tools = await maria.open_upload("solicitud.pdf", PDF), maria.counter.tools

    async def all_of_it() -> AsyncIterator[bytes]:
        yield PDF

    arrived = await tools.staging.append(upload.id, 0, all_of_it(), limit_bytes=len(PDF))
    stored = await tools.store.put_file(tools.staging.path(upload.id), known=arrived.content)

    response = await maria.put(upload, b"x", offset=len(PDF))

    assert told(response) == (413, "UPLOAD_TOO_LONG")
    await tools.store.prove(stored.sha256)


@pytest.mark.parametrize("chunked", [False, True])
async def test_more_bytes_than_announced_are_refused(maria: Person, chunked: bool) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)

    async def too_many() -> AsyncIterator[bytes]:
        yield PDF
        yield b"x" * 1000

    content = too_many() if chunked else PDF + b"x" * 1000
    response = await maria.http.put(f"/uploads/{upload.id}", content=content)

    assert told(response) == (413, "UPLOAD_TOO_LONG")
    assert await is_untouched(maria, upload)


async def test_too_many_bytes_after_a_first_piece_begin_it_anew(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)
    await maria.put(upload, PDF[:10])

    response = await maria.put(upload, PDF[10:] + b"x", offset=10)

    assert told(response) == (413, "UPLOAD_TOO_LONG")
    assert await is_untouched(maria, upload)


async def test_a_flood_is_cut_off(site: Served, maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)
    sent = 0

    async def flood() -> None:
        nonlocal sent
        async with connected(site, request_head(maria, upload, "Transfer-Encoding: chunked")) as (_, writer):
            while True:
                writer.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
                await writer.drain()
                sent += 65_536

    async with asyncio.timeout(60):
        with pytest.raises(ConnectionError):
            await flood()

    assert sent < 50_000_000
    assert await is_untouched(maria, upload)


@pytest.mark.parametrize("name", ["solicitud.pdf", "foto.png", "carta.docx", "todo.zip"])
async def test_content_that_is_not_what_the_name_says_is_refused(maria: Person, name: str) -> None:
    data = b"MZ" + os.urandom(50_000)
    upload = await maria.open_upload(name, data)

    response = await maria.put(upload, data)

    assert told(response) == (415, "FILE_CONTENT_MISMATCH")
    assert await is_untouched(maria, upload)
    assert not await maria.counter.tools.store.exists(sha256(data))


async def test_wrong_content_is_refused_before_the_rest_is_sent(site: Served, maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)

    answer = await raw(site, request_head(maria, upload, f"Content-Length: {len(BIG)}") + b"MZ" * HEAD_BYTES)

    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b"connection: close" in answer
    assert await is_untouched(maria, upload)


async def test_wrong_content_is_seen_across_pieces(maria: Person) -> None:
    data = b"MZ" + os.urandom(5000)
    upload = await maria.open_upload("solicitud.pdf", data)

    responses = [await maria.put(upload, data[at : at + 500], offset=at) for at in range(0, 1500, 500)]

    assert [response.status_code for response in responses] == [200, 200, 415]
    assert await is_untouched(maria, upload)


async def test_a_short_file_is_judged_whole(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", b"no PDF")

    assert told(await maria.put(upload, b"no PDF")) == (415, "FILE_CONTENT_MISMATCH")


async def test_strangers_and_the_unknown_are_answered_alike(site: Served, maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)
    jose = await site.person()

    async with jose.http:
        answers = [
            await jose.put(upload, PDF),
            await jose.http.put(f"/uploads/{uuid4()}", content=PDF),
            await jose.http.put("/uploads/../../etc/passwd", content=PDF),
            await jose.http.put("/uploads/passwd", content=PDF),
        ]

    assert [answers[0].status_code, answers[0].content] == [answers[1].status_code, answers[1].content]
    assert told(answers[0]) == (404, "UPLOAD_NOT_FOUND")
    assert answers[2].status_code == 404
    assert told(answers[3]) == (404, "UPLOAD_NOT_FOUND")
    assert await is_untouched(maria, upload)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic bWFyaWE6eA=="])
async def test_without_a_session_nothing_is_taken(site: Served, maria: Person, authorization: str) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)

    async with site.client() as nobody:
        response = await nobody.put(f"/uploads/{upload.id}", content=PDF, headers={"authorization": authorization})
        head = await nobody.head(f"/uploads/{upload.id}", headers={"authorization": authorization})

    assert told(response) == (401, "NOT_SIGNED_IN")
    assert response.headers["www-authenticate"] == "Bearer"
    assert head.status_code == 401
    assert await is_untouched(maria, upload)


async def test_a_session_that_ended_takes_nothing(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)
    await sessions.sign_out(maria.counter.tools, maria.viewer)

    assert told(await maria.put(upload, PDF)) == (401, "NOT_SIGNED_IN")


async def test_an_upload_that_is_too_old_is_gone(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)
    await Upload.filter(id=upload.id).update(expires_at=maria.counter.clock() - timedelta(seconds=1))

    assert told(await maria.put(upload, PDF)) == (404, "UPLOAD_NOT_FOUND")


@pytest.mark.parametrize("offset", ["-1", "1.5", "x", "", "9" * 30, "²"])
async def test_a_malformed_offset_is_refused(maria: Person, offset: str) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)

    response = await maria.http.put(f"/uploads/{upload.id}", content=PDF, headers=[(b"upload-offset", offset.encode())])

    assert told(response) == (400, "MALFORMED_REQUEST")
    assert await is_untouched(maria, upload)


async def test_encoded_bodies_are_refused(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", PDF)

    response = await maria.put(upload, PDF, encoding="gzip")

    assert told(response) == (415, "ENCODED_BODY")
    assert await is_untouched(maria, upload)


async def test_two_connections_do_not_write_at_once(site: Served, maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)
    async with connected(site, request_head(maria, upload, f"Content-Length: {len(BIG)}") + BIG[:2000]):
        await until(lambda: maria.counter.tools.staging.length(upload.id) == 2000)

        response = await maria.put(upload, BIG[2000:], offset=2000)

    assert told(response) == (409, "UPLOAD_BUSY")


async def test_racing_requests_complete_it_once(maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)

    responses = await asyncio.gather(*(maria.put(upload, BIG) for _ in range(5)))

    assert {response.status_code for response in responses} <= {200, 409}
    assert [response.json()["sha256"] for response in responses if response.status_code == 200] == [sha256(BIG)]
    assert (await maria.put(upload, b"", offset=len(BIG))).json()["complete"] is True
    assert await stored(maria, sha256(BIG)) == BIG


@pytest.mark.parametrize(
    "patience",
    [
        Patience(chunk=timedelta(seconds=0.5), whole=timedelta(minutes=5)),
        Patience(chunk=timedelta(minutes=5), whole=timedelta(seconds=0.5)),
    ],
    ids=["next bytes", "all bytes"],
)
async def test_a_sender_that_stalls_is_sent_away_and_may_go_on(counter: Counter, patience: Patience) -> None:
    async with served(counter, patience=patience) as site:
        maria = await site.person()
        upload = await maria.open_upload("solicitud.pdf", BIG)

        answer = await raw(site, request_head(maria, upload, f"Content-Length: {len(BIG)}") + BIG[:2000])

        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in head
        assert json.loads(body)["code"] == "UPLOAD_STALLED"
        async with maria.http:
            assert (await maria.offset(upload))[0] == "2000"


async def test_who_asks_before_sending_is_refused_before_sending(site: Served, maria: Person) -> None:
    upload = await maria.open_upload("solicitud.pdf", BIG)
    lines = (f"Content-Length: {len(BIG)}", "Expect: 100-continue", "Upload-Offset: x")

    answer = await raw(site, request_head(maria, upload, *lines))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"100 Continue" not in answer


async def test_a_refusal_reaches_those_who_listen_only_when_they_have_sent_all(maria: Person) -> None:
    data = b"MZ" + os.urandom(20_000_000)
    upload = await maria.open_upload("solicitud.pdf", data)

    assert told(await maria.put(upload, data)) == (415, "FILE_CONTENT_MISMATCH")
