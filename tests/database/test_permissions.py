"""What a trámite says its viewer may do is what is done when it is tried, whoever tries, wherever it stands."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from strawberry.utils.str_converters import to_camel_case

from actions import owners, tramites
from actions.applicant import void_tramite
from actions.notes import add_note
from actions.reception import receive_tramite
from models.receipts import Receipt
from models.tramites import Tramite
from rules.access import Role
from rules.permissions import Permissions
from tests.api import Api, in_process, make_feed
from tests.matrix.world import ANOTHER_OFFICE, OFFICE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.counter import Counter
    from tests.servers.postgres import Database

FIELDS = [to_camel_case(field.name) for field in fields(Permissions)]
SHOWN = f"permissions {{ {' '.join(FIELDS)} }} owner {{ userId }} notes {{ text }}"
SEEN = ("seeOwner", "readNotes")
"""What is no verb: it is shown, or not."""


class Try:
    """One counter: who tries, and how a trámite comes to stand as it does."""

    def __init__(self, counter: Counter, people: dict[str, Api]) -> None:
        self.counter, self.people = counter, people
        self.tools, self.clerk = counter.tools, people["clerk"].viewer

    async def pending(self) -> Tramite:
        """Return one that was filed."""
        return await self.counter.file(self.people["applicant"].viewer, office_code=OFFICE)

    async def received(self) -> Tramite:
        """Return one that the desk has."""
        return await receive_tramite(self.tools, self.clerk, (await self.pending()).id)

    async def observed(self) -> Tramite:
        """Return one that must be corrected."""
        return await tramites.observe_tramite(self.tools, self.clerk, (await self.pending()).id, text="Falta firmar.")

    async def referred(self) -> Tramite:
        """Return one that another office has."""
        it = await self.pending()
        return await tramites.refer_tramite(self.tools, self.clerk, it.id, office_code=ANOTHER_OFFICE, text=None)

    async def resolved(self) -> Tramite:
        """Return one that was answered."""
        return await tramites.resolve_tramite(self.tools, self.clerk, (await self.pending()).id, text="Se entregó.")

    async def voided(self) -> Tramite:
        """Return one that was withdrawn."""
        return await void_tramite(self.tools, self.people["applicant"].viewer, (await self.pending()).id)

    async def owned(self) -> Tramite:
        """Return one that somebody else of the office has taken on, and about which there is a note."""
        it = await add_note(self.tools, self.clerk, (await self.pending()).id, text="Nota.")
        return await owners.take_tramite(self.tools, self.people["colleague"].viewer, it.id)

    async def without_address(self) -> Tramite:
        """Return one about which nobody can be written to."""
        it = await self.pending()
        await Tramite.filter(id=it.id).update(contact_email=None)
        return it

    async def erased(self) -> Tramite:
        """Return one of which only digests are left."""
        it = await self.resolved()
        await Tramite.filter(id=it.id).update(erased_at=self.counter.clock())
        return it

    async def input_of(self, verb: str, tramite: Tramite) -> dict[str, Any]:
        """Return what a verb needs to be tried."""
        receipt = await Receipt.filter(tramite_id=tramite.id).first()
        assert receipt is not None
        given: dict[str, dict[str, Any]] = {
            "updateTramite": {"subject": f"Otro asunto {uuid4()}"},
            "correctTramite": {"text": "Ya está firmada."},
            "observeTramite": {"text": "Falta firmar."},
            "referTramite": {"officeCode": "PUNO"},
            "resolveTramite": {"text": "Se entregó."},
            "correctFolios": {"folios": 7, "reason": "Se contaron."},
            "reopenTramite": {"reason": "Faltó algo."},
            "assignTramite": {"userId": str(self.people["colleague"].viewer.user_id)},
            "addNote": {"text": "Nota."},
            "sendReceiptAgain": {"receiptId": str(receipt.id)},
        }
        about = {} if verb == "sendReceiptAgain" else {"id": str(tramite.id)}
        return about | given.get(verb, {})


async def permitted(person: Api, tramite: Tramite) -> dict[str, bool]:
    """Return what the trámite says that somebody may do with it; nothing, if they do not see it."""
    ask = f"query($n: String!) {{ tramite(number: $n) {{ {SHOWN} }} }}"
    shown = (await person.data(ask, n=tramite.number))["tramite"]
    if shown is None:
        return dict.fromkeys(FIELDS, False)
    if tramite.owner_id:
        permissions = shown["permissions"]
        assert [bool(shown["owner"]), bool(shown["notes"])] == [permissions["seeOwner"], permissions["readNotes"]]
    return shown["permissions"]


async def test_what_is_permitted_is_done_and_nothing_else(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as api:
        roles = {"applicant": Role.APPLICANT, "clerk": Role.CLERK, "colleague": Role.CLERK} | {
            role.name.lower(): role for role in (Role.SUPERVISOR, Role.AUDITOR)
        }
        people = {name: await api.signed_in(counter, role=role, office=OFFICE) for name, role in roles.items()}
        people["stranger"] = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
        trying = Try(counter, people)
        states: list[Callable[[], Awaitable[Tramite]]] = [
            trying.pending,
            trying.received,
            trying.observed,
            trying.referred,
            trying.resolved,
            trying.voided,
            trying.owned,
            trying.without_address,
            trying.erased,
        ]
        wrong = [
            f"{made.__name__}, {name}: {problem}"
            for made in states
            for name in people
            if name != "colleague"
            for problem in await problems_of(trying, made, people[name])
        ]

    assert wrong == []


async def problems_of(trying: Try, made: Callable[[], Awaitable[Tramite]], person: Api) -> list[str]:
    """Try every verb, what is refused on one trámite, what is done each on its own; return what is otherwise."""
    tramite = await made()
    said = await permitted(person, tramite)
    problems = list[str]()
    for verb in (name for name in FIELDS if name not in SEEN):
        it = await made() if said[verb] else tramite
        before = await Tramite.get(id=it.id)
        answer = await person.mutate(verb, **await trying.input_of(verb, it))
        is_done = answer["__typename"].endswith("Success")
        is_as_it_was = (await Tramite.get(id=it.id)).revision == before.revision
        if is_done is not said[verb] and not (is_done and is_as_it_was and verb == "voidTramite"):
            problems.append(f"{verb} is said to be {said[verb]}: {answer}")
    return problems
