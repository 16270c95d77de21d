"""As what an address is counted, and what a subject asks for."""

from __future__ import annotations

import time

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
        f"ESTADO {NUMBER.replace('-', '.')}",
        "ESTADO " + NUMBER.replace("-", "\u2013"),
        "Estado del expediente 2026-000001",
        "estado de mi trámite N° 2026-000001",
        "ESTADO TRÁMITE N.º 2026-1",
        "Estado Nº MPD-2026-000001",
        "Estado N°MPD-2026-000001",
        "RV: RE: Fwd: ESTADO DEL EXPEDIENTE Nro. 2026 000001",
        "Re : estado 2026000001",
        "Estado de la solicitud número 2026/000001?",
        "Consulta estado MPD 2026 000001",
        "Consulto el estado del trámite #2026-000001.",
        "ESTADO, expediente: 2026-000001",
    ],
)
def test_a_subject_asks_for_the_status_of_a_number(subject: str) -> None:
    assert number_asked_for(subject) == NUMBER


@pytest.mark.parametrize(
    "text",
    [
        f"ESTADO {NUMBER}",
        f"Estado {NUMBER} Gracias. Atentamente, Rosa Ñaupari",
        "Buenos días, estado del expediente 2026-000001, por favor.",
        "Buenas tardes. Estado de mi trámite N.º 2026-000001. Gracias.",
        "Estado de mi trámite MPD 2026 000001 M gracias",
    ],
)
def test_the_first_words_ask_for_the_status_of_a_number(text: str) -> None:
    assert number_asked_for("Consulta", text) == NUMBER
    assert number_asked_for("", text) == NUMBER


@pytest.mark.parametrize(
    "text",
    ["Solicito copia del expediente 2026-000001", "Estado civil: soltera", "Adjunto. Estado 2026-000001", ""],
)
def test_other_first_words_ask_for_none(text: str) -> None:
    assert number_asked_for("Consulta", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "estado " * 5000,
        "estado de " * 5000,
        "re:" * 9000,
        "estado n" + "." * 9000,
        "estado" + " n . ." * 70,
        "estado" + " # .: nro . -" * 30,
        "ﷺ" * 9000,
    ],
)
def test_a_hostile_text_is_read_at_once(text: str) -> None:
    started = time.perf_counter()

    assert number_asked_for(text, text) is None

    assert time.perf_counter() - started < 1


def test_a_number_is_completed_with_the_letters_of_the_institution() -> None:
    assert number_asked_for("Estado 2026-000001", prefix="INPE") == format_number("INPE", 2026, 1)


@pytest.mark.parametrize(
    "subject",
    [
        "Estado 2026",
        "Estado 20261",
        "Estado de cuenta 2026-03",
        "Estado 12-2026",
        "Estado del clima 2026-000001",
        "Estado de emergencia 2026-000001",
        "",
        "Estado",
        "Estado civil",
        f"Solicito estado {NUMBER}",
        f"ESTADO {NUMBER} y copia",
        NUMBER,
        "ESTADO " * 40,
    ],
)
def test_other_subjects_ask_for_none(subject: str) -> None:
    assert number_asked_for(subject) is None


def test_a_number_copied_wrongly_is_asked_for_all_the_same() -> None:
    wrong = NUMBER[:-1] + ("A" if NUMBER[-1] != "A" else "B")

    assert number_asked_for(f"ESTADO {wrong}") == wrong
