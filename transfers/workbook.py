"""
Writes a spreadsheet, as a process of its own: rows come in as lines of JSON, the file goes out whole.

The first line says the columns, each as head, kind and width; then each row is a list; the last line is `null`, without
which nothing is written. Texts are texts whatever they begin with: no cell is a formula or a link. Memory does not grow
with the rows, which wait in files of a folder that only we can read.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CUT_SHORT_EXIT = 65
"""How it ends when the last line did not come (EX_DATAERR of sysexits.h)."""

NICENESS = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORMATS: dict[str, dict[str, Any]] = {
    "TEXT": {"quote_prefix": True},
    "NUMBER": {"num_format": "0"},
    "DAY": {"num_format": "dd/mm/yyyy", "align": "left"},
    "INSTANT": {"num_format": "dd/mm/yyyy hh:mm:ss", "align": "left"},
}


def write_workbook(lines: IO[bytes], out: IO[bytes], *, folder: str) -> bool:
    """Write what *lines* say to *out*, waiting rows in *folder*; False, and nothing written, if they are cut short."""
    options = {"constant_memory": True, "tmpdir": folder, "default_date_format": "dd/mm/yyyy"}
    book = xlsxwriter.Workbook(out, options)
    # What the file says of its making is what the rows say, not when or by whom it was asked for.
    book.set_properties({"created": EPOCH.replace(tzinfo=None)})
    sheet = book.add_worksheet("Trámites")
    if not _write_rows(book, sheet, lines):
        return False
    book.close()
    return True


def _write_rows(book: xlsxwriter.Workbook, sheet: Worksheet, lines: IO[bytes]) -> bool:
    columns: list[tuple[str, str, int]] = json.loads(lines.readline())
    formats = {kind: book.add_format(given) for kind, given in FORMATS.items()}
    bold = book.add_format({"bold": True})
    for place, (head, _, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, head, bold)
    sheet.freeze_panes(1, 0)
    writers = [(_WRITERS[kind], formats[kind]) for _, kind, _ in columns]
    for number, row in enumerate(_rows(lines), start=1):
        if row is None:
            sheet.autofilter(0, 0, number - 1, len(columns) - 1)
            return True
        for place, (value, (write, form)) in enumerate(zip(row, writers, strict=True)):
            if value is not None:
                write(sheet, number, place, value, form)
    return False


def _rows(lines: IO[bytes]) -> Iterator[list[Any] | None]:
    for line in lines:
        yield json.loads(line)


def _text(sheet: Worksheet, row: int, column: int, value: str, form: Format) -> None:
    sheet.write_string(row, column, value, form)


def _number(sheet: Worksheet, row: int, column: int, value: int, form: Format) -> None:
    sheet.write_number(row, column, value, form)


def _day(sheet: Worksheet, row: int, column: int, value: str, form: Format) -> None:
    sheet.write_datetime(row, column, datetime.fromisoformat(value), form)


def _instant(sheet: Worksheet, row: int, column: int, value: str, form: Format) -> None:
    sheet.write_datetime(row, column, datetime.fromisoformat(value), form)


_WRITERS: dict[str, Callable[[Worksheet, int, int, Any, Format], None]] = {
    "TEXT": _text,
    "NUMBER": _number,
    "DAY": _day,
    "INSTANT": _instant,
}


def main() -> int:
    """Write from standard input to standard output, which is a file."""
    os.nice(NICENESS)
    with tempfile.TemporaryDirectory(prefix="mesa-export-") as folder, os.fdopen(os.dup(1), "wb") as out:
        return 0 if write_workbook(sys.stdin.buffer, out, folder=folder) else CUT_SHORT_EXIT


if __name__ == "__main__":
    raise SystemExit(main())
