"""Small honest documents, made by the libraries that people make them with, for the archives that bring them."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import docx
import openpyxl
import pikepdf
import xlwt
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def a_docx() -> bytes:
    """Return a letter."""
    document = docx.Document()
    document.add_heading("Solicitud", 1)
    document.add_paragraph("Señor alcalde: solicito copia del expediente.")
    return _saved(document)


@cache
def an_xlsx() -> bytes:
    """Return a list with a sum."""
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.append(["Concepto", "Monto"])
    workbook.active.append(["Tasa", 12.5])
    workbook.active.append(["Total", "=SUM(B2:B2)"])
    return _saved(workbook)


@cache
def an_xls() -> bytes:
    """Return an old list."""
    workbook = xlwt.Workbook()
    workbook.add_sheet("Hoja1").write(0, 0, "Señor alcalde")
    return _saved(workbook)


@cache
def a_pdf(*, script: str = "", key: str = "") -> bytes:
    """Return one page, that runs *script* when it is opened, which needs *key*."""
    document = pikepdf.new()
    document.add_blank_page()
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=script)
    file = io.BytesIO()
    document.save(file, encryption=pikepdf.Encryption(owner=key, user=key) if key else False)
    return file.getvalue()


@cache
def a_png() -> bytes:
    """Return a picture."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(file, "PNG")
    return file.getvalue()


@cache
def a_jpg() -> bytes:
    """Return a photograph."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(file, "JPEG")
    return file.getvalue()


def with_part(document: bytes, name: str, data: bytes) -> bytes:
    """Return it with one part more, or another in its place."""
    return with_parts(document, {name: data})


def with_parts(document: bytes, parts: Mapping[str, bytes | None]) -> bytes:
    """Return it with these parts more, others in their place, or without them where they are None."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        kept = {name: old.read(name) for name in old.namelist()}
        for name, data in (kept | dict(parts)).items():
            if data is not None:
                new.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined] - each of them has it
    return file.getvalue()
