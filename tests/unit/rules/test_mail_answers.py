"""As what an address is counted, and what a subject asks for."""

from __future__ import annotations

import pytest

from rules.mail_answers import answered_address, number_asked_for
from rules.numbering import format_number

NUMBER = format_number("MPD", 2026, 1)


@pytest.mark.parametrize(
    "address", ["maria@example.pe", "MARIA@Example.PE", " maria+algo@example.pe ", "maria+a+b@example.pe"]
)
def test_one_address_is_counted_as_one(address: str) -> None:
    assert answered_address(address) == "maria@example.pe"


@pytest.mark.parametrize(
    "subject",
    [
        f"ESTADO {NUMBER}",
        f"estado: {NUMBER.lower()}",
        f"  Estado   {NUMBER}  ",
        f"RE: Estado {NUMBER}",
        f"Estado del trámite {NUMBER}",
        f"Estado de tramite {NUMBER}",
        f"ESTADO {NUMBER.replace('-', '')}",
        f"ESTADO {NUMBER.replace('-', ' ')}",
    ],
)
def test_a_subject_asks_for_the_status_of_a_number(subject: str) -> None:
    assert number_asked_for(subject) == NUMBER


@pytest.mark.parametrize(
    "subject",
    ["", "Estado", "Estado civil", f"Solicito estado {NUMBER}", f"ESTADO {NUMBER} y copia", NUMBER, "ESTADO " * 40],
)
def test_other_subjects_ask_for_none(subject: str) -> None:
    assert number_asked_for(subject) is None


def test_a_number_copied_wrongly_is_asked_for_all_the_same() -> None:
    wrong = NUMBER[:-1] + ("A" if NUMBER[-1] != "A" else "B")

    assert number_asked_for(f"ESTADO {wrong}") == wrong
