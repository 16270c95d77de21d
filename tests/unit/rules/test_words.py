"""Text of people's hands, cleaned."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import words
from rules.access import Role
from rules.catalogue import AttachmentRole, Channel, DocumentKind, ReceiptKind
from rules.lifecycle import Step, TramiteStatus
from rules.people import IdentityKind
from rules.refusals import InvalidInput
from rules.register import Act
from rules.workdays import FilingPolicy

ANY_TEXT = st.text(st.characters(), max_size=60) | st.text("a \u0301\u0327\u200b\u202e\n\t\0\ud800ﬁ", max_size=60)
LABELLED = (Channel, DocumentKind, ReceiptKind, Step, TramiteStatus)
PUBLISHED: tuple[type[Enum], ...] = (*LABELLED, Act, AttachmentRole, FilingPolicy, IdentityKind, Role)


@pytest.mark.parametrize("kind", LABELLED)
def test_every_member_has_a_spanish_word_of_its_own(kind: Iterable[words.Labelled]) -> None:
    said = [member.label for member in kind]

    assert len(set(said)) == len(said)
    assert all(said)


@pytest.mark.parametrize("kind", PUBLISHED)
def test_every_member_has_its_name_as_value(kind: type[Enum]) -> None:
    assert [member.value for member in kind] == [member.name for member in kind]


def test_statuses_are_called_as_the_manual_calls_them() -> None:
    assert [status.label for status in TramiteStatus] == [
        "pendiente de validación",
        "observado",
        "derivado",
        "atendido",
        "anulado",
        "tenido por no presentado",
    ]


@given(ANY_TEXT)
def test_clean_text_is_one_visible_line_that_postgresql_keeps_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        cleaned = words.clean_text(text, max_length=60, required=False)
    except InvalidInput:
        return

    assert cleaned == " ".join(cleaned.split())
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {unicodedata.category(character) for character in cleaned} & {"Cc", "Cf", "Co", "Cs"}
    assert words.clean_text(cleaned, max_length=60, required=False) == cleaned


@given(ANY_TEXT)
def test_clean_paragraph_holds_no_more_than_one_blank_line_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        cleaned = words.clean_paragraph(text, max_length=60, required=False)
    except InvalidInput:
        return

    assert "\n\n\n" not in cleaned
    assert words.clean_paragraph(cleaned, max_length=60, required=False) == cleaned


@given(ANY_TEXT, st.integers(1, 30))
def test_fit_text_always_fits(text: str, max_length: int) -> None:
    fitted = words.fit_text(text, max_length=max_length)

    assert len(fitted) <= max_length
    assert "\0" not in fitted
    assert fitted.encode().decode() == fitted


def test_fit_text_marks_what_it_cut() -> None:
    assert words.fit_text("Solicitud de visita", max_length=10) == "Solicitud…"


def test_fit_text_shows_where_a_character_was_unreadable() -> None:
    assert words.fit_text("a\0b\udc80c", max_length=10) == "ab\ufffdc"


def test_text_is_composed_and_its_spaces_collapsed() -> None:
    assert words.clean_text("  Petici\u006f\u0301n \n de\u00a0\tvisita\u200b ", max_length=100) == "Petición de visita"


def test_direction_marks_cannot_hide_what_is_written() -> None:
    assert words.clean_text("factura\u202egpj.exe", max_length=100) == "facturagpj.exe"


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_postgresql_cannot_keep_is_refused(text: str) -> None:
    with pytest.raises(words.TextUnreadable):
        words.clean_text(text, max_length=100)


@pytest.mark.parametrize("text", [None, "", " \n\u200b\u202e "])
def test_a_required_text_must_hold_something_that_can_be_read(text: str | None) -> None:
    with pytest.raises(words.TextMissing):
        words.clean_subject(text)
    assert words.clean_text(text, max_length=10, required=False) == ""


def test_a_run_of_combining_marks_is_cut_before_it_costs_time() -> None:
    zalgo = "a" + "\u0301\u0327" * 600

    assert words.clean_subject(zalgo[:1200]) == unicodedata.normalize("NFC", "a\u0301\u0327\u0301\u0327")
    with pytest.raises(words.TextTooLong):
        words.clean_subject("a" + "\u0301\u0327" * 500_000)


def test_a_subject_has_up_to_300_characters() -> None:
    assert words.clean_subject("ñ" * 300) == "ñ" * 300
    with pytest.raises(words.TextTooLong) as refused:
        words.clean_subject("ñ" * 301)
    assert refused.value.message == "El texto es demasiado largo: puede tener hasta 300 caracteres."


def test_paragraphs_keep_their_lines() -> None:
    text = "Falta:\r\n\r\n\r\n\r\n  1.  la firma \u2028 2. el anexo\r"

    assert words.clean_paragraph(text, max_length=100) == "Falta:\n\n1. la firma\n2. el anexo"


@pytest.mark.parametrize(
    "text", [None, "", " ", "SN", "s/n", "S-N", "S.N.", "s. n.", "Sin número", "sin numero", "S/N."]
)
def test_a_document_without_number_has_none(text: str | None) -> None:
    assert words.clean_document_number(text) is None


@pytest.mark.parametrize("text", ["123-2026-INPE", "N.º 5", "SN-15", "snack", "0"])
def test_a_document_number_is_kept_as_written(text: str) -> None:
    assert words.clean_document_number(f" {text} ") == text


def test_a_document_number_has_up_to_100_characters() -> None:
    with pytest.raises(words.TextTooLong):
        words.clean_document_number("9" * 101)


def test_folios_are_counted_from_one() -> None:
    assert [words.clean_folios(1), words.clean_folios(99_999)] == [1, 99_999]
    for folios in (0, -1, 100_000):
        with pytest.raises(words.InvalidFolios):
            words.clean_folios(folios)
