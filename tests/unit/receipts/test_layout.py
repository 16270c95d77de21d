"""Everything stands inside the page and inside its box; nothing lies on anything else."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receipts.flow import BOTTOM, LEFT, RIGHT, TOP
from receipts.layout import UnknownLayout
from receipts.letterhead import BAND
from receipts.marks import Box, Mark, Modules, Picture, Text
from receipts.pens import WHITE
from receipts.typefaces import typeface
from rules.receipts import FileFacts, ReceiptFacts
from tests.unit.receipts.samples import BY_MAIL, CORRECTED, HEAVY, USUAL, VOIDED, digest, pages_of, with_files

Area = tuple[float, float, float, float]
texts = st.text(st.characters(), max_size=400)
names = st.text(st.one_of(st.characters(), st.sampled_from("aW_ñ. ")), max_size=260)

WORDY = replace(CORRECTED, correction="Subsano lo observado. " * 180 + "\n\n" + "ñ" * 40, files=())


def area_of(mark: Mark) -> Area:
    """Return left, bottom, right and top of what *mark* inks, for text from its baseline to its x-height."""
    match mark:
        case Text(x, y, text, face, size, _):
            return x, y, x + typeface(face).width(text.rstrip(), size), y + size * 0.55
        case Box(x, y, width, height, _):
            return x, y, x + width, y + height
        case Modules(x, y, side, _, _):
            return x, y, x + side, y + side
        case Picture(x, y, width, height):
            return x, y, x + width, y + height


def overlap(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def assert_in_order(facts: ReceiptFacts) -> None:
    for page in pages_of(facts):
        written = [(mark, area_of(mark)) for mark in page if isinstance(mark, Text | Modules)]
        for mark, (left, bottom, right, top) in written:
            assert LEFT - 0.01 <= left <= right <= RIGHT + 0.01, mark
            assert 36 < bottom < top < TOP, mark
        for (one, area), (other, other_area) in combinations(written, 2):
            assert not overlap(area, other_area), (one, other)


def panels_of(page: list[Mark]) -> list[Area]:
    return [area_of(mark) for mark in page if isinstance(mark, Box) and mark.height > 30 and mark.width > 100]


@pytest.mark.parametrize(
    "facts", [USUAL, BY_MAIL, HEAVY, CORRECTED, WORDY, VOIDED, with_files(48, name="W" * 196 + ".pdf")]
)
def test_no_text_leaves_the_page_or_lies_on_another(facts: ReceiptFacts) -> None:
    assert_in_order(facts)


@given(texts, texts, texts, names, st.integers(0, 10**12))
@settings(max_examples=60)
def test_no_text_does_so_whatever_people_write(one: str, two: str, three: str, name: str, size_bytes: int) -> None:
    file = FileFacts(ordinal=1, role=USUAL.files[0].role, name=name, size_bytes=size_bytes, sha256=digest(name))
    assert_in_order(
        replace(
            USUAL,
            entity=one,
            unit=two,
            office=three,
            number=one[:60],
            verification_code=two[:60],
            applicant=three,
            organization=two,
            email=one,
            document_number=two,
            subject=one,
            missing=(two, three),
            next_steps=three,
            files=(file,) * 7,
        )
    )


def test_texts_longer_than_a_page_go_on_to_the_next() -> None:
    facts = replace(USUAL, subject="asunto " * 2000, next_steps="sigue " * 3000, missing=("falta " * 2000,))

    assert_in_order(facts)
    assert len(pages_of(facts)) > 4


@pytest.mark.parametrize("facts", [USUAL, BY_MAIL, HEAVY])
def test_what_stands_on_a_grey_panel_stays_inside_it(facts: ReceiptFacts) -> None:
    for page in pages_of(facts):
        for panel in panels_of(page):
            for mark in page:
                if isinstance(mark, Text) and panel[1] <= mark.y <= panel[3] and panel[0] <= mark.x < panel[2]:
                    left, bottom, right, top = area_of(mark)
                    assert panel[0] < left < right < panel[2], mark
                    assert panel[1] + 2 < bottom < top < panel[3], mark


def test_names_too_long_for_the_band_are_cut_inside_it() -> None:
    page = pages_of(replace(USUAL, entity="Ministerio " * 60, unit="W" * 500))[0]

    white = [mark for mark in page if isinstance(mark, Text) and mark.colour == WHITE]

    assert len(white) == 7
    assert all(TOP - BAND + 2 < mark.y < mark.y + mark.size * 0.75 < TOP for mark in white)
    assert [mark.text[-1] for mark in white].count("…") == 2


def test_the_panel_is_not_torn_if_a_page_can_hold_it() -> None:
    for count in range(1, 24):
        pages = pages_of(with_files(count, name=".pdf"))
        titled = [[mark.text for mark in page if isinstance(mark, Text)] for page in pages]
        assert [("Alcance" in page) for page in titled] == [
            ("Cómo comprobar esta constancia" in page) for page in titled
        ]


def test_the_qr_code_keeps_its_quiet_zone_free() -> None:
    page = pages_of(USUAL)[0]
    code = next(mark for mark in page if isinstance(mark, Modules))
    quiet = 4 * code.side / code.across
    zone = (code.x - quiet, code.y - quiet, code.x + code.side + quiet, code.y + code.side + quiet)

    others = [mark for mark in page[page.index(code) + 1 :] if overlap(area_of(mark), zone)]
    before = [mark for mark in page[: page.index(code) - 1] if overlap(area_of(mark), zone)]

    assert others == []
    assert before == []


def test_facts_of_a_layout_to_come_are_not_printed_with_this_one() -> None:
    with pytest.raises(UnknownLayout):
        pages_of(replace(USUAL, layout=3))


def test_every_page_says_which_receipt_it_belongs_to() -> None:
    pages = pages_of(HEAVY)

    for place, page in enumerate(pages, 1):
        footer = [mark.text for mark in page if isinstance(mark, Text) and mark.y < BOTTOM - 12]
        about = f"{HEAVY.number} · {HEAVY.verification_code} · {HEAVY.verify_url}"
        assert footer == [about, f"Página {place} de {len(pages)}"]
