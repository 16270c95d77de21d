"""Mailboxes as the counter tells of them: where a mail ended up on the server, and why a mailbox is not read."""

from __future__ import annotations

from enum import StrEnum


class Placement(StrEnum):
    """What became of a mail on the server once it had its outcome; the ledger knows the mail in any case."""

    MOVED = "MOVED"
    MARKED = "MARKED"
    LEFT = "LEFT"
    GONE = "GONE"


class MailboxFailure(StrEnum):
    """Why a mailbox is not read now."""

    UNREACHABLE = "UNREACHABLE"
    SIGN_IN_REFUSED = "SIGN_IN_REFUSED"
    TOKEN_NOT_GIVEN = "TOKEN_NOT_GIVEN"  # noqa: S105 - a code, no token
    TOKEN_REFUSED = "TOKEN_REFUSED"  # noqa: S105 - a code, no token
    COMMAND_REFUSED = "COMMAND_REFUSED"
    OFFICE_CLOSED = "OFFICE_CLOSED"
    DATABASE_AWAY = "DATABASE_AWAY"
    STORE_UNUSABLE = "STORE_UNUSABLE"
    PARSER_UNUSABLE = "PARSER_UNUSABLE"
    BROKEN = "BROKEN"
