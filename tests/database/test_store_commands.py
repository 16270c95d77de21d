"""All files moved to another place or encrypted anew, beside a counter that goes on, and told of in sentences."""

from __future__ import annotations

import os
from collections import Counter as Tally
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actions.renewing import renew_content
from files.bucket import Bucket
from files.cipher import Cipher, StoreKey
from files.folder import Folder
from files.store import ContentMissing, Store, StoreLocked
from mesadepartes import copying
from mesadepartes.copying import Fate, copy_content, walk
from mesadepartes.verifying import verify
from models.files import Content, Upload
from reading.chains import Fault
from tests.commands import all_said
from tests.database.test_contents import abandoned
from tests.database.test_verifying import unseen
from tests.servers.seaweed import KEY_ID, SECRET
from tests.stores import path_of, store_in

if TYPE_CHECKING:
    from files.place import Held
    from tests.counter import Counter
    from tests.servers.postgres import Database
    from tests.servers.seaweed import Seaweed

ROOT = Path(__file__).parents[2]
OLD, NEW = "2025:" + "0123456789abcdef" * 4, "2026:" + "fedcba9876543210" * 4


def key(text: str) -> StoreKey:
    name, _, secret = text.partition(":")
    return StoreKey(name, bytes.fromhex(secret))


async def run(data: Path, *words: str, **environ: str) -> tuple[int, str]:
    """Run `mesadepartes store`; return its exit code and all that it said."""
    return await all_said("store", *words, environ={"MESA_DATA": str(data), **environ})


async def contents(store: Store, number: int = 5) -> dict[str, bytes]:
    """Put so many contents of different sizes; return them by their SHA-256."""
    found = [b"%d" % place * 100_000 * place for place in range(number)]
    return {(await store.put_bytes(data)).sha256: data for data in found}


async def all_of(store: Store) -> dict[str, bytes]:
    names = {held.sha256 for held in await store.place.list(limit=100)}
    return {sha256: b"".join([chunk async for chunk in store.read(sha256)]) for sha256 in names}


async def copied(source: Store, target: Store) -> Tally[Fate]:
    async def work(sha256: str) -> Fate:
        return await copy_content(source, target, sha256)

    return await walk(source, work, lambda _: None)


