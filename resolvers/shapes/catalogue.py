"""Offices as the API shows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from models import catalogue as rows
from reading.catalogue import HOURS as HOURS_SQL
from reading.catalogue import hours_of, offices_by_id
from resolvers.engine.shapes import Computed, Shape, ToOne
from rules.workdays import day_of
from schema.catalogue import DatingRule, Office, OfficeHours
from schema.scalars import ClockTime

if TYPE_CHECKING:
    from reading.catalogue import Hours
    from resolvers.context import Scene
    from rules.workdays import FilingPolicy


def _opens_at(hours: Hours, _scene: Scene) -> ClockTime:
    return ClockTime(hours.opens_at)


def _closes_at(hours: Hours, _scene: Scene) -> ClockTime:
    return ClockTime(hours.closes_at)


HOURS = Shape(
    OfficeHours,
    model=rows.Office,
    further=("opens_at", "closes_at"),
    computed={"opens_at": Computed(("opens_at",), _opens_at), "closes_at": Computed(("closes_at",), _closes_at)},
)


async def _hours(ids: Collection[UUID], scene: Scene) -> dict[UUID, Hours]:
    return await hours_of(ids, today=day_of(scene.now))


def _is_open_for_filing(office: rows.Office, _scene: Scene) -> bool:
    return office.retired_at is None


OFFICE = Shape(
    Office,
    model=rows.Office,
    columns=("id", "code", "name"),
    computed={"is_open_for_filing": Computed(("retired_at",), _is_open_for_filing)},
    relations={"hours": ToOne("id", _hours, HOURS, sql=HOURS_SQL.replace("{which}", "{row}.id"))},
)


async def _load(ids: Collection[UUID], _scene: Scene) -> dict[UUID, rows.Office]:
    return await offices_by_id(ids)


ITS_OFFICE = ToOne("office_id", _load, OFFICE, sql=True)
"""The office where something is."""


def dating_rule(policy: FilingPolicy) -> DatingRule:
    """Return a policy in words."""
    return DatingRule(policy=policy, text=policy.sentence, source=policy.source)
