"""PDFs that would do something: programs, other programs, other files, sounds; and those that only look so."""

from __future__ import annotations

from functools import partial

import pikepdf

from rules.verdicts import Finding
from tests.corpus.book import Book
from tests.corpus.pdf_rewriter import encrypted, rewritten
from tests.corpus.pdf_writer import FIRST_FREE, Objects, document, packed, pdf, stream, update

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
LAUNCH = b"<</S/Launch/F(calc.exe)>>"
TO_PAGE = b"<</S/GoTo/D[3 0 R/Fit]>>"


def written(catalog: bytes = b"", page: bytes = b"", more: Objects | None = None) -> bytes:
    """Return a file of one page with these in its catalog, its page, its objects."""
    return pdf(document(catalog, page, more))


def annotated(annotation: bytes, more: Objects | None = None) -> bytes:
    """Return a file with an annotation that is no object of its own."""
    return written(b"", b"/Annots[<</Type/Annot/Rect[9 9 99 99]%b>>]" % annotation, more)


def linked(action: bytes) -> bytes:
    """Return a file with a link that does this when it is clicked."""
    return annotated(b"/Subtype/Link/A%b" % action)


def opened(action: bytes, more: Objects | None = None) -> bytes:
    """Return a file that does this when it is opened."""
    return written(b"/OpenAction %b" % action, b"", more)


def with_field(field: bytes, form: bytes = b"") -> bytes:
    """Return a file with a form of one field."""
    return written(b"/AcroForm<</Fields[10 0 R]%b>>" % form, b"/Annots[10 0 R]", {10: field})


def element(kind: bytes) -> bytes:
    """Return a tagged file in which a part of the structure is of a kind that is called like an action."""
    more = {10: b"<</Type/StructTreeRoot/K 11 0 R>>", 11: b"<</Type/StructElem/S/%b/P 10 0 R/Pg 3 0 R/K 0>>" % kind}
    return written(b"/MarkInfo<</Marked true>>/StructTreeRoot 10 0 R", b"/StructParents 0", more)


