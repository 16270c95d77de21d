"""Pages counted for several files at once: each on its own account, whatever another one does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from files.folder import Folder
from files.jail import Jail, JailFailed
from files.pages import COUNT, PageCounter, Pages, count
from files.store import Store
from rules.files import PagesProblem
from tests.lasting_jail import ANYWHERE


class Fragile:
    """Runs what it is asked to, unless it is for several files: then it breaks."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the function's answer for one file."""
        assert function == COUNT
        assert timeout > timedelta()
        if b"\0" in argument:
            raise JailFailed("crash")
        return count(argument)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return an empty store."""
    return Store(Folder(tmp_path / "store"))


async def digests_of(store: Store, folder: Path, *numbers: int) -> list[str]:
    """Put PDFs with so many pages, and bytes that are none for 0; return their SHA-256."""
    found: list[str] = []
    for number in numbers:
        made = pikepdf.new()
        for _ in range(number):
            made.add_blank_page()
        made.save(folder / "made.pdf")
        data = (folder / "made.pdf").read_bytes() if number else b"carta"
        found.append((await store.put_bytes(data)).sha256)
    return found


async def test_the_pages_of_several_files_are_counted_in_one_call(store: Store, tmp_path: Path) -> None:
    digests = await digests_of(store, tmp_path, 3, 0, 1)
    jail = Jail([COUNT], reads=ANYWHERE)
    try:
        counted = await PageCounter(jail, store).count_all(digests)
    finally:
        await jail.close()

    assert counted == [Pages(3), Pages(problem=PagesProblem.DAMAGED), Pages(1)]


async def test_files_that_cannot_be_counted_together_are_counted_alone(store: Store, tmp_path: Path) -> None:
    counter = PageCounter(Fragile(), store)

    assert await counter.count_all(await digests_of(store, tmp_path, 2, 1)) == [Pages(2), Pages(1)]
    assert await counter.count_all([]) == []
