"""Trámites and tasks about them, in every relation; and what can be asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions import tramites
from actions.sealing import sealed_receipt
from actions.tasks import open_task
from actions.transaction import tx
from models.receipts import Notice, Receipt
from models.tasks import Task
from models.tramites import Attachment
from rules.tasks import TaskKind
from tests.drawings import pdf_of
from tests.matrix.asking import Fields, field, http, mutation, query, subscription
from tests.matrix.table import OWN
from tests.matrix.world import ANOTHER_OFFICE, OFFICE, STRANGE_OFFICE, Person, Thing, World

if TYPE_CHECKING:
    from models.tramites import Tramite

IN_OFFICE, REFERRED, STRANGE = 1, 2, 3
"""The relations of the section «About a trámite» after what is one's own."""

SECRET = "Que no lo lea quien lo presentó"


async def _filed(world: World, person: Person, relation: int, data: bytes | None = None) -> Tramite:
    filer = person.viewer if relation == OWN else world.maria
    main = {"main_upload": (await world.counter.upload(filer, data=data)).id} if data else {}
    return await world.counter.file(filer, office_code=STRANGE_OFFICE if relation == STRANGE else OFFICE, **main)


async def _refer(world: World, tramite: Tramite, office: str, text: str | None = None) -> None:
    clerk = world.stranger_clerk if office == STRANGE_OFFICE else world.colleague
    await tramites.refer_tramite(world.counter.tools, clerk, tramite.id, office_code=office, text=text)


async def placed(world: World, person: Person, relation: int, data: bytes | None = None) -> Tramite:
    """Return one in that relation, with these bytes as its main document if they are given."""
    tramite = await _filed(world, person, relation, data)
    if relation == REFERRED:
        await _refer(world, tramite, ANOTHER_OFFICE)
    return tramite


async def thing_of(tramite: Tramite, *marks: str, **more: str) -> Thing:
    """Return what operations are told of one."""
    file = await Attachment.filter(tramite_id=tramite.id).first()
    receipt = await Receipt.filter(tramite_id=tramite.id).first()
    assert file is not None
    assert receipt is not None
    notice = await Notice.filter(tramite_id=tramite.id).first()
    assert notice is not None
    names = {"notice": str(notice.id), "number": tramite.number, "lookup_key": tramite.lookup_key, "file": str(file.id)}
    names |= {"receipt": str(receipt.id), "code": receipt.verification_code}
    return Thing(tramite.id, marks or (str(tramite.id), tramite.number), {**names, **more})


async def pending(world: World, person: Person, relation: int) -> Thing:
    """Return one that nobody has validated, as far as it was not referred."""
    return await thing_of(await placed(world, person, relation))


async def drawn(world: World, person: Person, relation: int) -> Thing:
    """Return one whose main document has a page that can be shown."""
    tramite = await placed(world, person, relation, pdf_of())
    file = await Attachment.get(tramite_id=tramite.id)
    return await thing_of(tramite, f"/files/{file.id}/pages/1.webp")


async def sealed(world: World, person: Person, relation: int) -> Thing:
    """Return one whose receipt is sealed, so that reading it changes nothing."""
    it = await pending(world, person, relation)
    await sealed_receipt(world.counter.tools, await Receipt.get(id=it["receipt"]))
    return it


async def observed(world: World, person: Person, relation: int) -> Thing:
    """Return one that waits for its correction, as far as it lies in the office of all these people."""
    tramite = await placed(world, person, relation)
    if relation in (OWN, IN_OFFICE):
        await tramites.observe_tramite(world.counter.tools, world.colleague, tramite.id, text="Falta firmar.")
    return await thing_of(tramite)


async def keyed(world: World, person: Person, relation: int) -> Thing:
    """Return one of which the lookup key is a secret."""
    tramite = await placed(world, person, relation)
    return await thing_of(tramite, tramite.lookup_key)


async def annotated(world: World, person: Person, relation: int) -> Thing:
    """Return one that was referred with a word from office to office."""
    tramite = await _filed(world, person, relation)
    office = {REFERRED: ANOTHER_OFFICE, STRANGE: STRANGE_OFFICE}.get(relation, OFFICE)
    await _refer(world, tramite, office, SECRET)
    return await thing_of(tramite, SECRET)


async def task(world: World, person: Person, relation: int) -> Thing:
    """Return a task about one."""
    tramite = await placed(world, person, relation)
    async with tx():
        await open_task(world.counter.tools, TaskKind.RECEIPT_UNDELIVERED, tramite=tramite)
    opened = await Task.get(tramite_id=tramite.id)
    return Thing(opened.id, (str(opened.id), tramite.number))


@query("tramite", about=pending)
def _(it: Thing) -> str:
    return f'(number: "{it["number"]}") {{ id }}'


@query("tramites", about=pending)
def _(it: Thing) -> str:
    return f'(filter: {{ number: "{it["number"]}" }}) {{ edges {{ node {{ id }} }} }}'


@subscription("statusChanges", about=pending)
def _(it: Thing) -> str:
    return f'(filter: {{ number: "{it["number"]}" }}, fromStart: true) {{ change {{ number }} }}'


@http("GET", "/files/{id}", about=pending)
def _(it: Thing) -> str:
    return it["file"]


@http("GET", "/files/{id}/pages/{page}.webp", about=drawn)
def _(it: Thing) -> str:
    return it["file"]


@query("fileView", about=drawn)
def _(it: Thing) -> str:
    return f'(id: "{it["file"]}") {{ name content {{ ... on PagesContent {{ pages {{ url }} }} }} }}'


@mutation("linkToFile", about=pending, changes=False)
def _(it: Thing) -> Fields:
    return {"id": it["file"]}


@http("GET", "/receipts/{id}", about=sealed)
def _(it: Thing) -> str:
    return it["receipt"]


@field("Tramite.lookupKey", about=keyed)
def _(it: Thing) -> str:
    return f'tramite(number: "{it["number"]}") {{ lookupKey }}'


@field("HistoryEntry.text", "of a referral", about=annotated)
def _(it: Thing) -> str:
    return f'tramite(number: "{it["number"]}") {{ history {{ text }} }}'


@query("publicStatus", about=pending)
def _(it: Thing) -> str:
    return f'(number: "{it["number"]}", lookupKey: "{it["lookup_key"]}") {{ number }}'


@query("publicStatus", "with another's key", about=pending)
def _(it: Thing) -> str:
    return f'(number: "{it["number"]}", lookupKey: "AAAA-AAAA-AAAA-AAAA-AAAA") {{ number }}'


@query("receiptCheck", about=pending)
def _(it: Thing) -> str:
    return f'(verificationCode: "{it["code"]}") {{ number }}'


@query("receiptCheck", "with a wrong code", about=pending)
def _(_it: Thing) -> str:
    return '(verificationCode: "AAAA-AAAA-AAAA-AAAA") { number }'


@mutation("sendReceiptAgain", about=pending)
def _(it: Thing) -> Fields:
    return {"receiptId": it["receipt"], "clientKey": str(uuid4())}


@mutation("updateTramite", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "subject": "Solicito copia certificada"}


@mutation("voidTramite", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("correctTramite", about=observed)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "clientKey": str(uuid4()), "text": "Ya está firmada."}


@mutation("observeTramite", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "text": "Falta firmar."}


@mutation("referTramite", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "officeCode": "AREQUIPA"}


@mutation("resolveTramite", about=pending)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "text": "Se entregó la copia."}


@query("tasks", about=task)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { id } } }"


@mutation("closeTask", about=task)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "note": "Se le avisó por teléfono."}
