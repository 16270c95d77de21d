"""Encrypted contents: unreadable without their key, found out when they are meddled with, and told apart from plain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from files.cipher import HEADER, PLAIN_BYTES, SEALED_BYTES, Cipher, StoreKey
from files.folder import Folder
from files.store import ContentDamaged, ContentMissing, Store, StoreLocked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD, NEW = StoreKey("2025", b"\1" * 32), StoreKey("2026", b"\2" * 32)
DATA = b"".join(bytes([number]) * PLAIN_BYTES for number in range(4)) + b"the end"


def store_with(root: Path, *keys: StoreKey) -> Store:
    return Store(Folder(root), Cipher(keys) if keys else None)


async def read(store: Store, sha256: str) -> bytes:
    return b"".join([chunk async for chunk in store.read(sha256)])


async def sealed(root: Path, data: bytes = DATA, *keys: StoreKey) -> tuple[str, Path]:
    """Put something; return its SHA-256 and the file in which it lies."""
    store = store_with(root, *(keys or (NEW,)))
    sha256 = (await store.put_bytes(data)).sha256
    path = store.place.path(store.newest_name(sha256))
    assert path is not None
    return sha256, path


async def test_nothing_of_a_content_is_to_be_seen_and_the_same_is_never_encrypted_to_the_same(tmp_path: Path) -> None:
    data = b"Solicito licencia de funcionamiento. " * 4000
    sha256, path = await sealed(tmp_path / "a", data)
    _, other = await sealed(tmp_path / "b", data)

    assert path.name == f"{sha256}.2026"
    assert b"licencia" not in path.read_bytes()
    chunks = {path.read_bytes()[at : at + 16] for at in range(HEADER.size, path.stat().st_size, 16)}
    assert len(chunks) == -(-(path.stat().st_size - HEADER.size) // 16)
    assert not chunks & {other.read_bytes()[at : at + 16] for at in range(HEADER.size, path.stat().st_size, 16)}


def swap(first: int, second: int) -> Callable[[bytes], bytes]:
    """Return what exchanges two chunks."""

    def swapped(data: bytes) -> bytes:
        header, body = data[: HEADER.size], data[HEADER.size :]
        chunks = [body[at : at + SEALED_BYTES] for at in range(0, len(body), SEALED_BYTES)]
        chunks[first], chunks[second] = chunks[second], chunks[first]
        return header + b"".join(chunks)

    return swapped


def flip(place: int) -> Callable[[bytes], bytes]:
    """Return what changes one bit of a byte."""

    def flipped(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[place] ^= 1
        return bytes(changed)

    return flipped


def cut(chunks: int) -> Callable[[bytes], bytes]:
    """Return what leaves only so many chunks."""
    return lambda data: data[: HEADER.size + chunks * SEALED_BYTES]


MEDDLING: dict[str, Callable[[bytes], bytes]] = {
    "magic": flip(0),
    "id of the key": flip(9),
    "mark of the key": flip(40),
    "salt": flip(50),
    "checksum": flip(HEADER.size - 1),
    "first chunk": flip(200),
    "last tag": flip(-1),
    "chunks in another order": swap(1, 2),
    "last chunk cut off": cut(4),
    "all but the first chunk cut off": cut(1),
    "all chunks cut off": cut(0),
    "half a header": lambda data: data[: HEADER.size // 2],
    "a chunk more": lambda data: data + data[HEADER.size : HEADER.size + SEALED_BYTES],
}


@pytest.mark.parametrize("way", MEDDLING)
async def test_whatever_is_meddled_with_does_not_open(tmp_path: Path, way: str) -> None:
    sha256, path = await sealed(tmp_path)
    path.write_bytes(MEDDLING[way](path.read_bytes()))

    with pytest.raises(ContentDamaged):
        await read(store_with(tmp_path, NEW), sha256)


async def test_a_part_that_was_meddled_with_is_not_given_out_and_others_are(tmp_path: Path) -> None:
    sha256, path = await sealed(tmp_path)
    path.write_bytes(swap(1, 2)(path.read_bytes()))
    store = store_with(tmp_path, NEW)

    with pytest.raises(ContentDamaged):
        [chunk async for chunk in store.read_range(sha256, PLAIN_BYTES, PLAIN_BYTES + 1)]
    good = [chunk async for chunk in store.read_range(sha256, 3 * PLAIN_BYTES, 3 * PLAIN_BYTES + 2)]
    assert good == [b"\3\3"]


async def test_a_part_of_what_was_cut_off_is_not_given_out_as_the_end(tmp_path: Path) -> None:
    sha256, path = await sealed(tmp_path)
    path.write_bytes(cut(4)(path.read_bytes()))

    with pytest.raises(ContentDamaged):
        [chunk async for chunk in store_with(tmp_path, NEW).read_range(sha256, 3 * PLAIN_BYTES, 3 * PLAIN_BYTES + 2)]


async def test_a_content_put_under_the_name_of_another_does_not_open_not_even_a_part(tmp_path: Path) -> None:
    sha256, path = await sealed(tmp_path)
    other, other_path = await sealed(tmp_path, b"x" * len(DATA))
    other_path.write_bytes(path.read_bytes())
    store = store_with(tmp_path, NEW)

    with pytest.raises(ContentDamaged):
        [chunk async for chunk in store.read_range(other, 0, 10)]
    assert await read(store, sha256) == DATA


async def test_what_any_of_the_keys_or_none_has_written_is_read_and_the_first_one_writes(tmp_path: Path) -> None:
    plain = (await store_with(tmp_path).put_bytes(b"plain")).sha256
    old = (await store_with(tmp_path, OLD).put_bytes(b"old")).sha256
    store = store_with(tmp_path, NEW, OLD)
    new = (await store.put_bytes(b"new")).sha256

    assert [await read(store, sha256) for sha256 in (plain, old, new)] == [b"plain", b"old", b"new"]
    assert [held.key_id for sha256 in (plain, old, new) for held in await store.held(sha256)] == ["", "2025", "2026"]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ((), "key 2026 is not among MESA_STORE_KEYS"),
        ((OLD,), "key 2026 is not among MESA_STORE_KEYS"),
        ((StoreKey("2026", b"\3" * 32),), "key 2026 is another one than that of the same id"),
    ],
)
async def test_a_missing_or_wrong_key_is_told_and_gives_no_data(
    tmp_path: Path, keys: tuple[StoreKey, ...], why: str
) -> None:
    sha256, _ = await sealed(tmp_path)
    store = store_with(tmp_path, *keys)

    with pytest.raises(StoreLocked, match=why):
        await read(store, sha256)
    with pytest.raises(StoreLocked, match=why):
        await store.prove(sha256)
    with pytest.raises(StoreLocked, match=why):
        async with store.as_file(sha256):
            pass


async def test_what_was_handed_in_looking_like_an_encrypted_object_is_given_back_as_it_came(tmp_path: Path) -> None:
    _, path = await sealed(tmp_path / "somewhere else")
    hostile = path.read_bytes()

    for store in (store_with(tmp_path), store_with(tmp_path, NEW)):
        sha256 = (await store.put_bytes(hostile)).sha256
        assert await read(store, sha256) == hostile


async def test_what_is_removed_goes_whatever_key_it_is_under(tmp_path: Path) -> None:
    for keys in ((), (OLD,), (NEW,)):
        sha256 = (await store_with(tmp_path, *keys).put_bytes(DATA)).sha256

    await store_with(tmp_path, OLD).remove(sha256)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(ContentMissing):
        await store_with(tmp_path).size(sha256)


async def test_a_file_that_is_not_what_was_said_of_it_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "changed").write_bytes(b"others")
    store = store_with(tmp_path / "store", NEW)
    said = await store_with(tmp_path / "elsewhere").put_bytes(b"these")

    with pytest.raises(ContentDamaged):
        await store.put_known([(tmp_path / "changed", said)])

    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_a_key_is_never_shown() -> None:
    assert repr(NEW) == "StoreKey(id='2026')"
