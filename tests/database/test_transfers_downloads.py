"""Files and receipts go out whole, to those who may see them, and to nobody else."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pikepdf
import pytest
import pytest_asyncio

from actions import sessions
from files.place import key_of
from models.receipts import Receipt
from models.tramites import Attachment
from rules.access import Role
from tests.counter import PDF
from tests.database.transfers import Person, Served, served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

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


async def filed(person: Person, *, name: str = "solicitud.pdf", data: bytes = PDF) -> Attachment:
    """File a document whose annex, or main document if it is a PDF, is the given file."""
    counter, viewer = person.counter, person.viewer
    upload = await counter.upload(viewer, name=name, data=data)
    if name.endswith(".pdf"):
        tramite = await counter.file(viewer, main_upload=upload.id)
    else:
        tramite = await counter.file(viewer, annex_uploads=(upload.id,))
    return await Attachment.get(tramite_id=tramite.id, name=upload.name)


async def fetch(person: Person, attachment: Attachment) -> httpx.Response:
    return await person.http.get(f"/files/{attachment.id}")


async def test_a_file_comes_back_as_it_was_handed_in(maria: Person) -> None:
    attachment = await filed(maria, data=BIG)

    response = await fetch(maria, attachment)

    digest = hashlib.sha256(BIG)
    assert response.status_code == 200
    assert response.content == BIG
    assert {name: response.headers[name] for name in response.headers if name not in ("date", "server")} == {
        "content-type": "application/pdf",
        "content-length": str(len(BIG)),
        "content-disposition": "attachment; filename=\"solicitud.pdf\"; filename*=UTF-8''solicitud.pdf",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "accept-ranges": "bytes",
        "cache-control": "private, no-store",
        "etag": f'"{digest.hexdigest()}"',
        "repr-digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
    }


@pytest.mark.parametrize(
    ("name", "plain", "extended"),
    [
        ("Petición Ñandú.png", "Peticion Nandu.png", "Petici%C3%B3n%20%C3%91and%C3%BA.png"),
        ("年报.png", "archivo.png", "%E5%B9%B4%E6%8A%A5.png"),
        ("a;b'c%41.png", "a_b_c_41.png", "a%3Bb%27c%2541.png"),
    ],
)
async def test_other_files_are_saved_under_their_name_and_never_shown(
    maria: Person, name: str, plain: str, extended: str
) -> None:
    attachment = await filed(maria, name=name, data=b"\x89PNG\r\n\x1a\n<script>")

    response = await fetch(maria, attachment)

    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"] == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}"


async def test_its_headers_alone_can_be_asked_for(maria: Person) -> None:
    attachment = await filed(maria)

    response = await maria.http.head(f"/files/{attachment.id}")

    assert (response.status_code, response.headers["content-length"], response.content) == (200, str(len(PDF)), b"")


async def test_a_receipt_is_the_same_pdf_each_time(maria: Person) -> None:
    attachment = await filed(maria)
    receipt = await Receipt.get(tramite_id=attachment.tramite_id)

    first, second = [await maria.http.get(f"/receipts/{receipt.id}") for _ in range(2)]

    assert first.status_code == 200
    assert first.headers["content-type"] == "application/pdf"
    number = receipt.facts["number"]
    assert first.headers["content-disposition"].startswith(f'attachment; filename="constancia-{number}.pdf"; ')
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    assert first.content == second.content
    with pikepdf.open(await saved(maria, first.content)) as pdf:
        assert len(pdf.pages) >= 1


async def saved(person: Person, data: bytes) -> Path:
    content = await person.counter.tools.store.put_bytes(data)
    return store_root(person.counter) / key_of(content.sha256)


def store_root(counter: Counter) -> Path:
    return counter.tools.staging.path(uuid4()).parent.parent / "store"


@pytest.mark.parametrize(
    ("role", "office", "status"),
    [
        (Role.APPLICANT, None, 404),
        (Role.CLERK, "CUSCO", 404),
        (Role.CLERK, "SEDE-CENTRAL", 200),
        (Role.SUPERVISOR, None, 200),
        (Role.AUDITOR, None, 200),
        (Role.ADMINISTRATOR, None, 404),
    ],
)
async def test_who_may_see_the_tramite_may_fetch(
    site: Served, maria: Person, role: Role, office: str | None, status: int
) -> None:
    attachment = await filed(maria)
    receipt = await Receipt.get(tramite_id=attachment.tramite_id)
    other = await site.person(role=role, office=office)

    async with other.http:
        responses = [await fetch(other, attachment), await other.http.get(f"/receipts/{receipt.id}")]

    assert [response.status_code for response in responses] == [status, status]


async def test_strangers_and_the_unknown_are_answered_alike(site: Served, maria: Person) -> None:
    attachment = await filed(maria)
    receipt = await Receipt.get(tramite_id=attachment.tramite_id)
    jose = await site.person()

    async with jose.http:
        for kind, thing, code in (
            ("files", attachment.id, "FILE_NOT_FOUND"),
            ("receipts", receipt.id, "RECEIPT_NOT_FOUND"),
        ):
            theirs, nobodys, nothing = [await jose.http.get(f"/{kind}/{each}") for each in (thing, uuid4(), "passwd")]

            assert theirs.status_code == 404
            assert theirs.json()["code"] == code
            assert alike(theirs) == alike(nobodys) == alike(nothing)


def alike(response: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = [(name, value) for name, value in response.headers.items() if name != "date"]
    return response.status_code, response.content, headers


async def test_without_a_session_nothing_is_given(site: Served, maria: Person) -> None:
    attachment = await filed(maria)
    receipt = await Receipt.get(tramite_id=attachment.tramite_id)
    await sessions.sign_out(maria.counter.tools, maria.viewer)

    async with site.client() as nobody:
        responses = [
            await nobody.get(f"/files/{attachment.id}"),
            await nobody.get(f"/receipts/{receipt.id}"),
            await fetch(maria, attachment),
        ]

    assert [response.status_code for response in responses] == [401, 401, 401]
    assert {response.json()["code"] for response in responses} == {"NOT_SIGNED_IN"}


@pytest.mark.parametrize("size", [100, 3_000_000])
async def test_damaged_bytes_are_never_taken_for_the_file(
    maria: Person, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    data = PDF + os.urandom(size)
    attachment = await filed(maria, data=data)
    path = store_root(maria.counter) / key_of(attachment.content_id)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    try:
        response = await fetch(maria, attachment)
    except httpx.RemoteProtocolError:
        pass  # broken off before its announced length
    else:
        assert response.status_code == 500

    assert "content_lost" in [getattr(record, "action", None) for record in caplog.records]


async def test_missing_bytes_are_no_empty_file(maria: Person, caplog: pytest.LogCaptureFixture) -> None:
    attachment = await filed(maria)
    (store_root(maria.counter) / key_of(attachment.content_id)).unlink()

    response = await fetch(maria, attachment)

    assert response.status_code == 500
    assert "content_lost" in [getattr(record, "action", None) for record in caplog.records]
