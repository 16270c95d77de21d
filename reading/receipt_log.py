"""The log of receipts as anybody may see it: its heads, where a receipt is in it, and that it only grew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections

from models.receipt_log import LogHead
from models.receipts import Receipt
from reading.cursors import day_in
from reading.statements import Statement, nothing_of, row_from, statement_of
from reading.tramites import check_count
from rules.merkle import Place, consistency_proof, inclusion_proof, nodes_for_consistency, nodes_for_inclusion
from rules.numbering import clean_code
from rules.receipt_proofs import Growth, Head, ReceiptProof, SignedHead
from rules.refusals import InvalidInput, NotFound
from rules.workdays import day_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rules.merkle import Nodes

NODES = """
SELECT n.level, n.position, n.hash FROM unnest($1::smallint[], $2::bigint[]) AS wanted (level, position)
JOIN receipt_log_nodes n USING (level, position)
"""

_OF_HEAD = {name: f"head_{name}" for name in LogHead._meta.fields_db_projection_reverse}  # pyright: ignore[reportPrivateUsage]
CHECKED = f"""
SELECT r.*, {", ".join(f"h.{name} AS {named}" for name, named in _OF_HEAD.items())} FROM receipts r
LEFT JOIN receipt_log_heads h
    ON h.day = ((r.issued_at AT TIME ZONE 'UTC') - interval '5 hours')::date AND h.size > r.log_index
WHERE r.verification_code = $1
"""  # noqa: S608 - names of our own columns
"""A receipt, and the head in which it is proven to be, as `head_of` finds it."""

STATE = """
SELECT count(*) AS heads, count(time_stamp) AS stamped FROM receipt_log_heads WHERE day BETWEEN $1 AND $2
"""

CHAINS = """
WITH RECURSIVE chains AS (
    (SELECT day, certificates FROM receipt_log_heads ORDER BY day DESC LIMIT 1)
    UNION ALL
    SELECT earlier.day, earlier.certificates FROM chains, LATERAL (
        SELECT day, certificates FROM receipt_log_heads
        WHERE day < chains.day AND certificates <> chains.certificates ORDER BY day DESC LIMIT 1) earlier
)
SELECT certificates FROM chains LIMIT 100
"""


class NoSuchProof(NotFound):
    """There is no receipt of that code."""

    code = "NO_SUCH_RECEIPT"

    def __init__(self) -> None:
        super().__init__("No emitimos una constancia con ese código. Revise que esté completo.")


class ProofNotYet(NotFound):
    """The head in which the receipt will be proven to be is not published yet."""

    code = "PROOF_NOT_YET"

    def __init__(self) -> None:
        super().__init__("La prueba de esta constancia se publica al día siguiente de su emisión. Vuelva entonces.")


class NoHeadsOfYear(NotFound):
    """No heads of that year are published."""

    code = "NO_HEADS_OF_YEAR"

    def __init__(self) -> None:
        super().__init__("No se publicaron cabezas del registro de constancias en ese año.")


@dataclass(frozen=True)
class HeadPage:
    """Some heads in their order, and whether there are more."""

    heads: list[LogHead]
    has_next: bool


@dataclass(frozen=True)
class YearState:
    """How many heads a year has, and how many of them a time stamp: a file of them is as it was while both are."""

    heads: int
    stamped: int


async def latest_head() -> LogHead | None:
    """Return the last head that was published."""
    return await LogHead.all().order_by("-day").first()


async def head_of(receipt: Receipt) -> LogHead | None:
    """Return the head in which a receipt is proven to be: that of the day on which it is dated, once there is one."""
    if receipt.log_index is None:
        return None
    return await LogHead.get_or_none(day=day_of(receipt.issued_at), size__gt=receipt.log_index)


def checked_asked(verification_code: str) -> Statement:
    """Return the statement that finds the receipt of that code, and its head."""
    try:
        return Statement(CHECKED, [clean_code(verification_code)], "", None)
    except InvalidInput:
        return nothing_of(Receipt)


def checked_from(rows: Sequence[Mapping[str, Any]]) -> tuple[Receipt, LogHead | None] | None:
    """Return the receipt that those rows tell of, and its head."""
    if not rows:
        return None
    head = {name: rows[0][named] for name, named in _OF_HEAD.items()}
    return row_from(Receipt, rows[0]), row_from(LogHead, head) if head["day"] else None


async def prove_receipt(receipt: Receipt, *, has_growth: bool) -> ReceiptProof | None:
    """
    Return where a receipt is in the log; None before the head of its day is published.

    With *has_growth* it proves besides that the last head continues that one.
    """
    head, index = await head_of(receipt), receipt.log_index
    if head is None or index is None or receipt.content_id is None:
        return None
    latest = await latest_head() if has_growth else None
    end = latest.size if latest else head.size
    nodes = await _nodes((*nodes_for_inclusion(index, head.size), *nodes_for_consistency(head.size, end)))
    return ReceiptProof(
        log=head.log,
        sha256=bytes.fromhex(receipt.content_id),
        index=index,
        day=head.day,
        size=head.size,
        path=inclusion_proof(index, head.size, nodes),
        growths=(_growth(head.size, end, nodes),) if has_growth else (),
    )


async def prove_growth(first: int, second: int) -> Growth | None:
    """Return the proof that the log of *second* entries begins with that of *first*; None unless both are published."""
    latest = await latest_head()
    if latest is None or not 0 <= first <= second <= latest.size:
        return None
    return _growth(first, second, await _nodes(nodes_for_consistency(first, second)))


def heads_asked(*, first: int, after: str | None, is_oldest_first: bool = False, day: date | None = None) -> Statement:
    """
    Return the statement that finds the *first* heads after a place, or that of one day; and one more, if there is one.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    check_count(first, "first")
    wanted = LogHead.all() if day is None else LogHead.filter(day=day)
    if after is not None:
        wanted = wanted.filter(**{"day__gt" if is_oldest_first else "day__lt": day_in(after)})
    return statement_of(wanted.order_by("day" if is_oldest_first else "-day").limit(first + 1))


