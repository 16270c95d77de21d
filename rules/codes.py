"""Codes of one use, sent by mail: how they look, how long they hold, how often one may be tried or sent anew."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rules.refusals import InvalidInput, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable

CODE_DIGITS: Final = 8
"""Short enough to be copied by hand from a telephone; the tries, the pauses and the slow hash do the rest."""

CODE_LIFE: Final = timedelta(minutes=30)
MOST_TRIES: Final = 5
"""After so many tries a code is dead, the right one too."""

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60))
"""How long after the first, second … code the next may be sent; at most 60 minutes, so nobody is shut out for good."""

FORGET_AFTER: Final = timedelta(hours=24)
"""So long after the last code the pauses begin anew."""

_ENTROPY_BYTES = 16
_SEPARATORS = re.compile(r"[\s.\-]+")


class CodePurpose(StrEnum):
    """What a code proves; at most one of each is live for an account."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    RECOVER = "RECOVER"
    CHANGE_EMAIL = "CHANGE_EMAIL"


class MalformedCode(InvalidInput):
    """What was typed is no code at all; no try is spent."""

    code = "MALFORMED_CODE"

    def __init__(self) -> None:
        super().__init__(f"Escriba los {CODE_DIGITS} dígitos del código que recibió por correo.")


class WrongCode(InvalidInput):
    """The code is another, was used, has expired, was tried too often, or was never sent: all answered alike."""

    code = "WRONG_CODE"

    def __init__(self) -> None:
        super().__init__(
            "El código no es correcto o ya no sirve. Revise el último correo que recibió o pida un código nuevo.",
            path=("code",),
        )


class CodeTooSoon(TooManyRequests):
    """A code was sent a moment ago; the next has to wait."""

    code = "CODE_TOO_SOON"

    def __init__(self) -> None:
        super().__init__(
            "Acabamos de enviarle un código. Revise su correo, también la carpeta de no deseados, "
            "y espere antes de pedir otro."
        )


def new_code(random_bytes: Callable[[int], bytes]) -> str:
    """Return eight digits, each combination as likely as any other."""
    return f"{int.from_bytes(random_bytes(_ENTROPY_BYTES)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def clean_code(typed: str) -> str:
    """
    Return the eight digits of a code that was typed with or without spaces and hyphens.

    Raises:
        MalformedCode: it is not eight digits.
    """
    compact = _SEPARATORS.sub("", typed[:100])
    if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", compact, re.ASCII):
        raise MalformedCode
    return compact
