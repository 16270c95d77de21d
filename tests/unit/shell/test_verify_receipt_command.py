"""`mesadepartes verify-receipt`: its words, its exits, and files from people who want to break it."""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from click.testing import CliRunner

from files.jail import Jail
from mesadepartes.cli import main
from mesadepartes.receipt_check import CHECK, Evidence
from mesadepartes.receipt_findings import Check
from mesadepartes.receipt_reading import LARGEST_RECEIPT, NotAReceipt, read_receipt
from tests.receipt_world import World, an_ordinary_world, faults
from tests.seals import authority

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["verify-receipt", *map(str, arguments)])


def written(folder: Path, evidence: Evidence) -> list[object]:
    """Return the arguments for *evidence*, once its files are written."""
    assert evidence.proof is not None
    files = {
        "": [evidence.receipt],
        "--proof": [evidence.proof],
        "--heads": evidence.heads,
        "--certificate": evidence.certificates,
    }
    arguments = list[object]()
    for option, contents in files.items():
        for number, content in enumerate(contents):
            file = folder / f"{option.strip('-') or 'receipt'}-{number}"
            file.write_bytes(content)
            arguments += [option, file] if option else [file]
    return arguments


def test_receipt_in_order_is_said_line_by_line(tmp_path: Path) -> None:
    world, receipt = an_ordinary_world()

    result = run(*written(tmp_path, world.evidence(receipt)))

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "✓ Archivo",
        "✓ Sello",
        "✓ Certificado",
        "✓ Datos",
        "✓ Fechas",
        "✓ Cabezas",
        "✓ Registro",
        "– Sellos de tiempo",
        "✓ Cabeza impresa",
        "✓ Entrada",
        "",
        "Nada de lo comprobado está mal; lo que lleva – no se comprobó.",
    ]
    assert lines[0] == (
        "✓ Archivo: Constancia de envío MPD-2026-000001-K de Municipalidad Distrital de San Sebastián del Ñandú, "
        "emitida el 09/03/2026 a las 10:00:00, hora del Perú."
    )


def test_fault_ends_with_three_and_a_word(tmp_path: Path) -> None:
    world, receipt = an_ordinary_world()
    changed = bytearray(receipt)
    changed[len(changed) // 2] ^= 1

    result = run(*written(tmp_path, replace(world.evidence(receipt), receipt=bytes(changed))))

    assert result.exit_code == 3
    assert "✗" in result.output
    assert result.output.endswith("HAY UNA FALLA: vea lo que lleva ✗.\n")


def test_programs_are_answered_in_json(tmp_path: Path) -> None:
    _, receipt = an_ordinary_world()
    file = tmp_path / "constancia.pdf"
    file.write_bytes(receipt)

    result = run(file, "--json")

    told = json.loads(result.output)
    assert result.exit_code == 0
    assert told["outcome"] == "UNCHECKED"
    assert told["checks"][1] == {
        "check": "SEAL",
        "outcome": "IN_ORDER",
        "text": "intacto, y cubre todo el archivo: ningún byte cambió desde que se selló",
    }


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--proof", "El archivo de prueba no es tal: se esperaba un archivo JSON."),
        ("--heads", "El archivo de cabezas no es tal: se esperaba un archivo JSON."),
        ("--certificate", "El certificado no es tal: se esperaba un certificado X.509, en PEM o DER."),
    ],
)
def test_file_besides_that_is_none_ends_with_one(tmp_path: Path, option: str, words: str) -> None:
    _, receipt = an_ordinary_world()
    file, other = tmp_path / "constancia.pdf", tmp_path / "other"
    file.write_bytes(receipt)
    other.write_bytes(b"-----BEGIN CERTIFICATE-----\nnothing")

    result = run(file, option, other)

    assert (result.exit_code, result.output) == (1, f"Error: {words}\n")


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert run(tmp_path / "none.pdf").exit_code == 2


def test_file_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.pdf"
    with file.open("wb") as opened:
        opened.truncate((64 << 20) + 1)

    result = run(file)

    assert (result.exit_code, result.output) == (1, f"Error: {file} pesa más de 64 MB: no es lo que se pide.\n")