def scripts(book: Book) -> None:
    """JavaScript: wherever it can hide."""
    rule, automatic = Finding.JAVASCRIPT, Finding.AUTOMATIC_ACTION
    named = b"/Names<</JavaScript<</Names[(a)%b]>>>>" % SCRIPT
    book.beyond(rule, "script among the names", lambda: written(named))
    book.beyond(rule, "script in a link that is no object", lambda: linked(SCRIPT))
    book.beyond(rule, "script in a hundred arrays", lambda: annotated(b"/X" + b"[" * 100 + SCRIPT + b"]" * 100))
    book.beyond(rule, "script with escaped names", lambda: linked(b"<</#53/J#61v#61Script/J#53(a)>>"))
    book.beyond(rule, "script in UTF-16", lambda: linked(b"<</S/JavaScript/JS<feff0061>>>"))
    book.beyond(
        rule, "script in a stream", lambda: written(more={10: b"<</S/JavaScript/JS 11 0 R>>", 11: stream(b"", b"a")})
    )
    book.beyond(rule, "script in a stream of objects", lambda: packed(document(b"/X 10 0 R", more={10: SCRIPT})))
    book.beyond(rule, "script among the names in a stream of objects", lambda: packed(document(named)))
    book.beyond(
        rule,
        "script in an outline",
        lambda: written(
            b"/Outlines 10 0 R",
            more={10: b"<</First 11 0 R/Last 11 0 R/Count 1>>", 11: b"<</Title(a)/Parent 10 0 R/A%b>>" % SCRIPT},
        ),
    )
    book.beyond(
        rule,
        "script whose kind is told elsewhere",
        lambda: written(more={10: b"<</S 11 0 R/JS(a)>>", 11: b"/JavaScript"}),
    )
    book.beyond(rule, "script behind a jump to a page", lambda: linked(b"<</S/GoTo/D[3 0 R/Fit]/Next%b>>" % SCRIPT))
    book.beyond(rule, "script that nothing refers to", lambda: written(more={10: SCRIPT}))
    book.beyond(rule, "script that came with an update", lambda: update(written(), {10: b"<</A%b>>" % SCRIPT}))
    for name, address in {
        "blanks in front": b" javascript:a\\(\\)",
        "a break in front": b"\\tjavascript:a\\(\\)",
        "a break in it": b"java\\nscript:a\\(\\)",
        "a page": b"data:text/html,<script>a\\(\\)</script>",
    }.items():
        book.beyond(rule, f"script as address with {name}", partial(linked, b"<</S/URI/URI(%b)>>" % address))
    book.beyond(rule, "script as address of a link", lambda: linked(b"<</S/URI/URI(JavaScript:alert\\(1\\))>>"))
    book.beyond(rule, "script in a linearized file", lambda: rewritten(written(named), linearize=True))
    book.beyond(
        rule,
        "script in an encrypted stream of objects",
        lambda: encrypted(packed(document(named)), pikepdf.Permissions(extract=False), packs=True),
        Finding.RESTRICTED,
    )
    book.beyond(rule, "script that runs when opened", lambda: opened(SCRIPT), automatic)
    book.beyond(rule, "script that runs with a page", lambda: written(page=b"/AA<</O%b>>" % SCRIPT), automatic)
    book.beyond(rule, "script that runs before printing", lambda: written(b"/AA<</WP%b>>" % SCRIPT), automatic)
    book.beyond(
        rule, "script at each key of a field", lambda: with_field(b"<</FT/Tx/T(a)/AA<</K%b>>>>" % SCRIPT), Finding.FORM
    )
    book.beyond(
        rule, "script that computes a field", lambda: with_field(b"<</FT/Tx/T(a)/AA<</C%b>>>>" % SCRIPT), Finding.FORM
    )
    book.beyond(rule, "script with a film", lambda: linked(b"<</S/Rendition/JS(a)>>"), Finding.MULTIMEDIA)
    book.beyond(rule, "script beside a name in Latin-1", lambda: linked(b"<</S/JavaScript/JS(a)/T\xedtulo/\xcdndice>>"))
    book.beyond(
        rule, "script in what is not well formed", lambda: written(more={10: b"[" + b"} " * 20 + SCRIPT + b"]"})
    )
    book.beyond(rule, "script in the table of the file", lambda: pdf(document(), trailer=b"/X%b" % SCRIPT))
    book.at_limit(rule, "no script among the names", lambda: written(b"/Names<</JavaScript<</Names[]>>>>"))
    book.at_limit(rule, "script without a program", lambda: linked(b"<</S/JavaScript>>"))
    book.at_limit(rule, "a part that is called JavaScript", lambda: element(b"JavaScript"))
    book.at_limit(rule, "a title that speaks of /JS", lambda: written(b"/X<</Title(about /JS and /JavaScript)>>"))
    picture = stream(b"/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", b"a")
    book.at_limit(
        rule,
        "a picture that is called JS",
        lambda: written(b"", b"/Resources<</XObject<</JS 10 0 R>>>>", {10: picture}),
    )


