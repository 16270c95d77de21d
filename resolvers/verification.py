"""The query for whoever holds a trámite's number and key; nobody needs to sign in for it."""

from typing import Annotated

import strawberry

from actions import gate
from reading.verification import find_by_key
from resolvers.context import Info
from rules.throttling import Door
from schema.verification import PublicStatus


@strawberry.type
class VerificationQuery:
    """Public status."""

    @strawberry.field(
        description="The status of a trámite by its number and its lookup key (clave de consulta), as the mail with "
        "the receipt gives them; null for a wrong number and for a wrong key alike."
    )
    async def public_status(
        self,
        info: Info,
        number: Annotated[str, strawberry.argument(description="Number of the trámite (número de trámite).")],
        lookup_key: Annotated[str, strawberry.argument(description="Its lookup key (clave de consulta).")],
    ) -> PublicStatus | None:
        """Return the public part of one trámite."""
        await gate.admit(info.context.tools, Door.PUBLIC_STATUS, info.context.client)
        found = await find_by_key(number, lookup_key=lookup_key)
        if found is None:
            return None
        return PublicStatus(
            number=found.number,
            status=found.status,
            status_label=found.status.label,
            filed_on=found.filed_on,
            office_name=found.office.name,
        )
