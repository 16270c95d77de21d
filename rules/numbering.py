"""Numbers that are read aloud and copied by hand, and codes that cannot be guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stdnum.iso7064 import mod_37_36

from rules.refusals import InvalidInput
from rules.workdays import day_of

SERIAL_DIGITS: Final = 6
CODE_BYTES: Final = 10
"""80 bits: 16 characters of code."""

_PREFIX = re.compile(r"[A-Z]{2,8}", re.ASCII)
_NUMBER = re.compile(r"([A-Z]{2,8})([0-9]{4})([0-9]{6,12})([0-9A-Z])", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212./]+")

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(rf"[{_CROCKFORD}]+", re.ASCII)
_LOOKALIKES = str.maketrans("OIL", "011")
_BITS = 5
_GROUP = 4
_CODE_LENGTH = CODE_BYTES * 8 // _BITS


class InvalidNumber(InvalidInput):
    """The text is no number of a trámite, or was copied wrongly."""

    code = "INVALID_NUMBER"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message, path=(field,))


class InvalidCode(InvalidInput):
    """The text is no lookup key or verification code."""

    code = "INVALID_CODE"

    def __init__(self) -> None:
        super().__init__(
            "La clave no es válida: son 16 letras y números en grupos de cuatro. Cópiela de la constancia."
        )


@dataclass(frozen=True, slots=True)
class TramiteNumber:
    """The number of a trámite, taken apart; as text it is complete with its check character."""

    prefix: str
    year: int
    serial: int

    def __str__(self) -> str:
        return format_number(self.prefix, self.year, self.serial)


def year_of(at: datetime) -> int:
    """Return the year in Lima in which the instant *at* lies; it chooses the series."""
    return day_of(at).year


def format_number(prefix: str, year: int, serial: int) -> str:
    """
    Return a number such as `MPD-2026-000001-M`: two to eight letters, year, serial of at least six digits, check.

    The check character is ISO 7064 MOD 37,36 over what stands before it: it finds every single wrong character and
    nearly every swap of neighbours.
    """
    if not _PREFIX.fullmatch(prefix) or not 1000 <= year <= 9999 or not 1 <= serial < 10**12:
        raise ValueError(f"No number can be made of {prefix!r}, {year} and {serial}")
    digits = f"{serial:0{SERIAL_DIGITS}d}"
    return f"{prefix}-{year}-{digits}-{mod_37_36.calc_check_digit(f'{prefix}{year}{digits}')}"


def parse_number(text: str, *, field: str = "number") -> TramiteNumber:
    """
    Return the number that a person typed into *field*, in whatever case, with or without dashes and spaces.

    Raises:
        InvalidNumber: it is none, or its check character says that it was copied wrongly.
    """
    compact = _compact(text)
    parts = _NUMBER.fullmatch(compact)
    if parts is None:
        raise InvalidNumber(
            "El número de trámite no es válido. Escríbalo completo, por ejemplo: MPD-2026-000001-M", field=field
        )
    prefix, year, serial, check = parts.groups()
    if mod_37_36.calc_check_digit(f"{prefix}{year}{serial}") != check:
        raise InvalidNumber(
            "El número de trámite tiene un error al copiarlo: revise cada letra y cada dígito.", field=field
        )
    if int(serial) == 0 or int(year) < 1000 or (len(serial) > SERIAL_DIGITS and serial.startswith("0")):
        raise InvalidNumber("No existe un trámite con ese número. Revise cada letra y cada dígito.", field=field)
    return TramiteNumber(prefix, int(year), int(serial))


def new_code(random_bytes: bytes) -> str:
    """
    Return an unguessable code of 16 characters (80 bits), as `7Q4M-0KXR-2B9T-WD5H`.

    Crockford's base 32: no letter that is taken for a digit. *random_bytes* are ten from a secure source.
    """
    if len(random_bytes) != CODE_BYTES:
        raise ValueError(f"A code is made of {CODE_BYTES} bytes")
    value = int.from_bytes(random_bytes, "big")
    return _grouped("".join(_CROCKFORD[value >> shift & 31] for shift in range(CODE_BYTES * 8 - _BITS, -1, -_BITS)))


def clean_code(text: str) -> str:
    """
    Return a code as `new_code` writes it, from what a person typed: any case, any separators, O for 0, I and L for 1.

    Raises:
        InvalidCode: it cannot be one.
    """
    compact = _compact(text).translate(_LOOKALIKES)
    if len(compact) != _CODE_LENGTH or not _CODE.fullmatch(compact):
        raise InvalidCode
    return _grouped(compact)


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", text).upper()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
