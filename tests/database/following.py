"""An applicant and a clerk who follow one trámite through its life by the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.api import Api, filing
from tests.counter import PDF, Counter

ONE = """query($number: String!) { tramite(number: $number) {
    number status subject folios documentKind documentNumber filedOn contact { email mobile } office { code }
    allowedSteps correctBy versions { number at act } receipts { kind version issuedAt url }
    now: attachments { name version position sha256 url }
    filed: attachments(version: 1) { name version position url }
    none: attachments(version: 0) { name }
    all: attachments(allVersions: true) { name version position }
    history { act actorRole fromStatus toStatus text } } }"""


async def file(person: Api, counter: Counter, **changes: Any) -> dict[str, Any]:
    """File a document by the API."""
    main = await counter.upload(person.viewer, data=PDF + uuid4().bytes)
    answer = await person.mutate("fileTramite", "tramite { id number lookupKey }", **filing(main.id, **changes))
    return answer["tramite"]


async def seen(person: Api, tramite: dict[str, Any]) -> Any:
    """Return a trámite as somebody sees it."""
    return (await person.data(ONE, number=tramite["number"]))["tramite"]
