"""What is past its time, as one condition for each kind: it is counted, named and erased by the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rules.kept_kinds import RetentionKind as Kind

NO_OPEN_TASK = (
    "NOT EXISTS (SELECT FROM tasks o WHERE o.done_at IS NULL AND (o.tramite_id = t.id OR o.user_id = t.applicant_id))"
)
NO_RECOVERY = "NOT EXISTS (SELECT FROM recovery_requests r WHERE r.user_id = t.applicant_id AND r.state = 'WAITING')"
NO_CLAIM = "NOT EXISTS (SELECT FROM identity_claims i WHERE i.user_id = t.applicant_id AND i.state = 'WAITING')"
FREE = f"{NO_OPEN_TASK} AND {NO_RECOVERY} AND {NO_CLAIM}"
"""Nothing is erased of a trámite about which, or about whose account, something is still to be decided."""

ENDED = """t.status = ANY('{{{statuses}}}') AND t.sent_at <= $1 AND NOT EXISTS (
    SELECT FROM entries e WHERE e.tramite_id = t.id AND e.at > $1 AND e.act <> 'ERASED')"""
"""$1 is before when the last act must have been; that something of it was erased is none of its acts."""

FILES_LEFT = """(EXISTS (SELECT FROM attachments a WHERE a.tramite_id = t.id AND a.erased_at IS NULL)
    OR EXISTS (SELECT FROM mail_items m WHERE m.tramite_id = t.id AND m.erased_at IS NULL))"""

ITS_TRAMITE_IS_OVER = f"""NOT EXISTS (SELECT FROM tramites t WHERE t.id = x.tramite_id AND NOT (
    t.status IN ('RESOLVED', 'VOIDED', 'LAPSED') AND {FREE}))"""

RESOLVED = ENDED.format(statuses="RESOLVED")
UNDONE = ENDED.format(statuses="VOIDED,LAPSED")


@dataclass(frozen=True, slots=True)
class OverdueRows:
    """
    Which rows of one table are past their time, and by what each is named to people.

    *hold* is what besides must be so; how many are held back by it is told apart.
    """

    table: str
    name: str
    condition: str
    hold: str | None = None
    key: str = "id"
    key_type: str = "uuid"

    def count(self) -> str:
        """Return the statement that counts what may be erased; $1 as in the condition."""
        return f"SELECT count(*) FROM {self._rows()}"  # noqa: S608 - our own words

    def count_held(self) -> str:
        """Return the statement that counts what is past its time and held back."""
        return f"SELECT count(*) FROM {self.table} WHERE {self.condition} AND NOT ({self.hold})"  # noqa: S608

    def list(self) -> str:
        """Return the statement that names up to $2 of what may be erased."""
        key = self._key()
        return f"SELECT {key} AS key, {self.name} AS name FROM {self._rows()} ORDER BY {key} LIMIT $2"  # noqa: S608

    def lock(self) -> str:
        """Return the statement that locks those with the keys $1 which nobody else has locked."""
        key = self._key()
        return f"""SELECT {key} AS key FROM {self.table} WHERE {key} = ANY($1::{self.key_type}[])
            ORDER BY {key} FOR UPDATE SKIP LOCKED"""  # noqa: S608 - our own words

    def still(self) -> str:
        """Return the statement that names those with the keys $2, locked now, which may still be erased."""
        key = self._key()
        return f"""SELECT {key} AS key, {self.name} AS name FROM {self._rows()}
            AND {key} = ANY($2::{self.key_type}[]) ORDER BY {key}"""  # noqa: S608 - our own words

    def _key(self) -> str:
        return f"{self.table.split()[-1]}.{self.key}"

    def _rows(self) -> str:
        return f"{self.table} WHERE {self.condition}" + (f" AND {self.hold}" if self.hold else "")


_ID = "x.id::text"

OVERDUE: Final[Mapping[Kind, OverdueRows]] = MappingProxyType(
    {
        Kind.RESOLVED_FILES: OverdueRows("tramites t", "t.number", f"{RESOLVED} AND {FILES_LEFT}", FREE),
        Kind.UNDONE_FILES: OverdueRows("tramites t", "t.number", f"{UNDONE} AND {FILES_LEFT}", FREE),
        Kind.RESOLVED_TRAMITES: OverdueRows("tramites t", "t.number", f"{RESOLVED} AND t.erased_at IS NULL", FREE),
        Kind.UNDONE_TRAMITES: OverdueRows("tramites t", "t.number", f"{UNDONE} AND t.erased_at IS NULL", FREE),
        Kind.NOTICES: OverdueRows(
            "notices x",
            _ID,
            "x.finished_at <= $1 AND x.erased_at IS NULL",
            f"{ITS_TRAMITE_IS_OVER} AND NOT EXISTS (SELECT FROM recovery_requests r WHERE r.notice_id = x.id AND "
            "r.state = 'WAITING')",
        ),
        Kind.TASKS: OverdueRows("tasks x", _ID, "x.done_at <= $1 AND x.erased_at IS NULL", ITS_TRAMITE_IS_OVER),
        Kind.RECOVERIES: OverdueRows("recovery_requests x", _ID, "x.settled_at <= $1 AND x.erased_at IS NULL"),
        Kind.CLAIMS: OverdueRows(
            "identity_claims x",
            _ID,
            "x.state <> 'WAITING' AND coalesce(x.decided_at, x.claimed_at) <= $1 AND x.erased_at IS NULL",
        ),
        Kind.MAILS: OverdueRows(
            "mail_items x", _ID, "x.tramite_id IS NULL AND x.recorded_at <= $1 AND x.erased_at IS NULL"
        ),
        Kind.USED_UPLOADS: OverdueRows("uploads x", _ID, "x.used_at <= $1 AND x.erased_at IS NULL"),
        Kind.CLIENT_KEYS: OverdueRows("client_keys x", _ID, "x.created_at <= $1"),
        Kind.BOUNCED_ADDRESSES: OverdueRows(
            "bounced_addresses x",
            # An address is not named: that it stands here says something of somebody.
            "x.notice_id::text",
            "coalesce(x.lifted_at, x.expires_at) <= $1",
            key="address",
            key_type="text",
        ),
    }
)
"""The kinds whose period may be changed; others go by rounds of their own."""
