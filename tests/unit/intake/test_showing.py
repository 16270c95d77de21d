"""A mail as plain text: whatever its bytes are, it is bounded, and nothing is left that a program would obey."""

from __future__ import annotations

import random
import time
import unicodedata
from pathlib import Path

import pytest

from intake.showing import LINE_LENGTH, MOST_LINES, show, show_source, without_tags
from tests.unit.intake.mails import PDF, raw_mail, write_mail

MAILS = sorted((Path(__file__).parents[2] / "data" / "mail").glob("*.eml"))


def is_harmless(text: str) -> bool:
    return all(letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs") for letter in text)


def is_bounded(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) <= MOST_LINES + 1 and all(len(line) <= LINE_LENGTH for line in lines)


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_any_mail_of_the_samples_is_shown(path: Path) -> None:
    text = show(path.read_bytes())

    assert text.strip()
    assert is_harmless(text)
    assert is_bounded(text)


def test_any_bytes_are_shown() -> None:
    chance = random.Random(7)

    for _ in range(200):
        data = raw_mail("From: a@example.pe\nContent-Type: text/html\n\n") + chance.randbytes(2000)
        for text in (show(data), show_source(data)):
            assert is_harmless(text)
            assert is_bounded(text)


def test_files_are_named_and_not_shown() -> None:
    text = show(write_mail(("Solicitud.pdf", PDF), text="Buenos días.").as_bytes())

    assert text.splitlines() == [
        "De: Rosa Ñaupari <rosa@example.pe>",
        "Para: mesadepartes@example.pe",
        "Asunto: Solicito copia",
        "",
        "Buenos días.",
        "",
        "",
        f"[Solicitud.pdf: application/octet-stream, {len(PDF)} bytes]",
    ]


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>uno<p>dos</p>tres", "uno dos tres"),
        ("<SCRIPT>alert(1)</script >uno", "uno"),
        ("uno<script>alert(1)", "uno"),
        ("uno<style>p {}</style>dos", "uno dos"),
        ('<img src="https://evil.example/x.png" onerror=alert(1)>uno', "uno"),
        ("&lt;b&gt;uno&nbsp;dos", "<b>uno dos"),
        ("<header>uno</header>", "uno"),
    ],
)
def test_of_html_only_what_is_read_is_left(html: str, said: str) -> None:
    assert " ".join(without_tags(html).split()) == said


@pytest.mark.parametrize(
    "html", ["<script>" * 16_000, "<script" * 18_000, "<" * 128_000, "<br" * 40_000, "&" * 128_000]
)
def test_html_that_is_made_to_be_slow_is_not(html: str) -> None:
    begun = time.process_time()

    without_tags(html)

    assert time.process_time() - begun < 2


def test_text_in_a_multipart_that_has_no_parts_is_shown() -> None:
    assert "Solicito copia." in show(b"Content-Type: multipart/mixed; boundary=b\n\nSolicito copia.\n")
