"""What applicants do with their own trámite, as the tests of it say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from actions import applicant, corrections, tramites
from actions.applicant import MainData
from actions.corrections import Correction
from models.files import Upload
from models.people import ClientKey
from models.receipts import Notice, Receipt
from models.register import Entry, NumberSeries
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.catalogue import DocumentKind
from rules.register import Act

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter

    Deed = Callable[[Counter, Viewer, UUID], Awaitable[Tramite]]

PNG = b"\x89PNG\r\n\x1a\n"


def main_data(**changes: Any) -> MainData:
    same = MainData(
        office_code="SEDE-CENTRAL",
        document_kind=DocumentKind.APPLICATION,
        document_number="SN",
        subject="Solicito copia de mi expediente",
        folios=3,
    )
    return replace(same, **changes)


async def update(counter: Counter, viewer: Viewer, tramite_id: UUID, **changes: Any) -> Tramite:
    form = main_data(**{"subject": "Solicito copia certificada", **changes})
    return await applicant.update_tramite(counter.tools, viewer, tramite_id, form)


async def void(counter: Counter, viewer: Viewer, tramite_id: UUID) -> Tramite:
    return await applicant.void_tramite(counter.tools, viewer, tramite_id)


async def correct(counter: Counter, viewer: Viewer, tramite_id: UUID, **changes: Any) -> Tramite:
    form = replace(Correction(client_key=uuid4(), text="Ya está firmada."), **changes)
    return await corrections.correct_tramite(counter.tools, viewer, tramite_id, form)


DEEDS: dict[str, Deed] = {"update": update, "void": void, "correct": correct}


async def observe(counter: Counter, tramite: Tramite) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.observe_tramite(counter.tools, clerk, tramite.id, text="Falta firmar la solicitud.")


async def resolve(counter: Counter, tramite: Tramite) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.resolve_tramite(counter.tools, clerk, tramite.id, text="Se entregó la copia.")


async def everything() -> tuple[object, ...]:
    return (
        await Tramite.all().order_by("id").values(),
        await Attachment.all().order_by("id").values(),
        await Receipt.all().count(),
        await Notice.all().count(),
        await Entry.all().count(),
        await NumberSeries.all().values(),
        await ClientKey.all().count(),
        await Upload.filter(used_at__isnull=False).count(),
    )


async def detail_of(tramite: Tramite, act: Act) -> dict[str, Any]:
    return (await Entry.get(tramite_id=tramite.id, act=act)).detail
