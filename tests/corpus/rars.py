"""RAR archives of both formats: honest ones, and each rule at its limit and beyond."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rules.verdicts import Finding
from tests.corpus.documents import a_pdf, a_png
from tests.corpus.judged import at_limit, beyond, clean
from tests.corpus.rar_maker import (
    ENCRYPTED5,
    ENCRYPTED_HEADERS5,
    PACKED,
    UNIX4,
    Member,
    block5,
    extra5,
    make_rar4,
    make_rar5,
    number,
    redirection,
)
from tests.corpus.zip_maker import Entry, make_zip

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus import Sample

MEBIBYTE = 1 << 20
_EXE = b"MZ\x90\0" + bytes(56) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0"
_LETTER = Member("carta.txt")
_found, _fit = partial(beyond, "rar"), partial(at_limit, "rar")


def samples() -> list[Sample]:
    """Return them."""
    return [*_honest(), *_structure(), *_sizes(), *_members()]


def of4(*members: Member, **told: object) -> Callable[[], bytes]:
    """Return what makes an archive of the older format."""
    return partial(make_rar4, members, **told)  # type: ignore[arg-type]


def of5(*members: Member, **told: object) -> Callable[[], bytes]:
    """Return what makes an archive of the newer format."""
    return partial(make_rar5, members, **told)  # type: ignore[arg-type]


def _honest() -> list[Sample]:
    folder, wide = Member("anexos", b"", is_folder=True), Member("anexos/señor ñandú.txt", b"Hola " * 99)
    documents = [
        Member("a.pdf", a_pdf()),
        Member("b.png", a_png()),
        Member("c.xls", b"x" * 5000, size=9000, method=PACKED),
    ]
    return [
        clean("rar", "4", of4(folder, Member("anexos\\carta.txt"), *documents)),
        clean("rar", "4 of Unix", of4(Member("carta.txt", mode=0o100644, system=UNIX4))),
        clean("rar", "4 without an end, as before RAR 3", of4(_LETTER, end=None)),
        clean("rar", "4, a first volume that is the only one", of4(_LETTER, main=0x0111)),
        clean("rar", "5", of5(folder, wide, *documents)),
        clean(
            "rar",
            "5 with the same content twice",
            of5(_LETTER, Member("b.txt", b"", extra=redirection(5, "carta.txt"))),
        ),
        clean("rar", "5 with a recovery record", partial(_with_service, "RR")),
        clean("rar", "5 padded by a mail server", of5(_LETTER, behind=b"\r\n")),
    ]


def _structure() -> list[Sample]:
    damaged, disguised, part = Finding.DAMAGED, Finding.DISGUISED, Finding.PART_OF_SEVERAL
    unknown = block5(9, 4, b"")
    return [
        _fit(damaged, "a comment", partial(_with_service, "CMT")),
        _found(damaged, "4, cut off", lambda: make_rar4([_LETTER, Member("b.txt", bytes(99))], end=None)[:-9]),
        _found(
            damaged,
            "4, a header that was changed",
            lambda: make_rar4([_LETTER, Member("b.txt")]).replace(b"b.txt", b"c.txt"),
        ),
        _found(damaged, "4, something behind that is no block", of4(_LETTER, end=None, behind=bytes(7))),
        _found(damaged, "5, cut off", lambda: make_rar5([Member("b.txt", bytes(99))])[:-30]),
        _found(damaged, "5, without an end", of5(_LETTER, end=None)),
        _found(
            damaged,
            "5, a header that was changed",
            lambda: make_rar5([_LETTER, Member("b.txt")]).replace(b"b.txt", b"c.txt"),
        ),
        _found(
            damaged, "5, members behind a block that nobody knows", lambda: make_rar5([_LETTER], end=None) + unknown
        ),
        _found(damaged, "stored, and of another size", of5(Member("a.txt", size=5))),
        _found(damaged, "nothing but its mark", lambda: make_rar5([])[:8], Finding.EMPTY),
        _fit(disguised, "a line's end behind", of4(_LETTER, behind=b"\r\n")),
        _found(disguised, "a program behind", of4(_LETTER, behind=_EXE)),
        _found(disguised, "a ZIP behind", of5(_LETTER, behind=make_zip([Entry("a.txt")]))),
        _found(disguised, "a ZIP somewhere behind", of5(_LETTER, behind=b"x" * 99 + make_zip([Entry("a.txt")]))),
        _found(disguised, "much behind", of5(_LETTER, behind=bytes(99_999))),
        _fit(Finding.EMPTY, "a byte", of4(Member("a.txt", b"1"))),
        _found(Finding.EMPTY, "4, no members", of4()),
        _found(Finding.EMPTY, "5, folders alone", of5(Member("nada", b"", is_folder=True))),
        _fit(part, "a volume that is all there is", of5(_LETTER, main=b"\1")),
        _found(part, "4, a file that goes on", of4(Member("a.txt", flags=2))),
        _found(part, "4, a file that began before", of4(Member("a.txt", flags=1))),
        _found(part, "4, the second volume", of4(_LETTER, main=0x0011)),
        _found(part, "4, its end says so", of4(_LETTER, end=0x4001)),
        _found(part, "5, a file that goes on", of5(Member("a.txt", flags=16))),
        _found(part, "5, the third volume", of5(_LETTER, main=b"\3\2")),
        _found(part, "5, its end says so", of5(_LETTER, end=1)),
    ]


def _sizes() -> list[Sample]:
    def packed(size: int, packed_bytes: int) -> Member:
        return Member("datos.dat", bytes(packed_bytes), size=size, method=PACKED)

    little, bomb, many = 32 * MEBIBYTE, Finding.BOMB, Finding.TOO_MANY_MEMBERS
    return [
        _fit(bomb, "a hundredfold", of5(packed(35_000_000, 350_000))),
        _found(bomb, "more than a hundredfold", of5(packed(35_000_000, 349_999))),
        _fit(bomb, "32 MB of nothing", of4(packed(little, 10))),
        _found(bomb, "more than 32 MB of nothing", of4(packed(little + 1, 10))),
        _fit(bomb, "one GB", of5(packed(1 << 30, 11 * MEBIBYTE))),
        _found(bomb, "more than one GB", of5(packed((1 << 30) + 1, 11 * MEBIBYTE))),
        _found(bomb, "many of eight MB", of4(*[packed(8 * MEBIBYTE, 8)] * 9)),
        _fit(Finding.TOO_COMPLEX, "many facts", of5(Member("a.txt", extra=extra5(9, b"") * 45_000))),
        _found(Finding.TOO_COMPLEX, "more facts", of5(Member("a.txt", extra=extra5(9, b"") * 50_001)), Finding.EMPTY),
        _fit(many, "2,000", of5(*(Member(f"{each}") for each in range(2000)))),
        _found(many, "2,001", of5(*(Member(f"{each}") for each in range(2001)))),
        _found(many, "4,200 of the older format", of4(*(Member(f"{each}") for each in range(4200)))),
    ]


def _members() -> list[Sample]:
    encrypted, link, program, nested = Finding.ENCRYPTED, Finding.LINK, Finding.PROGRAM, Finding.NESTED_ARCHIVE
    escaping = Finding.ESCAPING_NAME
    names = ("../a.txt", "a/../../b.txt", "/etc/a.txt", "C:\\a.txt", "acta\u202efdp.txt")
    return [
        _fit(encrypted, "packed", of4(Member("a.txt", size=9, method=PACKED))),
        _found(encrypted, "4, a member", of4(Member("a.txt", flags=4))),
        _found(encrypted, "4, its headers", of4(_LETTER, main=0x80)),
        _found(encrypted, "5, a member", of5(Member("a.txt", extra=ENCRYPTED5))),
        _found(encrypted, "5, its headers", lambda: ENCRYPTED_HEADERS5),
        _fit(link, "a file of Unix", of4(Member("a.txt", mode=0o100644, system=UNIX4))),
        _found(link, "4, of Unix", of4(Member("a", b"/etc/passwd", mode=0o120777, system=UNIX4))),
        *(
            _found(link, f"5, of kind {kind}", of5(_LETTER, Member("a", b"", extra=redirection(kind, "b"))))
            for kind in (1, 2, 3, 4)
        ),
        _fit(escaping, "dots in names", of5(Member("a..b/...c/d..txt"))),
        *(_found(escaping, f"5, {name!a}", of5(Member(name))) for name in names),
        _found(escaping, "4, upwards", of4(Member("..\\a.txt"))),
        _found(escaping, "4, in the other of its names", of4(Member(b"../a.txt\0\0" + b"b.txt", flags=0x0200))),
        _found(
            escaping, "5, the content of another", of5(Member("a", b"", extra=redirection(5, "../b"))), Finding.EMPTY
        ),
        _fit(program, "a program's name in front", of5(Member("a.exe.txt"))),
        _fit(program, "a folder like an address", of5(_LETTER, Member("www.gob.com", b"", is_folder=True))),
        _found(program, "by name", of4(Member("carta.pdf.exe"))),
        _found(program, "of another name", of5(Member("carta.pdf", _EXE))),
        _fit(nested, "an archive's name in front", of5(Member("a.zip.txt"))),
        _found(nested, "by name", of5(Member("a.zip", method=PACKED, size=9))),
        _found(nested, "of another name", of4(Member("a.dat", make_zip([Entry("a.txt")])))),
    ]


def _with_service(name: str) -> bytes:
    """Return an archive with a service block behind its member: a comment, or what it can be mended with."""
    body = number(0) + number(4) + number(0) + number(0) + number(0) + number(len(name)) + name.encode()
    archive = make_rar5([_LETTER], end=None)
    return archive + block5(3, 0, body, b"Nota") + block5(5, 0, number(0))
