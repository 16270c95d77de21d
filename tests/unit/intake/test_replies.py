"""What a reply says by itself, without the mail that it answers."""

from __future__ import annotations

import time

import pytest

from intake.replies import own_words


@pytest.mark.parametrize(
    "quoted",
    [
        "El lun, 9 mar 2026 a las 10:00, Mesa de Partes <m@example.pe> escribió: > Revisamos su trámite",
        "On Mon, 9 Mar 2026, Mesa wrote: > Revisamos",
        "-----Mensaje original----- De: Mesa",
        "________________________________ De: Mesa <m@example.pe> Enviado: lunes, 9 de marzo",
        "---------- Mensaje reenviado ----------",
    ],
)
def test_what_was_written_before_is_left_out(quoted: str) -> None:
    said = own_words(f"Adjunto lo que faltaba. {quoted}")

    assert said is not None
    assert said.strip(" _") == "Adjunto lo que faltaba."


def test_a_reply_without_words_says_nothing() -> None:
    assert own_words("El 9/3/2026 10:00, Mesa <m@example.pe> escribió: > x") is None
    assert own_words("") is None


def test_words_that_quote_nothing_stay() -> None:
    assert own_words("El señor Quispe escribió una carta.") == "El señor Quispe escribió una carta."


@pytest.mark.parametrize("text", ["El " * 1_300, "De: " * 1_000, "-" * 4_000, "-- " * 1_300])
def test_a_hostile_text_is_read_at_once(text: str) -> None:
    started = time.perf_counter()

    own_words(text)

    assert time.perf_counter() - started < 0.2
