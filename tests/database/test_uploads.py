"""Uploads: announced by one person, bounded in number, gone after a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actions import uploads
from models.files import Upload

if TYPE_CHECKING:
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
