"""A link to a file is good for minutes, for that file and its viewer, while their session and their right last."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest_asyncio

from actions import sessions
from actions.file_links import link_to_file
from models.people import Post, Session
from models.register import ReadEntry
from rules.access import Role
from rules.reads import ReadKind
from tests.counter import PDF
from tests.database.test_transfers_downloads import filed
from tests.database.transfers import Person, Served, served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from models.tramites import Attachment
    from tests.api import Api
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


async def key_of(person: Person, file: Attachment) -> str:
    return (await link_to_file(person.counter.tools, person.viewer, file.id)).key


def longer(claim: str) -> str:
    """Return the claim with the highest byte but three of its last second raised: some years more."""
    said = bytearray(base64.urlsafe_b64decode(claim))
    said[-4] += 1
    return base64.urlsafe_b64encode(said).decode()


async def follow(site: Served, file: Attachment, key: str, **headers: str) -> httpx.Response:
    async with site.client() as nobody:
        return await nobody.get(f"/files/{file.id}", params={"key": key}, headers=headers)


async def test_a_link_gives_the_file_and_parts_of_it_to_who_shows_no_session(site: Served, maria: Person) -> None:
    file = await filed(maria)
    key = await key_of(maria, file)

    whole, part = await follow(site, file, key), await follow(site, file, key, range="bytes=0-3")

    assert (whole.status_code, whole.content, part.status_code, part.content) == (200, PDF, 206, PDF[:4])
    assert whole.headers["content-disposition"].startswith("attachment; ")


async def test_a_link_is_good_for_ten_minutes_and_nothing_but_its_file(site: Served, maria: Person) -> None:
    file, another = await filed(maria), await filed(maria, data=PDF + b"another")
    key, of_another = await key_of(maria, file), await key_of(maria, another)
    claim, _, signature = key.partition(".")

    wrong = {
        "of another file": of_another,
        "longer life": f"{longer(claim)}.{signature}",
        "nothing": "",
        "nonsense": "ñ.ñ",
        "unsigned": f"{claim}.",
    }
    answers = {name: await follow(site, file, each) for name, each in wrong.items()}
    maria.counter.clock.advance(minutes=9, seconds=59)
    still = await follow(site, file, key)
    maria.counter.clock.advance(seconds=2)
    late = await follow(site, file, key)

    assert {name: (each.status_code, each.json()["code"]) for name, each in answers.items()} == dict.fromkeys(
        wrong, (404, "FILE_LINK_EXPIRED")
    )
    assert (still.status_code, late.status_code, late.json()["code"]) == (200, 404, "FILE_LINK_EXPIRED")


async def test_a_link_ends_with_its_session(site: Served, maria: Person) -> None:
    file = await filed(maria)
    key = await key_of(maria, file)
    await Session.filter(id=maria.viewer.session_id).update(token_hash=bytes(32))
    with_another_token = await follow(site, file, key)
    await Session.filter(id=maria.viewer.session_id).update(token_hash=maria.viewer.token_hash)
    before = await follow(site, file, key)

    await sessions.sign_out(maria.counter.tools, maria.viewer)
    after = await follow(site, file, key)

    assert [each.status_code for each in (with_another_token, before, after)] == [404, 200, 404]
    assert after.json()["code"] == "FILE_LINK_EXPIRED"


async def test_what_may_be_seen_is_judged_when_a_link_is_used(site: Served, maria: Person) -> None:
    file = await filed(maria)
    clerk = await site.person(role=Role.CLERK, office="SEDE-CENTRAL")
    await clerk.http.aclose()
    key = await key_of(clerk, file)
    seen = await follow(site, file, key)

    await Post.filter(user_id=clerk.viewer.user_id).delete()
    moved_away = await follow(site, file, key)

    assert (seen.status_code, moved_away.status_code, moved_away.json()["code"]) == (200, 404, "FILE_NOT_FOUND")
    noted = await ReadEntry.filter(subject_id=file.id).values_list("kind", "viewer_id")
    assert noted == [(ReadKind.FILE, clerk.viewer.user_id)]


async def test_the_api_makes_links(api: Api, counter: Counter, site: Served, maria: Person) -> None:
    file = await filed(maria)

    made = await replace(api, token=maria.token).mutate("linkToFile", "url expiresAt", id=str(file.id))

    start = f"{counter.tools.institution.public_url}/files/{file.id}?key="
    assert made["url"].startswith(start)
    assert (await follow(site, file, made["url"].removeprefix(start))).content == PDF
