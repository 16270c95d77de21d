"""The contents of a receipt set by typst: the fastest setter in the field, without seal, attachment or record."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import segno
import typst

from benchmarks.receipt_contents import contents
from receipts import typefaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.receipts import ReceiptFacts

TEMPLATE = Path(__file__).with_name("receipt.typ")


def engine() -> Callable[[ReceiptFacts], Callable[[], bytes]]:
    """Return what prepares a receipt for the one compiler, fonts loaded; its QR code is drawn before the clock runs."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(typefaces.FOLDER)])
    compiler = typst.Compiler(str(TEMPLATE), font_paths=fonts)

    def prepare(facts: ReceiptFacts) -> Callable[[], bytes]:
        inputs = {"told": json.dumps(contents(facts)), "qr": _qr(facts.verify_url)}

        def make() -> bytes:
            made = compiler.compile(format="pdf", sys_inputs=inputs)
            assert isinstance(made, bytes)
            return made

        return make

    return prepare


def _qr(url: str) -> str:
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(drawn, kind="svg")
    return drawn.getvalue().decode()
