"""Notices as the API shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from models import receipts as rows
from reading.notices import NOTICES, notices_of
from reading.tramites import MOST_AT_ONCE, check_count
from resolvers.engine.shapes import Arguments, Computed, Rows, Shape, ToMany
from rules.notices import TramiteNoticeKind, say_reason
from rules.people import mask_email
from schema import notices as api

NOTICES_LENGTH = 20
"""How many notices are shown when the client does not say; the default of the field's argument."""


def _kind(notice: rows.Notice, _scene: Any) -> TramiteNoticeKind:
    return TramiteNoticeKind(notice.kind.value)


def _label(notice: rows.Notice, scene: Any) -> str:
    return _kind(notice, scene).label


def _reason(notice: rows.Notice, _scene: Any) -> str | None:
    return say_reason(notice.state, notice.reason)


def _masked_address(notice: rows.Notice, _scene: Any) -> str | None:
    return mask_email(notice.address) if notice.address else None


NOTICE = Shape(
    api.Notice,
    model=rows.Notice,
    columns=("id", "state", "attempts", "created_at", "finished_at"),
    computed={
        "kind": Computed(("kind",), _kind),
        "label": Computed(("kind",), _label),
        "reason": Computed(("state", "reason"), _reason),
        "masked_address": Computed(("address",), _masked_address),
    },
)


async def _notices(ids: Collection[UUID], arguments: Sequence[Arguments], _scene: Any) -> dict[UUID, list[rows.Notice]]:
    asked = [given.get("last") for given in arguments]
    lengths = [check_count(NOTICES_LENGTH if last is None else int(last), "last") for last in asked]
    return await notices_of(ids, last=max(lengths))


ITS_NOTICES = ToMany(
    _notices, NOTICE, attribute="latest_notices", rows=Rows(NOTICES, bounds={"last": (1, MOST_AT_ONCE)})
)
