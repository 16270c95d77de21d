"""How the dates of a trámite came about, as the API shows it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from models.tramites import Tramite
from reading.dates import dates_of
from resolvers.engine.shapes import Computed, Shape, ToOne
from resolvers.shapes.catalogue import dating_rule
from rules.workdays import CORRECTION_SOURCE, FilingPolicy, in_lima
from schema import dates as api
from schema.catalogue import ClosedDay
from schema.scalars import ClockTime

if TYPE_CHECKING:
    from resolvers.context import Scene


def _sent_at(dates: Tramite, _scene: Scene) -> datetime:
    return in_lima(dates.sent_at)


def _received_at(dates: Tramite, _scene: Scene) -> datetime | None:
    return in_lima(dates.received_at) if dates.received_at else None


def _filing(dates: Tramite, _scene: Scene) -> api.FilingExplained:
    kept = dates.filing_rule
    return api.FilingExplained(
        filed_on=dates.filed_on,
        rule=dating_rule(FilingPolicy(kept["rule"])),
        calendar_version=kept["calendarVersion"],
        opens_at=_clock(kept.get("opensAt")),
        closes_at=_clock(kept.get("closesAt")),
        skipped=_skipped(kept),
        other_filed_on=_day(kept.get("otherDay")),
    )


def _correction(dates: Tramite, _scene: Scene) -> api.CorrectionExplained | None:
    correct_by, kept = dates.correct_by, dates.deadline_rule or {}
    if correct_by is None:
        return None
    return api.CorrectionExplained(
        correct_by=correct_by,
        source=CORRECTION_SOURCE,
        observed_on=_day(kept.get("after")),
        counted=[date.fromisoformat(day) for day in kept.get("counted", [])],
        skipped=_skipped(kept),
        calendar_version=kept.get("calendarVersion"),
    )


def _skipped(kept: dict[str, Any]) -> list[ClosedDay]:
    return [
        ClosedDay(day=date.fromisoformat(day["day"]), reason=day["reason"], source=day.get("source"))
        for day in kept.get("skipped", [])
    ]


def _clock(text: str | None) -> ClockTime | None:
    return ClockTime(time.fromisoformat(text)) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


DATES = Shape(
    api.DatesExplained,
    model=Tramite,
    computed={
        "sent_at": Computed(("sent_at",), _sent_at),
        "filing": Computed(("filing_rule", "filed_on"), _filing),
        "received_at": Computed(("received_at",), _received_at),
        "correction": Computed(("correct_by", "deadline_rule"), _correction),
    },
)


async def _load(ids: Collection[UUID], _scene: Scene) -> dict[UUID, Tramite]:
    return await dates_of(ids)


ITS_DATES = ToOne("id", _load, DATES, sql=True)
"""The dates of a trámite."""
