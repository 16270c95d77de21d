"""Uploads: announced by one person, bounded in number, gone after a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actions import uploads
from actions.tools import Limits
from models.files import Upload

if TYPE_CHECKING:
    from reading.access import Viewer
    from tests.counter import Counter


async def test_a_person_has_at_most_a_hundred_files_waiting(counter: Counter) -> None:
    maria, jose = await counter.register(), await counter.register()
    for _ in range(100):
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=1)

    with pytest.raises(uploads.TooManyUploads):
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=1)

    await uploads.open_upload(counter.tools, jose, name="a.pdf", size_bytes=1)
    assert await Upload.filter(owner_id=maria.user_id).count() == 100
    counter.clock.advance(hours=24)
    await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=1)


async def test_an_upload_is_its_owners_and_lasts_a_day(counter: Counter) -> None:
    maria, jose = await counter.register(), await counter.register()
    upload = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=1)

    with pytest.raises(uploads.NoSuchUpload):
        await uploads.own_upload(counter.tools, jose, upload.id)
    assert (await uploads.own_upload(counter.tools, maria, upload.id)).id == upload.id
    counter.clock.advance(hours=24)
    with pytest.raises(uploads.NoSuchUpload):
        await uploads.own_upload(counter.tools, maria, upload.id)


async def test_what_is_filed_is_not_given_up(counter: Counter) -> None:
    maria = await counter.register()
    filed, waiting = await counter.upload(maria), await counter.upload(maria)
    await counter.file(maria, main_upload=filed.id)
    before = await Upload.get(id=filed.id)

    await uploads.give_up(counter.tools, [filed.id, waiting.id])

    assert (await Upload.get(id=filed.id)).expires_at == before.expires_at
    with pytest.raises(uploads.NoSuchUpload):
        await counter.file(maria, main_upload=waiting.id)


async def opened(counter: Counter, viewer: Viewer, size_bytes: int) -> bool:
    """Tell whether there is room for another file of that size."""
    try:
        await uploads.open_upload(counter.tools, viewer, name="a.pdf", size_bytes=size_bytes)
    except uploads.TooManyUploads:
        return False
    return True


async def test_what_arrived_and_was_given_up_counts_for_a_day_each_content_once(counter: Counter) -> None:
    object.__setattr__(counter.tools, "limits", Limits(unfiled_bytes_each=1000))
    maria = await counter.register()
    filed, refused = b"%PDF" + bytes(396), b"%PDF" + bytes(296)
    await counter.file(maria, main_upload=(await counter.upload(maria, data=filed)).id)
    for data in (filed, refused, refused):
        await uploads.give_up(counter.tools, [(await counter.upload(maria, data=data)).id])
    await uploads.expire_uploads(counter.tools)
    rooms: list[bool] = []

    for hours in (0, 2, 22):
        counter.clock.advance(hours=hours)
        await uploads.expire_uploads(counter.tools)
        rooms += [await opened(counter, maria, 701), await opened(counter, maria, 700)]
        await Upload.filter(content_id__isnull=True).delete()

    await uploads.open_upload(counter.tools, await counter.register(), name="a.pdf", size_bytes=1000)
    assert rooms == [False, True, False, True, True, False]
    counter.clock.advance(hours=1)
    await uploads.expire_uploads(counter.tools)
    assert await Upload.filter(used_at__isnull=True, content_id__isnull=False).count() == 0


async def test_what_was_given_up_leaves_room_for_the_rest(counter: Counter) -> None:
    object.__setattr__(counter.tools, "limits", Limits(unfiled_bytes_each=1000))
    maria = await counter.register()
    await uploads.give_up(counter.tools, [(await counter.upload(maria, data=b"%PDF" + bytes(296))).id])

    assert await opened(counter, maria, 700)
    assert not await opened(counter, maria, 1)
