"""Pictures are kept within bounds, by several at once, and never shown damaged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from files.picture_cache import DIGEST_BYTES, PictureCache

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "1" * 64, "2" * 64
MOST = 64_000


@pytest.fixture
def cache(tmp_path: Path) -> PictureCache:
    return PictureCache(tmp_path / "pictures", most_bytes=MOST)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_what_was_kept_is_found_by_all_who_share_it(cache: PictureCache, tmp_path: Path) -> None:
    cache.put(ONE, "1-320", b"a page")

    another = PictureCache(tmp_path / "pictures", most_bytes=MOST)
    assert (another.get(ONE, "1-320"), another.get(ONE, "2-320"), another.get(TWO, "1-320")) == (b"a page", None, None)


def test_what_is_forgotten_is_gone_and_nothing_else(cache: PictureCache, tmp_path: Path) -> None:
    for sha256, name in ((ONE, "1-320"), (ONE, "2-1000"), (TWO, "1-320")):
        cache.put(sha256, name, b"a page")

    cache.forget(ONE)
    cache.forget(ONE)

    assert [cache.get(ONE, "1-320"), cache.get(ONE, "2-1000"), cache.get(TWO, "1-320")] == [None, None, b"a page"]
    assert size_of(tmp_path) == DIGEST_BYTES + 6


@pytest.mark.parametrize("length", [0, 10, DIGEST_BYTES, DIGEST_BYTES + 3])
def test_what_a_power_cut_left_half_is_not_shown(cache: PictureCache, tmp_path: Path, length: int) -> None:
    cache.put(ONE, "1-320", b"a page")
    [path] = (tmp_path / "pictures" / "11").iterdir()
    os.truncate(path, length)

    assert cache.get(ONE, "1-320") is None
    assert not path.exists()


def test_there_is_never_more_than_may_be_and_what_is_used_stays(tmp_path: Path) -> None:
    """Two processes add at a time, each not knowing what the other does."""
    folder = tmp_path / "pictures"
    caches = [PictureCache(folder, most_bytes=MOST) for _ in range(2)]
    caches[0].put(ONE, "kept", b"looked at now and then")
    for path in folder.rglob(f"{ONE}-kept"):
        os.utime(path, (0, 0))

    for turn in range(200):
        caches[turn % 2].put(TWO, f"{turn}", bytes(1000))
        for path in folder.rglob(f"{TWO}-{turn}"):
            os.utime(path, (turn, turn))  # long ago, and each later than the one before

        assert size_of(tmp_path) <= MOST
        assert caches[0].get(ONE, "kept") == b"looked at now and then"

    assert [caches[0].get(TWO, f"{turn}") is not None for turn in (0, 100, 199)] == [False, False, True]


def test_what_would_push_out_many_others_is_not_kept(cache: PictureCache, tmp_path: Path) -> None:
    cache.put(ONE, "1-320", bytes(MOST // 8))

    assert size_of(tmp_path) == 0


def test_what_is_not_its_own_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    """A volume of its own has a `lost+found`; others leave files behind."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a file").touch()
    cache = PictureCache(folder, most_bytes=MOST)

    for turn in range(100):
        cache.put(TWO, f"{turn}", bytes(1000))

    assert size_of(folder) <= MOST
    assert cache.get(TWO, "99") == bytes(1000)


def test_where_nothing_can_be_kept_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()

    for cache in (PictureCache(tmp_path / "none", most_bytes=0), PictureCache(tmp_path / "a file", most_bytes=MOST)):
        cache.put(ONE, "1-320", b"a page")
        cache.forget(ONE)

        assert cache.get(ONE, "1-320") is None
