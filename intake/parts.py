"""What each part of a mail is to the counter, under which name, and how large its content is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from intake import decoding, tnef
from intake.anatomy import Encoding, Part, PartKind, Suspicion
from intake.charsets import decode_bytes
from intake.embedded import find_embedded
from intake.locks import Lookout
from intake.reports import REPORT
from rules.files import HEAD_BYTES, clean_file_name

if TYPE_CHECKING:
    from intake.embedded import EmbeddedFile
    from intake.headers import Bytes
    from intake.structure import Leaf, Structure

SMALL_IMAGE_BYTES: Final = 30 * 1024
MOST_LOOKED_INTO_BYTES: Final = 64 * 2**20
"""How much content inside wrappers is looked into for locks, of one mail."""

Again: TypeAlias = Callable[[], Iterator[bytes]]

_SIGNATURES: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_REPORTS: Final = frozenset(
    {
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/global-delivery-status",
        "text/rfc822-headers",
    }
)
_OPAQUE: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
PGP_MESSAGE: Final = "-----BEGIN PGP MESSAGE-----"
_PGP_NAMES: Final = (".pgp", ".gpg")
_TNEF_TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_MESSAGES_FOR_PEOPLE: Final = {
    "message/partial": Suspicion.FRAGMENT,
    "message/external-body": Suspicion.CONTENT_ELSEWHERE,
}
_CONTENT_OPAQUE: Final = "signed-data"
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")


@dataclass(slots=True)
class FoundParts:
    """The parts, the texts among the leaves with where each ends, and what no machine can read."""

    parts: list[Part] = field(default_factory=list[Part])
    texts: list[tuple[Leaf, int]] = field(default_factory=list["tuple[Leaf, int]"])
    wrapped_text: str = ""
    suspicions: set[Suspicion] = field(default_factory=set[Suspicion])


def read_parts(data: Bytes, structure: Structure) -> FoundParts:
    """Return what the leaves of a mail are; beside them, the files inside texts and inside wrappers."""
    found = FoundParts()
    for leaf in structure.leaves:
        kind = kind_of(leaf)
        found.suspicions |= _secrecy(data, leaf)
        if _is_of_machine(leaf, kind, structure):
            found.suspicions.add(Suspicion.READS_AUTOMATIC)
        if kind is PartKind.TEXT:
            _add_text(data, leaf, found)
        elif kind in (PartKind.FILE, PartKind.INLINE_IMAGE):
            _add_file(data, leaf, kind, found)
        else:
            found.parts.append(_part(leaf, kind))
    return found


def kind_of(leaf: Leaf) -> PartKind:
    """Return what a leaf says that it is."""
    main, _, _ = leaf.media_type.partition("/")
    if leaf.media_type in _SIGNATURES or (leaf.is_within("multipart/signed") and _name_ends(leaf, ".p7s", ".sig")):
        return PartKind.SIGNATURE
    if leaf.media_type in _REPORTS:
        return PartKind.REPORT
    if main == "message":
        return PartKind.MESSAGE
    if leaf.media_type == "application/applefile" and leaf.is_within("multipart/appledouble"):
        return PartKind.RESOURCE_FORK
    if main in ("text", "multipart") and leaf.disposition != "attachment" and leaf.raw_name is None:
        return PartKind.TEXT
    if main == "image" and _is_shown_inside(leaf):
        return PartKind.INLINE_IMAGE
    return PartKind.FILE


def _is_shown_inside(leaf: Leaf) -> bool:
    """Say whether an image belongs to the text: a signature's logo is no annex (RFC 2387, 2392)."""
    is_referred_to = leaf.fields.first("content-id") is not None
    return is_referred_to and leaf.disposition != "attachment" and leaf.is_within("multipart/related")


def _name_ends(leaf: Leaf, *endings: str) -> bool:
    return (leaf.raw_name or "").strip().lower().endswith(endings)


def _secrecy(data: Bytes, leaf: Leaf) -> set[Suspicion]:
    """Return why a leaf's content cannot be seen, by what its fields say."""
    found = {_MESSAGES_FOR_PEOPLE[leaf.media_type]} if leaf.media_type in _MESSAGES_FOR_PEOPLE else set[Suspicion]()
    if leaf.is_within("multipart/encrypted") or leaf.media_type == "multipart/encrypted":
        found.add(Suspicion.ENCRYPTED)
    if leaf.media_type == "application/pgp-encrypted" or _name_ends(leaf, *_PGP_NAMES):
        found.add(Suspicion.ENCRYPTED)
    if leaf.media_type in _OPAQUE or _name_ends(leaf, ".p7m"):
        found.add(Suspicion.SIGNED_OPAQUE if _is_signed(data, leaf) else Suspicion.ENCRYPTED)
    return found


def _is_signed(data: Bytes, leaf: Leaf) -> bool:
    """Say whether it is a signature around its content (RFC 5652), as of PDFs signed abroad, and nothing secret."""
    if leaf.parameters.get("smime-type", "").lower() == _CONTENT_OPAQUE:
        return True
    beginning = decoding.decoded(data, leaf.start, min(leaf.end, leaf.start + HEAD_BYTES), encoding=leaf.encoding)
    return _SIGNED_DATA in next(beginning, b"")[:HEAD_BYTES]