async def test_a_store_is_copied_to_a_bucket_and_only_what_is_missing_or_wrong_is_sent_again(
    tmp_path: Path, seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGE", 2)
    source = store_in(tmp_path / "store")
    target = Store(Bucket(seaweed.new_bucket(), tmp_path / "scratch"), Cipher([key(NEW)]))
    held = await contents(source)
    assert await copied(source, target) == {Fate.DONE: 5}
    assert await all_of(target) == held

    one, other, *_ = sorted(held)
    await target.remove(one)
    await target.place.put_bytes(target.newest_name(other), b"cut off", over=True)
    came = await source.put_bytes(b"came meanwhile")

    assert await copied(source, target) == {Fate.DONE: 3, Fate.RIGHT: 3}
    assert await all_of(target) == held | {came.sha256: b"came meanwhile"}


async def test_a_copy_in_another_folder_shares_no_file_and_damage_is_not_copied(tmp_path: Path) -> None:
    source, target = store_in(tmp_path / "store"), store_in(tmp_path / "copy")
    held = await contents(source)
    damaged, *others = sorted(held)
    path_of(source, damaged).write_bytes(b"other bytes")

    assert await copied(source, target) == {Fate.DONE: 4, Fate.DAMAGED: 1}

    assert await all_of(target) == {sha256: held[sha256] for sha256 in others}
    assert all(path_of(source, each).stat().st_nlink == 1 for each in others)


async def test_a_file_that_its_disk_gives_no_more_keeps_no_other_from_being_copied(tmp_path: Path) -> None:
    source, target = store_in(tmp_path / "store"), store_in(tmp_path / "copy")
    held = await contents(source)
    path = path_of(source, min(held))
    path.unlink()
    path.mkdir()  # no program can read it, whoever runs this

    assert await copied(source, target) == {Fate.DONE: 4, Fate.UNREADABLE: 1}


async def test_the_commands_say_what_was_done_and_what_to_set(
    tmp_path: Path, seaweed: Seaweed, database: Database
) -> None:
    held = await contents(store_in(tmp_path / "store"))
    bucket = seaweed.new_bucket()
    address = f"s3://{bucket.bucket}/{bucket.prefix}"
    service = {"MESA_S3_ENDPOINT": seaweed.endpoint, "MESA_S3_KEY_ID": KEY_ID, "MESA_S3_SECRET": SECRET}
    there = service | {"MESA_STORE": address, "MESA_DATABASE_URL": database.web_url}

    without_key = await run(tmp_path, "copy", "--to", address)
    done = await run(tmp_path, "copy", "--to", address, **service)
    again = await run(tmp_path, "copy", "--to", address, **service)
    rotated = await run(tmp_path, "rotate", MESA_STORE_KEYS=OLD, **there)
    rotated_again = await run(tmp_path, "rotate", MESA_STORE_KEYS=f"{NEW},{OLD}", **there)
    locked = await run(tmp_path, "copy", "--to", str(tmp_path / "back"), MESA_STORE_KEYS=OLD, **there)
    away = await run(tmp_path, "copy", "--to", address, **service | {"MESA_S3_SECRET": "not-the-secret"})

    assert (without_key[0], f"not both set, but {address} needs them" in without_key[1]) == (78, True)
    assert (done[0], f"set MESA_STORE={address}" in done[1], "5 done" in done[1]) == (0, True, True)
    assert (again[0], "5 there already, and right" in again[1]) == (0, True)
    assert (rotated[0], "5 done\nAll is encrypted with 2025" in rotated[1]) == (0, True)
    assert (rotated_again[0], "5 done\nAll is encrypted with 2026" in rotated_again[1]) == (0, True)
    assert (locked[0], "5 locked" in locked[1]) == (3, True)
    assert (away[0], "Error: The store of files cannot be used: the bucket cannot be used: 403" in away[1]) == (1, True)
    assert not any(SECRET in said or "0123456789abcdef" in said for _, said in (done, rotated, locked, away))
    store = Store(Bucket(bucket, tmp_path / "scratch"), Cipher([key(NEW)]))
    assert await all_of(store) == held
    assert {each.key_id for each in await store.place.list(limit=100)} == {"2026"}


async def test_what_is_encrypted_anew_is_read_on_meanwhile(counter: Counter, tmp_path: Path, seaweed: Seaweed) -> None:
    place = Bucket(seaweed.new_bucket(), tmp_path / "scratch")
    plain, renewed = Store(place), Store(place, Cipher([key(NEW), key(OLD)]))
    data = os.urandom(3_000_000)
    sha256 = (await plain.put_bytes(data)).sha256
    await Store(place, Cipher([key(OLD)])).put_bytes(data)
    reading, received = renewed.read(sha256), list[bytes]()
    received.append(await anext(reading))

    assert await renew_content(renewed, sha256)

    received += [chunk async for chunk in reading]
    assert b"".join(received) == data
    assert [held.key_id for held in await renewed.held(sha256)] == ["2026"]
    assert not await renew_content(renewed, sha256)
    with pytest.raises(StoreLocked):
        await plain.size(sha256)
    assert counter.tools.store is not renewed


async def test_what_is_damaged_is_not_encrypted_anew_and_stays(counter: Counter, tmp_path: Path) -> None:
    plain, renewed = store_in(tmp_path / "store"), Store(Folder(tmp_path / "store"), Cipher([key(NEW)]))
    held = await contents(plain)
    damaged = min(held)
    path_of(plain, damaged).write_bytes(b"other bytes")

    async def work(sha256: str) -> Fate:
        return Fate.DONE if await renew_content(renewed, sha256) else Fate.RIGHT

    assert await walk(renewed, work, lambda _: None) == {Fate.DONE: 4, Fate.DAMAGED: 1}
    assert await walk(renewed, work, lambda _: None) == {Fate.RIGHT: 4, Fate.DAMAGED: 1}
    assert path_of(plain, damaged).read_bytes() == b"other bytes"
    assert counter.tools.store is not renewed


class Racing(Store):
    """A store from which everything is removed just after it was put anew."""

    async def put_anew(self, sha256: str) -> list[Held]:
        over = await super().put_anew(sha256)
        for held in over:
            await self.place.remove(held.name)
        return over


async def test_what_is_removed_while_it_is_encrypted_anew_does_not_come_back(counter: Counter, tmp_path: Path) -> None:
    maria = await counter.register()
    sha256 = await abandoned(counter, maria, b"%PDF-1.7 erased")
    racing = Racing(Folder(tmp_path / "store"), Cipher([key(NEW)]))
    await Upload.all().delete()
    await Content.filter(sha256=sha256).delete()

    assert not await renew_content(racing, sha256)

    with pytest.raises(ContentMissing):
        await racing.size(sha256)


async def test_a_counter_files_and_is_verified_on_an_encrypted_bucket(
    counter: Counter, tmp_path: Path, seaweed: Seaweed, database: Database
) -> None:
    store = Store(Bucket(seaweed.new_bucket(), tmp_path / "scratch"), Cipher([key(NEW)]))
    counter.tools = replace(counter.tools, store=store)
    maria = await counter.register()
    tramite = await counter.file(maria)

    proved = await verify(database.web_url, store, anchors=(), progress=unseen)

    assert proved.files
    [file] = await tramite.attachments.all()
    await store.place.put_bytes(store.newest_name(file.content_id), b"others", over=True)
    with pytest.raises(Fault, match="no longer those that were put there"):
        await verify(database.web_url, store, anchors=(), progress=unseen)
