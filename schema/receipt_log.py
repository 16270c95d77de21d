"""What anybody may check of a receipt, and the log in which all of them are."""

import datetime as dt

import strawberry

from schema.described import says
from schema.file_enums import ReceiptKind
from schema.finding import PageInfo
from schema.scalars import Sha256


@strawberry.type(
    description="The log of receipts as it was when a day in Lima was over (cabeza del registro de constancias): a "
    "Merkle tree (RFC 9162) of which each entry is the SHA-256 of a sealed receipt. From then on none is dated on "
    "that day."
)
class LogHead:
    """A head."""

    day: dt.date = says("The day that was over.")
    log: str = says("Name of the log: the same in all its heads.")
    size: int = says("How many entries it had.")
    root: Sha256 = says("Their root (RFC 9162, 2.1.1).")
    signature: str = says(
        "CMS signature of the institution (DER, base64) over five lines of ASCII: title, log, day, size, root."
    )
    certificates: str = says("Chain of the certificate that it was signed with, as PEM, its own first.")
    made_at: dt.datetime = says("When it was made and published.")
    time_stamp: str | None = says(
        "Time stamp token (sello de tiempo, RFC 3161; DER, base64) over the signature; null when there is none."
    )


@strawberry.type(description="A file as a receipt certifies it: what it is called is not shown.")
class CertifiedFile:
    """A file."""

    ordinal: int = says("Its place in the receipt, from 1.")
    size_bytes: int = says("Its size.")
    sha256: Sha256 = says("SHA-256 of its bytes as received.")


@strawberry.type(
    description="What a receipt certifies (constancia, cargo), for whoever holds its code: numbers, dates and digests, "
    "nothing of any person."
)
class ReceiptCheck:
    """What was certified."""

    kind: ReceiptKind = says("What it attests.")
    kind_label: str = says("Its title in Spanish, for people.")
    verification_code: str = says("Its code (código de verificación).")
    number: str = says("Number of the trámite (número de trámite).")
    entity: str = says("The institution (entidad) that issued it.")
    office_name: str = says("The office (dependencia) it was addressed to.")
    sent_at: dt.datetime = says("When the document was sent (enviado).")
    filed_on: dt.date = says("Its legal date (fecha de presentación).")
    acted_at: dt.datetime | None = says("When it was received, voided, corrected; null for the first submission.")
    issued_at: dt.datetime = says("When the receipt was issued.")
    files: list[CertifiedFile] = says("The files that it lists.")
    is_erased: bool = says("Whether what it told of people was erased, past its time; its digest stays.")
    seal_holder: str | None = says("In whose name it is sealed (sello electrónico); null for one of before seals.")
    sha256: Sha256 | None = says("SHA-256 of the sealed PDF: any copy has it; null until it is sealed.")
    log_index: int | None = says("Its entry in the log of receipts, from 0; null until it is sealed.")
    head: LogHead | None = says("The head in which it is proven to be, that of its day; null until it is published.")


@strawberry.type(
    description="That the log of a size begins with that of another: a proof of consistency (prueba de consistencia; "
    "RFC 9162, 2.1.4)."
)
class LogGrowth:
    """A proof of consistency."""

    first_size: int = says("How many entries the earlier one has.")
    second_size: int = says("How many the later one has.")
    path: list[Sha256] = says("The proof, in the order of the RFC; empty between equal sizes and from 0.")


@strawberry.type(
    description="That a receipt is in the log: a proof of inclusion (prueba de inclusión; RFC 9162, 2.1.3) in the head "
    "of its day."
)
class ReceiptProof:
    """A proof of inclusion."""

    log: str = says("Name of the log.")
    sha256: Sha256 = says("SHA-256 of the sealed PDF: the entry.")
    index: int = says("Which entry it is, from 0.")
    day: dt.date = says("Day of the head, on which the receipt is dated.")
    size: int = says("How many entries that head has.")
    path: list[Sha256] = says("The proof, from the leaf upwards.")
    growth: LogGrowth = says("That the last published head continues that one.")


@strawberry.type(description="A head in a list.")
class LogHeadEdge:
    """A place in the list."""

    cursor: str = says("Cursor of this place, for `after`.")
    node: LogHead = says("The head.")


@strawberry.type(description="A page of heads.")
class LogHeadConnection:
    """A page."""

    edges: list[LogHeadEdge] = says("The heads with their places.")
    page_info: PageInfo = says("Where the page ends.")
