"""What the store has taken it gives back, or says that it cannot."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from files.folder import Folder
from files.place import key_of
from files.store import ContentDamaged, ContentMissing, Store, StoredContent

SIZES = (0, 1, 128 * 1024, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3_000_000)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
AFTER_ALL = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "store"


@pytest.fixture
def store(root: Path) -> Store:
    return Store(Folder(root))


def content_of(data: bytes) -> StoredContent:
    return StoredContent(sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


async def read_all(store: Store, sha256: str) -> list[bytes]:
    return [chunk async for chunk in store.read(sha256)]


@pytest.mark.parametrize("size", SIZES)
async def test_put_bytes_can_be_read_again(store: Store, size: int) -> None:
    data = os.urandom(size)

    content = await store.put_bytes(data)

    assert content == content_of(data)
    assert b"".join(await read_all(store, content.sha256)) == data
    assert await store.size(content.sha256) == size
    assert await store.exists(content.sha256)


@pytest.mark.parametrize("size", SIZES)
async def test_put_file_can_be_read_again(store: Store, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "original").write_bytes(data)

    content = await store.put_file(tmp_path / "original")

    assert content == content_of(data)
    assert b"".join(await read_all(store, content.sha256)) == data
    assert (tmp_path / "original").read_bytes() == data


async def test_content_lies_under_its_name_and_nothing_else_is_left(store: Store, root: Path) -> None:
    content = await store.put_bytes(b"oficio")

    files = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    assert files == [f"sha256/{content.sha256[:2]}/{content.sha256[2:4]}/{content.sha256}"]


async def test_read_hands_out_small_chunks(store: Store) -> None:
    content = await store.put_bytes(os.urandom(3_000_000))

    assert max(len(chunk) for chunk in await read_all(store, content.sha256)) <= 256 * 1024


async def test_missing_content_is_said(store: Store) -> None:
    absent = "0" * 64

    with pytest.raises(ContentMissing):
        await read_all(store, absent)
    with pytest.raises(ContentMissing):
        await store.size(absent)
    assert not await store.exists(absent)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
async def test_only_hashes_are_names(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        await store.exists(name)


@pytest.mark.parametrize("size", [10, 1_000_000])
async def test_damage_is_found_before_the_last_chunk(store: Store, root: Path, size: int) -> None:
    data = os.urandom(size)
    content = await store.put_bytes(data)
    (root / key_of(content.sha256)).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    received: list[bytes] = []

    async def receive() -> None:
        async for chunk in store.read(content.sha256):
            received.append(chunk)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(ContentDamaged):
        await receive()

    assert len(b"".join(received)) < size


async def test_putting_again_repairs_damage(store: Store, root: Path) -> None:
    content = await store.put_bytes(b"carta")
    (root / key_of(content.sha256)).write_bytes(b"")

    await store.put_bytes(b"carta")

    assert await read_all(store, content.sha256) == [b"carta"]


async def test_the_same_content_can_be_put_by_many_at_once(root: Path) -> None:
    data = os.urandom(600_000)

    contents = await asyncio.gather(*(Store(Folder(root)).put_bytes(data) for _ in range(10)))

    assert contents == [content_of(data)] * 10
    assert b"".join(await read_all(Store(Folder(root)), contents[0].sha256)) == data


@pytest.mark.parametrize("way", ["bytes", "copy", "link"])
async def test_everything_is_durable_before_put_returns(
    store: Store, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Watches the real fsync: the bytes before they get their name, then each folder down to the root."""
    (tmp_path / "handed in").write_bytes(b"solicitud")
    synced: list[tuple[bool, bool]] = []
    folders: set[Path] = set()
    real_fsync = os.fsync
    final = root / key_of(content_of(b"solicitud").sha256)

    def watching_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            folders.add(path)
        else:
            synced.append((path.read_bytes() == b"solicitud", final.exists()))
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watching_fsync)
    if way == "bytes":
        await store.put_bytes(b"solicitud")
    else:
        known = content_of(b"solicitud") if way == "link" else None
        assert await store.put_file(tmp_path / "handed in", known=known) == content_of(b"solicitud")

    assert synced == [(True, False)]
    assert folders == {root, root / "sha256", *(final.parents[n] for n in range(2))}


