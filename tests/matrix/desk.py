"""What staff do at the desk beside deciding: owners, notes, looks, templates, and whom they work with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions import notes, owners, templates
from actions.templates import TemplateForm
from models.desk import Note
from models.tramites import Tramite
from rules.access import Role
from rules.lifecycle import TramiteStatus
from rules.templates import TemplateKind
from tests.matrix.asking import Fields, field, mutation, query
from tests.matrix.table import OWN
from tests.matrix.tramites import REFERRED, STRANGE, pending
from tests.matrix.world import ANOTHER_OFFICE, OFFICE, STRANGE_OFFICE, Person, Thing, World

if TYPE_CHECKING:
    from uuid import UUID

    from reading.access import Viewer

ALL_OFFICES, MY_OFFICE = 0, 1
"""The first relations of the section «What staff write for themselves»."""


async def _attending(world: World, relation: int) -> Viewer:
    """Return a clerk of the office where a trámite lies that stands so."""
    match relation:
        case place if place == REFERRED:
            return (await world.signed_in(Role.CLERK, office=ANOTHER_OFFICE)).viewer
        case place if place == STRANGE:
            return world.stranger_clerk
        case _:
            return world.colleague


async def owned(world: World, person: Person, relation: int) -> Thing:
    """Return one that somebody of its office has taken on."""
    it, clerk = await pending(world, person, relation), await _attending(world, relation)
    await owners.take_tramite(world.counter.tools, clerk, _id(it))
    return Thing(it.id, (f'"userId":"{clerk.user_id}"', "OWNER_CHANGED"), it.more)


async def mine(world: World, person: Person, relation: int) -> Thing:
    """Return one that the person has taken on, if they could; else its clerk."""
    it = await pending(world, person, relation)
    is_theirs = relation == MY_OFFICE and person.role in (Role.CLERK, Role.SUPERVISOR)
    clerk = person.viewer if is_theirs else await _attending(world, relation)
    await owners.take_tramite(world.counter.tools, clerk, _id(it))
    return it


async def noted(world: World, person: Person, relation: int) -> Thing:
    """Return one about which its office has written a note."""
    it, secret = await pending(world, person, relation), f"Nota {uuid4()}"
    await notes.add_note(world.counter.tools, await _attending(world, relation), _id(it), text=secret)
    note = await Note.get(text=secret)
    return Thing(it.id, (secret, "NOTE_ADDED"), {**it.more, "note": str(note.id)})


async def resolved(world: World, person: Person, relation: int) -> Thing:
    """Return one that was answered."""
    it = await pending(world, person, relation)
    await Tramite.filter(id=it.id).update(status=TramiteStatus.RESOLVED)
    return it


async def assignable(world: World, person: Person, relation: int) -> Thing:
    """Return one, and somebody who may own it."""
    it = await pending(world, person, relation)
    return Thing(it.id, it.marks, {**it.more, "clerk": str((await _attending(world, relation)).user_id)})


def _id(it: Thing) -> UUID:
    assert not isinstance(it.id, str)
    return it.id


@field("Tramite.owner", about=owned)
def _(it: Thing) -> str:
    return f'tramite(number: "{it["number"]}") {{ owner {{ userId }} }}'


@field("HistoryEntry.act", "of a change of owner", about=owned)
def _(it: Thing) -> str:
    return f'tramite(number: "{it["number"]}") {{ history {{ act }} }}'


@field("Tramite.notes", about=noted)
def _(it: Thing) -> str:
    return f'tramite(number: "{it["number"]}") {{ notes {{ text }} }}'


@field("HistoryEntry.act", "of a note", about=noted)
def _(it: Thing) -> str:
    return f'tramite(number: "{it["number"]}") {{ history {{ act }} }}'


@mutation("receiveTramite", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("correctFolios", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "folios": 9, "reason": "Son nueve hojas."}


@mutation("takeTramite", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("assignTramite", about=assignable)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "userId": it["clerk"]}


@mutation("releaseTramite", about=mine)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("addNote", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "text": "Ya vino dos veces."}


@mutation("lookAt", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("reopenTramite", about=resolved)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "reason": "Faltó una hoja."}


async def template(world: World, _person: Person, relation: int) -> Thing:
    """Return a template for all offices, for that of all these people, or for another."""
    office = {ALL_OFFICES: None, MY_OFFICE: OFFICE}.get(relation, STRANGE_OFFICE)
    form = TemplateForm(TemplateKind.ANSWER, f"Respuesta {uuid4()}", "Se entregó la copia.", office)
    made = await templates.save_template(world.counter.tools, await _supervisor(world), form)
    return Thing(made.id, (str(made.id), made.title))


async def retired(world: World, person: Person, relation: int) -> Thing:
    """Return a template out of use."""
    made = await template(world, person, relation)
    await templates.retire_template(world.counter.tools, await _supervisor(world), _id(made))
    return made


async def _supervisor(world: World) -> Viewer:
    return (await world.signed_in(Role.SUPERVISOR, office=STRANGE_OFFICE)).viewer


async def colleague(world: World, _person: Person, relation: int) -> Thing:
    """Return somebody who attends in the office of all these people, or in another."""
    clerk, office = (world.colleague, OFFICE) if relation == OWN else (world.stranger_clerk, STRANGE_OFFICE)
    return Thing(clerk.user_id, (str(clerk.user_id),), {"office": office})


@query("templates", about=template)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { id } } }"


@query("templates", "retired ones", about=retired)
def _(_it: Thing) -> str:
    return "(first: 100, withRetired: true) { edges { node { id retiredAt } } }"


@mutation("saveTemplate", about=template)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "kind": "ANSWER", "title": "Otra", "text": "Otra respuesta."}


@mutation("retireTemplate", about=template)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@query("colleagues", about=colleague)
def _(it: Thing) -> str:
    return f'(officeCode: "{it["office"]}") {{ userId }}'
