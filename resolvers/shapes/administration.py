"""What administrators decide, as the API shows it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reading.administration import hours_changes
from resolvers.engine.shapes import Arguments, Computed, Shape, ToMany
from rules.counter_policy import camel
from rules.file_rules import MAIN_KINDS
from rules.files import MEGABYTE
from schema import administration as api
from schema.scalars import ClockTime

if TYPE_CHECKING:
    from models import calendar, counter_policy, register
    from models.catalogue import Office
    from resolvers.context import Scene
    from rules.counter_policy import CounterPolicy


def _opens_at(row: Office | calendar.HoursChange, _scene: Scene) -> ClockTime:
    return ClockTime(row.opens_at.replace(tzinfo=None))


def _closes_at(row: Office | calendar.HoursChange, _scene: Scene) -> ClockTime:
    return ClockTime(row.closes_at.replace(tzinfo=None))


_CLOCKS = {"opens_at": Computed(("opens_at",), _opens_at), "closes_at": Computed(("closes_at",), _closes_at)}

HOURS_FROM = Shape(api.HoursFrom, columns=("from_on",), computed=_CLOCKS)


def _version(office: Office, _scene: Scene) -> int:
    return office.revision


def _is_open_for_filing(office: Office, _scene: Scene) -> bool:
    return office.retired_at is None


async def _hours(
    ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Scene
) -> dict[UUID, list[calendar.HoursChange]]:
    return await hours_changes(ids)


ADMINISTERED_OFFICE = Shape(
    api.AdministeredOffice,
    columns=("code", "name", "position", "retired_at"),
    computed={
        "version": Computed(("revision",), _version),
        "is_open_for_filing": Computed(("retired_at",), _is_open_for_filing),
        **_CLOCKS,
    },
    relations={"hours_changes": ToMany(_hours, HOURS_FROM)},
)

FILING_POLICY_FROM = Shape(api.FilingPolicyFrom, columns=("from_on", "policy"))
CALENDAR_VERSION = Shape(api.CalendarVersion, columns=("name", "made_at", "change"))


def details_of(kept: dict[str, Any]) -> list[api.ChangeDetail]:
    """Return what was kept of a change by names in the API: JSONB keeps no order of its own."""
    return [
        api.ChangeDetail(name=camel(name), value=_text(value))
        for name, value in sorted(kept.items())
        if value is not None
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _number(version: counter_policy.PolicyVersion, _scene: Scene) -> int:
    return version.number


def _policy_changes(version: counter_policy.PolicyVersion, _scene: Scene) -> list[api.ChangeDetail]:
    changes = dict(version.changes)
    if "unfiled_bytes_each" in changes:
        changes["unfiled_mb_each"] = changes.pop("unfiled_bytes_each") // MEGABYTE
    return details_of(changes)


POLICY_VERSION = Shape(
    api.PolicyVersion,
    columns=("made_at", "from_at"),
    computed={"version": Computed(("number",), _number), "changes": Computed(("changes",), _policy_changes)},
)


def _details(entry: register.Entry, _scene: Scene) -> list[api.ChangeDetail]:
    return details_of(entry.detail)


def _author(entry: register.Entry, _scene: Scene) -> api.ChangeAuthor | None:
    return api.ChangeAuthor(full_name=entry.actor.full_name) if entry.actor else None


CHANGE = Shape(
    api.AdministrationChange,
    columns=("act", "at", "role"),
    computed={"details": Computed(("detail",), _details), "author": Computed(("actor",), _author)},
)


def counter_policy_of(policy: CounterPolicy) -> api.CounterPolicy:
    """Return the counter's policy."""
    return api.CounterPolicy(
        files=file_limits_of(policy),
        uploads_each=policy.uploads_each,
        unfiled_mb_each=policy.unfiled_mb_each,
        drafts_each=policy.drafts_each,
        draft_days=policy.draft_days,
        correction_working_days=policy.correction_working_days,
        correction_keeps_date=policy.correction_keeps_date,
    )


def file_limits_of(policy: CounterPolicy) -> api.FileLimits:
    """Return what is taken of files."""
    return api.FileLimits(
        main_kinds=list(MAIN_KINDS),
        annex_kinds=list(policy.annex_kinds),
        refused_findings=list(policy.refused_findings),
        main_max_mb=policy.main_max_mb,
        first_annex_max_mb=policy.first_annex_max_mb,
        other_annex_max_mb=policy.other_annex_max_mb,
        max_annexes=policy.max_annexes,
    )
