"""
Second factors: codes of time (TOTP, RFC 6238) from a seed in the person's telephone, and codes that stand in for it.

Each code of time is good once (RFC 6238, 5.2): whoever takes one notes its step, and takes none of that or before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pyotp.totp import TOTP

from rules.refusals import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

SEED_BYTES: Final = 20
"""160 bits, as RFC 4226 (4, R6) recommends."""

STEP_SECONDS: Final = 30
CODE_DIGITS: Final = 6
WINDOW_STEPS: Final = 1
"""How many steps a telephone's clock may be wrong."""

OFFER_LIFE: Final = timedelta(minutes=30)
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 15
"""120 bits: with so many, a fast hash of a code tells nothing about it."""

WARN_AFTER: Final = 5
"""So many wrong codes, one after the other, are told to the holder: somebody else knows the password."""

_SEPARATORS = re.compile(r"[\s.\-]+")
_LONGEST = 100
_RECOVERY = re.compile(rf"[A-Z2-7]{{{RECOVERY_BYTES * 8 // 5}}}", re.ASCII)
_TOTP = re.compile(rf"[0-9]{{{CODE_DIGITS}}}", re.ASCII)


class MalformedCode(InvalidInput):
    """What was typed is no code at all; no try is spent."""

    code = "MALFORMED_SECOND_FACTOR_CODE"

    def __init__(self) -> None:
        super().__init__(
            f"Escriba los {CODE_DIGITS} dígitos que muestra la aplicación de su celular, o uno de sus códigos de "
            "respaldo completo.",
            path=("code",),
        )


class WrongSecondFactor(InvalidInput):
    """The code is another, has passed, or was used before: all answered alike."""

    code = "WRONG_SECOND_FACTOR"

    def __init__(self) -> None:
        super().__init__(
            "El código no es correcto o ya se usó. Espere a que la aplicación muestre otro y escríbalo; si ninguno "
            "sirve, revise que la hora de su celular sea automática.",
            path=("code",),
        )


class SecondFactorMissing(NotSignedIn):
    """The password was right, but the account has a second factor, which was not shown in this session."""

    code = "SECOND_FACTOR_MISSING"

    def __init__(self) -> None:
        super().__init__("Falta un paso para ingresar: escriba el código que muestra la aplicación de su celular.")


class SecondFactorNeeded(NotAllowed):
    """What is asked is for people with a second factor."""

    code = "SECOND_FACTOR_NEEDED"

    def __init__(self) -> None:
        super().__init__(
            "Primero active la verificación en dos pasos de su cuenta; luego podrá continuar con este paso."
        )


class NoSecondFactor(NotFound):
    """The account has none, or there is no such account."""

    code = "SECOND_FACTOR_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Esa cuenta no tiene activada la verificación en dos pasos.")


class NothingOffered(Conflict):
    """Nothing waits to be confirmed: nothing was begun, too long ago, or it was confirmed already."""

    code = "NOTHING_OFFERED"

    def __init__(self) -> None:
        super().__init__("Empiece de nuevo la activación: muestre otro código QR y escanéelo con su celular.")


def new_seed(random_bytes: Callable[[int], bytes]) -> str:
    """Return a new seed of 160 random bits, in base32 as telephones take it."""
    return base64.b32encode(random_bytes(SEED_BYTES)).decode()


def setup_uri(seed: str, *, account: str, issuer: str) -> str:
    """Return the `otpauth` URI that a telephone scans; *account* and *issuer* are what it shows."""
    return TOTP(seed).provisioning_uri(name=account, issuer_name=issuer)


def step_at(at: datetime) -> int:
    """Return in which step of 30 seconds an instant lies, counted from 1970."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(seed: str, step: int) -> str:
    """Return the code of a step."""
    return TOTP(seed).generate_otp(step)


def matching_step(seed: str, typed: str, *, at: datetime, used_step: int) -> int:
    """
    Return the step whose code was typed, of those around *at* that come after the one that was used last.

    Raises:
        WrongSecondFactor: it is that of none of them.
    """
    present = step_at(at)
    for step in range(present - WINDOW_STEPS, present + WINDOW_STEPS + 1):
        if hmac.compare_digest(code_of(seed, step), typed) and step > used_step:
            return step
    raise WrongSecondFactor


def clean_code(typed: str) -> str:
    """
    Return a code as it is compared, of either kind, without spaces and hyphens.

    Raises:
        MalformedCode: it can be none.
    """
    compact = _SEPARATORS.sub("", typed[:_LONGEST]).upper()
    if not _TOTP.fullmatch(compact) and not _RECOVERY.fullmatch(compact):
        raise MalformedCode
    return compact


def is_recovery_code(cleaned: str) -> bool:
    """Say whether a cleaned code is one that stands in for the second factor."""
    return len(cleaned) != CODE_DIGITS


def new_recovery_codes(random_bytes: Callable[[int], bytes]) -> list[str]:
    """Return ten new recovery codes, each in groups of four."""
    texts = [base64.b32encode(random_bytes(RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    return ["-".join(text[place : place + 4] for place in range(0, len(text), 4)) for text in texts]


def recovery_hash(cleaned: str) -> bytes:
    """Return what is kept of a recovery code: its SHA-256."""
    return hashlib.sha256(cleaned.encode()).digest()