def pdf(build: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Return a PDF with a page and what *build* puts into it."""
    document = pikepdf.new()
    document.add_blank_page()
    build(document)
    target = io.BytesIO()
    document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return target.getvalue()


def attach(content: bytes, **entries: Any) -> Callable[[pikepdf.Pdf], None]:
    """Return what attaches *content* where a receipt has its facts, and says that something is sealed."""

    def build(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(content)
        for key, value in entries.items():
            stream[f"/{key}"] = value
        spec = pikepdf.Dictionary(EF=pikepdf.Dictionary(F=stream))
        names = pikepdf.Array([pikepdf.String("constancia.json"), spec])
        document.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=names))
        seal = pikepdf.Dictionary(ByteRange=pikepdf.Array([0, 10, 20, 5]))
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([pikepdf.Dictionary(V=seal)]))

    return build


FLATE = pikepdf.Name("/FlateDecode")


@cache
def zeros() -> bytes:
    """Return a bomb, made when it is first asked for: it takes seconds."""
    return zlib.compress(bytes(300 << 20), 9)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "no PDF": lambda: b"GIF89a",
    "only a beginning": lambda: b"%PDF-1.7\n",
    "a PDF of others": lambda: pdf(lambda _: None),
    "facts that are no JSON": lambda: pdf(attach(b"nothing")),
    "facts that are another value": lambda: pdf(attach(b"[1]")),
    "facts that lack all": lambda: pdf(attach(b"{}")),
    "facts nested deep": lambda: pdf(attach(b"[" * 200_000)),
    "a bomb for facts": lambda: pdf(attach(zeros(), Filter=FLATE)),
    "a bomb in a bomb": lambda: pdf(attach(zlib.compress(zeros(), 9), Filter=pikepdf.Array([FLATE, FLATE]))),
    "facts that are not compressed as they say": lambda: pdf(attach(b"nothing", Filter=FLATE)),
    "another filter": lambda: pdf(attach(b"nothing", Filter=pikepdf.Name("/LZWDecode"))),
    "a root that is a number": lambda: b"%PDF-1.7\n1 0 obj\n5\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "arrays nested deep": lambda: b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "zeros after all": lambda: an_ordinary_world()[1] + bytes(LARGEST_RECEIPT),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_a_fault_in_words(kind: str) -> None:
    found = faults(Evidence(HOSTILE[kind]()))

    assert list(found) == [Check.FILE]
    assert found[Check.FILE].startswith("no es una constancia sellada de una mesa de partes digital: ")


def test_hostile_file_is_a_fault_of_the_command_too(tmp_path: Path) -> None:
    file = tmp_path / "bomb.pdf"
    file.write_bytes(HOSTILE["a bomb for facts"]())

    result = run(file)

    assert result.exit_code == 3
    assert result.output.splitlines()[0].startswith("✗ Archivo: no es una constancia sellada")


async def test_what_takes_more_memory_than_there_is_is_a_fault_in_words() -> None:
    jail = Jail([CHECK], memory_bytes=512 << 20)
    bomb = with_object_stream(zlib.compress(zlib_bomb(600 << 20), 9))
    try:
        answer = json.loads(await jail.run(CHECK, Evidence(bomb).pack(), timeout=timedelta(minutes=2)))
    finally:
        await jail.close()

    [check] = answer["checks"]
    assert check["text"].endswith("es un PDF dañado, o no es una constancia")


def zlib_bomb(size: int) -> bytes:
    """Return bytes that inflate to *size*, made without holding so many."""
    deflater = zlib.compressobj(9)
    parts = [deflater.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, deflater.flush()])


def with_object_stream(twice: bytes) -> bytes:
    """Return a PDF whose catalog is in an object stream that inflates, twice, to more than a process may have."""
    head = b"%PDF-1.7\n"
    stream = b"1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n" % len(twice)
    body = head + stream + twice + b"\nendstream\nendobj\n"
    places = b"\0\0\0\0\0\xff\xff" + b"\1%b\0\0" % len(head).to_bytes(4, "big")
    places += b"\2\0\0\0\1\0\0" + b"\1%b\0\0" % len(body).to_bytes(4, "big")
    table = b"3 0 obj\n<</Type/XRef/Size 4/W[1 4 2]/Root 2 0 R/Length %d>>\nstream\n%b\nendstream\nendobj\n"
    return body + table % (len(places), places) + b"startxref\n%d\n%%%%EOF\n" % len(body)


@pytest.mark.parametrize("seed", range(6))
def test_receipt_with_random_damage_never_breaks_the_check(seed: int) -> None:
    chance, (_, receipt) = Random(seed), an_ordinary_world()
    for _ in range(20):
        damaged = bytearray(receipt)
        for _ in range(chance.choice((1, 5, 40))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        if chance.random() < 0.3:
            start = chance.randrange(len(damaged))
            del damaged[start : start + chance.randrange(3000)]

        assert faults(Evidence(bytes(damaged)))


@pytest.mark.parametrize("ranges", [[0, 10, 5, 5], [1, 10, 20, 5], [0, 10, 20], [0, -1, 20, 5], [0, 10, 1 << 40, 5]])
def test_seal_that_says_nonsense_of_what_it_covers_is_refused(ranges: list[int]) -> None:
    def build(document: pikepdf.Pdf) -> None:
        attach(facts)(document)
        document.Root.AcroForm.Fields[0].V.ByteRange = pikepdf.Array(ranges)

    facts = World().facts().to_bytes()

    with pytest.raises(NotAReceipt, match="sello"):
        read_receipt(pdf(build))


def test_certificate_may_be_given_as_der(tmp_path: Path) -> None:
    world, receipt = an_ordinary_world()

    result = run(*written(tmp_path, world.evidence(receipt, certificates=[authority().der])))

    assert result.exit_code == 0
    assert "✓ Certificado" in result.output
