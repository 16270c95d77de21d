"""What an id is the id of; who may see it is judged afterwards, where things of that kind are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from tortoise.connection import get_connections

from reading.tramites import MOST_AT_ONCE, TooManyAtOnce
from rules.nodes import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TABLES: Final[Mapping[NodeKind, str]] = {
    NodeKind.ACCOUNT: "users",
    NodeKind.ATTACHMENT: "attachments",
    NodeKind.DRAFT: "drafts",
    NodeKind.EXPORT: "exports",
    NodeKind.IDENTITY_CLAIM: "identity_claims",
    NodeKind.INVITATION: "invitations",
    NodeKind.MAIL: "mail_items",
    NodeKind.MAILBOX: "mailboxes",
    NodeKind.NOTE: "notes",
    NodeKind.NOTICE: "notices",
    NodeKind.OFFICE: "offices",
    NodeKind.RECEIPT: "receipts",
    NodeKind.RECOVERY_REQUEST: "recovery_requests",
    NodeKind.SAVED_SEARCH: "saved_searches",
    NodeKind.PROGRAM: "service_tokens",
    NodeKind.SESSION: "sessions",
    NodeKind.TASK: "tasks",
    NodeKind.TEMPLATE: "templates",
    NodeKind.TRAMITE: "tramites",
    NodeKind.UPLOAD: "uploads",
}
"""The tables whose key is the id of a thing of each kind."""

KINDS: Final = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, id FROM {table} WHERE id = ANY($1::uuid[])"  # noqa: S608 - our own words
    for kind, table in TABLES.items()
)


async def kinds_of(ids: Sequence[str]) -> dict[NodeKind, list[UUID]]:
    """
    Return which of those texts are ids of which kind, in one statement; what is no id is of none.

    Raises:
        TooManyAtOnce: there are more than a hundred.
    """
    if len(ids) > MOST_AT_ONCE:
        raise TooManyAtOnce("ids")
    known = list(_ids_in(ids))
    rows = await get_connections().get("default").execute_query_dict(KINDS, [known]) if known else []
    found: dict[NodeKind, list[UUID]] = {}
    for row in rows:
        found.setdefault(NodeKind(row["kind"]), []).append(row["id"])
    return found


def _ids_in(texts: Iterable[str]) -> Iterable[UUID]:
    for text in dict.fromkeys(texts):
        try:
            id_ = UUID(text)
        except ValueError:
            continue
        if str(id_) == text:
            yield id_