def _is_of_machine(leaf: Leaf, kind: PartKind, structure: Structure) -> bool:
    """Say whether a part is an invitation or its answer (RFC 5546, 6047), or a report in a mail that is called none."""
    if leaf.media_type == "text/calendar":
        return "method" in leaf.parameters
    return kind is PartKind.REPORT and structure.media_type != REPORT


def _part(leaf: Leaf, kind: PartKind) -> Part:
    return Part(
        kind=kind,
        media_type=leaf.media_type,
        name=clean_file_name(leaf.raw_name) if leaf.raw_name else None,
        start=leaf.start,
        end=leaf.end,
        encoding=leaf.encoding,
        charset=leaf.parameters.get("charset", "")[:40] or None,
    )


def _add_text(data: Bytes, leaf: Leaf, found: FoundParts) -> None:
    found.parts.append(_part(leaf, PartKind.TEXT))
    embedded = find_embedded(data, leaf) if leaf.media_type != "text/html" else []
    found.texts.append((leaf, embedded[0].start if embedded else leaf.end))
    for file in embedded:
        _add_embedded(data, file, found)


def _add_embedded(data: Bytes, file: EmbeddedFile, found: FoundParts) -> None:
    def again() -> Iterator[bytes]:
        return decoding.decoded(data, file.start, file.end, encoding=file.encoding)

    if file.is_fragment:
        found.suspicions.add(Suspicion.FRAGMENT)
    if file.encoding is Encoding.YENC and decoding.has_many_escapes(data, file.start, file.end):
        found.suspicions.add(Suspicion.UNKNOWN_ENCODING)
        return
    size, head = _measure(again, found)
    if size:
        name = clean_file_name(decode_bytes(file.raw_name))
        part = Part(PartKind.FILE, "application/octet-stream", name, file.start, file.end, file.encoding)
        found.parts.append(_with_content(part, size, head))


def _add_file(data: Bytes, leaf: Leaf, kind: PartKind, found: FoundParts) -> None:
    def again() -> Iterator[bytes]:
        return decoding.decoded(data, leaf.start, leaf.end, encoding=leaf.encoding)

    if not leaf.has_known_encoding:
        found.suspicions.add(Suspicion.UNKNOWN_ENCODING)
    size, head = _measure(again, found)
    if _is_wrapper(leaf, head):
        found.parts.append(_part(leaf, PartKind.WRAPPER))
        _add_wrapped(leaf, again, found)
        return
    if head.lstrip().startswith(PGP_MESSAGE.encode()):
        found.suspicions.add(Suspicion.ENCRYPTED)
    if leaf.raw_name is None and leaf.media_type.startswith("image/") and size <= SMALL_IMAGE_BYTES:
        kind = PartKind.INLINE_IMAGE
    found.parts.append(_with_content(_part(leaf, kind), size, head))


def _with_content(part: Part, size: int, head: bytes) -> Part:
    return replace(part, size_bytes=size, head=head)


def _is_wrapper(leaf: Leaf, head: bytes) -> bool:
    if leaf.media_type in _TNEF_TYPES:
        return True
    return head.startswith(tnef.SIGNATURE)


def _add_wrapped(leaf: Leaf, again: Again, found: FoundParts) -> None:
    wrapper = tnef.read_tnef(again())
    found.wrapped_text = found.wrapped_text or wrapper.text
    if wrapper.is_damaged:
        found.suspicions.add(Suspicion.DAMAGED_TNEF)
    for file in wrapper.files:
        kind = PartKind.MESSAGE if file.is_message else PartKind.FILE
        part = Part(
            kind=kind,
            media_type="message/rfc822" if file.is_message else "application/octet-stream",
            name=clean_file_name(file.name) if file.name else None,
            start=leaf.start,
            end=leaf.end,
            encoding=leaf.encoding,
            cut=(file.start, file.end),
        )
        found.parts.append(part if file.is_message else _with_content(part, file.end - file.start, file.head))
    _look_into(wrapper.files, again, found)


def _look_into(files: list[tnef.WrappedFile], again: Again, found: FoundParts) -> None:
    """Look for locks in what was wrapped; each file costs one more pass over the wrapper, so not in endlessly many."""
    room = MOST_LOOKED_INTO_BYTES
    for file in files:
        room -= file.end
        if room < 0 or file.is_message:
            continue

        def inside(file: tnef.WrappedFile = file) -> Iterator[bytes]:
            return decoding.cut_out(again(), file.start, file.end)

        _measure(inside, found)


def _measure(again: Again, found: FoundParts) -> tuple[int, bytes]:
    """Return the length of a content and its first bytes; notice a lock on it."""
    pieces = _with_long_first(again())
    first = next(pieces)
    lookout, size = Lookout(first[:HEAD_BYTES]), 0
    for piece in chain((first,), pieces):
        size += len(piece)
        lookout.see(piece)
    if lookout.finds_lock(again):
        found.suspicions.add(Suspicion.LOCKED_FILE)
    return size, first[:HEAD_BYTES]


def _with_long_first(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of which the first is long enough for all that is told from a file's beginning."""
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= HEAD_BYTES:
            break
    yield first
    yield from pieces
