"""Passwords that the counter takes: by length and by what is easily guessed, never by composition (NIST SP 800-63B)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from rules.access import Role
from rules.people import PASSWORD_MAX_LENGTH, normal_password
from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

PASSWORD_MAX_BYTES: Final = 1024


class Standing(StrEnum):
    """What stands between a stranger and an account, besides how long its password is."""

    ONE_FACTOR = "ONE_FACTOR"
    TWO_FACTORS = "TWO_FACTORS"
    STAFF = "STAFF"


MIN_LENGTHS: Final[Mapping[Standing, int]] = {
    Standing.ONE_FACTOR: 15,
    Standing.TWO_FACTORS: 8,
    Standing.STAFF: 12,
}
"""How many characters a password has at least; staff always have a second factor once they work as staff."""


class WeakPassword(InvalidInput):
    """The password is too short, too long, or easily guessed."""

    code = "WEAK_PASSWORD"


class WrongPassword(InvalidInput):
    """It is not the password of the one who is signed in."""

    code = "WRONG_PASSWORD"

    def __init__(self) -> None:
        super().__init__("Su contraseña actual no es correcta. Vuelva a escribirla.", path=("currentPassword",))


def standing_of(role: Role, *, has_second_factor: bool) -> Standing:
    """Return by which row of the table the password of an account is judged."""
    if not has_second_factor:
        return Standing.ONE_FACTOR
    return Standing.TWO_FACTORS if role is Role.APPLICANT else Standing.STAFF


def help_text(standing: Standing) -> str:
    """Return the rule in a few words for the person who chooses a password."""
    return (
        f"Escriba al menos {MIN_LENGTHS[standing]} caracteres; una frase de varias palabras sirve y se recuerda mejor. "
        "No use su nombre, su documento, su correo, su fecha de nacimiento ni contraseñas muy usadas."
    )


_SEPARATORS = re.compile(r"[\s./_\-,;:]+")
_WORD_MIN_LENGTH = 3
_SHORT_PERIOD = 5
_NATIONAL_DIGITS = 9
_OURS = ("mesadepartes", "mesa", "partes", "digital", "trámite", "contraseña", "clave", "acceso")


def _fold(text: str) -> str:
    """Return *text* as one who guesses tries it: small, without accents and separators."""
    decomposed = unicodedata.normalize("NFKD", _SEPARATORS.sub("", text).casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


COMMON: Final = frozenset(_fold(word) for word in FREQUENCY_LISTS["passwords"])
"""The 30,000 commonest passwords of leaked lists."""


def words_about(
    *,
    names: Iterable[str] = (),
    email: str = "",
    mobile: str = "",
    birth_date: date | None = None,
    others: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return the words that others know of a person and of the counter; *others* such as numbers, the entity's name."""
    whole = [*names, mobile, mobile[-_NATIONAL_DIGITS:], email, *re.split(r"[@.+_\-]", email), *others, *_OURS]
    words = [part for text in whole for part in (text, *text.split())]
    return tuple(words) + (_forms_of(birth_date) if birth_date else ())


def _forms_of(day: date) -> tuple[str, ...]:
    return tuple(day.strftime(form) for form in ("%d%m%Y", "%d%m%y", "%Y%m%d", "%y%m%d", "%m%d%Y", "%Y"))


def clean_password(password: str, known_words: Iterable[str] = (), *, standing: Standing = Standing.ONE_FACTOR) -> str:
    """
    Return a new password in NFC, otherwise as typed: no trimming and no rules of composition (NIST SP 800-63B).

    Its length is from that of *standing* to 256 characters (1024 bytes of UTF-8). What is easily guessed is refused:
    one of the commonest passwords, alone, repeated or next to another; a row of characters; and what is left with
    less than half of that length of one's own without the *known_words* (`words_about`).

    Raises:
        WeakPassword: it is none that the counter takes.
    """
    composed, minimum = normal_password(password), MIN_LENGTHS[standing]
    if len(password) > PASSWORD_MAX_LENGTH:
        raise WeakPassword(f"La contraseña puede tener hasta {PASSWORD_MAX_LENGTH} caracteres.")
    if _is_unencodable(password) or len(composed.encode()) > PASSWORD_MAX_BYTES:
        raise WeakPassword("La contraseña contiene caracteres que no se pueden usar. Escriba letras, números y signos.")
    if len(composed) < minimum:
        raise WeakPassword(
            f"La contraseña debe tener al menos {minimum} caracteres. Una frase de varias palabras sirve."
        )
    bare = _fold(composed)
    if _is_common(bare):
        raise WeakPassword(
            "Esa contraseña es de las primeras que alguien probaría. Escriba una frase de varias palabras, suya."
        )
    if len(_without(bare, known_words)) < minimum // 2:
        raise WeakPassword(
            "La contraseña no puede estar hecha de su documento, su nombre, su correo, su fecha de nacimiento ni del "
            "nombre de la entidad. Agregue palabras que nadie relacione con usted."
        )
    return composed


def _is_unencodable(text: str) -> bool:
    return any(unicodedata.category(character) == "Cs" for character in text)


def _is_common(bare: str) -> bool:
    unit = bare[: (bare + bare).find(bare, 1)]
    if unit in COMMON or len(unit) <= _SHORT_PERIOD < len(bare) or _is_row(bare):
        return True
    return any(bare[:place] in COMMON and bare[place:] in COMMON for place in range(1, len(bare)))


def _is_row(bare: str) -> bool:
    """Say whether each character follows the one before, up or down, 0 after 9."""
    if bare.isdecimal():
        return {(int(after) - int(before)) % 10 for before, after in pairwise(bare)} in ({1}, {9})
    return {ord(after) - ord(before) for before, after in pairwise(bare)} in ({1}, {-1})


def _without(bare: str, known_words: Iterable[str]) -> str:
    folded = {_fold(word) for word in known_words}
    for word in sorted((each for each in folded if len(each) >= _WORD_MIN_LENGTH), key=len, reverse=True):
        bare = bare.replace(word, "")
    return bare
