"""How a receipt is read by who cannot see it: every run once, in elements that programs understand, in a good order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from receipts.fitting import clean
from receipts.layout import lay_out
from receipts.letterhead import lay_out_letterhead
from receipts.marks import Element, Layout, Run, Text
from rules.receipt_words import rows
from rules.receipts import Letterhead
from tests.unit.receipts.samples import DEVELOPMENT, EXTREME, HEAVY, RECEIVED, TEST, USUAL, WORDY, digest
from tests.unit.receipts.wild import wild_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.receipts import ReceiptFacts

CHILDREN = {
    "Document": {"H1", "H2", "P", "L", "Table", "Figure"},
    "L": {"LI"},
    "LI": {"Lbl", "LBody"},
    "LBody": {"P"},
    "Table": {"TR"},
    "TR": {"TH", "TD"},
}
"""Which elements may stand in which (ISO 32000-1, 14.8.4); all others hold runs alone."""


def elements_in(element: Element) -> Iterator[Element]:
    yield element
    for child in element.children:
        if isinstance(child, Element):
            yield from elements_in(child)


def runs_in(element: Element) -> Iterator[Run]:
    for child in element.children:
        if isinstance(child, Run):
            yield child
        else:
            yield from runs_in(child)


def said(element: Element) -> str:
    return "".join(mark.text for run in runs_in(element) for mark in run.marks if isinstance(mark, Text))


def find(layout: Layout, kind: str) -> list[Element]:
    return [element for element in elements_in(layout.document) if element.kind == kind]


def assert_readable(layout: Layout) -> None:
    on_pages = [(page, item) for page, items in enumerate(layout.pages) for item in items if isinstance(item, Run)]
    assert all(run.page == page for page, run in on_pages)
    read = sorted(runs_in(layout.document), key=lambda run: run.page)
    assert [id(run) for _, run in on_pages] == [id(run) for run in read]
    assert len({id(run) for _, run in on_pages}) == len(on_pages)
    for element in elements_in(layout.document):
        kinds = {child.kind for child in element.children if isinstance(child, Element)}
        assert element.children, element
        assert kinds <= CHILDREN.get(element.kind, set()), element
        assert (element.alternative is not None) == (element.kind == "Figure")
        assert element.scope == "Row" or element.kind != "TH"
        if element.kind in ("LI", "TR"):
            assert [child.kind for child in element.children if isinstance(child, Element)] in (
                ["Lbl", "LBody"],
                ["TH", "TD"],
            )


@pytest.mark.parametrize("facts", [USUAL, TEST, RECEIVED, HEAVY, WORDY, EXTREME])
def test_every_run_is_read_once_in_elements_that_belong_together(facts: ReceiptFacts) -> None:
    assert_readable(lay_out(facts))
    assert_readable(lay_out_letterhead(facts.entity, facts.unit, facts.entity_ruc, facts.letterhead))


@given(wild_facts())
@settings(max_examples=40, deadline=None)
def test_so_it_is_whatever_people_write(facts: ReceiptFacts) -> None:
    assert_readable(lay_out(facts))
    assert_readable(lay_out_letterhead(facts.entity, facts.unit, facts.entity_ruc, facts.letterhead))


def test_a_receipt_is_read_from_its_title_by_number_and_dates_to_what_it_proves() -> None:
    text = said(lay_out(TEST).document)
    order = [
        "Constancia de envío",
        "Documento ingresado",
        "SIN VALOR LEGAL",
        TEST.number,
        "06/06/2026",
        "22:41:08",
        "08/06/2026",
        TEST.verification_code,
        "Emitida el 06/06/2026 a las 22:41:09",
        "Datos de la presentación",
        TEST.applicant,
        "Archivos recibidos (3)",
        TEST.files[0].name,
        TEST.files[0].sha256,
        TEST.files[1].name,
        "Qué sigue",
        "Cómo comprobar esta constancia",
        "Sello electrónico",
        "Alcance",
        TEST.limits,
    ]

    places = [text.index(each) for each in order]

    assert places == sorted(places)


def test_headings_are_of_two_levels_and_the_first_one_is_the_title() -> None:
    layout = lay_out(TEST)

    assert [said(each) for each in find(layout, "H1")] == ["Constancia de envío"]
    assert isinstance(layout.document.children[0], Element)
    assert layout.document.children[0].kind == "H1"
    assert [said(each) for each in find(layout, "H2")] == [
        "Datos de la presentación",
        "Archivos recibidos (3)",
        "Qué sigue",
        "Cómo comprobar esta constancia",
        "Sello electrónico",
        "Alcance",
    ]


@pytest.mark.parametrize("facts", [TEST, HEAVY, WORDY])
def test_the_table_holds_every_value_whole_and_under_its_header(facts: ReceiptFacts) -> None:
    layout = lay_out(facts)
    cells = [(said(header), said(value)) for header, value in zip(find(layout, "TH"), find(layout, "TD"), strict=True)]

    assert cells == [(label, clean(value)) for label, value in rows(facts)]


@pytest.mark.parametrize("facts", [TEST, RECEIVED, HEAVY, WORDY, EXTREME])
def test_nothing_that_was_written_is_cut(facts: ReceiptFacts) -> None:
    text = said(lay_out(facts).document)
    named = (
        facts.office,
        facts.applicant,
        facts.subject,
        facts.email,
        facts.next_steps,
        facts.limits,
        facts.verify_url,
    )

    for told in (*named, facts.correction, *facts.missing, *(file.name for file in facts.files)):
        assert clean(told or "") in text, told


def test_what_goes_over_a_page_is_one_element_with_runs_on_both() -> None:
    layout = lay_out(WORDY)

    (long,) = [each for each in find(layout, "TD") if said(each).startswith("Subsano lo observado.")]

    assert [run.page for run in runs_in(long)] == [0, 1, 2]


def test_files_and_steps_are_numbered_and_other_lists_are_not() -> None:
    lists = find(lay_out(replace(TEST, missing=("falta",))), "L")

    assert [(said(each.children[0]), each.scope) for each in lists if isinstance(each.children[0], Element)] == [
        ("N.º DE TRÁMITEMPD-2026-000001-K", None),
        (
            f"1Principal · 3 páginas · 822.4 KBSolicitud_licencia_2026.pdfSHA-256 {digest('main')}842 113 bytes",
            "Decimal",
        ),
        ("•falta", None),
        (f"1.Escanee el código QR o ingrese a {TEST.verify_url} y compare los datos.", "Decimal"),
        (f"Titular{DEVELOPMENT.holder}", None),
    ]


def test_the_qr_code_is_read_as_where_it_leads() -> None:
    (figure,) = find(lay_out(USUAL), "Figure")

    assert figure.alternative == f"Código QR que lleva a {USUAL.verify_url}"


def test_the_letterhead_is_read_as_the_institution_its_number_and_its_unit() -> None:
    letterhead = Letterhead(emblem_sha256=digest("emblem"))

    layout = lay_out_letterhead("Entidad de Ejemplo", "Unidad", "20131370645", letterhead)

    (figure,) = find(layout, "Figure")
    assert figure.alternative == "Emblema de Entidad de Ejemplo"
    assert [said(each) for each in find(layout, "P")] == ["PERÚ", "Entidad de Ejemplo", "RUC 20131370645", "Unidad"]


def test_a_letterhead_without_mark_or_number_says_neither() -> None:
    layout = lay_out_letterhead("Entidad", "Unidad", None, replace(Letterhead(), mark=""))

    assert [said(each) for each in find(layout, "P")] == ["Entidad", "Unidad"]
