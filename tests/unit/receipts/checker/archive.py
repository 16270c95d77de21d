"""What archives ask for (ISO 19005-3): metadata said twice alike, one known colour space, and nothing that acts."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pikepdf
from pikepdf import Name
from PIL import Image, ImageCms

from tests.unit.receipts.checker.catalog import nested

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "x": "adobe:ns:meta/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "pdfaExtension": "http://www.aiim.org/pdfa/ns/extension/",
    "pdfaSchema": "http://www.aiim.org/pdfa/ns/schema#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
}
ALIKE = {
    "/Title": "dc:title/rdf:Alt/rdf:li",
    "/Author": "dc:creator/rdf:Seq/rdf:li",
    "/Producer": "pdf:Producer",
    "/CreationDate": "xmp:CreateDate",
    "/ModDate": "xmp:ModifyDate",
}
FORBIDDEN = {
    *("/JS", "/JavaScript", "/AA", "/OpenAction", "/A0", "/URI", "/XFA", "/NeedAppearances", "/RichMediaContent"),
    *("/SMask", "/Group", "/BM", "/CA", "/ca", "/ExtGState", "/Alternates", "/OPI", "/Ref", "/PS", "/TR", "/HTP"),
    *("/OCProperties", "/Requirements", "/PresSteps", "/AlternatePresentations", "/Encrypt", "/Outlines", "/Dests"),
    *("/Interpolate", "/FFilter", "/FDecodeParms", "/DSS", "/Collection", "/AP", "/MK", "/Cert"),
}
FILTERS = {None, Name.FlateDecode}
MOST_APART = 1


def check_metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say where XMP and Info differ, or what the packet claims in vain."""
    stream = pdf.Root.Metadata
    if "/Filter" in stream or stream.get("/Subtype") != Name.XML or stream.get("/Type") != Name.Metadata:
        yield "XMP: not plain to see"
    raw = stream.read_raw_bytes()
    if not raw.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'):
        yield "XMP: no header of a packet"
    if not re.search(rb'<\?xpacket end="[rw]"\?>\s*$', raw):
        yield "XMP: no trailer of a packet"
    tree = ElementTree.fromstring(raw)
    yield from _check_info(pdf, tree)
    yield from _check_claim(tree)


def _check_info(pdf: pikepdf.Pdf, tree: ElementTree.Element) -> Iterator[str]:
    if set(pdf.docinfo.keys()) != set(ALIKE):
        yield f"Info: other keys than {sorted(ALIKE)}"
    for key, path in ALIKE.items():
        said, archived = str(pdf.docinfo.get(key, "")), _value(tree, path)
        if key.endswith("Date"):
            said, archived = _digits(said), _digits(archived)
        if said != archived or not said:
            yield f"XMP: {path} is not what Info says as {key}"
    if "borb" not in str(pdf.docinfo.get("/Producer", "")):
        yield "Info: the producer is not named"


def _value(tree: ElementTree.Element, path: str) -> str:
    found = tree.findall(f".//{path}", SPACES)
    return (found[0].text or "") if len(found) == 1 else f"{len(found)} values"


def _digits(text: str) -> str:
    """Return the digits of a date, for that of Info and that of XMP differ only in what stands between them."""
    return re.sub(r"\D", "", text)


def _check_claim(tree: ElementTree.Element) -> Iterator[str]:
    known = {f"{{{uri}}}" for uri in SPACES.values()}
    for element in tree.iter():
        if element.tag[: element.tag.index("}") + 1] not in known:
            yield f"XMP: {element.tag} has no schema"
    claimed = [_value(tree, path) for path in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")]
    if claimed == ["0 values"] * 3:
        return
    if claimed != ["3", "A", "1"]:
        yield f"XMP: claims {claimed}"
    schema = [_value(tree, f"pdfaSchema:{name}") for name in ("namespaceURI", "prefix")]
    if schema != [SPACES["pdfuaid"], "pdfuaid"] or _value(tree, "pdfaProperty:name") != "part":
        yield "XMP: the schema of PDF/UA is not described"


def check_colours(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what is wrong with the profile by which colours are meant."""
    (intent,) = pdf.Root.OutputIntents
    if intent.get("/S") != Name.GTS_PDFA1 or not str(intent.get("/OutputConditionIdentifier", "")):
        yield "colours: not the output intent of PDF/A"
    stream = intent.DestOutputProfile
    profile = stream.read_bytes()
    if int(stream.get("/N", 0)) != 3 or profile[16:20] != b"RGB " or profile[12:16] != b"mntr":
        yield "colours: not the profile of an RGB monitor"
    if int.from_bytes(profile[:4], "big") != len(profile) or profile[36:40] != b"acsp" or profile[8] not in (2, 4):
        yield "colours: no ICC profile"
        return
    picture = Image.new("RGB", (64, 1))
    for place in range(64):
        picture.putpixel((place, 0), (place * 4, 255 - place * 4, place * 37 % 256))
    own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    seen = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"))
    assert seen is not None
    if max(abs(one - other) for one, other in zip(picture.tobytes(), seen.tobytes(), strict=True)) > MOST_APART:
        yield "colours: the profile is not sRGB"


def check_nothing_forbidden(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Say what acts, depends on something outside, hides or shines through."""
    for thing in pdf.objects:
        for value in nested(thing):
            if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                continue
            for key in FORBIDDEN & set(value.keys()):
                yield f"forbidden: {key}"
            if value.get("/S") in (Name.JavaScript, Name.Launch, Name.URI, Name.GoToR, Name.SubmitForm, Name.Named):
                yield f"forbidden: the action {value.get('/S')}"
            if isinstance(value, pikepdf.Stream):
                yield from _check_stream(value)


def _check_stream(stream: pikepdf.Stream) -> Iterator[str]:
    if "/F" in stream:
        yield "forbidden: a stream outside the file"
    if stream.get("/Filter") not in FILTERS:
        yield f"forbidden: the filter {stream.get('/Filter')}"
