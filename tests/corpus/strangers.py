"""Contents of no kind that the counter takes, whatever they are called."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rules.verdicts import Finding, Judgement, in_order
from tests.corpus import Sample, Side
from tests.corpus.pdf_writer import document, pdf
from tests.corpus.pdfs_shape import program

if TYPE_CHECKING:
    from collections.abc import Callable

RULE = Finding.OTHER_KIND


def samples() -> list[Sample]:
    """Return all of them."""
    letter = pdf(document())
    return [
        _beyond("words as PDF", "pdf", partial(bytes, b"Estimados se\xc3\xb1ores: solicito copia.")),
        _beyond("a page of the web as PDF", "pdf", partial(bytes, b"<!DOCTYPE html><p>Solicito</p>")),
        _beyond("a GIF as PNG", "png", partial(bytes, b"GIF89a" + bytes(90))),
        _beyond("a WebP as JPEG", "jpg", partial(bytes, b"RIFF\x99\0\0\0WEBPVP8 " + bytes(90))),
        _beyond("a TIFF as PDF", "pdf", partial(bytes, b"II*\0" + bytes(90))),
        _beyond("a PDF that begins too late", "pdf", lambda: b" " * 1024 + letter),
        _beyond("a program as Word", "docx", program, Finding.PROGRAM),
        _beyond("a program of Linux as PDF", "pdf", partial(bytes, b"\x7fELF\2\1\1" + bytes(90)), Finding.PROGRAM),
        _beyond("a script of the shell as PDF", "pdf", partial(bytes, b"#!/bin/sh\nid\n" * 9), Finding.PROGRAM),
        Sample(
            "pdf: a PDF that begins as late as it may",
            "pdf",
            lambda: b" " * 1023 + letter,
            Judgement("pdf", 1),
            Side.AT_LIMIT,
            RULE,
        ),
    ]


def _beyond(name: str, extension: str, make: Callable[[], bytes], *also: Finding) -> Sample:
    return Sample(
        f"{extension}: {name}", extension, make, Judgement(findings=in_order((RULE, *also))), Side.BEYOND, RULE
    )
