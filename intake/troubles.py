"""Why a mailbox is not read: the one code that people are told, out of whatever was raised."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from actions.filing_forms import OfficeRetired
from actions.transaction import OUTAGES
from files.jail import JailBroken, JailFull
from files.store import StoreUnavailable
from intake.imap import CommandRefused
from intake.protocol import ConnectionLost
from intake.sign_in import ServerBusy, SignInRefused, TokenRefused
from intake.tokens import GrantRefused, TokensUnavailable
from reading.catalogue import NoSuchOffice
from rules.mailboxes import MailboxFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CAUSES: Final = 5
_CODES: Final[tuple[tuple[tuple[type[BaseException], ...], MailboxFailure], ...]] = (
    ((TokenRefused, GrantRefused), MailboxFailure.TOKEN_REFUSED),
    ((SignInRefused,), MailboxFailure.SIGN_IN_REFUSED),
    ((TokensUnavailable,), MailboxFailure.TOKEN_NOT_GIVEN),
    ((ServerBusy, ConnectionLost), MailboxFailure.UNREACHABLE),
    ((CommandRefused,), MailboxFailure.COMMAND_REFUSED),
    ((NoSuchOffice, OfficeRetired), MailboxFailure.OFFICE_CLOSED),
    ((StoreUnavailable,), MailboxFailure.STORE_UNUSABLE),
    ((JailFull, JailBroken), MailboxFailure.PARSER_UNUSABLE),
    (OUTAGES, MailboxFailure.DATABASE_AWAY),
)

REFUSALS: Final = (SignInRefused, GrantRefused)
"""What trying again soon makes worse: servers lock out who does."""


_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOTDIR, errno.EACCES})


def failure_of(error: BaseException) -> MailboxFailure:
    """Return the code of what was raised; the first that fits."""
    if any(isinstance(each, OSError) and each.errno in _DISK for each in _causes(error)):
        return MailboxFailure.STORE_UNUSABLE
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), MailboxFailure.BROKEN)


def names_of(error: BaseException) -> str:
    """Return the names of the exception and its causes, without their texts, which may quote a mail or an address."""
    return " from ".join(type(each).__name__ for each in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__
