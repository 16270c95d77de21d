"""
Make `docs/receipts/*.png`: what receipts of each kind look like, and pages of one with many files.

For maintainers: look at them after every change of the layout. Needs pdftoppm (Debian's poppler-utils).

    python -m scripts.receipt_pictures
"""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path

from PIL import Image

from receipts.writer import render
from rules.receipts import ReceiptFacts
from tests.unit.receipts.samples import RECEIVED, SEALED, TEST, VOIDED, with_files

TARGET = Path(__file__).parent.parent / "docs" / "receipts"
ROOM = 4096
DOTS_PER_INCH = 84
COLOURS = 64
PAGES_SHOWN = 2
NAME = " - Memoria descriptiva y planos de la ampliación del local «El Niño», según el expediente técnico aprobado.pdf"
SHARED = {name: getattr(SEALED, name) for name in ("issued_at", "entity_ruc", "seal", "log_head")}
PICTURES = {
    "envio": SEALED,
    "recepcion": RECEIVED,
    "anulacion": replace(VOIDED, **{**SHARED, "issued_at": VOIDED.acted_at}),
    "de-prueba": TEST,
    "muchos-archivos": replace(with_files(48, name=NAME), **SHARED, subject="Solicita ampliación de licencia. " * 9),
}


def show(facts: ReceiptFacts) -> Image.Image:
    """Return the first pages of the receipt of *facts* side by side."""
    content = render(facts, room=ROOM).content
    command = ["pdftoppm", "-r", str(DOTS_PER_INCH), "-l", str(PAGES_SHOWN)]
    drawn = subprocess.run([*command, "-"], input=content, capture_output=True, check=True).stdout
    pages = [Image.open(io.BytesIO(page)) for page in _parts(drawn)]
    whole = Image.new("RGB", (sum(page.width for page in pages), pages[0].height))
    for place, page in enumerate(pages):
        whole.paste(page, (place * page.width, 0))
    return whole.quantize(COLOURS, dither=Image.Dither.NONE)


def _parts(data: bytes) -> list[bytes]:
    """Take apart pictures of PPM that follow one another, each with its size in its head."""
    parts: list[bytes] = []
    while data:
        width, height = map(int, data.split(None, 3)[1:3])
        size = len(f"P6\n{width} {height}\n255\n") + width * height * 3
        parts.append(data[:size])
        data = data[size:]
    return parts


def main() -> None:
    """Make all pictures and say how large they are."""
    TARGET.mkdir(exist_ok=True)
    for name, facts in PICTURES.items():
        target = TARGET / f"{name}.png"
        show(facts).save(target, optimize=True)
        print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
