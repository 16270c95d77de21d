"""The correction of an observed trámite by its applicant: versions, term, limits, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import notices, uploads
from actions.attachments import SameUploadTwice
from actions.client_keys import KeyReused
from actions.corrections import CorrectedAnnex
from delivery.letters import letter_of
from models.files import Upload
from models.receipts import Receipt
from models.register import Entry
from models.tramites import Attachment, Tramite
from rules.chain import facts_digest
from rules.corrections import CorrectionLate
from rules.files import LARGEST_BYTES, FileTooLarge
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind
from rules.refusals import InvalidInput, Refusal, WrongStep
from rules.register import Act
from tests.applicants import PNG, correct, detail_of, everything, observe, resolve
from tests.counter import PDF
from tests.words import said_with

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter

    Deed = Callable[[Counter, Viewer, UUID], Awaitable[Tramite]]

MEGABYTE = 2**20
SAME_DAY: dict[str, Any] = {"routeBy": "2026-03-09", "attendBy": "2026-04-22"}
NEXT_DAY: dict[str, Any] = {"routeBy": "2026-03-10", "attendBy": "2026-04-23"}
"""The terms of the desk after a correction on the day of filing and observation, or on the next."""


async def large_upload(counter: Counter, viewer: Viewer, *, name: str, size_bytes: int) -> Upload:
    upload = await uploads.open_upload(counter.tools, viewer, name=name, size_bytes=size_bytes)
    return await counter.complete(upload, uuid4().bytes)


async def test_a_correction_adds_a_version_and_overwrites_nothing(counter: Counter) -> None:
    maria = await counter.register()
    old = [await counter.upload(maria, name=f"{name}.png", data=PNG + name.encode()) for name in "ab"]
    tramite = await counter.file(maria, annex_uploads=tuple(each.id for each in old))
    before = await Attachment.all().order_by("position").values()
    await observe(counter, tramite)
    counter.clock.advance(days=1)
    main = await counter.upload(maria, name="firmada.pdf", data=PDF + b"signed")
    replacing = await counter.upload(maria, name="b nueva.png", data=PNG + b"B")
    further = await counter.upload(maria, name="c.png", data=PNG + b"c")

    corrected = await correct(
        counter,
        maria,
        tramite.id,
        main_upload=main.id,
        annexes=(CorrectedAnnex(further.id), CorrectedAnnex(replacing.id, replaces=2)),
    )

    assert (corrected.status, corrected.filed_on) == (TramiteStatus.PENDING, tramite.filed_on)
    assert await Attachment.filter(version=1).order_by("position").values() == before
    added = await Attachment.filter(version=2).order_by("position")
    assert [(file.position, file.name, file.content_id) for file in added] == [
        (0, "firmada.pdf", main.content_id),
        (2, "b nueva.png", replacing.content_id),
        (3, "c.png", further.content_id),
    ]
    entry = await Entry.get(act=Act.CORRECTED)
    assert (entry.from_status, entry.to_status, await said_with(entry), entry.at) == (
        TramiteStatus.OBSERVED,
        TramiteStatus.PENDING,
        "Ya está firmada.",
        counter.clock.at,
    )
    received = [
        {"position": 0, "sha256": main.content_id},
        {"position": 3, "sha256": further.content_id},
        {"position": 2, "sha256": replacing.content_id},
    ]
    digest = facts_digest((await Receipt.get(version=2)).facts)
    assert entry.detail == {"version": 2, "filedOn": "2026-03-09", "files": received, "facts": digest} | NEXT_DAY


async def test_the_mail_tells_what_was_received_with_hashes(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    counter.clock.at = datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC)
    main = await counter.upload(maria, name="firmada.pdf", data=PDF + b"signed")

    await correct(counter, maria, tramite.id, main_upload=main.id)

    claimed = await notices.claim_notices(counter.tools, uuid4(), most=20)
    [letter] = [letter_of(notice) for notice in claimed if notice.kind is NoticeKind.CORRECTED]
    assert letter.lines["received_at"] == "10/03/2026 23:59:59"
    assert letter.paragraphs["files"] == f"firmada.pdf\n{main.content_id}"
    assert letter.paragraphs["correction"] == "Ya está firmada."


async def test_words_alone_are_a_correction_and_add_no_version(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)

    corrected = await correct(counter, maria, tramite.id)

    assert corrected.status is TramiteStatus.PENDING
    assert await Attachment.all().count() == 1
    detail = await detail_of(tramite, Act.CORRECTED)
    assert detail | {"facts": ""} == {"version": 2, "filedOn": "2026-03-09", "files": [], "facts": ""} | SAME_DAY


@pytest.mark.parametrize(
    ("instant", "is_late"),
    [
        (datetime(2026, 7, 31, 4, 59, 58, tzinfo=UTC), False),
        (datetime(2026, 7, 31, 4, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 31, 5, 0, 0, tzinfo=UTC), True),
    ],
)
async def test_the_last_day_ends_at_midnight_in_lima(counter: Counter, instant: datetime, is_late: bool) -> None:
    counter.clock.at = datetime(2026, 7, 24, 15, 0, tzinfo=UTC)
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    await counter.deliver()
    main = await counter.upload(maria)
    # An upload lives a day; this one was sent on the last.
    await Upload.filter(id=main.id).update(expires_at=datetime(2026, 8, 1, tzinfo=UTC))
    before = await everything()
    counter.clock.at = instant

    if is_late:
        with pytest.raises(CorrectionLate) as refused:
            await correct(counter, maria, tramite.id, main_upload=main.id)
        assert refused.value.message.startswith("El plazo para subsanar este trámite venció el 30/07/2026")
        assert await everything() == before
    else:
        corrected = await correct(counter, maria, tramite.id, main_upload=main.id)
        assert (corrected.status, corrected.filed_on) == (TramiteStatus.PENDING, date(2026, 7, 24))


async def test_the_same_key_corrects_once_also_when_asked_again_later(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    first, again = [await counter.upload(maria, data=PDF + b"signed") for _ in range(2)]
    key = uuid4()
    await correct(counter, maria, tramite.id, client_key=key, main_upload=first.id)
    await resolve(counter, tramite)
    before = await everything()
    counter.clock.advance(days=20)

    answer = await correct(counter, maria, tramite.id, client_key=key, main_upload=again.id)

    assert (answer.id, answer.status) == (tramite.id, TramiteStatus.RESOLVED)
    assert await everything() == before


async def test_the_same_key_at_once_corrects_once(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    main, key = await counter.upload(maria), uuid4()

    answers = await asyncio.gather(
        *(correct(counter, maria, tramite.id, client_key=key, main_upload=main.id) for _ in range(5))
    )

    assert {answer.status for answer in answers} == {TramiteStatus.PENDING}
    assert await Entry.filter(act=Act.CORRECTED).count() == 1
    assert await Attachment.filter(version=2).count() == 1


@pytest.mark.parametrize("other", [{"text": "Otra cosa."}, {"text": None, "main_upload": True}])
async def test_a_key_with_other_content_is_refused(counter: Counter, other: dict[str, Any]) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    key = uuid4()
    await correct(counter, maria, tramite.id, client_key=key)
    if "main_upload" in other:
        other = {**other, "main_upload": (await counter.upload(maria)).id}
    before = await everything()

    with pytest.raises(KeyReused):
        await correct(counter, maria, tramite.id, client_key=key, **other)

    assert await everything() == before


async def test_the_key_of_a_filing_does_not_correct(counter: Counter) -> None:
    maria = await counter.register()
    key = uuid4()
    tramite = await counter.file(maria, client_key=key)
    await observe(counter, tramite)

    with pytest.raises(KeyReused):
        await correct(counter, maria, tramite.id, client_key=key)

    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.OBSERVED


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"text": "x" * 4001}, ("text",), "TEXT_TOO_LONG"),
        ({"text": "nulo \0"}, ("text",), "TEXT_UNREADABLE"),
        ({"text": None}, ("text",), "CORRECTION_EMPTY"),
        ({"text": " \n "}, ("text",), "CORRECTION_EMPTY"),
        ({"annexes": tuple(CorrectedAnnex(uuid4()) for _ in range(6))}, ("annexes",), "TOO_MANY_ANNEXES"),
        ({"annexes": (CorrectedAnnex(uuid4(), replaces=1),)}, ("annexes", "0", "replaces"), "ANNEX_NOT_FOUND"),
        ({"annexes": (CorrectedAnnex(uuid4(), replaces=0),)}, ("annexes", "0", "replaces"), "ANNEX_NOT_FOUND"),
        ({"main_upload": uuid4()}, ("mainUpload",), "UPLOAD_NOT_FOUND"),
        ({"annexes": (CorrectedAnnex(uuid4()),)}, ("annexes", "0", "upload"), "UPLOAD_NOT_FOUND"),
    ],
)
async def test_a_wrong_field_of_a_correction_is_named_and_nothing_changes(
    counter: Counter, changes: dict[str, Any], path: tuple[str, ...], code: str
) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    before = await everything()

    with pytest.raises(Refusal) as refused:
        await correct(counter, maria, tramite.id, **changes)

    assert (refused.value.path, refused.value.code) == (path, code)
    assert await everything() == before


async def test_somebody_elses_upload_and_one_that_has_not_arrived_are_named(counter: Counter) -> None:
    maria, jose = await counter.register(), await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    his = await counter.upload(jose)
    announced = await uploads.open_upload(counter.tools, maria, name="anexo.pdf", size_bytes=10)
    before = await everything()

    with pytest.raises(uploads.NoSuchUpload) as not_hers:
        await correct(counter, maria, tramite.id, main_upload=his.id)
    with pytest.raises(uploads.UploadIncomplete) as not_whole:
        await correct(counter, maria, tramite.id, annexes=(CorrectedAnnex(announced.id),))

    assert (not_hers.value.path, not_whole.value.path) == (("mainUpload",), ("annexes", "0", "upload"))
    assert await everything() == before


async def test_one_upload_in_two_places_is_refused(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    main = await counter.upload(maria)
    before = await everything()

    with pytest.raises(SameUploadTwice) as refused:
        await correct(counter, maria, tramite.id, main_upload=main.id, annexes=(CorrectedAnnex(main.id),))

    assert refused.value.path == ("annexes",)
    assert await everything() == before


@pytest.mark.parametrize(
    ("place", "limit"), [("main", 20 * MEGABYTE), ("first annex", 30 * MEGABYTE), ("second annex", 5 * MEGABYTE)]
)
@pytest.mark.parametrize("beyond", [-1, 0, 1])
async def test_the_limits_of_size_hold_in_each_place(counter: Counter, place: str, limit: int, beyond: int) -> None:
    maria = await counter.register()
    annexes = (await counter.upload(maria, name="a.png", data=PNG)).id, (await counter.upload(maria)).id
    tramite = await counter.file(maria, annex_uploads=annexes)
    await observe(counter, tramite)
    if limit + beyond > LARGEST_BYTES:
        with pytest.raises(FileTooLarge):
            await large_upload(counter, maria, name="grande.pdf", size_bytes=limit + beyond)
        return
    upload = await large_upload(counter, maria, name="grande.pdf", size_bytes=limit + beyond)
    forms: dict[str, dict[str, Any]] = {
        "main": {"main_upload": upload.id},
        "first annex": {"annexes": (CorrectedAnnex(upload.id, replaces=1),)},
        "second annex": {"annexes": (CorrectedAnnex(upload.id, replaces=2),)},
    }
    before = await everything()

    if beyond <= 0:
        assert (await correct(counter, maria, tramite.id, **forms[place])).status is TramiteStatus.PENDING
    else:
        with pytest.raises(FileTooLarge) as refused:
            await correct(counter, maria, tramite.id, **forms[place])
        assert refused.value.path in (("mainUpload",), ("annexes", "0", "upload"))
        assert await everything() == before


@pytest.mark.parametrize(("before", "added", "is_refused"), [(4, 1, False), (3, 2, False), (5, 1, True), (0, 5, False)])
async def test_a_tramite_has_at_most_five_annexes_also_after_a_correction(
    counter: Counter, before: int, added: int, is_refused: bool
) -> None:
    maria = await counter.register()
    old = tuple([(await counter.upload(maria)).id for _ in range(before)])
    tramite = await counter.file(maria, annex_uploads=old)
    await observe(counter, tramite)
    new = tuple([CorrectedAnnex((await counter.upload(maria)).id) for _ in range(added)])

    if is_refused:
        with pytest.raises(InvalidInput) as refused:
            await correct(counter, maria, tramite.id, annexes=new)
        assert (refused.value.code, refused.value.path) == ("TOO_MANY_ANNEXES", ("annexes",))
        assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.OBSERVED
    else:
        await correct(counter, maria, tramite.id, annexes=new)
        assert await Attachment.filter(position__gt=0).count() == before + added


@pytest.mark.parametrize("length", [3_999, 4_000])
async def test_a_long_text_up_to_its_limit_is_kept(counter: Counter, length: int) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)

    await correct(counter, maria, tramite.id, text="x" * length)

    assert len(await said_with(await Entry.get(act=Act.CORRECTED)) or "") == length


async def test_a_corrected_tramite_is_not_observed_again(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    await correct(counter, maria, tramite.id)

    with pytest.raises(WrongStep):
        await observe(counter, tramite)

    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.PENDING
