"""Pages are shown as pictures to those who may see the file, drawn in the jail, and kept no longer than the file."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest_asyncio

from actions.contents import sweep_now
from actions.file_links import link_to_file
from files.jail import Jail
from files.picture_cache import PictureCache
from files.pictures import DRAW
from files.views import FileViews
from models.files import Content
from models.register import ReadEntry
from models.tramites import Attachment
from rules.access import Role
from rules.verdicts import Scan
from tests.database.test_transfers_downloads import filed
from tests.database.transfers import Person, Served, served
from tests.drawings import BLUE, RED, is_near, pdf_of, picture_of, seen
from tests.lasting_jail import ANYWHERE
from transfers import pictures

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import httpx
    import pytest

    from tests.counter import Counter


@pytest_asyncio.fixture
async def site(counter: Counter) -> AsyncGenerator[Served]:
    async with served(counter) as site:
        yield site


@pytest_asyncio.fixture
async def maria(site: Served) -> AsyncGenerator[Person]:
    maria = await site.person()
    async with maria.http:
        yield maria


async def look(
    person: Person, file: Attachment, page: object = 1, *, key: str | None = None, width: object = 320, **headers: str
) -> httpx.Response:
    asked = {"width": str(width)} | ({"key": key} if key else {})
    return await person.http.get(f"/files/{file.id}/pages/{page}.webp", params=asked, headers=headers)


async def test_pages_are_shown_and_the_same_picture_is_not_sent_again(maria: Person) -> None:
    file = await filed(maria, data=pdf_of(RED, BLUE))

    first, second = await look(maria, file, 1), await look(maria, file, 2, width=1000)
    again = await look(maria, file, 1, **{"if-none-match": first.headers["etag"]})

    assert [seen(each.content).width for each in (first, second)] == [320, 1000]
    assert is_near(seen(second.content).getpixel((500, 500)), BLUE)
    assert (again.status_code, again.content) == (304, b"")
    assert {
        name: first.headers[name] for name in first.headers if name not in ("date", "server", "content-length")
    } == {
        "content-type": "image/webp",
        "etag": f'"{file.content_id}-1-320-1"',
        "cache-control": "private, no-cache",
        "content-security-policy": "sandbox; default-src 'none'",
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }


async def test_a_picture_that_was_handed_in_is_shown_as_another(maria: Person) -> None:
    given = picture_of("JPEG", (640, 480), turned=3)
    file = await filed(maria, name="foto.jpg", data=given)

    response = await look(maria, file)

    assert is_near(seen(response.content).getpixel((40, 120)), BLUE)  # upside down, it was to the right
    assert (response.headers["content-type"], b"taken at home" in response.content) == ("image/webp", False)


async def test_what_was_drawn_for_one_is_not_given_to_another(site: Served, maria: Person) -> None:
    file = await filed(maria, data=pdf_of())
    drawn = await look(maria, file)
    key = (await link_to_file(maria.counter.tools, maria.viewer, file.id)).key
    jose = await site.person()

    async with jose.http, site.client() as nobody:
        stranger = replace(jose, http=nobody)
        by_link = await look(stranger, file, key=key)
        refused = [
            await look(jose, file),
            await look(jose, file, **{"if-none-match": drawn.headers["etag"]}),
            await look(stranger, file),
            await look(stranger, file, key=key[:-1]),
        ]

    assert (drawn.status_code, by_link.content) == (200, drawn.content)
    assert [each.status_code for each in refused] == [404, 404, 401, 404]


async def test_pages_that_are_not_there_are_refused_with_what_to_do(maria: Person) -> None:
    file, locked = await filed(maria, data=pdf_of()), await filed(maria, data=pdf_of(password="clave"))
    damaged, archive = await filed(maria), await filed(maria, name="otros.zip", data=b"PK\x03\x04 something")

    for thing, page, width, status, code in (
        (file, 2, 320, 404, "PAGE_NOT_FOUND"),
        (file, 0, 320, 404, "PAGE_NOT_FOUND"),
        (file, -1, 320, 404, "PAGE_NOT_FOUND"),
        (file, "1e1", 320, 404, "PAGE_NOT_FOUND"),
        (file, "9" * 5, 320, 404, "PAGE_NOT_FOUND"),
        (file, "9" * 5000, 320, 404, "PAGE_NOT_FOUND"),
        (file, 1, 321, 422, "NO_SUCH_WIDTH"),
        (file, 1, "1e9", 422, "NO_SUCH_WIDTH"),
        (locked, 1, 320, 422, "PAGE_LOCKED"),
        (damaged, 1, 320, 422, "PAGE_NOT_SHOWN"),
        (archive, 1, 320, 422, "NO_PICTURES"),
    ):
        refused = await look(maria, thing, page, width=width)

        assert (refused.status_code, refused.json()["code"]) == (status, code), (page, width)


async def test_looking_is_noted_once_in_ten_minutes_before_anything_is_shown(site: Served, maria: Person) -> None:
    file, another = await filed(maria, data=pdf_of(RED, BLUE)), await filed(maria, data=pdf_of(BLUE))
    clerk = await site.person(role=Role.CLERK, office="SEDE-CENTRAL")

    async with clerk.http:
        for thing, page in ((file, 1), (file, 2), (another, 1)):
            assert (await look(clerk, thing, page)).status_code == 200
        once = await ReadEntry.all().order_by("sequence").values_list("subject_id", "viewer_id", "detail")
        clerk.counter.clock.advance(minutes=11)
        await look(clerk, file)
    await look(maria, file)

    assert once == [(each.id, clerk.viewer.user_id, {"shown": "pages"}) for each in (file, another)]
    assert await ReadEntry.all().count() == 3


async def test_pictures_go_with_the_content(maria: Person, tmp_path: Path) -> None:
    file, tools = await filed(maria, data=pdf_of()), maria.counter.tools
    await look(maria, file)
    kept = list((tmp_path / "pictures").rglob(f"{file.content_id}-*"))
    await Content.filter(sha256=file.content_id).update(abandoned_at=tools.clock())
    await Attachment.filter(id=file.id).update(erased_at=tools.clock())
    maria.counter.clock.advance(days=2000)

    assert await sweep_now(tools, [file.content_id]) == 1

    assert len(kept) == 1
    assert list((tmp_path / "pictures").rglob(f"{file.content_id}-*")) == []


@asynccontextmanager
async def with_jail(counter: Counter, jail: Jail, folder: Path) -> AsyncGenerator[Person]:
    views = FileViews(jail, counter.tools.store, PictureCache(folder / "few", most_bytes=2**20))
    counter.tools = replace(counter.tools, views=views)
    async with served(counter) as site:
        person = await site.person()
        async with person.http:
            yield person
    await jail.close()


async def test_when_too_many_wait_it_is_said_when_to_come_again(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with with_jail(counter, Jail([DRAW], reads=ANYWHERE, waiting=0), tmp_path) as maria:
        file = await filed(maria, data=pdf_of())

        full = await look(maria, file)
        monkeypatch.setattr(pictures, "MOST_AT_ONCE_EACH", 0)
        too_many_of_hers = await look(maria, file)

        for refused in (full, too_many_of_hers):
            assert (refused.status_code, refused.json()["code"]) == (429, "VIEWS_BUSY")
            assert refused.headers["retry-after"] == "5"


async def test_a_file_that_takes_the_jail_down_is_refused_and_then_left_alone(
    counter: Counter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """So little memory that drawing anything fails, as with a page that needs more than there may be."""
    async with with_jail(counter, Jail([DRAW], reads=ANYWHERE, memory_bytes=32 << 20), tmp_path) as maria:
        file = await filed(maria, data=pdf_of(*[RED] * 5))

        answers = [await look(maria, file, page) for page in (1, 2, 3, 4, 5)]

        assert {(each.status_code, each.json()["code"]) for each in answers} == {(422, "PAGE_NOT_SHOWN")}
        tried = [each for each in caplog.records if getattr(each, "action", None) == "not_shown"]
        assert len(tried) == 3


async def test_nothing_is_shown_of_what_the_antivirus_found_and_only_staff_are_given_it(
    site: Served, maria: Person
) -> None:
    file = await filed(maria, data=pdf_of())
    assert (await look(maria, file)).status_code == 200
    clerk, jose = await site.person(role=Role.CLERK, office="SEDE-CENTRAL"), await site.person()
    await Content.filter(sha256=file.content_id).update(scan=Scan.INFECTED, signature="Eicar-Test-Signature")
    link = await link_to_file(maria.counter.tools, clerk.viewer, file.id)

    async with clerk.http, jose.http:
        pictures_of_it = [await look(person, file) for person in (maria, clerk)]
        asked = {
            "maria": await maria.http.get(f"/files/{file.id}"),
            "maria, knowing": await maria.http.get(f"/files/{file.id}?acceptsRisk=true"),
            "clerk": await clerk.http.get(f"/files/{file.id}"),
            "clerk, knowing": await clerk.http.get(f"/files/{file.id}?acceptsRisk=true"),
            "clerk's link": await jose.http.get(f"/files/{file.id}?key={link.key}"),
            "clerk's link, knowing": await jose.http.get(f"/files/{file.id}?key={link.key}&acceptsRisk=true"),
            "jose, knowing": await jose.http.get(f"/files/{file.id}?acceptsRisk=true"),
            "clerk, only the head": await clerk.http.head(f"/files/{file.id}"),
        }

    assert [(each.status_code, each.json()["code"]) for each in pictures_of_it] == [(403, "FILE_INFECTED")] * 2
    assert {who: answer.status_code for who, answer in asked.items()} == {
        "maria": 403,
        "maria, knowing": 403,
        "clerk": 409,
        "clerk, knowing": 200,
        "clerk's link": 409,
        "clerk's link, knowing": 200,
        "jose, knowing": 404,
        "clerk, only the head": 409,
    }
    assert asked["clerk"].json()["code"] == "FILE_RISK_NOT_ACCEPTED"
    assert asked["clerk, knowing"].content == pdf_of()
