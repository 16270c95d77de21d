"""Receipts, proofs and heads of their log as the API shows them to anybody."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from reading.receipt_log import place_at
from rules.receipts import ReceiptFacts
from schema import receipt_log as api
from schema.finding import PageInfo
from schema.scalars import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models import receipt_log as rows
    from models.receipts import Receipt
    from reading.receipt_log import HeadPage
    from rules.receipt_proofs import Growth, ReceiptProof


def check(receipt: Receipt, head: rows.LogHead | None) -> api.ReceiptCheck:
    """Return what anybody may see of a receipt: no name, no subject, no contact, no name of a file."""
    facts = ReceiptFacts.from_json(receipt.facts)
    return api.ReceiptCheck(
        kind=facts.kind,
        kind_label=facts.kind.label,
        verification_code=facts.verification_code,
        number=facts.number,
        entity=facts.entity,
        office_name=facts.office,
        sent_at=facts.sent_at,
        filed_on=facts.filed_on,
        acted_at=facts.acted_at,
        issued_at=receipt.issued_at,
        files=[
            api.CertifiedFile(ordinal=file.ordinal, size_bytes=file.size_bytes, sha256=Sha256(file.sha256))
            for file in facts.files
        ],
        is_erased=receipt.erased_at is not None,
        seal_holder=facts.seal.holder if facts.seal else None,
        sha256=Sha256(receipt.content_id) if receipt.content_id is not None else None,
        log_index=receipt.log_index,
        head=log_head(head) if head else None,
    )


def log_head(row: rows.LogHead) -> api.LogHead:
    """Return a head."""
    return api.LogHead(
        day=row.day,
        log=row.log,
        size=row.size,
        root=Sha256(row.root.hex()),
        signature=base64.b64encode(row.signature).decode("ascii"),
        certificates=row.certificates,
        made_at=row.made_at,
        time_stamp=base64.b64encode(row.time_stamp).decode("ascii") if row.time_stamp is not None else None,
    )


def heads(page: HeadPage, *, after: str | None) -> api.LogHeadConnection:
    """Return a page of heads."""
    edges = [api.LogHeadEdge(cursor=place_at(row), node=log_head(row)) for row in page.heads]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return api.LogHeadConnection(edges=edges, page_info=info)


def proof(of: ReceiptProof) -> api.ReceiptProof:
    """Return the proof of a receipt, with that of how the log went on."""
    return api.ReceiptProof(
        log=of.log,
        sha256=Sha256(of.sha256.hex()),
        index=of.index,
        day=of.day,
        size=of.size,
        path=_hashes(of.path),
        growth=growth(of.growths[0]),
    )


def growth(of: Growth) -> api.LogGrowth:
    """Return a proof of consistency."""
    return api.LogGrowth(first_size=of.first, second_size=of.second, path=_hashes(of.path))


def _hashes(path: Iterable[bytes]) -> list[Sha256]:
    return [Sha256(each.hex()) for each in path]
