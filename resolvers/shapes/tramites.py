"""Trámites, their history and their changes as the API shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from models import tramites as rows
from models.register import Entry
from reading import tramites as reading
from reading.changes import feed_cursor
from reading.permissions import permissions_for, permissions_with
from resolvers.engine.shapes import Arguments, Computed, Rows, Shape, Together, ToMany, ToOne
from resolvers.shapes.catalogue import ITS_OFFICE
from resolvers.shapes.colleagues import ITS_OWNER
from resolvers.shapes.dates import ITS_DATES
from resolvers.shapes.files import ATTACHMENT, RECEIPT
from resolvers.shapes.notes import ITS_NOTES
from resolvers.shapes.notices import ITS_NOTICES
from resolvers.shapes.signs import ITS_SIGNS
from schema import tramites as api
from schema.scalars import Ruc

if TYPE_CHECKING:
    from models import receipts
    from reading.access import Viewer
    from resolvers.context import Scene
    from rules.access import Role
    from rules.lifecycle import Step

HISTORY_LENGTH = 20
"""How many acts are shown when the client does not say; the default of the field's argument."""


def _viewer(scene: Scene) -> Viewer:
    assert scene.viewer is not None, "nobody sees a trámite without signing in"
    return scene.viewer


def _lookup_key(tramite: rows.Tramite, scene: Scene) -> str | None:
    return tramite.lookup_key if tramite.applicant_id == _viewer(scene).user_id else None


def _status_label(tramite: rows.Tramite, _scene: Scene) -> str:
    return tramite.status.label


def _organization(tramite: rows.Tramite, _scene: Scene) -> api.Organization | None:
    if tramite.organization_ruc is None:
        return None
    return api.Organization(ruc=Ruc(tramite.organization_ruc), name=tramite.organization_name or "")


def _contact(tramite: rows.Tramite, _scene: Scene) -> api.Contact:
    return api.Contact(email=tramite.contact_email, mobile=tramite.contact_mobile)  # pyright: ignore[reportArgumentType]


def _filing_rule(tramite: rows.Tramite, _scene: Scene) -> api.FilingRule:
    kept = tramite.filing_rule
    return api.FilingRule(
        policy=api.FilingPolicy(kept["rule"]),
        calendar_version=kept["calendarVersion"],
        skipped=[
            api.SkippedDay(day=date.fromisoformat(skipped["day"]), reason=skipped["reason"])
            for skipped in kept["skipped"]
        ],
    )


_OF_STEPS = ("status", "observed_before", "received_at", "erased_at", "correct_by", "applicant_id", "office_id")
"""The columns by which it is judged which steps may be taken."""

_OF_PERMISSIONS = (*_OF_STEPS, "owner_id", "contact_email")


async def _permissions(tramites: Sequence[rows.Tramite], scene: Scene) -> dict[UUID, api.TramitePermissions]:
    found = await permissions_for(_viewer(scene), tramites, at=scene.now)
    return {id_: api.TramitePermissions(**asdict(each)) for id_, each in found.items()}


async def _allowed_steps(tramites: Sequence[rows.Tramite], scene: Scene) -> dict[UUID, list[Step]]:
    return await reading.allowed_steps(_viewer(scene), tramites, at=scene.now)


def _steps_at_once(tramite: Any, scene: Scene) -> list[Step]:
    return reading.steps_at_once(_viewer(scene), tramite, at=scene.now)


def _permissions_at_once(tramite: Any, scene: Scene) -> api.TramitePermissions:
    told = permissions_with(_viewer(scene), tramite, _steps_at_once(tramite, scene))
    return api.TramitePermissions(**asdict(told))


def _sequence(act: reading.PastAct, _scene: Scene) -> str:
    return str(act.sequence)


def _cursor(act: reading.PastAct, _scene: Scene) -> str:
    return feed_cursor(act.sequence)


def _text(act: reading.PastAct, scene: Scene) -> str | None:
    return reading.text_for(_viewer(scene), act)


def _actor_role(act: reading.PastAct, _scene: Scene) -> object:
    return act.role


def _label_after(act: reading.PastAct, _scene: Scene) -> str:
    assert act.to_status is not None
    return act.to_status.label


async def _history(
    ids: Collection[UUID], arguments: Sequence[Arguments], scene: Scene
) -> dict[UUID, list[reading.PastAct]]:
    lengths = [reading.check_count(_length(given), "last") for given in arguments]
    return await reading.history_of(_viewer(scene), ids, last=max(lengths))


