"""Which trámites were validated (validados): referred or answered once, as their cargo de recepción attests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.receipts import Receipt
from rules.catalogue import ReceiptKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from models.tramites import Tramite

IS_VALIDATED = """
({row}.received_at IS NOT NULL AND {row}.applicant_id IS NOT DISTINCT FROM {viewer} AND EXISTS (
    SELECT FROM receipts WHERE tramite_id = {row}.id AND kind = 'RECEPTION'))
"""
"""Whether the trámite in `{row}` was validated, told only to its applicant."""


async def validated_among(tramites: Iterable[Tramite]) -> frozenset[UUID]:
    """Return the ids of those that were validated, whatever became of them since; what has no reception is not."""
    received = [tramite.id for tramite in tramites if tramite.received_at is not None]
    if not received:
        return frozenset()
    cargos = Receipt.filter(tramite_id__in=received, kind=ReceiptKind.RECEPTION)
    found: Any = await cargos.values_list("tramite_id", flat=True)
    return frozenset(found)
