"""
Text recognized by a machine (OCR) on the pictures of pages: Tesseract, a program of its own, under limits.

The picture is made in the jail; the program is given that, on its standard input, and never the file.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from files.text_pictures import PICTURE
from rules.texts import clean_text

if TYPE_CHECKING:
    from files.sieving import Runner
    from files.store import Store

PICTURE_TIME = timedelta(seconds=30)
RECOGNIZE_TIME = timedelta(seconds=90)
MEMORY_BYTES = 1 << 30
LANGUAGE = "spa"
COMMAND = ("tesseract", "stdin", "stdout", "-l", LANGUAGE, "--dpi", "300")
LONGEST_ANSWER = 2**20


class NotRecognized(Exception):
    """The program did not do it: it failed, or took too long. Its name says which."""


@dataclass(frozen=True, slots=True)
class Recognizer:
    """Recognizes text on pages of stored contents, one at a time."""

    runner: Runner
    store: Store

    async def recognize(self, sha256: str, *, page: int) -> str:
        """
        Return the text that a machine sees on a page, clean; empty if none.

        Raises:
            JailFailed: the page cannot be shown.
            NotRecognized: the program failed.
            JailFull, JailBroken, OSError: nothing can be recognized for now, perhaps for lack of the program.
            ContentMissing: the content is not there.
        """
        async with self.store.as_file(sha256) as path:
            asked = json.dumps({"path": str(path), "page": page}).encode()
            shown = await self.runner.run(PICTURE, asked, timeout=PICTURE_TIME)
        return clean_text((await _recognized(shown))[:LONGEST_ANSWER].decode("utf-8", "replace"))


async def _recognized(picture: bytes) -> bytes:
    code, said = await _ran(*COMMAND, given=picture)
    if code != 0:
        if LANGUAGE not in (await _ran(COMMAND[0], "--list-langs"))[1].decode("utf-8", "replace").split():
            raise FileNotFoundError(f"{COMMAND[0]} does not know {LANGUAGE}")
        raise NotRecognized(str(code))
    return said


async def _ran(*command: str, given: bytes = b"") -> tuple[int | None, bytes]:
    """Return how a program ended that was given that, and what it said."""
    process = await _start(*command)
    try:
        async with asyncio.timeout(RECOGNIZE_TIME.total_seconds()):
            said, _ = await process.communicate(given)
    except TimeoutError as error:
        raise NotRecognized("timeout") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode, said


async def _start(*command: str) -> asyncio.subprocess.Process:
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(command[0])
    limits = (str(os.getpid()), str(MEMORY_BYTES), str(int(RECOGNIZE_TIME.total_seconds())))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "files.confined", *limits, program, *command[1:]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Return none of our settings, none of our secrets; one thread, for others wait for the processors."""
    paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return {"PYTHONPATH": paths, "PATH": os.defpath, "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
