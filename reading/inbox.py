"""The inbox (bandeja): what waits for the desk of an office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading.access import Reason, visible_parts
from reading.catalogue import find_office
from reading.finding import part_of
from reading.narrowing import waiting
from reading.patience import refused_if_slow
from rules.orders import TramiteOrder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from reading.access import Viewer
    from reading.filters import Filter
    from reading.finding import Found, Slice

ORDER = TramiteOrder.DUE_SOONEST_FIRST


async def find_inbox(viewer: Viewer, office_code: str | None, wanted: Filter, part: Slice, *, today: date) -> Found:
    """
    Return a part of what waits for the desk of an office, what is due soonest first; never what *viewer* filed.

    Without a code it is that of all offices of theirs; of those who see every office and serve none, of all.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
        TooManyAtOnce, BothEnds, UnknownCursor: the part is none.
        SearchTooBroad: it takes too long.
    """
    part.length()
    offices = await desks_of(viewer, office_code)
    with refused_if_slow():
        return await part_of(await waiting(viewer, offices, wanted, ORDER, today=today), part, ORDER)


async def desks_of(viewer: Viewer, office_code: str | None) -> Sequence[UUID] | None:
    """Return the offices whose inbox *viewer* asks for and may see, None for all there are."""
    reasons = {reason for reason, _ in visible_parts(viewer)}
    if office_code is not None:
        office = await find_office(office_code)
        is_theirs = office is not None and office.id in viewer.office_ids and Reason.IN_OFFICE in reasons
        return [office.id] if office and (is_theirs or Reason.ANY in reasons) else []
    if Reason.ANY in reasons:
        return sorted(viewer.office_ids) or None
    return sorted(viewer.office_ids) if Reason.IN_OFFICE in reasons else []
