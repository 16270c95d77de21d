"""Everything stands inside the page and inside its box, can be read there, and nothing lies on anything else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from receipts.fitting import WHITE, Pen
from receipts.flow import BOTTOM, LEFT, PAGE_HEIGHT, RIGHT, TOP
from receipts.layout import UnknownLayout, lay_out
from receipts.letterhead import BAND
from receipts.marks import Box, Mark, Modules, Picture, Text
from receipts.typefaces import Face
from rules.colours import CONTRAST, contrast
from rules.receipt_words import WARNING
from tests.unit.receipts.samples import (
    BY_MAIL,
    COMPLETED,
    CORRECTED,
    EXTREME,
    HEAVY,
    LONG_WORDS,
    RECEIVED,
    SEALED,
    TEST,
    USUAL,
    VOIDED,
    WORDY,
    pages_of,
    with_files,
)
from tests.unit.receipts.wild import wild_facts

if TYPE_CHECKING:
    from rules.receipts import ReceiptFacts

Area = tuple[float, float, float, float]
SAMPLES = {
    "usual": USUAL,
    "sealed": SEALED,
    "test": TEST,
    "mail": BY_MAIL,
    "received": RECEIVED,
    "corrected": CORRECTED,
    "completed": COMPLETED,
    "voided": VOIDED,
    "heavy": HEAVY,
    "wordy": WORDY,
    "long words": LONG_WORDS,
    "extreme": EXTREME,
}
DRAWN = {
    "usual": "7f3cbd6dbc1eb219",
    "sealed": "d2b561177880f3d2",
    "test": "f161e49aa5e3f33e",
    "mail": "e8d2e826fefe4f7e",
    "received": "4f0d54edc6c5579e",
    "corrected": "4fefe339967d02a7",
    "completed": "5916650f6e7fbcbf",
    "voided": "c222fb1c798576b0",
    "heavy": "4f7c15efab081347",
    "wordy": "09f7b2b0f002d236",
    "long words": "962f3303ed2ce62f",
    "extreme": "09cac5b9524ebca3",
}
samples = pytest.mark.parametrize("facts", SAMPLES.values(), ids=SAMPLES)


def area_of(mark: Mark) -> Area:
    """Return left, bottom, right and top of what *mark* inks, for text from its descenders to its capitals."""
    match mark:
        case Text(x, y, text, face, size, colour):
            return x, y - size * 0.2, x + Pen(face, size, colour).width(text.rstrip()), y + size * 0.72
        case Box(x, y, width, height, _):
            return x, y, x + width, y + height
        case Modules(x, y, side, _, _):
            return x, y, x + side, y + side
        case Picture(x, y, width, height):
            return x, y, x + width, y + height


def overlap(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def contains(outer: Area, inner: Area) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def boxes_under(page: list[Mark], text: Text) -> list[Box]:
    """Return the boxes drawn before *text* that it touches; hairlines are none."""
    before = page[: next(place for place, mark in enumerate(page) if mark is text)]
    area = area_of(text)
    return [mark for mark in before if isinstance(mark, Box) and mark.height > 3 and overlap(area, area_of(mark))]


def assert_in_order(facts: ReceiptFacts) -> None:
    for page in pages_of(facts):
        inked = [(mark, area_of(mark)) for mark in page if not isinstance(mark, Box)]
        for mark, (left, bottom, right, top) in inked:
            assert LEFT - 0.01 <= left <= right <= RIGHT + 0.01, mark
            assert 24 < bottom < top <= TOP, mark
            if isinstance(mark, Text):
                assert all(contains(area_of(box), area_of(mark)) for box in boxes_under(page, mark)), mark
        for (one, area), (other, other_area) in combinations(inked, 2):
            assert not overlap(area, other_area), (one, other)


@samples
def test_no_text_leaves_the_page_or_its_box_or_lies_on_another(facts: ReceiptFacts) -> None:
    assert_in_order(facts)


@given(wild_facts())
@settings(max_examples=60, deadline=None)
def test_no_text_does_so_whatever_people_write(facts: ReceiptFacts) -> None:
    assert_in_order(facts)


@samples
def test_every_text_has_enough_contrast_to_what_lies_under_it(facts: ReceiptFacts) -> None:
    for page in pages_of(facts):
        for mark in page:
            if isinstance(mark, Text):
                under = boxes_under(page, mark)
                assert contrast(mark.colour, under[-1].colour if under else WHITE) >= CONTRAST, mark


@samples
def test_each_digest_stands_whole_on_one_line(facts: ReceiptFacts) -> None:
    mono = [mark for page in pages_of(facts) for mark in page if isinstance(mark, Text) and mark.face is Face.MONO]
    roots = [facts.log_head.root_sha256] if facts.seal and facts.log_head else []

    assert [mark.text for mark in mono if len(mark.text) == 64] == [file.sha256 for file in facts.files] + roots


@pytest.mark.parametrize("facts", [USUAL, SEALED, TEST, RECEIVED, CORRECTED, COMPLETED, VOIDED])
def test_a_usual_receipt_has_one_page(facts: ReceiptFacts) -> None:
    sealed = replace(facts, seal=TEST.seal, log_head=TEST.log_head, issued_at=TEST.issued_at)

    assert len(pages_of(facts)) == len(pages_of(sealed)) == 1


def test_number_and_dates_are_the_largest_texts_after_the_title() -> None:
    (page,) = pages_of(VOIDED)
    dark = [mark for mark in page if isinstance(mark, Text) and mark.face is Face.BOLD and mark.colour != WHITE]

    largest = sorted(dark, key=lambda mark: -mark.size)[:5]

    assert [mark.text for mark in largest] == [
        "Constancia de anulación",
        VOIDED.number,
        "09/06/2026",
        "08:30:05",
        "08/06/2026",
    ]


def test_texts_longer_than_a_page_go_on_to_the_next() -> None:
    facts = replace(USUAL, subject="asunto " * 2000, next_steps="sigue " * 3000, missing=("falta " * 2000,))

    assert_in_order(facts)
    assert len(pages_of(facts)) > 4


def test_names_too_long_for_the_band_are_cut_inside_it() -> None:
    page = pages_of(replace(SEALED, entity="Ministerio " * 60, unit="W" * 500))[0]

    white = [mark for mark in page if isinstance(mark, Text) and mark.colour == WHITE]

    assert [mark.text[-1] for mark in white] == ["Ú", " ", "…", "5", "W", "W", "…"]
    assert all(contains((LEFT, TOP - BAND, RIGHT, TOP), area_of(mark)) for mark in white)


def test_a_file_stays_whole_and_the_last_one_has_company() -> None:
    for count in range(1, 49):
        facts = with_files(count, name=" presupuesto.pdf")
        pages = [[mark.text for mark in page if isinstance(mark, Text)] for page in pages_of(facts)]
        for file in facts.files:
            assert [file.name in page for page in pages] == [file.sha256 in page for page in pages]
        last = next(page for page in pages if facts.files[-1].sha256 in page)
        heading = next(page for page in pages if f"Archivos recibidos ({count})" in page)
        assert "Qué sigue" in last
        assert facts.files[0].name in heading


def test_no_heading_stands_alone_at_the_end_of_a_page() -> None:
    for lines in range(60):
        facts = replace(USUAL, subject="W" * 40 * lines, missing=("falta",), files=USUAL.files[:1])
        for page in pages_of(facts):
            written = [mark.text for mark in page if isinstance(mark, Text) and mark.y > BOTTOM - 8]
            for heading, below in (("Archivos recibidos (1)", USUAL.files[0].sha256), ("Falta completar", "falta")):
                assert (heading in written) == (below in written), lines


def test_no_section_of_the_panel_is_torn_if_a_page_can_hold_it() -> None:
    for count in range(1, 24):
        pages = [[mark for mark in page if isinstance(mark, Text)] for page in pages_of(with_files(count, name=".pdf"))]
        (on,) = [page for page in pages if any(mark.text == "Alcance" for mark in page)]
        heading = next(place for place, mark in enumerate(on) if mark.text == "Alcance")
        assert "".join(mark.text for mark in on[heading + 1 :]).startswith(USUAL.limits)


def test_the_qr_code_keeps_its_quiet_zone_free() -> None:
    page = pages_of(TEST)[0]
    code = next(mark for mark in page if isinstance(mark, Modules))
    quiet = 4 * code.side / code.across
    zone = (code.x - quiet, code.y - quiet, code.x + code.side + quiet, code.y + code.side + quiet)

    (blank,) = [mark for mark in page if mark is not code and overlap(area_of(mark), zone)]

    assert isinstance(blank, Box)
    assert (area_of(blank), blank.colour) == (pytest.approx(zone), WHITE)


def test_facts_of_a_layout_to_come_are_not_printed_with_this_one() -> None:
    with pytest.raises(UnknownLayout):
        pages_of(replace(USUAL, layout=3))


def test_every_page_says_which_receipt_it_belongs_to() -> None:
    pages = pages_of(HEAVY)

    for place, page in enumerate(pages, 1):
        footer = [mark.text for mark in page if isinstance(mark, Text) and mark.y < BOTTOM - 12]
        about = f"{HEAVY.number} · {HEAVY.verification_code} · {HEAVY.verify_url}"
        assert footer == [about, f"Página {place} de {len(pages)}"]


def test_a_receipt_of_a_certificate_for_trying_says_so_by_its_title_and_at_the_foot_of_every_page() -> None:
    pages = pages_of(replace(HEAVY, seal=TEST.seal))

    warnings = [[mark for mark in page if isinstance(mark, Text) and mark.text == WARNING] for page in pages]

    assert [len(some) for some in warnings] == [2] + [1] * (len(pages) - 1)
    assert warnings[0][0].y > PAGE_HEIGHT - 200
    assert not [mark for page in pages_of(SEALED) for mark in page if isinstance(mark, Text) and mark.text == WARNING]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_layout_never_changes(name: str) -> None:
    """A red test here means: receipts issued before would come out different. Raise `LAYOUT` and keep the old one."""
    marks = repr((pages_of(SAMPLES[name]), lay_out(SAMPLES[name]).document))

    assert hashlib.sha256(marks.encode()).hexdigest()[:16] == DRAWN[name]
