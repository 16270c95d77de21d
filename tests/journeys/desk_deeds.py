"""What is done at the desk: each act of the table through the API or by mail, and at once written into the ledger."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.journeys.desk_people import address_of
from tests.journeys.desk_table import SEDE, office_of, read_table
from tests.journeys.stack import PDF
from tests.journeys.whole_counter import lima

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from tests.journeys.desk_ledger import Document
    from tests.journeys.desk_people import Somebody
    from tests.journeys.desk_table import Planned
    from tests.journeys.whole_counter import WholeCounter

CLERK_OF = {SEDE: "julio", "CUSCO": "nelly"}
SUPERVISOR = "carmen"
POINTS = ("Falta la firma.", "Falta la copia del documento de identidad.", "El anexo no se puede leer.")
NOTE = "Consultar con asesoría legal antes de responder"
PROVIDED = "Para su atención, con cargo."
ANSWER = "Se atiende lo solicitado."
REASON = "Se cerró por error."
RUC = "20131257750"
SHOWN = "tramite { id number status folios revision office { code } owner { fullName } signs { dueOn } }"
NIGHTS = [lima(day, 0, 20) for day in (10, 11, 12, 13, 14, 17)] + [lima(23, 0, 20, month=4)]
"""When the counter does its rounds."""


def bytes_of(document: Document) -> bytes:
    """Return the main document; who files another of the same kind files the same once more."""
    return PDF + f"{document.who} {document.kind}".encode()


@dataclass
class DayAtDesk:
    """The desk, who is there, and the ledger that is kept of it."""

    counter: WholeCounter
    people: dict[str, Somebody]
    documents: list[Document] = field(default_factory=list[Any])
    acts: list[Planned] = field(default_factory=list[Any])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    revisions: dict[str, int] = field(default_factory=dict[str, int])
    """How often each had changed when the desk saw it last."""
    nights: list[datetime] = field(default_factory=lambda: list(NIGHTS))
    anchored: int = 0
    """How many days were closed with an anchor."""

    def __post_init__(self) -> None:
        self.documents, self.acts = read_table()

    async def prepare(self) -> None:
        """Let the supervisor write what observations are made of."""
        supervisor = await self.people[SUPERVISOR].here()
        for place, text in enumerate(POINTS):
            given: dict[str, Any] = {"kind": "OBSERVATION_POINT", "title": f"{place}", "text": text}
            await supervisor.do("saveTemplate", "template { id }", **given)

    async def play(self, *, until: datetime) -> None:
        """Let all happen that does before an instant; the nights too."""
        while self.acts and self.acts[0].at < until:
            act = self.acts.pop(0)
            await self.pass_nights(until=act.at)
            await self.counter.move_clock(act.at)
            await self.do(act)
            act.document.note(act.word, act.at, to=office_of(act.about) if act.word in ("refer", "move") else None)
            await self.check(act.document)
        await self.pass_nights(until=until)
        await self.counter.move_clock(until)

    async def pass_nights(self, *, until: datetime) -> None:
        """Let the counter do by itself what it does at night."""
        while self.nights and self.nights[0] <= until:
            await self.counter.move_clock(self.nights.pop(0))
            await self.counter.do_rounds()
            self.anchored += 2  # the anchors of the register, and the head of the log of receipts

    async def check(self, document: Document) -> None:
        """See that the counter has a document where the ledger has it."""
        seen = await self.seen(document)
        self.revisions[document.number] = seen["revision"]
        assert (seen["status"], seen["office"]["code"], seen["folios"], seen["signs"]["dueOn"]) == (
            document.status,
            document.office,
            document.folios,
            document.due.isoformat() if document.due else None,
        ), document

    async def seen(self, document: Document) -> dict[str, Any]:
        """Return a document as the supervisor sees it."""
        supervisor = await self.people[SUPERVISOR].here()
        asked = f"query($number: String!) {{ {SHOWN.replace('tramite', 'tramite(number: $number)', 1)} }}"
        tramite: dict[str, Any] = (await supervisor.ask(asked, number=document.number))["tramite"]
        return tramite

    async def clerk_of(self, document: Document) -> Somebody:
        """Return who attends to a document now."""
        return await self.people[CLERK_OF[document.office]].here()

    async def do(self, act: Planned) -> None:
        """Do one act."""
        deed: Callable[[Document, str], Awaitable[None]] = getattr(self, act.word)
        await deed(act.document, act.about)

    async def file(self, document: Document, _: str) -> None:
        """File a document by web or by mail."""
        await (self.file_by_web if document.channel == "WEB" else self.file_by_mail)(document)

    async def correct(self, document: Document, _: str) -> None:
        """Correct what was observed."""
        await self.as_applicant(document, "correctTramite", clientKey=str(uuid4()), text="Subsanado.")

    async def void(self, document: Document, _: str) -> None:
        """Withdraw a document."""
        await self.as_applicant(document, "voidTramite", reason="Ya no es necesario.")

    async def move(self, document: Document, office: str) -> None:
        """Send a document to another office, as who filed it."""
        await self.as_applicant(document, "updateTramite", officeCode=office_of(office))

    async def receive(self, document: Document, _: str) -> None:
        """Receive a document at the desk."""
        await self.as_clerk(document, "receiveTramite")

    async def observe(self, document: Document, count: str) -> None:
        """Observe a document, with so many points of the templates."""
        points = await self.points(document, int(count))
        await self.as_clerk(document, "observeTramite", points=points)
        if document.channel == "WEB":
            applicant = await self.people[document.who].here()
            ask = "query($n: String!) { tramite(number: $n) { observationPoints } }"
            seen = (await applicant.ask(ask, n=document.number))["tramite"]
            assert seen["observationPoints"] == points

    async def refer(self, document: Document, office: str) -> None:
        """Refer a document, or refer it on."""
        await self.as_clerk(document, "referTramite", officeCode=office_of(office), text=PROVIDED)

    async def folios(self, document: Document, count: str) -> None:
        """Correct the folios."""
        document.folios = int(count)
        await self.as_clerk(document, "correctFolios", folios=document.folios, reason="Se contaron de nuevo.")

    async def reopen(self, document: Document, _: str) -> None:
        """Reopen a document, as the supervisor."""
        supervisor = await self.people[SUPERVISOR].here()
        await supervisor.do("reopenTramite", "__typename", id=self.ids[document.number], reason=REASON)

    async def lapse(self, _: Document, __: str) -> None:
        """Do nothing: the night has let it lapse, which is checked as after every act."""

    async def note(self, document: Document, _: str) -> None:
        """Write an internal note."""
        clerk = await self.clerk_of(document)
        await clerk.do("addNote", "__typename", id=self.ids[document.number], text=NOTE)

    async def as_clerk(self, document: Document, name: str, **given: Any) -> None:
        """Do something with a document as who attends to it, having seen how it is."""
        clerk = await self.clerk_of(document)
        revision = self.revisions[document.number]
        await clerk.do(name, "__typename", id=self.ids[document.number], expectedRevision=revision, **given)

    async def as_applicant(self, document: Document, name: str, **given: Any) -> None:
        """Do something with a document as who filed it."""
        applicant = await self.people[document.who].here()
        await applicant.do(name, "tramite { status }", id=self.ids[document.number], **given)

    async def file_by_web(self, document: Document) -> None:
        """File a document by web; Lucía does so for a company."""
        applicant = await self.people[document.who].here()
        company = {"organizationRuc": RUC, "organizationName": "Seguro Social de Salud"}
        given: dict[str, Any] = {
            "clientKey": str(uuid4()),
            "officeCode": document.office,
            "documentKind": document.kind,
            "documentNumber": "SN",
            "subject": document.subject,
            "folios": document.folios,
            "mainUpload": await applicant.upload("documento.pdf", bytes_of(document)),
            "acceptedPrivacyPolicy": "2026-1",
        } | (company if document.who == "lucia" else {})
        filed = (await applicant.do("fileTramite", "tramite { id number }", **given))["tramite"]
        document.number, self.ids[filed["number"]] = filed["number"], filed["id"]

    async def file_by_mail(self, document: Document) -> None:
        """File a document by mail; the desk finds it by its subject."""
        await self.counter.take_mail(address_of(document.who), document.subject, bytes_of(document))
        julio = await self.people["julio"].here()
        find = "query($text: String!) { tramites(filter: { text: $text }) { edges { node { id number } } } }"
        [edge] = (await julio.ask(find, text=document.subject))["tramites"]["edges"]
        document.number, self.ids[edge["node"]["number"]] = edge["node"]["number"], edge["node"]["id"]

    async def points(self, document: Document, count: int) -> list[str]:
        """Return so many points of an observation, from the templates."""
        clerk = await self.clerk_of(document)
        ask = "{ templates(kind: OBSERVATION_POINT) { edges { node { text } } } }"
        found = [edge["node"]["text"] for edge in (await clerk.ask(ask))["templates"]["edges"]]
        assert found == list(POINTS)
        return found[:count]

    async def take(self, document: Document, _: str) -> None:
        """Take a document on; no other clerk can then, and its applicant is not told who it is."""
        await self.as_clerk(document, "takeTramite")
        document.owner = CLERK_OF[document.office]
        assert (await self.seen(document))["owner"]["fullName"].startswith(CLERK_OF[document.office].title())
        other = await self.people["julio"].here()
        refused = await other.call("takeTramite", "__typename", id=self.ids[document.number])
        assert refused["code"] == "OWNED_BY_OTHER"
        applicant = await self.people[document.who].here()
        ask = "query($n: String!) { tramite(number: $n) { owner { fullName } } }"
        assert (await applicant.ask(ask, n=document.number))["tramite"] == {"owner": None}

    async def assign(self, document: Document, _: str) -> None:
        """Give a document to the clerk of its office, as the supervisor."""
        supervisor, document.owner = await self.people[SUPERVISOR].here(), CLERK_OF[document.office]
        ask = "query($office: String!) { colleagues(officeCode: $office) { userId fullName } }"
        found = (await supervisor.ask(ask, office=document.office))["colleagues"]
        [user_id] = [each["userId"] for each in found if each["fullName"].startswith(document.owner.title())]
        await supervisor.do("assignTramite", "__typename", id=self.ids[document.number], userId=user_id)

    async def resolve(self, document: Document, how: str) -> None:
        """Answer a document; with a file, or by two clerks at once."""
        if how == "at-once":
            await self.resolve_twice(document)
            return
        clerk, files, answer = await self.clerk_of(document), list[str](), PDF + document.subject.encode()
        if how == "file":
            files = [await clerk.upload("respuesta.pdf", answer)]
        await self.as_clerk(document, "resolveTramite", text=ANSWER, files=files)
        if files and document.channel == "WEB":
            await self.fetch_answer(document, answer)

    async def fetch_answer(self, document: Document, answer: bytes) -> None:
        """Read the answer and fetch its file, as who asked; another applicant cannot."""
        applicant = await self.people[document.who].here()
        ask = "query($n: String!) { tramite(number: $n) { resolution answerFiles { name url } } }"
        seen = (await applicant.ask(ask, n=document.number))["tramite"]
        [file] = seen["answerFiles"]
        assert (seen["resolution"], file["name"]) == (ANSWER, "respuesta.pdf")
        assert (await applicant.http.get(file["url"])).content == answer
        other = await self.people["jose"].here()
        assert (await other.ask(ask, n=document.number))["tramite"] is None
        assert (await other.http.get(file["url"])).status_code == 404

    async def resolve_twice(self, document: Document) -> None:
        """Let both clerks of Cusco answer at once: one has done it, the other is told so."""
        clerks = [await self.people[name].here() for name in ("julio", "nelly")]
        told = "__typename ... on TramiteChanged { message revision changes { act actorRole } }"
        document_ = f"mutation($input: ResolveTramiteInput!) {{ resolveTramite(input: $input) {{ {told} }} }}"
        given = {"id": self.ids[document.number], "text": ANSWER, "expectedRevision": self.revisions[document.number]}
        answers = [
            answer["resolveTramite"]
            for answer in await asyncio.gather(*[clerk.ask(document_, input=given) for clerk in clerks])
        ]
        [second] = [answer for answer in answers if answer["__typename"] == "TramiteChanged"]
        assert [answer["__typename"] for answer in answers if answer is not second] == ["ResolveTramiteSuccess"]
        assert second["changes"] == [{"act": "RESOLVED", "actorRole": "CLERK"}]
        assert "El trámite cambió mientras usted lo tenía abierto" in second["message"]
