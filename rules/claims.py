"""Claims: somebody says that the identity of an account is theirs; staff decide, and nothing filed is lost."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rules.access import Role
from rules.refusals import Conflict, NotSignedIn
from rules.words import clean_paragraph

if TYPE_CHECKING:
    from uuid import UUID

STATEMENT_MAX_LENGTH: Final = 1000
NO_FREEZE_FOR: Final = timedelta(days=30)
"""For so long after a claim was decided for the holder, a further one freezes nothing by itself."""

RESERVED_FOR: Final = timedelta(days=30)
"""For so long after an identity was handed over, only who claimed it may register it: with the address of the claim."""


class ClaimState(StrEnum):
    """What became of a claim; all but WAITING are final."""

    WAITING = "WAITING"
    KEPT = "KEPT"
    HANDED_OVER = "HANDED_OVER"
    IGNORED = "IGNORED"


class ClaimDecision(StrEnum):
    """How staff decide a claim."""

    KEEP_HOLDER = "KEEP_HOLDER"
    HAND_OVER = "HAND_OVER"


class ClaimSettled(Conflict):
    """Somebody decided the claim before."""

    code = "CLAIM_SETTLED"

    def __init__(self) -> None:
        super().__init__("Este reclamo ya no está en espera: otra persona lo resolvió o ingresó después de otro igual.")


class NothingToHandOver(Conflict):
    """No account had the number when it was claimed, or that account has it no more."""

    code = "NOTHING_TO_HAND_OVER"

    def __init__(self) -> None:
        super().__init__(
            "Ninguna cuenta tiene ese documento por este reclamo. Ciérrelo: la persona puede registrarse o, si el "
            "número ya está registrado, reclamarlo de nuevo."
        )


class AccountFrozen(NotSignedIn):
    """The password is right, but somebody claims the identity and staff have not decided yet."""

    code = "ACCOUNT_FROZEN"

    def __init__(self) -> None:
        super().__init__(
            "Su cuenta está suspendida porque otra persona reclama su documento de identidad. Acérquese a la mesa de "
            "partes con su documento para resolverlo; los trámites ya presentados siguen su curso."
        )


class FrozenMeanwhile(Conflict):
    """The account is frozen; nothing of it is changed until the claim is decided."""

    code = "ACCOUNT_CLAIMED"

    def __init__(self) -> None:
        super().__init__("La cuenta está suspendida por un reclamo de identidad. Resuelva primero ese reclamo.")


def freezes(role: Role, *, was_kept: bool) -> bool:
    """
    Say whether a claim freezes the account at once.

    Not that of staff, or strangers could send everybody home who decides; not where a claim was decided for the holder
    lately. Then it waits until a person freezes.
    """
    return role is Role.APPLICANT and not was_kept


def clean_claim_statement(text: str | None) -> str:
    """
    Return why somebody says that the identity is theirs, 1 to 1,000 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_paragraph`.
    """
    return clean_paragraph(text, max_length=STATEMENT_MAX_LENGTH)


def vacated_number(account_id: UUID) -> str:
    """Return what stands in place of an account's document number once another has it; no document has such a one."""
    return f"-{account_id.hex[:19]}"


def is_vacated(identity_number: str) -> bool:
    """Say whether a number stands for one that was given to another account."""
    return identity_number.startswith("-")
