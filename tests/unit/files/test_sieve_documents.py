"""PDFs and pictures that nobody here made, or that other programs made of ours, or chance did."""

from __future__ import annotations

import importlib.util
import io
import random
import time
from pathlib import Path

import pikepdf
import pytest
import typst

from files.sieve.judge import judge_file
from rules.verdicts import Judgement
from tests.corpus import Side, pdfs, pictures
from tests.unit.receipts.samples import run_program

SAMPLES = [*pdfs.samples(), *pictures.samples()]
BY_NAME = {sample.name: sample for sample in SAMPLES}
LARGEST_TO_CHANGE = 64 << 10
LONGEST_LOOK_SECONDS = 2
"""Far beyond what any takes, on the slowest machine: this is about loops without end, not about speed."""

REWRITTEN = (
    "pdf: script among the names",
    "pdf: script with escaped names",
    "pdf: program for Windows",
    "pdf: page of the web with a page",
    "pdf: a link to another file",
    "pdf: a film",
    "pdf: a file among the names",
    "pdf: a line to write",
    "pdf: a dynamic form in parts",
    "pdf: a tagged document",
    "pdf: a document with an outline",
    "pdf: a document with notes",
    "pdf: a scan",
    "pdf: a letter, linearized and packed",
)
PROGRAMS = {
    "linearized": ("qpdf", "--linearize"),
    "packed": ("qpdf", "--object-streams=generate"),
    "unpacked": ("qpdf", "--qdf", "--object-streams=disable"),
    "cleaned": ("mutool", "clean", "-gg"),
}
WORDS = (
    b"0 R",
    b"<<",
    b">>",
    b"[",
    b"]",
    b"endobj",
    b"stream\n",
    b"-1",
    b"99999999999",
    b"null",
    b"(\\",
    b"/Kids 3 0 R",
)


def judged(data: bytes) -> Judgement:
    """Return what the sieve says of it."""
    return judge_file(io.BytesIO(data), len(data))


@pytest.mark.parametrize("name", REWRITTEN)
def test_other_programs_hide_nothing_and_add_nothing(name: str, tmp_path: Path) -> None:
    original = tmp_path / "original.pdf"
    original.write_bytes(BY_NAME[name].make())

    for how, (program, *words) in PROGRAMS.items():
        made = tmp_path / f"{how}.pdf"
        run_program(program, *words, original, made)

        assert judged(made.read_bytes()) == BY_NAME[name].expected, how


def test_documents_of_a_typesetter_are_fit() -> None:
    source = (
        b'#set document(title: "Solicitud")\n#outline()\n= Solicito\n#link("https://www.gob.pe")[Portal]\n== Anexos'
    )

    for standard in ("1.7", "a-2b", "a-3b", "ua-1"):
        data = typst.compile(source, format="pdf", pdf_standards=[standard])

        assert judged(data) == Judgement("pdf", 1), standard


@pytest.mark.parametrize(
    ("package", "path"),
    [
        ("importlinter", "ui/static/logo.png"),
        ("playwright", "driver/package/lib/server/chromium/appIcon.png"),
        ("docx", "templates/default-docx-template/docProps/thumbnail.jpeg"),
    ],
)
def test_pictures_of_installed_packages_are_fit(package: str, path: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None

    data = (Path(found.origin).parent / path).read_bytes()

    assert judged(data) == Judgement("png" if path.endswith("png") else "jpg")


def test_the_limits_of_the_library_are_left_as_they_were() -> None:
    before = pikepdf.settings.get_qpdf_limits()

    judged(BY_NAME["pdf: a head alone"].make())

    assert pikepdf.settings.get_qpdf_limits() == before


@pytest.mark.parametrize("kind", ["pdf", "png", "jpg"])
def test_whatever_chance_makes_of_a_file_gets_a_judgement_in_time(kind: str) -> None:
    chance = random.Random(kind)
    made = [sample.make() for sample in SAMPLES if sample.extension == kind and sample.side is not Side.AT_LIMIT]
    small = [data for data in made if len(data) <= LARGEST_TO_CHANGE]

    for _ in range(500):
        data = changed(chance.choice(small), chance, small)
        started = time.process_time()
        judgement = judged(data)

        assert Judgement.from_values(judgement.values()) == judgement
        assert time.process_time() - started < LONGEST_LOOK_SECONDS


def changed(original: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Return it with a few places otherwise; how it begins is kept."""
    data = bytearray(original)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(min(8, len(data) - 1), len(data))
        match chance.randrange(6):
            case 0:
                data[place] ^= 1 << chance.randrange(8)
            case 1:
                del data[place : place + chance.choice((1, 4, 50, 1000))]
            case 2:
                word = chance.choice(WORDS)
                data[place : place + len(word)] = word
            case 3:
                other = chance.choice(others)
                start = chance.randrange(len(other))
                data[place:place] = other[start : start + chance.choice((10, 100, 2000))]
            case 4:
                data[place : place + 4] = chance.randbytes(4)
            case _:
                del data[max(place, len(data) - 400) :]
    return bytes(data)