def programs(book: Book) -> None:
    """Other programs that are opened."""
    rule, automatic = Finding.LAUNCH, Finding.AUTOMATIC_ACTION
    book.beyond(rule, "program in a link", lambda: linked(LAUNCH))
    book.beyond(rule, "program when opened", lambda: opened(LAUNCH), automatic)
    book.beyond(rule, "program for Windows", lambda: linked(b"<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>"))
    book.beyond(
        rule,
        "program behind jumps",
        lambda: opened(b"<</S/GoTo/D[3 0 R/Fit]/Next[%b<</S/GoTo/Next%b>>]>>" % (TO_PAGE, LAUNCH)),
        automatic,
    )
    book.beyond(rule, "program by its protocol", lambda: linked(b"<</S/URI/URI(search-ms:query=a&crumb=location:b)>>"))
    book.beyond(rule, "program with escaped names", lambda: linked(b"<</S/L#61unc#68/F(a)>>"))
    book.beyond(rule, "program in a stream of objects", lambda: packed(document(more={10: LAUNCH})))
    book.beyond(
        rule, "program whose kind is told elsewhere", lambda: written(more={10: b"<</S 11 0 R/F(a)>>", 11: b"/Launch"})
    )
    book.beyond(
        rule,
        "program in what is not well formed, escaped",
        lambda: written(more={10: b"<<" + b"} " * 20 + b"/A<</S/L#61unch/F(a)>>>>"}),
    )
    book.at_limit(rule, "program without its name", lambda: linked(b"<</S/Launch>>"))
    book.at_limit(rule, "a part that is called Launch", lambda: element(b"Launch"))


def actions(book: Book) -> None:
    """What happens by itself."""
    rule, external = Finding.AUTOMATIC_ACTION, Finding.EXTERNAL_CONTENT
    web = b"<</S/URI/URI(https://www.gob.pe/)>>"
    book.beyond(rule, "page of the web when opened", lambda: opened(web))
    book.beyond(rule, "printing when opened", lambda: opened(b"<</S/Named/N/Print>>"))
    book.beyond(rule, "what is hidden when opened", lambda: opened(b"<</S/Hide/T(a)/H true>>"))
    book.beyond(rule, "page of the web when opened, told elsewhere", lambda: opened(b"10 0 R", {10: web}))
    book.beyond(rule, "page of the web after a jump", lambda: opened(b"<</S/GoTo/D[3 0 R/Fit]/Next%b>>" % web))
    book.beyond(rule, "page of the web with a page", lambda: written(page=b"/AA<</C%b>>" % web))
    book.beyond(rule, "page of the web when a note is seen", lambda: annotated(b"/Subtype/Link/AA<</PO%b>>" % web))
    book.beyond(rule, "page of the web under the pointer", lambda: annotated(b"/Subtype/Link/AA<</E%b>>" % web))
    book.beyond(
        rule, "an unending chain of jumps", lambda: opened(b"10 0 R", {10: b"<</S/GoTo/D[3 0 R/Fit]/Next 10 0 R>>"})
    )
    book.beyond(rule, "sending when opened", lambda: opened(b"<</S/SubmitForm/F(https://a.example/)>>"), external)
    book.beyond(rule, "fetching when opened", lambda: opened(b"<</S/ImportData/F(a.fdf)>>"), external)
    for name, action in {
        "a page when opened": TO_PAGE,
        "a view when opened": b"[3 0 R/XYZ null null 1]",
        "the first page when opened": b"<</S/Named/N/FirstPage>>",
        "two jumps when opened": b"<</S/GoTo/D[3 0 R/Fit]/Next<</S/Named/N/NextPage>>>>",
        "a thread when opened": b"<</S/Thread/D 0>>",
    }.items():
        book.at_limit(rule, name, partial(opened, action))
    book.at_limit(rule, "page of the web at a click", lambda: annotated(b"/Subtype/Link/AA<</U%b>>" % web))
    book.at_limit(rule, "nothing when opened", lambda: written(b"/AA<<>>", b"/AA<<>>"))


