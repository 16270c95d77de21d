"""Files that the counter does not take, made when they are needed."""

from __future__ import annotations

import io
import zipfile
from uuid import uuid4

from pikepdf import Array, Dictionary, Name, Pdf, String


def launching_pdf() -> bytes:
    """Return a PDF that would start another program: LAUNCH; another one each time."""
    made = Pdf.new()
    made.add_blank_page()
    made.docinfo[Name.Title] = String(uuid4().hex)
    made.Root.OpenAction = Dictionary(S=Name.Launch, F=String("calc.exe"))
    return _saved(made)


def form_pdf() -> bytes:
    """Return a PDF that is received, with a remark: FORM."""
    made = Pdf.new()
    page = made.add_blank_page()
    field = made.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String(uuid4().hex),
            Rect=Array([0, 0, 9, 9]),
            P=page.obj,
        )
    )
    page.obj.Annots = Array([field])
    made.Root.AcroForm = Dictionary(Fields=Array([field]))
    return _saved(made)


def plain_pdf(pages: int = 1, *, title: str = "") -> bytes:
    """Return a PDF of which nothing is found, another one each time; its title stands in it as it is."""
    made = Pdf.new()
    for _ in range(pages):
        made.add_blank_page()
    made.docinfo[Name.Title] = String(f"{title} {uuid4().hex}")
    return _saved(made)


def escaping_zip() -> bytes:
    """Return an archive that would write outside of its folder: ESCAPING_NAME."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../solicitud.txt", "x")
    return made.getvalue()


def _saved(made: Pdf) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()
