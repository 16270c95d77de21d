"""Looks at the compound files of older Office programs: .doc and .xls, and what else begins so."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, BinaryIO, Final

from files.sieve import marks
from files.sieve.compound import Compound, Stream, TooMany, Unreadable
from files.sieve.fields import loads_from_elsewhere
from files.sieve.names import RUN_BY_WINDOWS, extension_in
from files.sieve.workbooks import judge_records
from rules.verdicts import Finding, Judgement, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_BYTES: Final = 4 << 20
"""How much of a document's text, or of a workbook's records, is read at most."""
MAX_NATIVES: Final = 200
"""How many packed files are looked at."""
_NATIVE_BYTES: Final = 2_048
_WORD_MARKS: Final = (0xA5EC, 0xA5DC, 0xA697, 0xA699, 0xA59B, 0xA59C)
"""Word 97 and later, Word 6 and 95, and some of these in East Asia."""
_WORD_97: Final = 193
_IS_ENCRYPTED, _HAS_FIRST_TABLE = 0x0100, 0x0200
_FIELD: Final = re.compile(
    rb"\x13\s*DDE(?:AUTO)?\b|\x13\0(?:\s\0)*D\0D\0E\0(?:A\0U\0T\0O\0)?(?![A-Za-z]\0)", re.IGNORECASE
)
_PICTURE: Final = re.compile(rb"\x13\0?((?:\s\0?)*+I\0?N\0?C\0?L\0?U\0?D\0?E\0?P[^\x13-\x15]{1,4000})", re.IGNORECASE)
"""With its instruction, in letters of one byte or two."""
_ENCRYPTED: Final = frozenset({"encryptedpackage", "encryptioninfo", "\x09drmcontent", "encryptedsummary"})
_MACROS: Final = frozenset({"vba", "_vba_project_cur", "_vba_project"})
_CONTROLS: Final = frozenset({"\x03ocxname", "\x03ocxdata", "ctls"})
"""Streams of ActiveX; LibreOffice leaves them empty where there is none."""
_NATIVE: Final = "\x01ole10native"


def look(file: BinaryIO, size: int) -> Judgement:
    """Say what a compound file is, and what is found of it."""
    try:
        compound = Compound(file, size)
    except Unreadable:
        return Judgement(findings=(Finding.DAMAGED,))
    except TooMany:
        return Judgement(findings=(Finding.TOO_COMPLEX,))
    kind = _kind(compound)
    findings = {finding for entry in compound.entries for finding in _judge_entry(entry)}
    findings.update(_judge_kind(compound, kind, findings))
    for judged in (_judge_document(compound, kind), _judge_natives(compound)):
        try:
            findings.update(judged)
        except Unreadable:
            findings.add(Finding.DAMAGED)
    if compound.hides_something():
        findings.add(Finding.DISGUISED)
    return Judgement(kind, findings=in_order(findings))


def _kind(compound: Compound) -> str | None:
    if compound.find("worddocument"):
        return "doc"
    return "xls" if compound.find("workbook") or compound.find("book") else None


def _judge_entry(entry: Stream) -> Iterator[Finding]:
    """Yield what the name alone of a stream or storage says."""
    if entry.name in _ENCRYPTED and len(entry.path) == 1:
        yield Finding.ENCRYPTED
    if entry.name in _MACROS:
        yield Finding.MACROS
    if entry.name in _CONTROLS and entry.size_bytes:
        yield Finding.CONTROLS
    is_object = len(entry.path) == 2 and entry.path[0] == "objectpool"
    is_in_sheet = len(entry.path) == 1 and entry.name.startswith("mbd")
    if entry.name == _NATIVE or (entry.size_bytes is None and (is_object or is_in_sheet)):
        yield Finding.EMBEDDED_OBJECTS


def _judge_kind(compound: Compound, kind: str | None, findings: set[Finding]) -> Iterator[Finding]:
    if compound.is_installer:
        yield Finding.PROGRAM
    if kind is None and Finding.ENCRYPTED not in findings:
        yield Finding.OTHER_KIND
    if kind == "doc" and (compound.find("workbook") or compound.find("book")):
        yield Finding.DISGUISED


def _judge_document(compound: Compound, kind: str | None) -> Iterator[Finding]:
    if kind == "doc" and (stream := compound.find("worddocument")):
        compound.check(stream)
        yield from _judge_word(compound, compound.read(stream, READ_BYTES))
    if kind == "xls" and (stream := compound.find("workbook") or compound.find("book")):
        compound.check(stream)
        data = compound.read(stream, READ_BYTES)
        yield from judge_records(data, is_whole=len(data) == stream.size_bytes)


def _judge_word(compound: Compound, data: bytes) -> Iterator[Finding]:
    """Judge what the document's first block says ([MS-DOC] 2.5.2), and the fields in its text."""
    if len(data) < 32 or int.from_bytes(data[:2], "little") not in _WORD_MARKS:
        yield Finding.DAMAGED
        return
    version, flags = struct.unpack_from("<H", data, 2)[0], struct.unpack_from("<H", data, 10)[0]
    if flags & _IS_ENCRYPTED:
        yield Finding.ENCRYPTED
    elif version >= _WORD_97 and not compound.find("1table" if flags & _HAS_FIRST_TABLE else "0table"):
        yield Finding.DAMAGED
    if _FIELD.search(data):
        yield Finding.DATA_EXCHANGE
    pictures = (found[1].replace(b"\0", b"").decode("latin-1") for found in _PICTURE.finditer(data))
    if any(map(loads_from_elsewhere, pictures)):
        yield Finding.EXTERNAL_CONTENT


def _judge_natives(compound: Compound) -> Iterator[Finding]:
    natives = [entry for entry in compound.entries if entry.name == _NATIVE and entry.size_bytes]
    if len(natives) > MAX_NATIVES:
        yield Finding.TOO_COMPLEX
    for entry in natives[:MAX_NATIVES]:
        if _is_program(compound.read(entry, _NATIVE_BYTES)):
            yield Finding.PROGRAM


def _is_program(native: bytes) -> bool:
    """
    Say whether a packed file is a program, by its names or by how it begins.

    A size, a kind, two names, four numbers, where it was unpacked, and its bytes with their number in front.
    """
    *names, rest = native[6:].split(b"\0", 2) if native.count(b"\0", 6) > 1 else [b""]
    path_end = 8 + int.from_bytes(rest[4:8], "little")
    names.append(rest[8:path_end].rstrip(b"\0"))
    if marks.is_program(rest[path_end + 4 :]):
        return True
    return any(extension_in(name.decode("latin-1")) in RUN_BY_WINDOWS for name in names)
