"""The store keeps its promises wherever its objects lie, in a folder or on S3, encrypted or not."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from files.bucket import PART_BYTES, Bucket
from files.cipher import Cipher, StoreKey
from files.folder import Folder
from files.store import ContentDamaged, ContentMissing, Store, StoredContent, size_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from files.place import Place
    from tests.servers.seaweed import Seaweed

SIZES = (0, 1, 65_535, 65_536, 65_537, 131_072, 262_144, 1_048_576, 1_200_000, PART_BYTES, PART_BYTES + 1)
KEY = StoreKey("2026", b"\1" * 32)
ABSENT = "0" * 64


@pytest.fixture(params=["folder", "folder, encrypted", "bucket", "bucket, encrypted"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Return an empty store."""
    where, _, is_encrypted = request.param.partition(",")
    place: Place = Folder(tmp_path / "store")
    if where == "bucket":
        place = Bucket(request.getfixturevalue("seaweed").new_bucket(), tmp_path / "scratch")
    return Store(place, Cipher([KEY]) if is_encrypted else None)


def content_of(data: bytes) -> StoredContent:
    return StoredContent(hashlib.sha256(data).hexdigest(), len(data))


async def joined(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_what_was_put_is_given_back_whole_in_small_chunks(store: Store, tmp_path: Path) -> None:
    for number, size in enumerate(SIZES):
        path, data = tmp_path / "handed-in", os.urandom(size)
        path.write_bytes(data)

        match number % 3:
            case 0:
                assert await store.put_file(path) == content_of(data)
            case 1:
                await store.put_known([(path, content_of(data))])
            case _:
                assert await store.put_bytes(data) == content_of(data)

        chunks = [chunk async for chunk in store.read(content_of(data).sha256)]
        assert b"".join(chunks) == data
        assert max(map(len, chunks), default=0) <= 256 * 1024
        assert await store.size(content_of(data).sha256) == size
        await store.must_hold([content_of(data).sha256])
        await store.prove(content_of(data).sha256)
        path.unlink()  # the store's is another one, or the same under another name


async def test_any_part_of_a_content_can_be_read_alone(store: Store) -> None:
    data = os.urandom(1_200_000)
    sha256 = (await store.put_bytes(data)).sha256

    for start, end in (
        (0, 0), (0, 1), (5, 5), (0, 65_536), (65_535, 65_537), (65_536, 131_072), (100, 1_100_000),
        (1_199_999, 1_200_000), (1_048_570, 1_048_580), (1_000_000, 9_000_000),
    ):  # fmt: skip
        assert await joined(store.read_range(sha256, start, end)) == data[start:end], (start, end)
    assert await joined(store.read_range(sha256, 1_199_000)) == data[1_199_000:]
    for start in (len(data), len(data) + 1):
        assert await joined(store.read_range(sha256, start)) == b""


async def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(ContentMissing):
        await joined(store.read(ABSENT))
    with pytest.raises(ContentMissing):
        await joined(store.read_range(ABSENT, 0, 1))
    with pytest.raises(ContentMissing):
        await store.size(ABSENT)
    with pytest.raises(ContentMissing):
        await store.must_hold([ABSENT])
    with pytest.raises(ContentMissing):
        await store.prove(ABSENT)
    with pytest.raises(ContentMissing):
        async with store.as_file(ABSENT):
            pass
    assert not await store.exists(ABSENT)
    assert not await store.was_put_since(ABSENT, datetime(2000, 1, 1, tzinfo=UTC))
    await store.remove(ABSENT)


@pytest.mark.parametrize("way", ["flipped at the beginning", "flipped at the end", "cut off", "longer", "empty"])
async def test_damage_at_rest_is_found_and_what_is_put_again_is_right(store: Store, tmp_path: Path, way: str) -> None:
    data = os.urandom(300_000)
    (tmp_path / "again").write_bytes(data)
    sha256 = (await store.put_bytes(data)).sha256
    [held] = await store.held(sha256)
    whole = await joined(store.place.read(held.name))
    damaged = {
        "flipped at the beginning": bytes([whole[0] ^ 1]) + whole[1:],
        "flipped at the end": whole[:-1] + bytes([whole[-1] ^ 1]),
        "cut off": whole[: len(whole) // 2],
        "longer": whole + b"x",
        "empty": b"",
    }[way]

    for put_again in (store.put_bytes(data), store.put_file(tmp_path / "again", known=content_of(data))):
        await store.place.put_bytes(held.name, damaged, over=True)
        received: list[bytes] = []
        with pytest.raises(ContentDamaged):
            async for chunk in store.read(sha256):
                received.append(chunk)  # noqa: PERF401 - what came before the error counts
        assert len(b"".join(received)) < len(data)
        with pytest.raises(ContentDamaged):
            await store.prove(sha256)

        await put_again

        assert await joined(store.read(sha256)) == data


async def test_the_same_content_can_be_put_by_many_at_once(store: Store) -> None:
    data = os.urandom(600_000)

    contents = await asyncio.gather(*(store.put_bytes(data) for _ in range(10)))

    assert contents == [content_of(data)] * 10
    assert await joined(store.read(contents[0].sha256)) == data
    assert len(await store.held(contents[0].sha256)) == 1


async def test_what_is_there_and_right_in_a_bucket_is_not_replaced(tmp_path: Path, seaweed: Seaweed) -> None:
    """Each is encrypted to other bytes: whoever replaced it would be seen."""
    place = Bucket(seaweed.new_bucket(), tmp_path / "scratch")
    store = Store(place, Cipher([KEY]))
    for data in (os.urandom(1000), os.urandom(PART_BYTES + 1)):
        (tmp_path / "again").write_bytes(data)
        name = store.newest_name((await store.put_bytes(data)).sha256)
        before = await joined(place.read(name))

        await store.put_bytes(data)
        await store.put_file(tmp_path / "again")

        assert await joined(place.read(name)) == before


async def test_a_content_is_lent_as_a_file_that_leaves_nothing_behind(store: Store) -> None:
    data = os.urandom(300_000)
    sha256 = (await store.put_bytes(data)).sha256

    async with store.as_file(sha256) as path:
        assert path.read_bytes() == data
        is_own = path == store.place.path(sha256)
        assert is_own or path.stat().st_mode & 0o077 == 0

    assert path.exists() == is_own
    assert await store.exists(sha256)
    assert not store.place.scratch.exists() or list(store.place.scratch.iterdir()) == []


async def test_what_is_removed_is_gone_and_may_come_again(store: Store) -> None:
    sha256 = (await store.put_bytes(b"oficio")).sha256
    [held] = await store.held(sha256)
    assert await store.was_put_since(sha256, held.put_at)
    assert not await store.was_put_since(sha256, held.put_at + timedelta(seconds=1))

    await store.remove(sha256)

    assert not await store.exists(sha256)
    await store.put_bytes(b"oficio")
    assert await joined(store.read(sha256)) == b"oficio"


async def test_all_that_is_there_is_listed_in_its_order_page_by_page(store: Store) -> None:
    contents = [await store.put_bytes(b"%d" % number) for number in range(7)]
    names = sorted(store.newest_name(content.sha256) for content in contents)

    listed: list[str] = []
    while page := await store.place.list(after=listed[-1] if listed else "", limit=3):
        listed += [held.name for held in page]
        assert len(page) <= 3

    assert listed == names
    assert {(held.sha256, size_of(held)) for held in await store.place.list(limit=9)} == {
        (content.sha256, content.size_bytes) for content in contents
    }


async def test_what_a_crash_left_in_the_scratch_folder_is_swept(store: Store) -> None:
    content = await store.put_bytes(b"anexo")
    store.place.scratch.mkdir(exist_ok=True)
    (store.place.scratch / "cut-off").write_bytes(b"half")

    assert await store.sweep(datetime(2001, 1, 1, tzinfo=UTC)) == 0
    assert await store.sweep(datetime(2999, 1, 1, tzinfo=UTC)) == 1

    assert list(store.place.scratch.iterdir()) == []
    assert await store.exists(content.sha256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 64 + ".2026"])
async def test_only_hashes_are_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        await Store(Folder(tmp_path), Cipher([KEY])).exists(name)
