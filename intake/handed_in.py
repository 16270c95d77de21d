"""The files of mails on their way into the store: decoded out of the spool, put there together, their pages counted."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from actions import uploads
from actions.attachments import FiledFile
from files.store import StoredContent
from intake.decoding import decode_part
from intake.patience import both
from intake.spool import HashingSink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from actions.tools import Tools
    from files.pages import Pages
    from intake.anatomy import Part
    from intake.spool import Spool
    from intake.triage import ChosenFile

Wanted = tuple["Path", "ChosenFile", "Path"]
"""The mail, a file in it, and where that is decoded to."""


async def store_files(
    tools: Tools, spool: Spool, mails: Sequence[tuple[Path, Sequence[ChosenFile]]]
) -> list[list[tuple[FiledFile, Pages]]]:
    """Store the files that were chosen of each of the mails, all of them in one go; return them mail by mail."""
    async with AsyncExitStack() as stack:
        wanted = [
            (path, chosen, await stack.enter_async_context(spool.new_path()))
            for path, files in mails
            for chosen in files
        ]
        contents, pages = await _put_and_count(tools, wanted) if wanted else ([], [])
    stored = zip(contents, pages, strict=True)
    return [[_filed(chosen, *next(stored)) for chosen in files] for _, files in mails]


async def _put_and_count(tools: Tools, wanted: Sequence[Wanted]) -> tuple[list[StoredContent], list[Pages]]:
    """Decode files; while the disk writes them, count their pages."""
    contents = await asyncio.to_thread(_decode_all, wanted)
    known = [(decoded, content) for (_, _, decoded), content in zip(wanted, contents, strict=True)]
    named = [(chosen.name, decoded) for _, chosen, decoded in wanted]
    _, pages = await both(tools.store.put_known(known), uploads.pages_of_all(tools, named))
    return contents, pages


def _filed(chosen: ChosenFile, content: StoredContent, pages: Pages) -> tuple[FiledFile, Pages]:
    return FiledFile(chosen.role, chosen.name, content.sha256, content.size_bytes, pages.number), pages


def _decode_all(wanted: Sequence[Wanted]) -> list[StoredContent]:
    """Do all of it in one thread: to change threads costs more than a small file."""
    return [_decode(path, chosen.part, decoded) for path, chosen, decoded in wanted]


def _decode(path: Path, part: Part, to: Path) -> StoredContent:
    with to.open("wb", buffering=0) as file:
        sink = HashingSink(file)
        size = decode_part(path, part, sink, limit_bytes=part.size_bytes)
    assert size == part.size_bytes, "decoded twice, with two lengths"
    return StoredContent(sink.digest.hexdigest(), size)
