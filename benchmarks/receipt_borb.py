"""The contents of a receipt as borb's documentation shows how to write them: its layout, its paragraphs and tables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from borb.pdf import (
    PDF,
    Document,
    FixedColumnWidthTable,
    HexColor,
    Page,
    Paragraph,
    QRCode,
    SingleColumnLayout,
    Table,
    TrueTypeFont,
    UsageStatistics,
)

from benchmarks.receipt_contents import contents
from receipts.typefaces import FOLDER, Face, typeface

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rules.receipts import ReceiptFacts

DARK, SOFT, INK, LINE = (HexColor(colour) for colour in ("#3d424a", "#5b6470", "#1b1f24", "#ccd3db"))
MARGIN, WIDTH = 48, 595 - 2 * 48
CELL_PADDING = 4


def engine() -> Callable[[ReceiptFacts], Callable[[], bytes]]:
    """Return what prepares a receipt; the fonts, subsets of few characters, are loaded once: what costs least."""
    UsageStatistics.opt_out()
    fonts = {face: TrueTypeFont.from_file(FOLDER / f"{face.value}.ttf") for face in Face}

    def prepare(facts: ReceiptFacts) -> Callable[[], bytes]:
        told = contents(facts)
        return lambda: _Sheet(fonts).written(told)

    return prepare


class _Sheet:
    """A document that fills from the top."""

    def __init__(self, fonts: dict[Face, Any]) -> None:
        self._fonts = fonts
        self._document = Document()
        page = Page()
        self._document.append_page(page)
        self._column = SingleColumnLayout(
            page, margin_left=MARGIN, margin_right=MARGIN, margin_top=36, margin_bottom=MARGIN
        )

    def written(self, told: dict[str, Any]) -> bytes:
        """Return the PDF. Tables of one row each: a table of borb's does not go on on the next page."""
        self._begin(told)
        self._heading("Datos de la presentación")
        for label, value in told["rows"]:
            self._row([(label, Face.REGULAR, 8), (value, Face.REGULAR, 9)], [26, 74])
        self._heading(f"Archivos recibidos ({len(told['files'])})")
        for file in told["files"]:
            self._file(file)
        if told["missing"]:
            self._heading("Falta completar")
        for sentence in told["missing"]:
            self._paragraph(sentence, size=9)
        for heading, items in told["panel"]:
            self._paragraph(heading, face=Face.BOLD, size=8)
            for label, text in items:
                self._paragraph(f"{label} {text}", size=7)
        self._paragraph(told["footer"], size=7, colour=SOFT)
        target = io.BytesIO()
        PDF.write(self._document, target)
        return target.getvalue()

    def _begin(self, told: dict[str, Any]) -> None:
        self._row([(told[part], Face.BOLD, 9) for part in ("mark", "entity", "unit")], [12, 48, 40])
        self._paragraph(told["title"], face=Face.BOLD, size=19, colour=DARK)
        self._paragraph(told["subtitle"], size=9, colour=SOFT)
        self._column.append_layout_element(QRCode(told["url"], size=(88, 88)))
        for part in (0, 1):
            self._row([(cell[part], Face.BOLD if part else Face.REGULAR, 6 + 4 * part) for cell in told["key"]])
        self._row([("Código de verificación", Face.REGULAR, 8), (told["code"], Face.MONO, 10)], [26, 74])
        self._paragraph(told["issued"], size=7, colour=SOFT)

    def _file(self, file: dict[str, str]) -> None:
        named = [(file["ordinal"], Face.BOLD, 8), (file["name"], Face.BOLD, 8), (file["about"], Face.REGULAR, 8)]
        self._row(named, [5, 60, 35])
        summed = [("SHA-256", Face.REGULAR, 6), (file["sha256"], Face.MONO, 7), (file["size"], Face.REGULAR, 6)]
        self._row(summed, [10, 70, 20])

    def _row(self, cells: Sequence[tuple[str, Face, int]], widths: Sequence[int] | None = None) -> None:
        parts = widths or [1] * len(cells)
        table = FixedColumnWidthTable(number_of_rows=1, number_of_columns=len(cells), column_widths=list(parts))
        for (text, face, size), part in zip(cells, parts, strict=True):
            width = WIDTH * part / sum(parts) - 2 * CELL_PADDING - 2
            cell = self._text(text, face=face, size=size, colour=INK, width=width)
            table.append_layout_element(Table.TableCell(cell, border_color=LINE))
        table.set_padding_on_all_cells(*(CELL_PADDING,) * 4)
        self._column.append_layout_element(table)

    def _heading(self, text: str) -> None:
        self._paragraph(text, face=Face.BOLD, size=10, colour=DARK)

    def _paragraph(self, text: str, *, face: Face = Face.REGULAR, size: int, colour: Any = INK) -> None:
        self._column.append_layout_element(self._text(text, face=face, size=size, colour=colour, width=WIDTH))

    def _text(self, text: str, *, face: Face, size: int, colour: Any, width: float) -> Paragraph:
        fitting = _broken(text, face=face, size=size, width=width)
        return Paragraph(fitting, font=self._fonts[face], font_size=size, font_color=colour)


def _broken(text: str, *, face: Face, size: int, width: float) -> str:
    """Put blanks into words that are wider than their cell: borb refuses those."""
    known, words = typeface(face), list[str]()
    for word in text.split():
        piece = ""
        for character in word:
            if piece and known.advance(piece + character) * size / 1000 > width:
                words.append(piece)
                piece = ""
            piece += character
        words.append(piece)
    return " ".join(words)
