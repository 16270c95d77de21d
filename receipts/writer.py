"""
From facts to the bytes of a PDF with room for a seal: tagged, archival, with the facts attached as JSON.

Imports borb: only the process that renders imports this module.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from receipts.batches import pack_unsealed, unpack_batch
from receipts.body import Body
from receipts.drawing import draw
from receipts.flow import PAGE_HEIGHT, PAGE_WIDTH
from receipts.layout import lay_out
from receipts.marks import Run
from receipts.metadata import describe, pdf_date, text
from receipts.structure import Structure
from receipts.template import lay_down

if TYPE_CHECKING:
    from receipts.batches import Unsealed
    from receipts.marks import Layout
    from receipts.template import Template
    from rules.receipts import ReceiptFacts

ATTACHMENT = "constancia.json"
PRINTED_AND_LOCKED = 132
CATALOG = (
    "<</Type/Catalog/Pages {pages} 0 R/Lang(es-PE)/ViewerPreferences<</DisplayDocTitle true>>/MarkInfo<</Marked true>>"
    "/StructTreeRoot {structure} 0 R/Metadata {metadata} 0 R/OutputIntents {intents} 0 R/AF[{attachment} 0 R]"
    f"/Names<</EmbeddedFiles<</Names[({ATTACHMENT}){{attachment}} 0 R]>>>>"
    "/AcroForm<</SigFlags 3/Fields[{field} 0 R]>>/Perms<</DocMDP {seal} 0 R>>"
    "/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>>>"
)
NO_CHANGES = "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]"


def render_batch(data: bytes) -> bytes:
    """Return the receipts of a batch, see `receipts.batches`."""
    batch = unpack_batch(data)
    emblems = {hashlib.sha256(emblem).hexdigest(): emblem for emblem in batch.emblems}
    return pack_unsealed(
        render(
            facts,
            room=batch.room,
            emblem=emblems.get(facts.letterhead.emblem_sha256 or ""),
            claims_conformity=batch.claims_conformity,
        )
        for facts in batch.facts
    )


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
    metadata = describe(facts)
    structure = _put_pages(body, template, lay_out(facts), field=field, seal=seal)
    packet = metadata.xmp(claims_conformity=claims_conformity)
    numbers = template.numbers
    catalog = CATALOG.format(
        pages=numbers.pages,
        structure=structure,
        metadata=body.put_stream("/Type/Metadata/Subtype/XML", packet, is_compressed=False),
        intents=numbers.intents,
        attachment=_put_attachment(body, facts),
        field=field,
        seal=seal,
    )
    body.put(numbers.catalog, catalog)
    body.put(numbers.info, metadata.info())
    return body.close(seal, _seal(facts, reason=metadata.title), room=room)


def _put_pages(body: Body, template: Template, layout: Layout, *, field: int, seal: int) -> int:
    """Put the pages with what they show, the field of the seal and the structure; return the root of the structure."""
    numbers = template.numbers
    sheets = [numbers.first_page, *(body.number() for _ in layout.pages[1:])]
    runs = [[item for item in page if isinstance(item, Run)] for page in layout.pages]
    structure = Structure(body, [[*template.runs, *runs[0]], *runs[1:]], sheets)
    structure.put_document([*template.elements, *layout.document.children], field)
    for index, (sheet, page) in enumerate(zip(sheets, layout.pages, strict=True)):
        content = body.put_stream("", draw(page, structure.tags))
        first = (f"{numbers.letterhead} 0 R ", f"/Annots[{field} 0 R]") if sheet == numbers.first_page else ("", "")
        box = f"/MediaBox[0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]/Resources {numbers.resources} 0 R"
        shown = f"/Contents[{first[0]}{content} 0 R]{first[1]}/StructParents {index}/Tabs/S"
        body.put(sheet, f"<</Type/Page/Parent {numbers.pages} 0 R{box}{shown}>>")
    kids = " ".join(f"{sheet} 0 R" for sheet in sheets)
    body.put(numbers.pages, f"<</Type/Pages/Count {len(sheets)}/Kids[{kids}]>>")
    body.put(
        field,
        f"<</Type/Annot/Subtype/Widget/FT/Sig/T(Sello)/TU{text('Sello electrónico de la entidad')}/Rect[0 0 0 0]"
        f"/F {PRINTED_AND_LOCKED}/P {numbers.first_page} 0 R/StructParent {len(sheets)}/V {seal} 0 R>>",
    )
    return structure.root


def _put_attachment(body: Body, facts: ReceiptFacts) -> int:
    data = facts.to_bytes()
    check = hashlib.md5(data, usedforsecurity=False).hexdigest()
    about = f"/Params<</Size {len(data)}/ModDate{pdf_date(facts.dated_at)}/CheckSum<{check}>>>"
    file = body.put_stream(f"/Type/EmbeddedFile/Subtype/application#2Fjson{about}", data)
    names = f"/F({ATTACHMENT})/UF({ATTACHMENT})/Desc{text('Datos de esta constancia')}"
    return body.put(body.number(), f"<</Type/Filespec{names}/AFRelationship/Data/EF<</F {file} 0 R/UF {file} 0 R>>>>")


def _seal(facts: ReceiptFacts, *, reason: str) -> str:
    """Return the entries of the signature dictionary (ISO 32000-1, 12.8.1; ETSI EN 319 142-1, 5.3) but for the seal."""
    holder = facts.seal.holder if facts.seal else facts.entity
    said = f"/M{pdf_date(facts.dated_at)}/Name{text(holder)}/Reason{text(reason)}/Location{text(facts.unit)}"
    return f"/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached{said}{NO_CHANGES}"
