"""The program that recognizes text: given a picture, kept within limits, never to blame for what it lacks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from files import recognition
from files.folder import Folder
from files.jail import Jail, JailFailed
from files.recognition import NotRecognized, Recognizer
from files.store import Store
from files.text_pictures import MOST_PIXELS, PICTURE
from tests.drawings import picture_of
from tests.lasting_jail import ANYWHERE
from tests.text_files import pdf_of, scan_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
async def recognizer(tmp_path: Path) -> AsyncGenerator[Recognizer]:
    jail = Jail([PICTURE], reads=ANYWHERE)
    yield Recognizer(jail, Store(Folder(tmp_path / "store")))
    await jail.close()


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put that in the place of Tesseract."""
    path = folder / "tesseract"
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("[[ $1 == --list-langs ]] && echo spa; exit 1", NotRecognized),
        ("[[ $1 == --list-langs ]] && echo eng; exit 1", FileNotFoundError),
        ("sleep 60 & wait", NotRecognized),
        ("[[ $1 == --list-langs ]] && echo spa && exit; echo x > written", NotRecognized),
    ],
    ids=["fails", "knows no Spanish", "is stuck", "writes a file"],
)
async def test_what_the_program_does_is_told_apart(
    recognizer: Recognizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, error: type[Exception]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recognition, "RECOGNIZE_TIME", timedelta(seconds=1.5))
    program(tmp_path, monkeypatch, script)
    stored = await recognizer.store.put_bytes(pdf_of("uno"))

    async with asyncio.timeout(20):
        with pytest.raises(error):
            await recognizer.recognize(stored.sha256, page=1)

    assert not (tmp_path / "written").exists() or not (tmp_path / "written").read_bytes()


async def test_without_the_program_no_page_is_to_blame(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stored = await recognizer.store.put_bytes(pdf_of("uno"))

    with pytest.raises(FileNotFoundError):
        await recognizer.recognize(stored.sha256, page=1)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\nnothing", b"%PDF-1.7\nnothing"])
async def test_what_cannot_be_shown_fails_in_the_jail(recognizer: Recognizer, data: bytes) -> None:
    stored = await recognizer.store.put_bytes(data)

    with pytest.raises(JailFailed):
        await recognizer.recognize(stored.sha256, page=1)


async def test_a_picture_is_grey_and_of_a_bounded_size(recognizer: Recognizer, tmp_path: Path) -> None:
    for name, data in (("a.pdf", pdf_of("uno")), ("b.jpg", scan_of("uno", form="JPEG"))):
        (tmp_path / name).write_bytes(data)
        asked = f'{{"path": "{tmp_path / name}", "page": 1}}'.encode()

        shown = await recognizer.runner.run(PICTURE, asked, timeout=timedelta(seconds=20))

        kind, width, height, _ = shown[:40].split(maxsplit=3)
        assert kind == b"P5"
        assert 3_000_000 < int(width) * int(height) <= MOST_PIXELS


async def test_a_picture_is_recognized_upright(recognizer: Recognizer, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(picture_of("JPEG", (64, 48), turned=6))

    shown = await recognizer.runner.run(
        PICTURE, f'{{"path": "{path}", "page": 1}}'.encode(), timeout=timedelta(seconds=20)
    )

    assert shown.startswith(b"P5 48 64 255\n")
