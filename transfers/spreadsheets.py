"""Rows as a file that a spreadsheet opens, made on disk with a memory that does not grow with them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import sys
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rules.exports import COLUMNS, ExportFormat, harmless, said
from rules.workdays import in_lima

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rules.exports import Cells, Value

MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
AT_ONCE = 200
"""Rows that are written together; between them others have their turn."""


class WorkbookFailed(Exception):
    """The process that makes a spreadsheet ended without one."""


async def write_out(rows: AsyncIterator[Cells], file: IO[bytes], format_: ExportFormat) -> int:
    """
    Write heads and rows to *file*, which has a descriptor; return how many rows.

    Raises:
        WorkbookFailed: no spreadsheet came of it.
    """
    match format_:
        case ExportFormat.CSV:
            return await _write_csv(rows, file)
        case ExportFormat.XLSX:
            return await _write_xlsx(rows, file)


async def _write_csv(rows: AsyncIterator[Cells], file: IO[bytes]) -> int:
    """
    Write CSV as RFC 4180 has it, with a byte order mark: without it Excel takes UTF-8 for the machine's code page.

    What would be a formula is made harmless; in a spreadsheet of ours a text is one by its type.
    """
    file.write(b"\xef\xbb\xbf")
    file.write(_csv([tuple(column.head for column in COLUMNS)]))
    count = 0
    async for some in _together(rows):
        file.write(_csv(some))
        count += len(some)
    return count


def _csv(rows: list[Cells]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(said(value)) for value in row] for row in rows)
    return text.getvalue().encode()


async def _together(rows: AsyncIterator[Cells]) -> AsyncIterator[list[Cells]]:
    some: list[Cells] = []
    async for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
            await asyncio.sleep(0)
    yield some


async def _write_xlsx(rows: AsyncIterator[Cells], file: IO[bytes]) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "transfers.workbook"),
        stdin=asyncio.subprocess.PIPE,
        stdout=file,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": _import_path(), "LC_ALL": "C.UTF-8"},  # none of our settings, none of our secrets
    )
    assert process.stdin is not None
    count = 0
    try:
        process.stdin.write(_line([(column.head, column.kind, column.width) for column in COLUMNS]))
        async for some in _together(rows):
            process.stdin.write(b"".join(_line([_plain(value) for value in row]) for row in some))
            await process.stdin.drain()
            count += len(some)
        process.stdin.write(_line(None))
        process.stdin.close()
        status = await process.wait()
    except (BrokenPipeError, ConnectionResetError):
        status = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status != 0:
        raise WorkbookFailed(f"the process ended with {status}")
    return count


def _import_path() -> str:
    return os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Value) -> object:
    """Return a value as the process takes it: instants as Lima's clock shows them, for a spreadsheet knows no zones."""
    match value:
        case datetime():
            return in_lima(value).replace(tzinfo=None, microsecond=0).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value
