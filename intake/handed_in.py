"""The files of mails on their way into the store: decoded out of the spool, put there and judged together."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from actions.attachments import FiledFile
from actions.judging import judged
from files.store import StoredContent
from intake.decoding import decode_part
from intake.patience import both
from intake.spool import HashingSink

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from actions.tools import Tools
    from intake.anatomy import Part
    from intake.spool import Spool
    from intake.triage import ChosenFile
    from rules.verdicts import Judgement

Wanted = tuple["Path", "ChosenFile", "Path"]
"""The mail, a file in it, and where that is decoded to."""


async def store_files(
    tools: Tools, spool: Spool, mails: Sequence[tuple[Path, Sequence[ChosenFile]]]
) -> list[list[tuple[FiledFile, Judgement]]]:
    """Store the files that were chosen of each of the mails, all of them in one go; return them mail by mail."""
    async with AsyncExitStack() as stack:
        wanted = [
            (path, chosen, await stack.enter_async_context(spool.new_path()))
            for path, files in mails
            for chosen in files
        ]
        contents, judgements = await _put_and_judge(tools, wanted) if wanted else ([], [])
    stored = zip(contents, judgements, strict=True)
    return [[_filed(chosen, *next(stored)) for chosen in files] for _, files in mails]


async def _put_and_judge(tools: Tools, wanted: Sequence[Wanted]) -> tuple[list[StoredContent], list[Judgement]]:
    """Decode files; while the disk writes them, judge them."""
    contents = await asyncio.to_thread(_decode_all, wanted)
    known = [(decoded, content) for (_, _, decoded), content in zip(wanted, contents, strict=True)]
    paths = [decoded for _, _, decoded in wanted]
    _, judgements = await both(tools.store.put_known(known), judged(tools, paths))
    return contents, judgements


def _filed(chosen: ChosenFile, content: StoredContent, judgement: Judgement) -> tuple[FiledFile, Judgement]:
    return FiledFile(chosen.role, chosen.name, content.sha256, content.size_bytes, judgement.pages), judgement


def _decode_all(wanted: Sequence[Wanted]) -> list[StoredContent]:
    """Do all of it in one thread: to change threads costs more than a small file."""
    return [_decode(path, chosen.part, decoded) for path, chosen, decoded in wanted]


def _decode(path: Path, part: Part, to: Path) -> StoredContent:
    with to.open("wb", buffering=0) as file:
        sink = HashingSink(file)
        size = decode_part(path, part, sink, limit_bytes=part.size_bytes)
    assert size == part.size_bytes, "decoded twice, with two lengths"
    return StoredContent(sink.digest.hexdigest(), size)
