"""Drafts: kept with their files, seen by their owner only, gone when they are filed, discarded or too old."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest

from actions import drafts, uploads
from actions.administration import PolicyChanged, keep_policy
from actions.tools import Limits
from models.drafts import Draft
from models.files import Upload
from tests.api import filing, in_process, make_feed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

DRAFT = """draft { id version expiresAt subject folios documentKind officeCode
    mainUpload { id name isComplete } annexUploads { id } }"""
MINE = "{ drafts { id subject version } }"


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield await made.signed_in(counter)


async def save(api: Api, known: dict[str, Any] | None = None, **form: Any) -> dict[str, Any]:
    which = {"id": known["id"], "version": known["version"]} if known else {}
    return await api.mutate("saveDraft", DRAFT, form=form, **which)


async def test_a_draft_holds_what_was_filled_in_and_its_files(counter: Counter, api: Api) -> None:
    main, annex = [await counter.upload(api.viewer, name=name) for name in ("carta.pdf", "anexo.pdf")]

    first = (await save(api, subject="  Mi pedido ", mainUpload=str(main.id)))["draft"]
    again = await save(
        api, first, subject="Mi pedido", folios=2, documentKind="LETTER", officeCode="PUNO", mainUpload=str(main.id),
        annexUploads=[str(annex.id)],
    )  # fmt: skip

    assert (first["subject"], first["version"], first["expiresAt"][:10]) == ("Mi pedido", 1, "2026-04-08")
    assert again["draft"] == first | {
        "version": 2,
        "folios": 2,
        "documentKind": "LETTER",
        "officeCode": "PUNO",
        "mainUpload": {"id": str(main.id), "name": "carta.pdf", "isComplete": True},
        "annexUploads": [{"id": str(annex.id)}],
    }
    assert (await api.data(MINE))["drafts"] == [{"id": first["id"], "subject": "Mi pedido", "version": 2}]


async def test_files_of_a_draft_live_as_long_as_it(counter: Counter, api: Api) -> None:
    main, other = await counter.upload(api.viewer), await counter.upload(api.viewer)
    draft = (await save(api, mainUpload=str(main.id)))["draft"]
    counter.clock.advance(days=20)
    api = await api.signed_in_again(counter, api)

    draft = (await save(api, draft, mainUpload=str(main.id)))["draft"]
    gone = await save(api, draft, mainUpload=str(other.id))

    assert draft["mainUpload"]["id"] == str(main.id)
    assert (gone["code"], gone["path"]) == ("UPLOAD_NOT_FOUND", ["input", "form", "mainUpload"])
    assert (await Upload.get(id=main.id)).expires_at == (await Draft.get()).expires_at


async def test_a_file_that_a_draft_names_no_longer_lives_another_day(counter: Counter, api: Api) -> None:
    main = await counter.upload(api.viewer)
    draft = (await save(api, mainUpload=str(main.id)))["draft"]

    await save(api, draft, subject="Sin archivo")

    assert (await Upload.get(id=main.id)).expires_at == counter.clock() + uploads.UPLOAD_LIFE


async def test_a_file_of_two_drafts_lives_as_long_as_the_longer_lived(counter: Counter, api: Api) -> None:
    main = await counter.upload(api.viewer)
    first, second = [(await save(api, mainUpload=str(main.id)))["draft"] for _ in range(2)]
    counter.clock.advance(hours=1)
    third = (await save(api, mainUpload=str(main.id)))["draft"]
    lives: list[datetime] = []

    for draft in (second, third):
        await api.mutate("discardDraft", id=draft["id"])
        lives.append((await Upload.get(id=main.id)).expires_at)
    again = (await save(api, mainUpload=str(main.id)))["draft"]
    await save(api, again, subject="Sin archivo")
    lives.append((await Upload.get(id=main.id)).expires_at)
    await api.mutate("discardDraft", id=first["id"])
    lives.append((await Upload.get(id=main.id)).expires_at)

    lasts = [datetime.fromisoformat(draft["expiresAt"]) for draft in (third, first, first)]
    assert lives == [*lasts, counter.clock() + uploads.UPLOAD_LIFE]


async def test_a_draft_that_was_saved_elsewhere_is_not_overwritten(api: Api) -> None:
    draft = (await save(api, subject="Uno"))["draft"]
    await save(api, draft, subject="Dos")

    late = await save(api, draft, subject="Tres")

    assert (late["__typename"], late["code"]) == ("Conflict", "DRAFT_CHANGED")
    assert [each["subject"] for each in (await api.data(MINE))["drafts"]] == ["Dos"]


async def test_of_two_saves_at_once_one_wins(counter: Counter, api: Api) -> None:
    draft = (await save(api, subject="Uno"))["draft"]

    answers = await asyncio.gather(*(save(api, draft, subject=f"Pedido {number}") for number in range(4)))

    assert sorted(answer["__typename"] for answer in answers) == ["Conflict"] * 3 + ["SaveDraftSuccess"]


async def test_somebody_elses_draft_does_not_exist(counter: Counter, api: Api) -> None:
    draft = (await save(api, subject="Mío"))["draft"]
    other = await api.signed_in(counter)

    saved = await save(other, draft, subject="Ajeno")
    discarded = await other.mutate("discardDraft", id=draft["id"])
    filed = await other.mutate(
        "fileTramite", "tramite { number }", **filing((await counter.upload(other.viewer)).id), draftId=draft["id"]
    )

    assert (saved["code"], discarded["code"]) == ("DRAFT_NOT_FOUND", "DRAFT_NOT_FOUND")
    assert filed["__typename"] == "FileTramiteSuccess"
    assert (await other.data(MINE))["drafts"] == []
    assert (await other.data("query($id: UUID!) { draft(id: $id) { id } }", id=draft["id"])) == {"draft": None}
    assert [each["subject"] for each in (await api.data(MINE))["drafts"]] == ["Mío"]


async def test_filing_consumes_the_draft_and_the_same_key_gives_the_same_answer(counter: Counter, api: Api) -> None:
    main = await counter.upload(api.viewer)
    draft = (await save(api, subject="Pedido", mainUpload=str(main.id)))["draft"]
    given = filing(main.id, draftId=draft["id"])

    first = await api.mutate("fileTramite", "tramite { number }", **given)
    again = await api.mutate("fileTramite", "tramite { number }", **given)

    assert first["__typename"] == "FileTramiteSuccess"
    assert again == first
    assert (await api.data(MINE))["drafts"] == []


async def test_a_filing_takes_the_draft_before_its_files_as_whoever_saves_it(
    counter: Counter, api: Api, database: Database
) -> None:
    main = await counter.upload(api.viewer)
    draft = (await save(api, mainUpload=str(main.id)))["draft"]
    saver = await asyncpg.connect(database.owner_url)

    async with saver.transaction():
        await saver.execute("SELECT FROM drafts WHERE id = $1 FOR UPDATE", draft["id"])
        filed = asyncio.create_task(api.mutate("fileTramite", **filing(main.id, draftId=draft["id"])))
        await database.until_somebody_waits()
        await saver.execute("UPDATE uploads SET expires_at = expires_at + interval '1 day' WHERE id = $1", main.id)

    assert (await filed)["__typename"] == "FileTramiteSuccess"
    assert await Draft.all().count() == 0
    await saver.close()


async def test_a_filing_does_not_wait_for_another_act_that_holds_its_persons_row(
    counter: Counter, api: Api, database: Database
) -> None:
    main = await counter.upload(api.viewer)
    blocker = await asyncpg.connect(database.owner_url)

    async with blocker.transaction():
        await blocker.execute("LOCK TABLE drafts IN EXCLUSIVE MODE")
        saving = asyncio.create_task(save(api, subject="Pedido"))
        await database.until_somebody_waits()
        async with asyncio.timeout(20):
            filed = await api.mutate("fileTramite", **filing(main.id))

    assert filed["__typename"] == "FileTramiteSuccess"
    assert (await saving)["__typename"] == "SaveDraftSuccess"
    await blocker.close()


async def test_a_filing_that_is_refused_leaves_the_draft(counter: Counter, api: Api) -> None:
    draft = (await save(api, subject="Pedido"))["draft"]

    refused = await api.mutate("fileTramite", **filing(uuid4(), draftId=draft["id"]))

    assert refused["code"] == "UPLOAD_NOT_FOUND"
    assert [each["id"] for each in (await api.data(MINE))["drafts"]] == [draft["id"]]


async def test_a_person_has_at_most_twenty_drafts(api: Api) -> None:
    answers = await asyncio.gather(*(save(api, subject=f"Pedido {number}") for number in range(22)))

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["SaveDraftSuccess"] * 20 + ["TooManyRequests"] * 2


@pytest.mark.parametrize(("length", "is_kept"), [(499, True), (500, True), (501, False)])
async def test_texts_are_bounded(api: Api, length: int, is_kept: bool) -> None:
    saved = await save(api, subject="x" * length)

    assert (saved["__typename"] == "SaveDraftSuccess") is is_kept
    if not is_kept:
        assert (saved["code"], saved["path"]) == ("TEXT_TOO_LONG", ["input", "form", "subject"])


async def test_drafts_that_are_too_old_are_gone_with_their_files(counter: Counter, api: Api) -> None:
    main = await counter.upload(api.viewer)
    await save(api, mainUpload=str(main.id))
    counter.clock.advance(days=30)
    api = await api.signed_in_again(counter, api)

    assert (await api.data(MINE))["drafts"] == []
    assert await drafts.expire_drafts(counter.tools) == 1
    counter.clock.advance(hours=1)
    assert await uploads.expire_uploads(counter.tools) == 1
    assert (await Draft.all().count(), await Upload.all().count()) == (0, 0)


async def test_uploads_that_nobody_filed_are_forgotten_with_their_bytes_and_filed_ones_stay(
    counter: Counter, database: Database
) -> None:
    viewer = await counter.register()
    filed = await counter.file(viewer)
    waiting = await uploads.open_upload(counter.tools, viewer, name="a.pdf", size_bytes=100)

    async def some() -> AsyncGenerator[bytes]:
        yield b"%PDF-1.7\n"

    await counter.tools.staging.append(waiting.id, 0, some(), limit_bytes=100)
    counter.clock.advance(hours=24, minutes=59)
    assert await uploads.expire_uploads(counter.tools) == 0
    counter.clock.advance(minutes=1)

    assert await uploads.expire_uploads(counter.tools) == 1
    assert counter.tools.staging.length(waiting.id) == 0
    kept = await Upload.all()
    assert [upload.content_id for upload in kept] == [(await filed.attachments.all())[0].content_id]
    connection = await asyncpg.connect(database.web_url)
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute("DELETE FROM uploads")
    await connection.close()


@pytest.mark.parametrize(("limits", "code"), [
    (Limits(unfiled_bytes_each=1_000), "TOO_MANY_UPLOADS"),
    (Limits(unfiled_bytes_in_all=1_000), "NO_ROOM_FOR_UPLOADS"),
])  # fmt: skip
async def test_files_waiting_to_be_filed_have_a_quota_also_at_once(
    counter: Counter, api: Api, limits: Limits, code: str
) -> None:
    object.__setattr__(counter.tools, "limits", limits)

    answers = await asyncio.gather(*(api.mutate("openUpload", name="a.pdf", sizeBytes=250) for _ in range(7)))

    refused = [answer["code"] for answer in answers if answer["__typename"] != "OpenUploadSuccess"]
    assert refused == [code] * 3
    await uploads.give_up(counter.tools, [upload.id for upload in await Upload.all()])
    counter.clock.advance(seconds=1)
    assert (await api.mutate("openUpload", name="a.pdf", sizeBytes=1_000))["__typename"] == "OpenUploadSuccess"
    assert (await api.mutate("openUpload", name="a.pdf", sizeBytes=1))["code"] == code


async def test_the_policy_that_was_accepted_stays_readable(counter: Counter, api: Api) -> None:
    ask = "query($v: String) { privacyPolicy(version: $v) { version text } }"
    await keep_policy(counter.tools)
    await keep_policy(counter.tools)
    old = counter.tools.institution

    changed: dict[str, Any] = {**vars(old), "privacy_policy": "Otra"}
    object.__setattr__(counter.tools, "institution", type(old)(**changed))
    with pytest.raises(PolicyChanged, match="2026-1"):
        await keep_policy(counter.tools)
    changed["privacy_policy_version"] = "2026-2"
    object.__setattr__(counter.tools, "institution", type(old)(**changed))
    await keep_policy(counter.tools)

    assert (await api.data(ask, v="2026-1"))["privacyPolicy"] == {"version": "2026-1", "text": old.privacy_policy}
    assert (await api.data(ask))["privacyPolicy"] == {"version": "2026-2", "text": "Otra"}
    assert (await api.data(ask, v="2020-1"))["privacyPolicy"] is None
