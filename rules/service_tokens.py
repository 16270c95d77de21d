"""Service tokens: what a program shows to read in the name of nobody, what it may read, and for how long."""

from __future__ import annotations

import re
import string
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from zlib import crc32

from rules.choices import check_choices
from rules.refusals import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from rules.words import clean_text

if TYPE_CHECKING:
    from collections.abc import Collection

PREFIX: Final = "mps_"
SECRET_BYTES: Final = 32
NAME_MAX_LENGTH: Final = 80
MOST_OFFICES: Final = 100
MOST_LIVE: Final = 100
"""How many service tokens may live at once."""

MOST_NAMED: Final = 5
"""How many of the fields that a token does not open are named."""

DEFAULT_LIFE: Final = timedelta(days=90)
LONGEST_LIFE: Final = timedelta(days=365)
NOTED_EVERY: Final = timedelta(minutes=5)
"""That a token is in use is written down at most so often."""

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_LENGTH: Final = 43
_CHECK_LENGTH: Final = 6
_OF_SESSIONS: Final = 43
"""How long the token of a session is."""
_FORM: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECK_LENGTH}}}", re.ASCII)


class Scope(StrEnum):
    """What a service token lets a program read. Members are added, never removed."""

    STATUS = "STATUS"
    PEOPLE = "PEOPLE"
    REPORTS = "REPORTS"


class NoScope(InvalidInput):
    """A token that reads nothing, or people without what they filed."""

    code = "NO_SCOPE"

    def __init__(self) -> None:
        super().__init__(
            "Elija qué puede leer el token: STATUS (trámites y sus cambios), REPORTS (reportes) o ambos. PEOPLE (quién "
            "presentó y sus datos de contacto) se da solo junto con STATUS."
        )


class NoSuchLife(InvalidInput):
    """A token would hold for no time, or for too long."""

    code = "TOKEN_LIFE"

    def __init__(self) -> None:
        super().__init__(f"Un token de servicio vale de 1 a {LONGEST_LIFE.days} días.")


class OfficesUnclear(InvalidInput):
    """Neither some offices nor all are named, or both, or too many."""

    code = "TOKEN_OFFICES"

    def __init__(self) -> None:
        super().__init__(
            f"Indique los códigos de las dependencias cuyos trámites se leen (hasta {MOST_OFFICES}), o que son todas; "
            "una de las dos cosas."
        )


class TooManyServiceTokens(Conflict):
    """As many live as may."""

    code = "TOO_MANY_SERVICE_TOKENS"

    def __init__(self) -> None:
        super().__init__(f"Ya hay {MOST_LIVE} tokens de servicio vigentes. Revoque los que ya no se usan.")


class NoSuchAdministrator(NotFound):
    """Nobody who administers has that identity."""

    code = "NO_SUCH_ADMINISTRATOR"

    def __init__(self) -> None:
        super().__init__("Nadie con ese documento administra la mesa de partes.")


class NoSuchServiceToken(NotFound):
    """There is none of that id that holds."""

    code = "SERVICE_TOKEN_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Ese token de servicio no existe, o ya fue revocado o venció.", path=("id",))


class ServiceTokenNotGood(NotSignedIn):
    """A program shows a token that was never given, is revoked, or has expired."""

    code = "SERVICE_TOKEN_NOT_GOOD"

    def __init__(self) -> None:
        super().__init__(
            "Ese token de servicio no vale: no existe, venció o fue revocado. Pida otro a quien administra la mesa de "
            "partes."
        )


class ProgramsOnlyRead(NotAllowed):
    """A program would change something."""

    code = "PROGRAMS_ONLY_READ"

    def __init__(self) -> None:
        super().__init__(
            "Un token de servicio solo sirve para leer. Para esto debe ingresar una persona con su propia cuenta."
        )


class OutOfScope(NotAllowed):
    """A program asks for what its token does not let it read."""

    code = "OUT_OF_SCOPE"

    def __init__(self, names: Collection[str]) -> None:
        # What the document begins with says most of what else is needed.
        told = sorted(names, key=lambda name: (not name.startswith(("Query.", "Subscription.")), name))
        more = f" y {len(told) - MOST_NAMED} más" if len(told) > MOST_NAMED else ""
        super().__init__(
            f"Este token de servicio no alcanza a leer {', '.join(told[:MOST_NAMED])}{more}. Quítelo del pedido, o "
            "pida a quien administra la mesa de partes un token con ese alcance, si lo hay."
        )


def make_token(secret: bytes) -> str:
    """
    Return the token of a random *secret* of 32 bytes.

    The prefix and the check (CRC-32 of all before it, in base 62) let programs that search for leaked secrets find it
    without asking us: by chance no other text is one.
    """
    assert len(secret) == SECRET_BYTES
    body = PREFIX + _base62(int.from_bytes(secret), _SECRET_LENGTH)
    return body + _check_of(body)


def is_service_token(token: str) -> bool:
    """Say by its form whether a token is of a program, even if cut; that of a session may begin so by chance."""
    return token.startswith(PREFIX) and len(token) != _OF_SESSIONS


def is_well_formed(token: str) -> bool:
    """Say whether a token of a program has the right check; no other was ever given."""
    return _FORM.fullmatch(token) is not None and _check_of(token[:-_CHECK_LENGTH]) == token[-_CHECK_LENGTH:]


def ending_of(token: str) -> str:
    """Return the end of a token, by which people tell it from others without knowing it."""
    return token[-_CHECK_LENGTH:]


def _check_of(body: str) -> str:
    return _base62(crc32(body.encode()), _CHECK_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def clean_name(text: str) -> str:
    """
    Return what people call a token.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_text`.
    """
    return clean_text(text, max_length=NAME_MAX_LENGTH)


def check_scopes(scopes: Collection[Scope]) -> frozenset[Scope]:
    """
    Return what a token lets read.

    Raises:
        NoScope: nothing, or people without their trámites.
        TooManyChoices: more are named than there are.
    """
    chosen = frozenset(check_choices(scopes, len(Scope)))
    if not chosen or (Scope.PEOPLE in chosen and Scope.STATUS not in chosen):
        raise NoScope
    return chosen


def check_life(days: int | None) -> timedelta:
    """
    Return for how long a token holds; 90 days unless told.

    Raises:
        NoSuchLife: less than a day, or more than a year.
    """
    life = DEFAULT_LIFE if days is None else timedelta(days=days) if 0 < days <= LONGEST_LIFE.days else None
    if life is None:
        raise NoSuchLife
    return life


def check_offices(codes: Collection[str], *, all_offices: bool) -> frozenset[str]:
    """
    Return the codes of the offices whose trámites a token lets read; none for all.

    Raises:
        OfficesUnclear: neither some are named nor all, or both.
    """
    if bool(codes) == all_offices or len(codes) > MOST_OFFICES:
        raise OfficesUnclear
    return frozenset(codes)
