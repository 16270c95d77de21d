"""
The lines of the published register in bulk: some fifteen million, of which nearly all are in order.

Whether all lines of a block are in order is asked of the block as a whole, column by column, by operations on long
byte strings. A block with one line that is not is judged line by line by `rules.taxpayers.parse_line`, which says what
is right; the fast way may only agree with it.
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
        text = whole + end
        if self._is_lost and text:
            text = text.partition(b"\n")[2]
            self._is_lost = False
        if len(self._rest) > LONGEST_LINE:
            self._lose_line()
        return self._rows(text.replace(b"\r\n", b"\n") if b"\r" in text else text)

    def finish(self) -> bytes:
        """
        Return the row of a last line without its end.

        Raises:
            NotTheRegister: there was no line at all.
        """
        rows = self._rows(b"" if self._is_lost else self._rest + b"\n")
        if not self._columns:
            count_columns(b"")
        return rows

    def _lose_line(self) -> None:
        if not self._is_lost:
            self.faults[Fault.LENGTH] += 1
        self._is_lost, self._rest = True, b""

    def _rows(self, text: bytes) -> bytes:
        if text and not self._columns:
            header, _, text = text.partition(b"\n")
            self._columns = count_columns(header)
        rows = _rows_in_order(text, columns=self._columns) if text else b""
        if rows is None:
            rows = b"".join([row + b"\n" for line in text.split(b"\n") if (row := self._judged(line))])
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


def _rows_in_order(text: bytes, *, columns: int) -> bytes | None:
    """
    Return the first four columns of each line of *text*, tidied; None when one has to be judged by itself.

    Each line has all columns and one more `|` before its end: so every so many cells there is one that holds the end
    of the line before and the RUC, and no other holds the end of a line.
    """
    cells = (b"\n" + text).split(SEPARATOR)
    count = text.count(b"\n")
    beginnings = cells[:-1:columns]
    if len(cells) != columns * count + 1 or cells[-1] != b"\n" or not _are_right_rucs(beginnings):
        return None
    columns_kept = [beginnings, *(cells[place::columns] for place in range(1, len(COLUMNS)))]
    rows = list(map(SEPARATOR.join, zip(*columns_kept, strict=True)))
    return _tidied(b"".join([*rows, b"\n"])[1:]) if max(map(len, rows)) <= TEXT_MAX_LENGTH else None


def _tidied(rows: bytes) -> bytes | None:
    """
    Return *rows* without invisible characters, with one space where there were more, and none around a separator.

    None when a cell is empty: it may be the name.
    """
    legible = rows.translate(None, _INVISIBLE)
    if b"  " not in legible.translate(_AS_SPACES) and b"\xa0" not in legible:
        return legible
    spaced = _SPACES.sub(b" ", legible)
    tidy = spaced.replace(b" |", SEPARATOR).replace(b"| ", SEPARATOR).replace(b" \n", b"\n")
    return None if b"||" in tidy else tidy


def _are_right_rucs(beginnings: list[bytes]) -> bool:
    """
    Say whether each is an end of line and a RUC with the right check digit.

    Each column of digits becomes one long number with a byte for each RUC, weighed; the sum of the ten numbers holds
    in each byte the sum of one RUC, at most 100, so that nothing is carried from one to the next.
    """
    together = b"".join(beginnings)
    ends, *digits = (together[place::_STRIDE] for place in range(_STRIDE))
    if set(map(len, beginnings)) != {_STRIDE} or ends != b"\n" * len(beginnings):
        return False
    if not all(column.isdigit() for column in digits) or not _FIRST_PAIRS.issuperset(zip(*digits[:2], strict=True)):
        return False
    weighed = (
        int.from_bytes(column.translate(table), "little") for column, table in zip(digits, _WEIGHED, strict=False)
    )
    return sum(weighed).to_bytes(len(beginnings), "little").translate(_CHECK_DIGIT) == digits[-1]