async def test_folders_that_were_made_before_are_known_to_be_durable_with_the_first_that_is_used(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, data_beside, data_beyond = _three_below_one_folder()
    for content in (data, data_beside):
        await Store(Folder(root)).put_bytes(content)
    (root / key_of(content_of(data).sha256)).parents[1].joinpath("no leaf").mkdir()
    synced: list[Path] = []
    real_fsync = os.fsync

    def watching_fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watching_fsync)
    store = Store(Folder(root))
    tops: list[int] = []
    for content in (data, data_beside, data_beyond):
        await store.put_bytes(content)
        tops.append(synced.count((root / key_of(content_of(data).sha256)).parents[1]))

    assert tops == [1, 1, 2]
    assert all((root / key_of(content_of(content).sha256)).parent in synced for content in (data, data_beside))


def _three_below_one_folder() -> list[bytes]:
    """Return contents that lie in different folders, all below the same one."""
    found: dict[str, bytes] = {}
    for number in range(100_000):
        sha256 = hashlib.sha256(b"%d" % number).hexdigest()
        if sha256.startswith("ab"):
            found.setdefault(sha256[2:4], b"%d" % number)
        if len(found) == 3:
            break
    return list(found.values())


async def test_several_files_are_durable_before_any_gets_its_name(
    store: Store, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [b"solicitud", b"anexo", b"solicitud"]
    paths = [tmp_path / str(place) for place in range(3)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    named: list[int] = []
    real_fsync = os.fsync

    def watching_fsync(descriptor: int) -> None:
        named.append(sum(path.is_file() for path in root.rglob("*")))
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watching_fsync)
    await store.put_known([(path, content_of(content)) for path, content in zip(paths, contents, strict=True)])

    assert named[:3] == [0, 0, 0]
    assert set(named[3:]) == {2}
    assert [await read_all(store, content_of(content).sha256) for content in contents] == [[each] for each in contents]


async def test_putting_a_known_file_again_repairs_damage(store: Store, root: Path, tmp_path: Path) -> None:
    content = await store.put_bytes(b"carta")
    (root / key_of(content.sha256)).write_bytes(b"")
    (tmp_path / "carta").write_bytes(b"carta")

    await store.put_file(tmp_path / "carta", known=content)

    assert await read_all(store, content.sha256) == [b"carta"]


async def test_a_folder_is_made_durable_in_those_above_it_once(
    store: Store, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "carta").write_bytes(b"carta")
    key = key_of(content_of(b"carta").sha256)
    await store.put_file(tmp_path / "carta", known=content_of(b"carta"))
    (root / key).unlink()
    synced: list[Path | str] = []
    monkeypatch.setattr("files.folder.fsync", synced.append)

    await store.put_file(tmp_path / "carta", known=content_of(b"carta"))

    assert [Path(each) for each in synced] == [tmp_path / "carta", (root / key).parent]


async def test_sweep_removes_what_was_cut_off(store: Store, root: Path) -> None:
    content = await store.put_bytes(b"anexo")
    (root / "incoming").mkdir(exist_ok=True)
    (root / "incoming" / "cut-off#1").write_bytes(b"half")

    assert await store.sweep(LONG_AGO) == 0
    assert await store.sweep(AFTER_ALL) == 1

    assert list((root / "incoming").iterdir()) == []
    assert await store.exists(content.sha256)


async def test_failed_put_leaves_no_content(store: Store, root: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await store.put_file(tmp_path / "absent")

    assert [path for path in root.rglob("*") if path.is_file() and path.parent.name != "incoming"] == []


async def test_memory_stays_small(store: Store, tmp_path: Path) -> None:
    """20 MB more or less are put and read with less than 10 MB more of memory."""
    with (tmp_path / "big").open("wb") as file:
        for _ in range(20):
            file.write(os.urandom(1 << 20))
    await store.put_bytes(b"warm")
    before = peak_after_reset()

    content = await store.put_file(tmp_path / "big")
    async for _ in store.read(content.sha256):
        pass

    assert peak() - before < 10 << 20


def peak_after_reset() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
