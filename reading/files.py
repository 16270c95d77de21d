"""Files and receipts of the trámites that a viewer may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.expressions import Subquery

from models.receipts import Receipt
from models.tramites import Attachment
from reading.access import visible_tramites
from rules.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from tortoise.queryset import ValuesListQuery

    from reading.access import Viewer


class NoSuchFile(NotFound):
    """There is no such file, or the viewer may not see its trámite: both are answered alike."""

    code = "FILE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos ese archivo. Ábralo desde la página de su trámite.")


class FileNoLongerKept(NotFound):
    """The file was there and is past its time; its size and digest are kept."""

    code = "FILE_NO_LONGER_KEPT"

    def __init__(self) -> None:
        super().__init__(
            "Este archivo ya no se conserva: pasó el tiempo por el que la institución lo guarda. Quedan su tamaño y su "
            "resumen SHA-256, con que puede comprobarse que una copia es la misma."
        )


class ReceiptNoLongerKept(NotFound):
    """The receipt was there and is past its time; its code can still be verified."""

    code = "RECEIPT_NO_LONGER_KEPT"

    def __init__(self) -> None:
        super().__init__(
            "Esta constancia ya no se conserva con sus datos: pasó el tiempo por el que la institución los guarda. Su "
            "código de verificación todavía puede comprobarse."
        )


class NoSuchReceipt(NotFound):
    """There is no such receipt, or the viewer may not see its trámite: both are answered alike."""

    code = "RECEIPT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos esa constancia. Ábrala desde la página de su trámite.")


async def find_attachment(viewer: Viewer, attachment_id: UUID) -> Attachment:
    """
    Return a file of a trámite that the viewer may see, with that trámite and its content.

    Raises:
        NoSuchFile: there is none.
        FileNoLongerKept: it is past its time.
    """
    seen = Attachment.filter(tramite_id__in=Subquery(_seen_by(viewer)))
    found = await seen.select_related("tramite", "content").get_or_none(id=attachment_id)
    if found is None:
        raise NoSuchFile
    if found.erased_at:
        raise FileNoLongerKept
    return found


async def find_receipt(viewer: Viewer, receipt_id: UUID) -> Receipt:
    """
    Return a receipt of a trámite that the viewer may see, with that trámite.

    Raises:
        NoSuchReceipt: there is none.
        ReceiptNoLongerKept: it is past its time.
    """
    seen = Receipt.filter(tramite_id__in=Subquery(_seen_by(viewer)))
    found = await seen.select_related("tramite").get_or_none(id=receipt_id)
    if found is None:
        raise NoSuchReceipt
    if found.erased_at:
        raise ReceiptNoLongerKept
    return found


async def attachments_by_id(viewer: Viewer, ids: Collection[UUID]) -> list[Attachment]:
    """Return those of the given files that belong to trámites the viewer may see, with these and their contents."""
    seen = Attachment.filter(id__in=list(ids), tramite_id__in=Subquery(_seen_by(viewer)))
    return await seen.select_related("tramite", "content")


async def receipts_by_id(viewer: Viewer, ids: Collection[UUID]) -> list[Receipt]:
    """Return those of the given receipts that are of trámites the viewer may see, with these."""
    return await Receipt.filter(id__in=list(ids), tramite_id__in=Subquery(_seen_by(viewer))).select_related("tramite")


def _seen_by(viewer: Viewer) -> ValuesListQuery[Any]:
    return visible_tramites(viewer).values_list("id", flat=True)
