"""Documents to be handed in, made on the spot."""

from __future__ import annotations

import io

import pikepdf


def a_pdf(pages: int = 1) -> bytes:
    """Return a PDF of so many blank pages."""
    made, pdf = io.BytesIO(), pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    pdf.save(made)
    return made.getvalue()
