"""What is kept about people, as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.kept_kinds import KEPT, RetentionKind
from schema import personal_data as api
from schema.finding import PageInfo

if TYPE_CHECKING:
    from datetime import datetime

    from models import retention as rows
    from reading.personal_data import KeptPage, KeptSummary, KeptThing
    from reading.retention import Overdue
    from rules import retention as rules


def report(summaries: list[KeptSummary], *, made_at: datetime, url: str) -> api.PersonalData:
    """Return the report for the person it is about."""
    kinds = [
        api.KeptKind(
            kind=each.kind,
            label=each.rule.label,
            purpose=each.rule.purpose,
            basis=each.rule.basis,
            period=each.period,
            erasure=each.rule.erasure,
            count=each.count,
        )
        for each in summaries
    ]
    return api.PersonalData(made_at=made_at, kinds=kinds, url=url)


def things(page: KeptPage) -> api.KeptThingConnection:
    """Return a page of what is kept."""
    edges = [
        api.KeptThingEdge(cursor=place, node=_thing(thing))
        for place, thing in zip(page.places, page.things, strict=True)
    ]
    return api.KeptThingConnection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.places[0] if page.places else None,
            end_cursor=page.places[-1] if page.places else None,
        ),
    )


def _thing(thing: KeptThing) -> api.KeptThing:
    return api.KeptThing(
        key=thing.id, at=thing.at, facts=[api.KeptFact(name=name, value=value) for name, value in thing.facts]
    )


def retention(now: rules.Retention) -> api.Retention:
    """Return the periods in force."""
    periods = [
        api.RetentionPeriod(
            kind=kind,
            label=rule.label,
            basis=rule.basis,
            days=now.days_of(kind),
            least_days=rule.least_days,
            may_be_always=rule.may_be_always,
            period=rule.say_period(now.days_of(kind)),
            erasure=rule.erasure,
        )
        for kind, rule in KEPT.items()
    ]
    return api.Retention(version=now.version, is_applied=now.is_applied, periods=periods)


def version(row: rows.RetentionVersion) -> api.RetentionVersion:
    """Return one change of the periods."""
    periods = [api.ChangedPeriod(kind=RetentionKind(kind), days=days) for kind, days in row.days.items()]
    return api.RetentionVersion(version=row.id, made_at=row.made_at, is_applied=row.is_applied, periods=periods)


def overdue(found: Overdue) -> api.OverdueKind:
    """Return what of a kind is past its time."""
    return api.OverdueKind(
        kind=found.kind,
        label=found.kind.rule.label,
        days=found.days,
        before=found.before,
        count=found.count,
        examples=list(found.examples),
        held_count=found.held_count,
    )


def closure(row: rows.AccountClosure, *, open_tramites: int) -> api.AccountClosure:
    """Return the wish to close an account."""
    return api.AccountClosure(state=row.state, asked_at=row.asked_at, due_at=row.due_at, open_tramites=open_tramites)
