"""
From facts to the bytes of a PDF with room for a seal: tagged, archival, with the facts attached as JSON.

Imports borb: only the process that renders imports this module.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from receipts.batches import pack_unsealed, unpack_batch
from receipts.body import Body, pdf_date, text
from receipts.drawing import draw
from receipts.fitting import clean
from receipts.flow import PAGE_HEIGHT, PAGE_WIDTH
from receipts.layout import lay_out
from receipts.structure import Structure
from receipts.template import PARTS, PRODUCER, lay_down
from rules.receipts import ReceiptFacts
from rules.workdays import in_lima

if TYPE_CHECKING:
    from receipts.batches import Unsealed
    from receipts.marks import Layout
    from receipts.template import Template

ATTACHMENT = "(constancia.json)"
FIELD = text("Sello electrónico de la entidad")
PRINTED_AND_LOCKED = 132
CATALOG = (PARTS / "catalog.txt").read_text("ascii").replace("\n", "")
METADATA = (PARTS / "metadata.xml").read_text("utf-8")
CLAIM = (PARTS / "claim.xml").read_text("utf-8")
NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NO_CHANGES = "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]"


def render_batch(data: bytes) -> bytes:
    """Return the receipts of a batch, see `receipts.batches`."""
    batch = unpack_batch(data)
    emblems = {hashlib.sha256(emblem).hexdigest(): emblem for emblem in batch.emblems}

    def made(data: bytes) -> Unsealed:
        facts = ReceiptFacts.from_bytes(data)
        emblem = emblems.get(facts.letterhead.emblem_sha256 or "")
        return render(facts, room=batch.room, emblem=emblem, claims_conformity=batch.claims_conformity)

    return pack_unsealed([made(facts) for facts in batch.facts])


def render(facts: ReceiptFacts, *, room: int, emblem: bytes | None = None, claims_conformity: bool = False) -> Unsealed:
    """
    Return the PDF of *facts*: the same bytes whenever, wherever and however often it is asked for.

    *room* are the bytes left for its seal. *emblem* is the PNG that the letterhead names by its SHA-256.

    Raises:
        UnknownLayout: the facts were frozen for another layout.
        WrongEmblem: *emblem* is another one, or is missing.
    """
    template = lay_down(facts.entity, facts.unit, facts.entity_ruc, facts.letterhead, emblem)
    body = Body(template)
    seal, field = body.number(), body.number()
    structure = _put_pages(body, template, lay_out(facts), field=field, seal=seal)
    attached, metadata = _put_facts(body, facts), _put_metadata(body, template, facts, claim=CLAIM * claims_conformity)
    pages, intents = template.pages, template.intents
    leads = {"pages": pages, "structure": structure, "metadata": metadata, "intents": intents, "attached": attached}
    body.put(template.catalog, CATALOG.format(**leads, field=field, seal=seal, name=ATTACHMENT))
    return body.close(seal, _seal(facts), room=room)


def title_of(facts: ReceiptFacts) -> str:
    """Return the title of the receipt of *facts*."""
    return _plain(f"{facts.kind.label} {facts.number}")


def _plain(said: str) -> str:
    """Return *said* on one line; what XML cannot hold becomes U+FFFD, so that XMP and Info say the same."""
    return NOT_IN_XML.sub("\ufffd", clean(said))


def _put_pages(body: Body, template: Template, layout: Layout, *, field: int, seal: int) -> int:
    """Put the pages with what they show, the field of the seal and the structure; return the root of the structure."""
    sheets = [template.first_page, *(body.number() for _ in layout.pages[1:])]
    structure = Structure(body, sheets)
    root = structure.put_document([*template.elements, *layout.document.children], field, name=FIELD)
    del structure.tags[0][: len(template.elements)]
    begins, notes = f"{template.letterhead} 0 R ", f"/Annots[{field} 0 R]"
    fixed = f"/MediaBox[0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]/Resources {template.resources} 0 R/Tabs/S"
    for index, (sheet, page) in enumerate(zip(sheets, layout.pages, strict=True)):
        shown = f"/Contents[{begins}{body.put_stream('', draw(page, structure.tags[index]))} 0 R]{notes}"
        body.put(sheet, f"<</Type/Page/Parent {template.pages} 0 R{fixed}{shown}/StructParents {index}>>")
        begins = notes = ""
    kids = " ".join(f"{sheet} 0 R" for sheet in sheets)
    body.put(template.pages, f"<</Type/Pages/Count {len(sheets)}/Kids[{kids}]>>")
    kind = f"/Type/Annot/Subtype/Widget/FT/Sig/T(Sello)/TU{FIELD}/Rect[0 0 0 0]/F {PRINTED_AND_LOCKED}"
    body.put(field, f"<<{kind}/P {template.first_page} 0 R/StructParent {len(sheets)}/V {seal} 0 R>>")
    return root


def _put_facts(body: Body, facts: ReceiptFacts) -> int:
    data = facts.to_bytes()
    check = hashlib.md5(data, usedforsecurity=False).hexdigest()
    about = f"/Params<</Size {len(data)}/ModDate{pdf_date(facts.dated_at)}/CheckSum<{check}>>>"
    file = body.put_stream(f"/Type/EmbeddedFile/Subtype/application#2Fjson{about}", data)
    names = f"/F{ATTACHMENT}/UF{ATTACHMENT}/Desc{text('Datos de esta constancia')}/EF<</F {file} 0 R/UF {file} 0 R>>"
    return body.put(body.number(), f"<</Type/Filespec/AFRelationship/Data{names}>>")


def _put_metadata(body: Body, template: Template, facts: ReceiptFacts, *, claim: str) -> int:
    """Put Info (ISO 32000-1, 14.3.3) and an XMP packet (ISO 16684-1) that says the same, besides *claim*."""
    title, author, date = title_of(facts), _plain(facts.entity), pdf_date(facts.dated_at)
    says = f"/Title{text(title)}/Author{text(author)}/Producer({PRODUCER})/CreationDate{date}/ModDate{date}"
    body.put(template.info, f"<<{says}>>")
    instant = in_lima(facts.dated_at).isoformat(timespec="seconds")
    said = {"title": escape(title), "author": escape(author), "date": instant, "producer": PRODUCER, "claim": claim}
    return body.put_stream("/Type/Metadata/Subtype/XML", METADATA.format(**said).encode(), is_compressed=False)


def _seal(facts: ReceiptFacts) -> str:
    """Return the entries of the signature dictionary (ISO 32000-1, 12.8.1; ETSI EN 319 142-1, 5.3) but for the seal."""
    who, where = facts.seal.holder if facts.seal else facts.entity, facts.unit
    said = f"/M{pdf_date(facts.dated_at)}/Name{text(who)}/Reason{text(title_of(facts))}/Location{text(where)}"
    return f"/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached{said}{NO_CHANGES}"
