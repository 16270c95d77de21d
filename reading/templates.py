"""Templates that a viewer may see: all, to who edits or audits them; to clerks those that they may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.expressions import Q

from models.desk import Template, TemplateVersion
from reading.cursors import id_in, place_of, values_in
from reading.tramites import check_count
from rules.access import Role
from rules.duties import Duty, has_duty

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from rules.templates import TemplateKind

MOST_VERSIONS = 50

VERSIONS = f"""
SELECT * FROM (
    SELECT * FROM template_versions WHERE template_id = {{row}}.id ORDER BY version DESC LIMIT {MOST_VERSIONS}
) v ORDER BY version
"""  # noqa: S608 - our own words
"""Selects what `versions_of` returns, of the one template in `{row}`."""


@dataclass(frozen=True)
class TemplatePage:
    """Some templates of a list, and whether there are more."""

    templates: list[Template]
    has_next: bool


def visible(viewer: Viewer) -> Q:
    """Return the condition that holds for exactly the templates that the viewer may see."""
    if not has_duty(viewer.role, Duty.SEE_TEMPLATES):
        return Q(id__isnull=True)
    if viewer.role is not Role.CLERK:
        return Q(id__isnull=False)
    return Q(retired_at__isnull=True) & (Q(office_id__isnull=True) | Q(office_id__in=list(viewer.office_ids)))


async def page_of(
    viewer: Viewer, *, first: int, after: str | None, kind: TemplateKind | None, with_retired: bool
) -> TemplatePage:
    """
    Return the *first* templates after a place that the viewer may see, by title.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    found = await page_query(viewer, first=first, after=after, kind=kind, with_retired=with_retired)
    return TemplatePage(found[:first], has_next=len(found) > first)


def page_query(
    viewer: Viewer, *, first: int, after: str | None, kind: TemplateKind | None, with_retired: bool
) -> QuerySet[Template]:
    """
    Return the query of what `page_of` finds, and of one more.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    check_count(first, "first")
    query = Template.filter(visible(viewer))
    if kind is not None:
        query = query.filter(kind=kind)
    if not with_retired:
        query = query.filter(retired_at__isnull=True)
    if after is not None:
        id_, title = values_in(after, count=2)
        query = query.filter(Q(title__gt=title) | Q(title=title, id__gt=id_in(id_)))
    return query.order_by("title", "id").limit(first + 1)


async def by_id(viewer: Viewer, ids: Collection[UUID]) -> list[Template]:
    """Return those of the given templates that the viewer may see."""
    return await Template.filter(visible(viewer), id__in=list(ids))


def place_for(template: Template) -> str:
    """Return the place of a template in its list."""
    return place_told(template.title, template.id)


def place_told(title: str, id_: UUID) -> str:
    """Return the place of a template of that title."""
    return place_of(id_.hex, title)


async def versions_of(template_ids: Collection[UUID]) -> dict[UUID, list[TemplateVersion]]:
    """Return the latest fifty versions of each template, the first one first."""
    found: dict[UUID, list[TemplateVersion]] = {}
    versions = TemplateVersion.filter(template_id__in=list(template_ids))
    for version in await versions.order_by("version"):
        found.setdefault(version.template_id, []).append(version)
    return {id_: each[-MOST_VERSIONS:] for id_, each in found.items()}
