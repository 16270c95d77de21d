"""Things by their ids alone (Relay's object identification): each kind is read where it is read anyway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias
from uuid import UUID

import strawberry

from actions.reads import note_list, note_read
from reading import (
    catalogue,
    drafts,
    files,
    mails,
    notes,
    notices,
    searches,
    service_tokens,
    staff,
    tasks,
    templates,
    tramites,
)
from reading.mailboxes import mailboxes_for
from reading.nodes import kinds_of
from reading.people import sessions_of, user_of
from reading.requests import visible_claims, visible_recoveries
from resolvers.context import Info, Scene, viewer_if_any, wanted
from resolvers.engine.shapes import Wanted
from resolvers.filings import show_draft
from resolvers.noting import note_mails, note_tasks
from resolvers.searches import show_export, show_search
from resolvers.service_tokens import show_service_token
from resolvers.sessions import show_session
from resolvers.shapes import requests as request_shapes
from resolvers.shapes.catalogue import OFFICE
from resolvers.shapes.files import ATTACHMENT, RECEIPT, UPLOAD
from resolvers.shapes.mailboxes import MAILBOX
from resolvers.shapes.mails import MAIL
from resolvers.shapes.notes import NOTE
from resolvers.shapes.notices import NOTICE
from resolvers.shapes.people import USER
from resolvers.shapes.staff import show_invitation
from resolvers.shapes.tasks import TASK
from resolvers.shapes.templates import TEMPLATE
from resolvers.shapes.tramites import TRAMITE
from rules.nodes import NodeKind
from rules.reads import ReadKind
from schema.node import Node

if TYPE_CHECKING:
    from models.tramites import Tramite
    from reading.access import Viewer

Ids: TypeAlias = Collection[UUID]


@dataclass(frozen=True)
class Look:
    """Somebody asks for things of one kind."""

    info: Info
    viewer: Viewer
    scene: Scene
    asks: Wanted

    async def note(self, kind: ReadKind, ids: Ids) -> None:
        """Leave a trace of what is about to be shown."""
        await note_list(self.info.context.tools, self.viewer, kind, ids)

    async def note_tramites(self, shown: Iterable[Tramite]) -> None:
        """Leave a trace of trámites of others that are about to be shown, or of which something is."""
        await self.note(ReadKind.TRAMITES, {each.id for each in shown if each.applicant_id != self.viewer.user_id})


async def _accounts(look: Look, ids: Ids) -> Sequence[Node]:
    rows = [await user_of(look.viewer)] if look.viewer.user_id in ids else []
    return await USER.show(rows, look.asks, look.scene)


async def _attachments(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await files.attachments_by_id(look.viewer, ids)
    await look.note_tramites(row.tramite for row in rows)
    return await ATTACHMENT.show(rows, look.asks, look.scene)


async def _drafts(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await drafts.drafts_by_id(look.viewer, ids, at=look.scene.now)
    return [await show_draft(look.info, row, look.asks) for row in rows]


async def _exports(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await searches.exports_by_id(look.viewer, ids, at=look.scene.now)
    return [show_export(row, look.scene) for row in rows]


async def _claims(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await visible_claims(look.viewer).filter(id__in=list(ids))
    await look.note(ReadKind.IDENTITY_CLAIMS, [row.id for row in rows])
    return [request_shapes.claim(row) for row in rows]


async def _invitations(look: Look, ids: Ids) -> Sequence[Node]:
    rows = [row for row in await staff.open_invitations(look.viewer, at=look.scene.now) if row.id in ids]
    if rows:
        detail = {"invitations": len(rows)}
        await note_read(look.info.context.tools, look.viewer, ReadKind.PEOPLE, detail=detail)
    return [show_invitation(row) for row in rows]


async def _mails(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await mails.by_id(look.viewer, ids)
    await note_mails(look.info.context, look.viewer, rows, look.asks)
    return await MAIL.show(rows, look.asks, look.scene)


async def _mailboxes(look: Look, ids: Ids) -> Sequence[Node]:
    rows = [row for row in await mailboxes_for(look.viewer) if row.id in ids]
    return await MAILBOX.show(rows, look.asks, look.scene)


async def _notes(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await notes.notes_by_id(look.viewer, ids)
    await look.note(ReadKind.TRAMITES, {row.tramite_id for row in rows})
    return await NOTE.show(rows, look.asks, look.scene)


async def _notices(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await notices.notices_by_id(look.viewer, ids)
    await look.note_tramites(row.tramite for row in rows if row.tramite)
    return await NOTICE.show(rows, look.asks, look.scene)


async def _receipts(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await files.receipts_by_id(look.viewer, ids)
    await look.note_tramites(row.tramite for row in rows)
    return await RECEIPT.show(rows, look.asks, look.scene)


async def _recoveries(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await visible_recoveries(look.viewer).filter(id__in=list(ids))
    await look.note(ReadKind.RECOVERY_REQUESTS, [row.id for row in rows])
    return [request_shapes.recovery(row) for row in rows]


async def _searches(look: Look, ids: Ids) -> Sequence[Node]:
    return [show_search(row) for row in await searches.searches_of(look.viewer) if row.id in ids]


async def _service_tokens(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await service_tokens.by_id(look.viewer, ids)
    return [show_service_token(look.info, row, row.made_by) for row in rows]


async def _sessions(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await sessions_of(look.viewer, at=look.scene.now)
    return [show_session(row, look.viewer) for row in rows if row.id in ids]


async def _tasks(look: Look, ids: Ids) -> Sequence[Node]:
    rows = await tasks.by_id(look.viewer, ids)
    await note_tasks(look.info.context, look.viewer, rows, look.asks)
    return await TASK.show(rows, look.asks, look.scene)


async def _templates(look: Look, ids: Ids) -> Sequence[Node]:
    return await TEMPLATE.show(await templates.by_id(look.viewer, ids), look.asks, look.scene)


async def _tramites(look: Look, ids: Ids) -> Sequence[Node]:
    rows = list((await tramites.by_id(look.viewer, ids)).values())
    await look.note_tramites(rows)
    return await TRAMITE.show(rows, look.asks, look.scene)


async def _uploads(look: Look, ids: Ids) -> Sequence[Node]:
    rows = list((await drafts.waiting_uploads(look.viewer, ids, at=look.scene.now)).values())
    return await UPLOAD.show(rows, look.asks, look.scene)


LOOKS: Mapping[NodeKind, Callable[[Look, Ids], Awaitable[Sequence[Node]]]] = {
    NodeKind.ACCOUNT: _accounts,
    NodeKind.ATTACHMENT: _attachments,
    NodeKind.DRAFT: _drafts,
    NodeKind.EXPORT: _exports,
    NodeKind.IDENTITY_CLAIM: _claims,
    NodeKind.INVITATION: _invitations,
    NodeKind.MAIL: _mails,
    NodeKind.MAILBOX: _mailboxes,
    NodeKind.NOTE: _notes,
    NodeKind.NOTICE: _notices,
    NodeKind.RECEIPT: _receipts,
    NodeKind.RECOVERY_REQUEST: _recoveries,
    NodeKind.SAVED_SEARCH: _searches,
    NodeKind.PROGRAM: _service_tokens,
    NodeKind.SESSION: _sessions,
    NodeKind.TASK: _tasks,
    NodeKind.TEMPLATE: _templates,
    NodeKind.TRAMITE: _tramites,
    NodeKind.UPLOAD: _uploads,
}
"""How whoever is signed in is shown things of each kind, as far as they may see them; offices are for anybody."""

OF_PROGRAMS = frozenset({NodeKind.TRAMITE})
"""What programs are shown by its id: a kind that has a root field which is open to them, and that reads by scopes."""


@strawberry.type
class NodeQuery:
    """Things by their ids."""

    @strawberry.field(
        description="The thing of that id; null if there is none that the viewer may see, which is answered alike."
    )
    async def node(
        self,
        info: Info,
        node_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="Its id.")],
    ) -> Node | None:
        """Return one thing."""
        return (await _found(info, [node_id])).get(node_id)

    @strawberry.field(
        description="The things of those ids, each in the place of its id; null for each that there is not, or that "
        "the viewer may not see."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their ids, at most 100.")],
    ) -> list[Node | None]:
        """Return things."""
        found = await _found(info, ids)
        return [found.get(id_) for id_ in ids]


async def _found(info: Info, ids: Sequence[str]) -> dict[str, Node]:
    """Return what there is for the viewer, by the ids as they were given."""
    kinds, viewer = await kinds_of(ids), await viewer_if_any(info)
    scene, asks = await info.context.scene(), wanted(info)
    offices = await catalogue.offices_by_id(kinds.pop(NodeKind.OFFICE, []))
    found: list[Node] = [*await OFFICE.show(list(offices.values()), asks, scene)]
    if viewer is not None:
        look = Look(info, viewer, scene, asks)
        for kind, of_kind in kinds.items():
            if viewer.is_program and kind not in OF_PROGRAMS:
                continue
            found += await LOOKS[kind](look, of_kind)
    return {str(each.id): each for each in found}
