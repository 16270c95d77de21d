"""Archives and Office files that nobody here made, and what becomes of ours when chance has its way with them."""

from __future__ import annotations

import ensurepip
import io
import random
import time
from pathlib import Path

import docx
import olefile
import pytest
import rarfile

from files.sieve.compound import Compound
from files.sieve.judge import judge_file
from rules.verdicts import Finding, Judgement
from tests.corpus import office, ole, rars, zip_members, zips
from tests.corpus.compounds import Node, make_doc
from tests.corpus.rar_maker import Member, make_rar4, make_rar5

SAMPLES = [sample for module in (zips, zip_members, office, ole, rars) for sample in module.samples()]
LARGEST_TO_CHANGE = 64 << 10
LONGEST_LOOK_SECONDS = 2
"""Far beyond what any takes, on the slowest machine: this is about loops without end, not about speed."""
TELLING_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


def judged(data: bytes) -> Judgement:
    """Return what the sieve says of it."""
    return judge_file(io.BytesIO(data), len(data))


def test_the_template_of_python_docx_is_a_letter_with_nothing_in_it() -> None:
    template = Path(docx.__file__).parent / "templates" / "default.docx"

    assert judged(template.read_bytes()) == Judgement("docx")


def test_a_wheel_is_a_zip_with_the_programs_that_it_brings() -> None:
    own, debians = Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels")
    wheel = next(wheel for folder in (own, debians) for wheel in folder.glob("pip-*.whl"))

    assert judged(wheel.read_bytes()) == Judgement("zip", findings=(Finding.PROGRAM,))


def test_our_archives_are_what_others_read() -> None:
    members = [Member("carta.txt", b"Hola"), Member("anexos", b"", is_folder=True), Member("señor.txt", b"Adios")]

    for archive in (make_rar4([*members[:2]]), make_rar5(members)):
        read = rarfile.RarFile(io.BytesIO(archive), errors="strict")

        assert [info.filename for info in read.infolist()][:2] == ["carta.txt", "anexos/"]
        assert read.read("carta.txt") == b"Hola"


def test_streams_are_read_as_olefile_reads_them() -> None:
    large, small = bytes(range(256)) * 40, b"Hola" * 40
    file = io.BytesIO(make_doc(Node("Data", large), Node("Objetos", None, [Node("uno", small), Node("dos", b"x")])))
    compound = Compound(file, len(file.getvalue()))

    for stream in compound.entries:
        if stream.size_bytes:
            assert compound.read(stream, 1 << 20) == olefile.OleFileIO(file).openstream(list(stream.path)).read()
    assert len([stream for stream in compound.entries if stream.size_bytes]) == 5


@pytest.mark.parametrize("kind", ["zip", "docx", "xlsx", "doc", "xls", "rar"])
def test_whatever_chance_makes_of_a_file_gets_a_judgement_in_time(kind: str) -> None:
    chance = random.Random(kind)
    originals = [sample.make() for sample in SAMPLES if sample.extension == kind][:40]
    small = [original for original in originals if len(original) <= LARGEST_TO_CHANGE]

    for _ in range(250):
        data = changed(chance.choice(small), chance)
        started = time.process_time()
        judgement = judged(data)

        assert Judgement.from_values(judgement.values()) == judgement
        assert time.process_time() - started < LONGEST_LOOK_SECONDS


def changed(original: bytes, chance: random.Random) -> bytes:
    """Return it with a few bytes otherwise, mostly near its ends, where structures are; how it begins is kept."""
    data = bytearray(original)
    for _ in range(chance.choice((1, 1, 2, 5))):
        near = int(chance.expovariate(1 / 80))
        place = chance.choice((chance.randrange(len(data)), near, len(data) - 1 - near)) % len(data)
        match chance.randrange(5):
            case 0:
                data[place] ^= 1 << chance.randrange(8)
            case 1:
                width = chance.choice((1, 2, 4, 8))
                data[place : place + width] = (chance.choice(TELLING_NUMBERS) % (1 << 8 * width)).to_bytes(
                    width, "little"
                )
            case 2:
                del data[place : place + chance.choice((1, 8, 512))]
            case 3:
                data[place:place] = data[near : near + 64]
            case _:
                del data[max(place, 64) :]
        data[:8] = original[:8]
    return bytes(data)
