"""Who stands at the desk, and what they find there: one trámite, and people in every relation to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from models.desk import Note, Template, TemplateVersion
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Attachment, Referral, Tramite
from rules.access import Role
from tests.api import Api, filing
from tests.counter import PDF

if TYPE_CHECKING:
    from rules.notices import NoticeKind
    from tests.counter import Counter

HERE, THERE = "SEDE-CENTRAL", "CUSCO"

SHOWN = """
    number status revision folios dates: datesExplained { receivedAt } observation observationPoints resolution
    allowedSteps owner { fullName role } notes { text author { role } } history { act text actorRole }
    receipts { kind url } answerFiles { role position version name sha256 url } attachments { name }
    office { code }
"""
ONE = f"query($number: String!) {{ tramite(number: $number) {{ {SHOWN} }} }}"


@dataclass
class Desk:
    """A trámite of María's in an office, and who may have to do with it."""

    counter: Counter
    api: Api
    maria: Api
    clerk: Api
    tramite: dict[str, Any]

    async def person(self, role: Role, office: str | None) -> Api:
        """Return somebody else."""
        return await self.api.signed_in(self.counter, role=role, office=office)

    async def seen(self, by: Api) -> Any:
        """Return the trámite as somebody sees it."""
        return (await by.data(ONE, number=self.tramite["number"]))["tramite"]

    async def do(self, by: Api, name: str, **given: Any) -> dict[str, Any]:
        """Do something with the trámite, which must succeed; return it as it is then."""
        answer = await by.mutate(name, f"tramite {{ {SHOWN} }}", id=self.tramite["id"], **given)
        assert answer["__typename"] == f"{name[0].upper()}{name[1:]}Success", answer
        return answer["tramite"]

    async def refused(self, by: Api, name: str, **given: Any) -> dict[str, Any]:
        """Try something with the trámite, which must be refused, change nothing and tell nobody."""
        before = await record()
        answer = await by.mutate(name, id=self.tramite["id"], **given)
        assert not answer["__typename"].endswith("Success"), answer
        assert await record() == before
        return answer

    async def upload(self, by: Api, *, name: str = "respuesta.pdf", data: bytes = PDF) -> str:
        """Upload a file whole; return its id."""
        return str((await self.counter.upload(by.viewer, name=name, data=data + uuid4().bytes)).id)


async def record() -> tuple[object, ...]:
    """Return all that an act could leave behind."""
    return (
        await Tramite.all().order_by("id").values(),
        [await model.all().count() for model in (Entry, Notice, Referral, Receipt, Attachment, Note)],
        await Template.all().order_by("id").values(),
        await TemplateVersion.all().count(),
    )


async def open_desk(api: Api, counter: Counter) -> Desk:
    """Let María file a document, and a clerk of its office sign in."""
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office=HERE)
    main = await counter.upload(maria.viewer, data=PDF + uuid4().bytes)
    answer = await maria.mutate("fileTramite", "tramite { id number lookupKey }", **filing(main.id))
    return Desk(counter, api, maria, clerk, answer["tramite"])


async def fetch(person: Api, url: str) -> bytes:
    """Fetch a file from where the API says it is; return nothing if it is refused."""
    response = await person.http.get(
        url.removeprefix("https://mesa.example.pe"), headers={"authorization": f"Bearer {person.token}"}
    )
    return response.content if response.status_code == 200 else b""


async def mails(kind: NoticeKind) -> list[dict[str, Any]]:
    """Return what the promised mails of a kind tell, the oldest first."""
    return [notice.detail for notice in await Notice.filter(kind=kind).order_by("created_at")]
