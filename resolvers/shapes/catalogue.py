"""Offices as the API shows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reading.catalogue import offices_by_id
from resolvers.engine.shapes import Computed, Shape, ToOne
from schema.catalogue import Office, OfficeHours
from schema.scalars import ClockTime

if TYPE_CHECKING:
    from models import catalogue as rows


def _hours(office: rows.Office, _scene: Any) -> OfficeHours:
    return OfficeHours(opens_at=ClockTime(office.opens_at), closes_at=ClockTime(office.closes_at))


OFFICE = Shape(Office, columns=("id", "code", "name"), computed={"hours": Computed(("opens_at", "closes_at"), _hours)})


async def _load(ids: Collection[UUID], _scene: Any) -> dict[UUID, rows.Office]:
    return await offices_by_id(ids)


ITS_OFFICE = ToOne("office_id", _load, OFFICE)
"""The office where something is."""
