"""Passwords: long ones are taken as typed, and what is guessed first is refused."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from rules import passwords, people
from rules.access import Role
from rules.passwords import Standing

ABOUT_ANA = passwords.words_about(
    names=("Ana María", "Flores", "Huamán"),
    email="ana.flores@correo.example.pe",
    birth_date=date(1990, 2, 28),
    mobile="+51987654321",
    others=("10117410", "Instituto Nacional Penitenciario"),
)


@pytest.mark.parametrize("password", ["quince letras ya", "  con espacios  ", "ñ" * 14 + "o", "🔑" * 255 + "🗝"])
def test_a_long_password_is_taken_as_typed(password: str) -> None:
    assert passwords.clean_password(password, ("10117410", "ana@example.pe")) == password


def test_a_password_is_the_same_on_every_keyboard() -> None:
    decomposed = unicodedata.normalize("NFD", "corazón de melón y sandía")

    assert passwords.clean_password(decomposed) == people.normal_password("corazón de melón y sandía")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "catorce letras",
        "frase larga " * 22,
        "x" * 10_000_000,
        "a" * 20,
        "1011741010117410",
        "10117410 10117410",
        "ANA.FLORES@example.pe",
        "ana.flores@example.peana.flores@example.pe",
        "\ud800 y catorce letras más",
        "\U0001d160" * 200 + " notas musicales",
    ],
)
def test_a_password_that_is_easily_guessed_or_never_typed_is_refused(password: str) -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.clean_password(password, ("10117410", "ana.flores@example.pe"))


@pytest.mark.parametrize(
    ("role", "has_second_factor", "shortest"),
    [
        (Role.APPLICANT, False, 15),
        (Role.CLERK, False, 15),
        (Role.APPLICANT, True, 8),
        (Role.CLERK, True, 12),
        (Role.ADMINISTRATOR, True, 12),
    ],
)
def test_the_shortest_password_depends_on_what_else_protects_the_account(
    role: Role, has_second_factor: bool, shortest: int
) -> None:
    standing = passwords.standing_of(role, has_second_factor=has_second_factor)
    phrase = "uvas de mi tía Bertha"

    assert passwords.clean_password(phrase[:shortest], standing=standing) == phrase[:shortest]
    with pytest.raises(passwords.WeakPassword, match=f"al menos {shortest} caracteres"):
        passwords.clean_password(phrase[: shortest - 1], standing=standing)


@pytest.mark.parametrize("length", [256, 257])
def test_the_longest_password_has_256_characters(length: int) -> None:
    password = ("la casa de mi tía " * 20)[: length - 1] + "z"

    assert _is_taken(password) is (length == 256)


@pytest.mark.parametrize("size_bytes", [1023, 1024, 1025])
def test_the_longest_password_has_1024_bytes_in_nfc(size_bytes: int) -> None:
    password = "\U0001d15e" * 127 + "x" * (size_bytes - 127 * 8)

    assert len(people.normal_password(password).encode()) == size_bytes
    assert _is_taken(password) is (size_bytes <= 1024)


@pytest.mark.parametrize(
    "password",
    [
        "Password Password",
        "password.password.password",
        "qwertyuiop123456",
        "iloveyou princess",
        "123456789012345",
        "9876543210987654",
        "abcdefghijklmnop",
        "abc abc abc abc abc",
        "abcdeabcdeabcde",
        "1111111111111112"[:15],
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(passwords.WeakPassword, match="de las primeras"):
        passwords.clean_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "mesa de partes digital",
        "Mesa-de-Partes-2026",
        "Instituto Nacional Penitenciario 1",
        "ana maria flores huaman",
        "AnaFlores28021990",
        "flores 1990-02-28 ana",
        "ana.flores@correo",
        "987654321 ana flores",
        "10117410 ana 1990",
    ],
)
def test_what_others_know_is_no_password(password: str) -> None:
    with pytest.raises(passwords.WeakPassword, match="nadie relacione con usted"):
        passwords.clean_password(password, ABOUT_ANA)


@pytest.mark.parametrize(
    "password",
    [
        "dragon monkey football baseball",
        "ana flores come uvas en Ica",
        "presentar es un derecho",
        "nnnnnnnnnñnnnno y más",
    ],
)
def test_a_phrase_of_ones_own_is_a_password(password: str) -> None:
    assert passwords.clean_password(password, ABOUT_ANA) == password


@pytest.mark.parametrize(("password", "is_taken"), [("contraseña", False), ("trustno1", False), ("uvas4ica", True)])
def test_a_short_password_is_not_a_common_one(password: str, is_taken: bool) -> None:
    assert _is_taken(password, Standing.TWO_FACTORS) is is_taken


def _is_taken(password: str, standing: Standing = Standing.ONE_FACTOR) -> bool:
    try:
        return bool(passwords.clean_password(password, passwords.words_about(), standing=standing))
    except passwords.WeakPassword:
        return False