def other_files(book: Book) -> None:
    """What lies in other files, or is sent elsewhere."""
    rule = Finding.EXTERNAL_CONTENT
    for name, action in {
        "a link to another file": b"<</S/GoToR/F(otro.pdf)/D[0/Fit]>>",
        "a thread in another file": b"<</S/Thread/F(otro.pdf)/D 0>>",
        "a button that sends": b"<</S/SubmitForm/F(https://a.example/)>>",
        "a link to a file": b"<</S/URI/URI(file:///C:/a.exe)>>",
        "a link to a share": b"<</S/URI/URI(\\\\\\\\10.0.0.1\\\\a)>>",
    }.items():
        book.beyond(rule, name, partial(linked, action))
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
    book.beyond(rule, "contents in another file", lambda: pdf(document(contents=stream(b"/F(otro.bin)", b""))))
    book.beyond(
        rule,
        "a drawing in another file",
        lambda: written(more={10: stream(form + b"/Ref<</F(otro.pdf)/Page 0>>", b"")}),
    )
    book.beyond(
        rule, "a picture on a server", lambda: written(more={10: stream(form + b"/OPI<</2.0<</F(a.tif)>>>>", b"")})
    )
    book.beyond(
        rule, "a file on the web", lambda: written(more={10: b"<</Type/Filespec/FS/URL/F(https://a.example/)>>"})
    )
    for name, action in {
        "a link to the web": b"<</S/URI/URI(https://www.gob.pe/file)>>",
        "a link to a mail": b"<</S/URI/URI(mailto:mesa@example.pe)>>",
        "a link to a chat": b"<</S/URI/URI(whatsapp://send?phone=51999999999)>>",
        "a link without a protocol": b"<</S/URI/URI(anexos/plano.pdf#javascript:)>>",
        "a link to a page": TO_PAGE,
        "a thread in the same file": b"<</S/Thread/D 0>>",
        "a form that is emptied": b"<</S/ResetForm>>",
    }.items():
        book.at_limit(rule, name, partial(linked, action))
    book.at_limit(rule, "a note with flags", lambda: annotated(b"/Subtype/Text/F 28/Contents(revisar)"))


def media(book: Book) -> None:
    """Sound, film and space."""
    rule = Finding.MULTIMEDIA
    for name, annotation in {
        "rich media": b"/Subtype/RichMedia/RichMediaContent<<>>",
        "a film": b"/Subtype/Movie/Movie<</F(a.avi)>>",
        "a sound": b"/Subtype/Sound/Sound 4 0 R",
        "an object in space": b"/Subtype/3D/3DD 4 0 R",
    }.items():
        book.beyond(rule, name, partial(annotated, annotation))
    for name, action in {
        "a film that is played": b"<</S/Rendition/OP 0/R<<>>>>",
        "an old film that is played": b"<</S/Movie/T(a)>>",
        "a sound that is played": b"<</S/Sound/Sound 4 0 R>>",
        "rich media that is run": b"<</S/RichMediaExecute/TA 3 0 R>>",
        "an object that is turned": b"<</S/GoTo3DView/TA 3 0 R/V/F>>",
    }.items():
        book.beyond(rule, name, partial(linked, action))
    book.beyond(
        rule,
        "a film among the names",
        lambda: written(
            b"/Names<</Renditions<</Names[(a)10 0 R]>>>>", more={10: b"<</S/MR/N(a)/C<</S/MCD/D(a.avi)>>>>"}
        ),
    )
    book.at_limit(rule, "a screen without a film", lambda: annotated(b"/Subtype/Screen"))
    book.at_limit(rule, "a sound without any", lambda: annotated(b"/Subtype/Sound"))
    book.at_limit(rule, "a part that is called Movie", lambda: element(b"Movie"))


