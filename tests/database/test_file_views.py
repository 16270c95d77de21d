"""What the API shows of a file without opening it: pages by address, what Office files say, what archives hold."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from models.files import Content
from models.register import ReadEntry
from rules.access import Role
from rules.verdicts import Scan
from tests.counter import PDF
from tests.database.test_transfers_downloads import filed
from tests.database.transfers import Person, Served, served
from tests.drawings import BLUE, RED, pdf_of, seen
from tests.text_files import docx_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from models.tramites import Attachment
    from tests.api import Api
    from tests.counter import Counter

VIEW = """
query ($id: UUID!, $first: Int!, $after: Int!, $textAfter: Int!) {
    fileView(id: $id, first: $first, after: $after, textAfter: $textAfter) {
        attachmentId name sizeBytes expiresAt fitness findings { code }
        content {
            __typename
            ... on PagesContent { count pages { page thumbnailUrl url largeUrl } }
            ... on OfficeContent { properties { title author createdAt sheets } text characters isCut }
            ... on ArchiveContent { count members { name sizeBytes isFolder isEncrypted } }
            ... on NothingShown { code message }
        }
    }
}
"""


@pytest_asyncio.fixture
async def site(counter: Counter) -> AsyncGenerator[Served]:
    async with served(counter) as site:
        yield site


@pytest_asyncio.fixture
async def maria(site: Served) -> AsyncGenerator[Person]:
    maria = await site.person()
    async with maria.http:
        yield maria


async def content(
    api: Api, person: Person, file: Attachment, *, first: int = 20, after: int = 0, text_after: int = 0
) -> dict[str, Any]:
    asked = {"id": str(file.id), "first": first, "after": after, "textAfter": text_after}
    return (await replace(api, token=person.token).data(VIEW, **asked))["fileView"]["content"]


async def test_pages_are_given_as_addresses_that_a_browser_can_fetch(api: Api, site: Served, maria: Person) -> None:
    file = await filed(maria, data=pdf_of(RED, BLUE, RED))

    found = await content(api, maria, file, first=1, after=1)

    [page] = found["pages"]
    assert (found["count"], page["page"]) == (3, 2)
    async with site.client() as nobody:
        urls = [page[name].removeprefix("https://mesa.example.pe") for name in ("thumbnailUrl", "url", "largeUrl")]
        assert [seen((await nobody.get(url)).content).width for url in urls] == [320, 1000, 1600]
    assert (await content(api, maria, file, after=3))["pages"] == []


async def test_office_files_are_told_in_parts(api: Api, maria: Person) -> None:
    file = await filed(maria, name="carta.docx", data=docx_of("Señor director:", "a" * 30_000))

    start, end = await content(api, maria, file), await content(api, maria, file, text_after=20_000)

    assert (start["__typename"], start["characters"], start["isCut"]) == ("OfficeContent", 30_016, False)
    assert start["text"] + end["text"] == "Señor director:\n" + "a" * 30_000
    assert start["properties"]["author"] == "python-docx"


async def test_archives_tell_their_members(api: Api, maria: Person) -> None:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as archive:
        for number in range(250):
            archive.writestr(f"foto-{number}.png", b"12345")
    file = await filed(maria, name="fotos.zip", data=saved.getvalue())

    pages = [await content(api, maria, file, first=200, after=after) for after in (0, 200, 400)]

    assert [(page["count"], len(page["members"])) for page in pages] == [(250, 200), (250, 50), (250, 0)]
    assert pages[1]["members"][0] == {
        "name": "foto-200.png",
        "sizeBytes": 5,
        "isFolder": False,
        "isEncrypted": False,
    }


async def test_what_shows_nothing_says_why(api: Api, maria: Person) -> None:
    locked, damaged = await filed(maria, data=pdf_of(password="clave")), await filed(maria, data=PDF + b"1")

    codes = [(await content(api, maria, file))["code"] for file in (locked, damaged)]

    assert codes == ["PAGE_LOCKED", "PAGE_NOT_SHOWN"]


async def test_what_was_found_of_it_is_told_and_what_would_harm_is_not_shown(api: Api, maria: Person) -> None:
    file = await filed(maria, data=pdf_of())
    await Content.filter(sha256=file.content_id).update(scan=Scan.INFECTED)

    asked = {"id": str(file.id), "first": 1, "after": 0, "textAfter": 0}
    seen_file = (await replace(api, token=maria.token).data(VIEW, **asked))["fileView"]

    assert (seen_file["fitness"], seen_file["findings"]) == ("REFUSED", [{"code": "MALWARE"}])
    assert seen_file["content"]["code"] == "FILE_INFECTED"


async def test_too_much_at_once_is_refused(api: Api, maria: Person) -> None:
    file = await filed(maria)

    for wrong in ({"first": 201}, {"first": 0}, {"after": -1}, {"textAfter": -1}):
        asked = {"id": str(file.id), "first": 1, "after": 0, "textAfter": 0} | wrong
        answer = await replace(api, token=maria.token).answer(VIEW, **asked)

        [error] = answer["errors"]
        assert error["extensions"]["code"] == "PART_OUT_OF_BOUNDS", wrong


async def test_a_look_is_noted_before_anything_is_told(api: Api, site: Served, maria: Person) -> None:
    file = await filed(maria, data=pdf_of())
    clerk = await site.person(role=Role.CLERK, office="SEDE-CENTRAL")
    await clerk.http.aclose()

    await content(api, maria, file)
    await content(api, clerk, file)

    noted = await ReadEntry.all().values_list("subject_id", "viewer_id", "detail")
    assert noted == [(file.id, clerk.viewer.user_id, {"shown": "outline"})]
