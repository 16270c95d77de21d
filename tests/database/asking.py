"""What tests of the API ask: the documents and short ways to send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.api import Api, filing
from tests.counter import PDF

if TYPE_CHECKING:
    from tests.counter import Counter

NOBODYS = "00000000-0000-4000-8000-000000000000"
"""The id of nothing; tests are told apart by it, so that it is the same each time."""

TRAMITE = """
    id number lookupKey status statusLabel channel documentKind documentNumber subject folios
    organization { ruc name } senderName contact { email mobile } missing sentAt filedOn
    filingRule { policy calendarVersion skipped { day reason } } office { code name hours { opensAt closesAt } }
    observation correctBy resolution allowedSteps
    attachments { id role position version name sizeBytes sha256 url }
    receipts { id kind verificationCode issuedAt url }
    history { sequence at act fromStatus toStatus text actorRole }
"""
LIST = (
    "query($first: Int!, $after: String, $filter: TramiteFilter) "
    "{ tramites(first: $first, after: $after, filter: $filter) "
    "{ edges { cursor node { number } } pageInfo { hasNextPage endCursor } } }"
)
ONE = f"query($number: String!) {{ tramite(number: $number) {{ {TRAMITE} }} }}"


async def file(person: Api, counter: Counter, **changes: Any) -> dict[str, Any]:
    """File a document by the API; return the answer."""
    upload = await counter.upload(person.viewer, data=PDF + uuid4().bytes)
    return await person.mutate("fileTramite", f"tramite {{ {TRAMITE} }}", **filing(upload.id, **changes))


def update(**changes: Any) -> dict[str, Any]:
    """Return the main data of an update that is in order."""
    return {
        "officeCode": "SEDE-CENTRAL",
        "documentKind": "APPLICATION",
        "subject": "Solicito copia de mi expediente",
        "folios": 3,
        **changes,
    }