def heads_page(rows: Iterable[Mapping[str, Any]], *, first: int, is_oldest_first: bool = False) -> HeadPage:
    """Return the page that those rows make, which may come in any order."""
    heads = sorted((row_from(LogHead, row) for row in rows), key=lambda head: head.day, reverse=not is_oldest_first)
    return HeadPage(heads[:first], has_next=len(heads) > first)


def place_at(head: LogHead) -> str:
    """Return the place of a head in the list."""
    return head.day.isoformat()


async def state_of_year(year: int) -> YearState:
    """Return how far the heads of a year are."""
    [row] = await get_connections().get("default").execute_query_dict(STATE, [*_year(year)])
    return YearState(row["heads"], row["stamped"])


async def heads_of_year(year: int) -> tuple[SignedHead, ...]:
    """Return the heads of a year in their order, each with what shows that it continues the one before."""
    begins, ends = _year(year)
    before = await LogHead.filter(day__lt=begins).order_by("-day").first()
    heads = await LogHead.filter(day__gte=begins, day__lte=ends).order_by("day")
    sizes = [before.size if before else None, *(head.size for head in heads)]
    grown = [(old, new) for old, new in pairwise(sizes) if old is not None and new is not None]
    nodes = await _nodes(place for old, new in set(grown) for place in nodes_for_consistency(old, new))
    return tuple(_signed(head, size, nodes) for head, size in zip(heads, sizes, strict=False))


async def certificates_of_heads() -> list[str]:
    """Return the chains of certificates by which heads were signed, as PEM, the latest first; each change is one."""
    rows = await get_connections().get("default").execute_query_dict(CHAINS)
    return [row["certificates"] for row in rows]


def head_in(row: LogHead) -> Head:
    """Return what is signed of a head."""
    return Head(log=row.log, day=row.day, size=row.size, root=row.root)


def _signed(row: LogHead, after: int | None, nodes: Nodes) -> SignedHead:
    path = () if after is None else consistency_proof(after, row.size, nodes)
    return SignedHead(head=head_in(row), signature=row.signature, timestamp=row.time_stamp, after=after, path=path)


def _growth(first: int, second: int, nodes: Nodes) -> Growth:
    return Growth(first=first, second=second, path=consistency_proof(first, second, nodes))


async def _nodes(places: Iterable[Place]) -> dict[Place, bytes]:
    """Return those nodes by one question, however large the log is."""
    wanted: Sequence[Place] = sorted(set(places))
    if not wanted:
        return {}
    values = [[place.level for place in wanted], [place.position for place in wanted]]
    rows = await get_connections().get("default").execute_query_dict(NODES, values)
    return {Place(row["level"], row["position"]): row["hash"] for row in rows}


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
