"""Makes documents and workbooks of parts that differ from honest ones by what is wanted."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from typing import TYPE_CHECKING

import docx
import xlsxwriter
from docx.opc.constants import RELATIONSHIP_TYPE

from tests.corpus.documents import a_docx, a_png, an_xlsx, with_parts
from tests.corpus.zip_maker import Entry, make_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TYPES = "application/vnd.openxmlformats-officedocument"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCUMENT, DOCUMENT_LINKS = "word/document.xml", "word/_rels/document.xml.rels"
_WORKBOOK_LINKS, CONTENT_TYPES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
SHEET = "xl/worksheets/sheet1.xml"


def docx_with(parts: Mapping[str, bytes | None]) -> bytes:
    """Return a letter with these parts."""
    return with_parts(a_docx(), parts)


def xlsx_with(parts: Mapping[str, bytes | None]) -> bytes:
    """Return a workbook with these parts."""
    return with_parts(an_xlsx(), parts)


def part(document: bytes, name: str) -> str:
    """Return a part of it."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return archive.read(name).decode()


def _typed(document: bytes, name: str, content_type: str, data: bytes) -> bytes:
    override = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'
    types = part(document, CONTENT_TYPES).replace("</Types>", override)
    return with_parts(document, {CONTENT_TYPES: types.encode(), name: data})


def with_typed(name: str, content_type: str, data: bytes) -> bytes:
    """Return a letter with a part of a type."""
    return _typed(a_docx(), name, content_type, data)


def xlsx_with_typed(name: str, content_type: str, data: bytes) -> bytes:
    """Return a workbook with a part of a type."""
    return _typed(an_xlsx(), name, content_type, data)


def retyped(content_type: str) -> Callable[[], bytes]:
    """Return what makes a letter that says it is of another type."""
    old = f"{TYPES}.wordprocessingml.document.main+xml"
    return lambda: docx_with({CONTENT_TYPES: part(a_docx(), CONTENT_TYPES).replace(old, content_type).encode()})


def _one_link(purpose: str, target: str, *, is_external: bool) -> str:
    mode = ' TargetMode="External"' if is_external else ""
    return f'<Relationship Id="rIdX" Type="{_LINKS}/{purpose}" Target="{target}"{mode}/>'


def _link(purpose: str, target: str, *, is_external: bool) -> str:
    return _one_link(purpose, target, is_external=is_external) + "</Relationships>"


def linked(purpose: str, target: str, *, is_external: bool = True) -> Callable[[], bytes]:
    """Return what makes a letter that is related to *target*."""
    link = _link(purpose, target, is_external=is_external)
    return lambda: docx_with(
        {DOCUMENT_LINKS: part(a_docx(), DOCUMENT_LINKS).replace("</Relationships>", link).encode()}
    )


def xlsx_linked(purpose: str, target: str, *, is_external: bool = False) -> Callable[[], bytes]:
    """Return what makes a workbook that is."""
    link = _link(purpose, target, is_external=is_external)
    return lambda: xlsx_with(
        {_WORKBOOK_LINKS: part(an_xlsx(), _WORKBOOK_LINKS).replace("</Relationships>", link).encode()}
    )


def with_body(body: str, *, encoding: str = "utf-8", mark: bytes = b"") -> bytes:
    """Return a letter of this paragraph; *mark* stands in front of its text."""
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-le").removesuffix("-be")}"?>'
    text = f"{declared}<w:document {WORD}><w:body><w:p>{body}</w:p></w:body></w:document>"
    return docx_with({DOCUMENT: mark + text.encode(encoding)})


def with_links(count: int) -> bytes:
    """Return a letter with so many links to click on."""
    links = "".join(_one_link("hyperlink", f"https://www.gob.pe/{each}", is_external=True) for each in range(count))
    return docx_with({DOCUMENT_LINKS: f"<Relationships>{links}</Relationships>".encode()})


def with_fields(instruction: str) -> Callable[[], bytes]:
    """Return what makes a letter with a field."""
    run = f"<w:r><w:instrText xml:space='preserve'> {instruction} </w:instrText></w:r>"
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    return partial(with_body, begin + run + end)


def with_formula(formula: str) -> bytes:
    """Return a workbook with a formula."""
    rows = f'<row r="1"><c r="A1"><f>{formula}</f><v>1</v></c></row>'
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return xlsx_with({SHEET: f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>'.encode()})


def with_rows() -> bytes:
    """Return a workbook of many formulas."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><f>A{n + 1}*2</f><v>{n}</v></c></row>' for n in range(1, 60_000))
    return xlsx_with({SHEET: f'<worksheet xmlns="a"><sheetData>{rows}</sheetData></worksheet>'.encode()})


def with_chart() -> bytes:
    """Return a letter with a chart."""
    chart = "word/charts/chart1.xml"
    link = "<Relationships>" + _link("package", "../embeddings/Libro1.xlsx", is_external=False)
    parts = {
        chart: b"<a/>",
        "word/charts/_rels/chart1.xml.rels": link.encode(),
        "word/embeddings/Libro1.xlsx": an_xlsx(),
    }
    return docx_with(parts)


def by_default() -> bytes:
    """Return a letter whose text is what all XML is, unless something else is said of it."""
    main = f"{TYPES}.wordprocessingml.document.main+xml"
    types = part(a_docx(), CONTENT_TYPES).replace("application/xml", main).replace(f"/{DOCUMENT}", "/word/nada.xml")
    return docx_with({CONTENT_TYPES: types.encode()})


def rich_docx() -> bytes:
    """Return a letter with a bit of all."""
    document = docx.Document()
    document.add_table(rows=3, cols=2).cell(0, 0).text = "Anexo"
    document.add_picture(io.BytesIO(a_png()))
    document.part.relate_to("https://www.gob.pe", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    document.sections[0].footer.paragraphs[0].text = "Página"
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def by_xlsxwriter(*, is_frugal: bool) -> bytes:
    """Return a workbook with links and a chart."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"constant_memory": is_frugal, "in_memory": not is_frugal})
    sheet = workbook.add_worksheet("Señores")
    for row in range(50):
        sheet.write_row(row, 0, [f"Señor {row}", row, "=B1*2"])
    sheet.write_url("D1", "https://www.gob.pe")
    chart = workbook.add_chart({"type": "line"})
    assert chart is not None
    chart.add_series({"values": "=Señores!$B$1:$B$9"})
    sheet.insert_chart("F2", chart)
    workbook.close()
    return file.getvalue()


def with_part_twice() -> bytes:
    """Return a letter that has two texts."""
    with zipfile.ZipFile(io.BytesIO(a_docx())) as archive:
        entries = [Entry(name, archive.read(name)) for name in archive.namelist()]
    return make_zip([*entries, Entry("word/Document.xml", b"<a/>")])


def with_false_part() -> bytes:
    """Return a letter with a workbook in it whose checksum is wrong."""
    with zipfile.ZipFile(io.BytesIO(a_docx())) as archive:
        entries = [Entry(name, archive.read(name)) for name in archive.namelist()]
    return make_zip([*entries, Entry("word/embeddings/a.xlsx", an_xlsx(), crc=1)])
