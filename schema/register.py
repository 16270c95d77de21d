"""The register as its auditors see it: acts and sensitive reads, each a hash chain."""

import datetime as dt
import uuid

import strawberry

from schema.account_enums import ReadKind, Role
from schema.described import says
from schema.finding import PageInfo
from schema.node import may_name, names
from schema.scalars import Sha256
from schema.tramite_enums import Act, TramiteStatus


@strawberry.type(
    description="An act as it stands in the register (registro): a link of a hash chain that nobody can change unseen."
)
class RegisterEntry:
    """An act."""

    sequence: str = says("Its place in the chain, a whole number from 1 without gaps, in the order of commits.")
    at: dt.datetime = says("When it was done.")
    act: Act = says("What was done.")
    role: Role = says("In which role.")
    actor_id: uuid.UUID | None = may_name(
        "Id of the account that did it; null for the counter itself and for strangers."
    )
    tramite_number: str | None = says(
        "Number of the trámite it was done to; null for acts about accounts and the like."
    )
    from_status: TramiteStatus | None = says("Status (estado) before; null when there was none.")
    to_status: TramiteStatus | None = says("Status (estado) after; null when the act is of no trámite.")
    record: str | None = says(
        "What is hashed, as JSON; its text is a salted digest. Null for an entry of before digests that holds words."
    )
    is_text_erased: bool = says("Whether what was said with it was erased as the law asks; its digest stays.")
    previous_hash: Sha256 = says("Hash of the entry before.")
    hash: Sha256 = says("SHA-256 over the hash before, the sequence in 8 bytes and the record in UTF-8.")


@strawberry.type(description="An act in a list.")
class RegisterEdge:
    """A place in the list."""

    cursor: str = says("Cursor of this place, for `after`.")
    node: RegisterEntry = says("The act.")


@strawberry.type(description="A page of the register, the oldest act first.")
class RegisterConnection:
    """A page."""

    edges: list[RegisterEdge] = says("The acts with their places.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.type(
    description="A sensitive read (consulta): somebody was shown what is about others. A hash chain of its own."
)
class SensitiveRead:
    """A sensitive read."""

    sequence: str = says("Its place in the chain, a whole number from 1 without gaps.")
    at: dt.datetime = says("When it was shown.")
    kind: ReadKind = says("What was shown.")
    viewer_id: uuid.UUID = names("Id of the account to which it was shown.")
    role: Role = says("The role of that account then.")
    tramite_number: str | None = says("Number of the trámite; null when it was not one trámite.")
    subject_id: uuid.UUID | None = may_name(
        "Id of the person it is about or of the one thing shown; null when not one."
    )
    record: str = says("What is hashed, as JSON; in its detail the ids of what was listed.")
    previous_hash: Sha256 = says("Hash of the read before.")
    hash: Sha256 = says("As for an act.")


@strawberry.type(description="A sensitive read in a list.")
class SensitiveReadEdge:
    """A place in the list."""

    cursor: str = says("Cursor of this place, for `after`.")
    node: SensitiveRead = says("The read.")


@strawberry.type(description="A page of sensitive reads, the oldest first.")
class SensitiveReadConnection:
    """A page."""

    edges: list[SensitiveReadEdge] = says("The reads with their places.")
    page_info: PageInfo = says("Where the page ends.")
