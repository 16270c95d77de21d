"""Entries of the register and sensitive reads as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from reading.register import place_at
from schema import register as api
from schema.finding import PageInfo
from schema.scalars import Sha256

if TYPE_CHECKING:
    from models import register as rows
    from reading.register import ActPage, ReadPage

Edge = TypeVar("Edge", api.RegisterEdge, api.SensitiveReadEdge)


def acts(page: ActPage, *, after: str | None) -> api.RegisterConnection:
    """Return a page of the register."""
    edges = [
        api.RegisterEdge(cursor=place_at(row.sequence), node=_act(row, is_text_erased=row.sequence in page.erased))
        for row in page.entries
    ]
    return api.RegisterConnection(edges=edges, page_info=_info(edges, after=after, has_next=page.has_next))


def reads(page: ReadPage, *, after: str | None) -> api.SensitiveReadConnection:
    """Return a page of sensitive reads."""
    edges = [api.SensitiveReadEdge(cursor=place_at(row.sequence), node=_read(row)) for row in page.entries]
    return api.SensitiveReadConnection(edges=edges, page_info=_info(edges, after=after, has_next=page.has_next))


def _info(edges: list[Edge], *, after: str | None, has_next: bool) -> PageInfo:
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )


def _act(row: rows.Entry, *, is_text_erased: bool) -> api.RegisterEntry:
    return api.RegisterEntry(
        sequence=str(row.sequence),
        at=row.at,
        act=row.act,
        role=row.role,
        actor_id=row.actor_id,
        tramite_number=row.tramite.number if row.tramite else None,
        from_status=row.from_status,
        to_status=row.to_status,
        record=row.record if row.text is None else None,
        is_text_erased=is_text_erased,
        previous_hash=Sha256(row.previous_hash.hex()),
        hash=Sha256(row.hash.hex()),
    )


def _read(row: rows.ReadEntry) -> api.SensitiveRead:
    return api.SensitiveRead(
        sequence=str(row.sequence),
        at=row.at,
        kind=row.kind,
        viewer_id=row.viewer_id,
        role=row.role,
        tramite_number=row.tramite.number if row.tramite else None,
        subject_id=row.subject_id,
        record=row.record,
        previous_hash=Sha256(row.previous_hash.hex()),
        hash=Sha256(row.hash.hex()),
    )