def _length(given: Arguments) -> int:
    """Return the argument `last`; looking ahead, one sees a number that is written in the document as text."""
    asked = given.get("last")
    return HISTORY_LENGTH if asked is None else int(asked)


async def _attachments(
    ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Scene
) -> dict[UUID, list[rows.Attachment]]:
    return await reading.attachments_of(ids)


async def _answers(
    ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Scene
) -> dict[UUID, list[rows.Attachment]]:
    return await reading.answers_of(ids)


async def _versions(
    ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Scene
) -> dict[UUID, list[reading.Version]]:
    return await reading.versions_of(ids)


async def _receipts(
    ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Scene
) -> dict[UUID, list[receipts.Receipt]]:
    return await reading.receipts_of(ids)


async def _tramites(ids: Collection[UUID], scene: Scene) -> dict[UUID, rows.Tramite]:
    return await reading.by_id(_viewer(scene), ids)


def _attachments_sql(_role: Role, *, all_versions: bool) -> str:
    return reading.ALL_ATTACHMENTS if all_versions else reading.ATTACHMENTS


_ACT = {
    "sequence": Computed(("sequence",), _sequence, same_as="sequence"),
    "text": Computed(("text", "act", "applicant_id", "office_id"), _text, sql=reading.text_sql),
    "actor_role": Computed(("role",), _actor_role, same_as="role"),
}

HISTORY_ENTRY = Shape(
    api.HistoryEntry,
    model=Entry,
    further=("applicant_id", "office_id"),
    columns=("at", "act", "from_status", "to_status"),
    computed={**_ACT, "cursor": Computed(("sequence",), _cursor)},
)

VERSION = Shape(api.TramiteVersion, model=Entry, further=("number",), columns=("number", "at", "act"))

TRAMITE = Shape(
    api.Tramite,
    model=rows.Tramite,
    columns=(
        "id",
        "number",
        "status",
        "channel",
        "sender_proof",
        "document_kind",
        "document_number",
        "subject",
        "folios",
        "sender_name",
        "missing",
        "sent_at",
        "filed_on",
        "observation",
        "observation_points",
        "correct_by",
        "resolution",
        "revision",
    ),
    computed={
        "lookup_key": Computed(("lookup_key", "applicant_id"), _lookup_key),
        "status_label": Computed(("status",), _status_label),
        "organization": Computed(("organization_ruc", "organization_name"), _organization),
        "contact": Computed(("contact_email", "contact_mobile"), _contact),
        "filing_rule": Computed(("filing_rule",), _filing_rule),
    },
    together={
        "allowed_steps": Together(
            _OF_STEPS,
            _allowed_steps,
            planned=Computed((*_OF_STEPS, "deadline_rule"), _steps_at_once, facts=reading.STEP_FACTS),
        ),
        "permissions": Together(
            _OF_PERMISSIONS,
            _permissions,
            planned=Computed((*_OF_PERMISSIONS, "deadline_rule"), _permissions_at_once, facts=reading.STEP_FACTS),
        ),
        **ITS_SIGNS,
    },
    relations={
        "office": ITS_OFFICE,
        "dates_explained": ITS_DATES,
        "attachments": ToMany(
            _attachments,
            ATTACHMENT,
            attribute="attachment_versions",
            rows=Rows(_attachments_sql, switches=("all_versions",)),
        ),
        "versions": ToMany(_versions, VERSION, rows=Rows(reading.VERSIONS_OF_ONE)),
        "receipts": ToMany(_receipts, RECEIPT, rows=Rows(reading.RECEIPTS)),
        "notices": ITS_NOTICES,
        "history": ToMany(
            _history,
            HISTORY_ENTRY,
            attribute="latest_entries",
            rows=Rows(reading.history_sql, bounds={"last": (1, reading.MOST_AT_ONCE)}),
        ),
        "answer_files": ToMany(_answers, ATTACHMENT, rows=Rows(reading.ANSWERS)),
        "owner": ITS_OWNER,
        "notes": ITS_NOTES,
    },
)

STATUS_CHANGE = Shape(
    api.StatusChange,
    columns=("at", "act", "from_status", "to_status", "number"),
    computed={**_ACT, "status_label": Computed(("to_status",), _label_after)},
    relations={"tramite": ToOne("tramite_id", _tramites, TRAMITE)},
)
