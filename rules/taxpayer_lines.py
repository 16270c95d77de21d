"""
The lines of the published register in bulk: some fifteen million, of which nearly all are in order.

Whether all lines of a block are in order is asked of the block as a whole, column by column, by operations on long
byte strings. A block with one line that is not, or that has to be tidied, is judged line by line by
`rules.taxpayers.parse_line`, which says what is right; the fast way may only agree with it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from rules.people import RUC_FIRST_DIGITS
from rules.taxpayers import COLUMNS, ENCODING, INVISIBLE, TEXT_MAX_LENGTH, BadLine, Fault, count_columns, parse_line

SEPARATOR: Final = b"|"
LONGEST_LINE: Final = 64 * 1024
RUC_LENGTH: Final = 11

_STRIDE = RUC_LENGTH + 1
_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_FIRST_PAIRS = frozenset((ord(digits[0]), ord(digits[1])) for digits in RUC_FIRST_DIGITS)
_WEIGHED = tuple(
    bytes((place - ord("0")) * weight % 11 if chr(place) in "0123456789" else 0 for place in range(256))
    for weight in _WEIGHTS
)
"""For each place of a RUC: digit -> what it adds to the sum, modulo 11, so that ten of them fit in one byte."""
_CHECK_DIGIT = bytes(ord(str((11 - total % 11) % 10)) for total in range(256))
_SPACES = re.compile(rb"[ \xa0]+")
_INVISIBLE = INVISIBLE.replace(b"\n", b"")
_AS_SPACES = bytes.maketrans(b"|\n\xa0", b"   ")


class RegisterReader:
    """
    Turns the published file, block by block, into rows for COPY (text, `|` between columns, latin-1).

    Keeps no more than a block and the beginning of a line.
    """

    def __init__(self) -> None:
        self.row_count = 0
        self.faults: Counter[Fault] = Counter()
        self._columns = 0
        self._rest = b""
        self._is_lost = False

    @property
    def bad_line_count(self) -> int:
        """How many lines could not be used."""
        return self.faults.total()

    def read(self, block: bytes) -> bytes:
        """
        Return the rows of all lines that end in *block*.

        Raises:
            NotTheRegister: the first line is not the header of the padrón reducido.
        """
        whole, end, self._rest = (self._rest + block).rpartition(b"\n")
        lines = whole.replace(b"\r\n", b"\n").removesuffix(b"\r").split(b"\n") if end else []
        if self._is_lost and lines:
            del lines[0]
            self._is_lost = False
        if len(self._rest) > LONGEST_LINE:
            self._lose_line()
        return self._rows(lines)

    def finish(self) -> bytes:
        """
        Return the row of a last line without its end.

        Raises:
            NotTheRegister: there was no line at all.
        """
        last = [] if self._is_lost else [self._rest]
        rows = self._rows(last)
        if not self._columns:
            count_columns(b"")
        return rows

    def _lose_line(self) -> None:
        if not self._is_lost:
            self.faults[Fault.LENGTH] += 1
        self._is_lost, self._rest = True, b""

    def _rows(self, lines: list[bytes]) -> bytes:
        if lines and not self._columns:
            self._columns = count_columns(lines.pop(0))
        rows = _rows_in_order(lines, columns=self._columns)
        if rows is None:
            rows = b"".join([row + b"\n" for line in lines if (row := self._judged(line))])
        self.row_count += rows.count(b"\n")
        return rows.replace(b"\\", b"\\\\")

    def _judged(self, line: bytes) -> bytes | None:
        if not line.strip():
            return None
        try:
            found = parse_line(line, columns=self._columns)
        except BadLine as bad:
            self.faults[bad.fault] += 1
            return None
        return SEPARATOR.join(cell.encode(ENCODING) for cell in (found.ruc, found.name, found.state, found.condition))


def _rows_in_order(lines: list[bytes], *, columns: int) -> bytes | None:
    """Return the first four columns of each line, tidied; None when one of the lines has to be judged by itself."""
    if not lines or not _have_right_rucs(lines) or not _have_all_columns(lines, columns):
        return None
    kept = len(COLUMNS)
    rows = [SEPARATOR.join(line.split(SEPARATOR, kept)[:kept]) for line in lines]
    if max(map(len, rows)) > TEXT_MAX_LENGTH:
        return None
    tidy = _tidied(b"\n".join([*rows, b""]))
    return None if b"||" in tidy else tidy


def _have_all_columns(lines: list[bytes], columns: int) -> bool:
    """Say whether each line has all columns, and after the last of them one more `|` with nothing after it."""
    counts = [line.count(SEPARATOR) for line in lines]
    return counts.count(columns) == len(lines) and [line[-1:] for line in lines].count(SEPARATOR) == len(lines)


def _tidied(rows: bytes) -> bytes:
    """Return *rows* without invisible characters, with one space where there were more, and none around a separator."""
    legible = rows.translate(None, _INVISIBLE)
    if b"  " not in legible.translate(_AS_SPACES) and b"\xa0" not in legible:
        return legible
    spaced = _SPACES.sub(b" ", legible)
    return spaced.replace(b" |", SEPARATOR).replace(b"| ", SEPARATOR).replace(b" \n", b"\n")


def _have_right_rucs(lines: list[bytes]) -> bool:
    """
    Say whether each line begins with a RUC of the right check digit and a separator.

    Each column of digits becomes one long number with a byte for each line, weighed; the sum of the ten numbers holds
    in each byte the sum of one RUC, at most 100, so that nothing is carried from one line to the next.
    """
    beginnings = b"".join([line[:_STRIDE] for line in lines])
    columns = [beginnings[place::_STRIDE] for place in range(_STRIDE)]
    if columns[RUC_LENGTH] != SEPARATOR * len(lines) or len(beginnings) != _STRIDE * len(lines):
        return False
    if not all(column.isdigit() for column in columns[:RUC_LENGTH]):
        return False
    if not _FIRST_PAIRS.issuperset(zip(columns[0], columns[1], strict=True)):
        return False
    weighed = (
        int.from_bytes(column.translate(table), "little") for column, table in zip(columns, _WEIGHED, strict=False)
    )
    return sum(weighed).to_bytes(len(lines), "little").translate(_CHECK_DIGIT) == columns[RUC_LENGTH - 1]
