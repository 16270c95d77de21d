"""The register: appends acts and gives numbers, under one lock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rules.chain import FORM, SALT_BYTES, canonical, text_digest

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from rules.access import Role
    from rules.lifecycle import TramiteStatus
    from rules.register import Act

ENTRIES = "mesa_entries"
"""Channel on which listeners are woken after an act was recorded."""


@dataclass(frozen=True)
class Record:
    """
    One act, as it will be kept for ever.

    `text` is what somebody wrote: the chain keeps its digest, and it can be erased. Everything else can not: `detail`
    holds neither personal data nor free text, but ids, codes, dates and digests.
    """

    act: Act
    at: datetime
    role: Role
    actor_id: UUID | None = None
    tramite_id: UUID | None = None
    from_status: TramiteStatus | None = None
    to_status: TramiteStatus | None = None
    text: str | None = None
    detail: dict[str, Any] = field(default_factory=dict[str, Any])
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(SALT_BYTES), repr=False, compare=False)

    def canonical(self) -> str:
        """Return the text that is hashed and from which the entry's columns are filled."""
        return canonical(
            {
                "act": self.act.value,
                "at": self.at.isoformat(timespec="microseconds"),
                "role": self.role.value,
                "actor": str(self.actor_id) if self.actor_id else None,
                "tramite": str(self.tramite_id) if self.tramite_id else None,
                "from": self.from_status.value if self.from_status else None,
                "to": self.to_status.value if self.to_status else None,
                "text": None if self.text is None else text_digest(self.text, salt=self.salt),
                "detail": self.detail,
                "form": FORM,
            }
        )


async def take_number(connection: TransactionWrapper, series: str) -> int:
    """
    Return the next number of *series*, gapless; given back if the transaction rolls back.

    Takes the register's lock: call it as late as possible and append the entry soon after.
    """
    rows = await connection.execute_query_dict("SELECT register_take_number($1) AS number", [series])
    return int(rows[0]["number"])


async def append(connection: TransactionWrapper, record: Record) -> int:
    """Append *record* as the last statement of its transaction; return its sequence, which is commit order."""
    salt = record.salt if record.text is not None else None
    values = [record.canonical(), record.text, salt]
    rows = await connection.execute_query_dict("SELECT register_append($1, $2, $3) AS sequence", values)
    return int(rows[0]["sequence"])