def files_inside(book: Book) -> None:
    """Other files within the document."""
    rule = Finding.EMBEDDED_FILES
    held = {10: b"<</Type/Filespec/F(a.xml)/UF(a.xml)/EF<</F 11 0 R>>/AFRelationship/Source>>",
            11: stream(b"/Type/EmbeddedFile/Subtype/text#2Fxml", b"<a/>")}  # fmt: skip
    names = b"/Names<</EmbeddedFiles<</Names[(a)10 0 R]>>>>"
    book.beyond(rule, "a file among the names", lambda: written(names, more=held))
    book.beyond(rule, "a file in a note", lambda: annotated(b"/Subtype/FileAttachment/FS 10 0 R", held))
    book.beyond(rule, "a file as PDF/A-3 has it", lambda: written(b"/AF[10 0 R]" + names, more=held))
    book.beyond(
        rule,
        "a file in a note that is no object",
        lambda: annotated(b"/Subtype/FileAttachment/FS<</Type/Filespec/F(a)/EF<</F 11 0 R>>>>", held),
    )
    book.beyond(rule, "a file in a stream of objects", lambda: packed(document(names, more=held)))
    book.beyond(
        rule, "a file under an escaped name", lambda: written(more={10: b"<</F(a)/E#46<</F 11 0 R>>>>", 11: held[11]})
    )
    book.beyond(rule, "a link into a file inside", lambda: linked(b"<</S/GoToE/T<</R/C/N(a)>>>>"))
    book.at_limit(rule, "no file among the names", lambda: written(b"/Names<</EmbeddedFiles<</Names[]>>>>"))
    book.at_limit(rule, "the name of a file", lambda: written(more={10: b"<</Type/Filespec/F(a.xml)>>"}))
    book.at_limit(rule, "a file that is not there", lambda: written(more={10: b"<</Type/Filespec/F(a)/EF<<>>>>"}))


def forms(book: Book) -> None:
    """Fields that can still be changed."""
    rule = Finding.FORM
    book.beyond(rule, "a line to write", lambda: with_field(b"<</FT/Tx/T(a)>>"))
    book.beyond(rule, "a box to tick", lambda: with_field(b"<</FT/Btn/T(a)>>"))
    book.beyond(rule, "a list to choose from", lambda: with_field(b"<</FT/Ch/T(a)/Opt[(x)(y)]>>"))
    book.beyond(
        rule, "a line below another field", lambda: with_field(b"<</FT/Tx/T(a)/Kids[<</T(b)/Kids[<</T(c)>>]>>]>>")
    )
    book.beyond(
        rule, "a line below one that is locked", lambda: with_field(b"<</FT/Tx/Ff 1/T(a)/Kids[<</T(b)/Ff 0>>]>>")
    )
    book.beyond(
        rule, "a line beside a signature", lambda: with_field(b"<</T(a)/Kids[<</FT/Sig/T(b)>><</FT/Tx/T(c)>>]>>")
    )
    book.at_limit(rule, "a place for a signature", lambda: with_field(b"<</FT/Sig/T(a)>>", b"/SigFlags 3"))
    book.at_limit(rule, "a line that is locked", lambda: with_field(b"<</FT/Tx/T(a)/Ff 1/V(x)>>"))
    book.at_limit(rule, "lines that are locked from above", lambda: with_field(b"<</FT/Tx/T(a)/Ff 1/Kids[<</T(b)>>]>>"))
    book.at_limit(rule, "a button", lambda: with_field(b"<</FT/Btn/T(a)/Ff 65536>>"))
    book.at_limit(rule, "a form without fields", lambda: written(b"/AcroForm<</Fields[]>>"))
    dynamic = Finding.DYNAMIC_FORM
    book.beyond(
        dynamic,
        "a dynamic form",
        lambda: written(b"/AcroForm<</Fields[]/XFA 10 0 R>>", more={10: stream(b"", b"<xdp/>")}),
    )
    book.beyond(
        dynamic, "a dynamic form in parts", lambda: with_field(b"<</FT/Tx/T(a)>>", b"/XFA[(template)4 0 R]"), rule
    )
    book.beyond(
        dynamic,
        "a dynamic form in a stream of objects",
        lambda: packed(document(b"/AcroForm 10 0 R", more={10: b"<</Fields[]/XFA[(a)4 0 R]>>"})),
    )
    book.at_limit(dynamic, "no dynamic form", lambda: written(b"/AcroForm<</Fields[]/XFA null>>"))


assert FIRST_FREE == 10
