"""Recomputing a hash chain: entry by entry in its order, whatever its length, by our own hashes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from rules.chain import FORM, Chain, genesis, link, text_digest
from rules.register import Act
from rules.workdays import LIMA

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.cursor import Cursor

    from rules.anchors import Anchor

Told: TypeAlias = Callable[[int], None]
"""Hears how much more was looked at."""

BATCH = 2_000
NUMBER_LENGTH = 24
LATENESS = timedelta(hours=1)
"""So much earlier than its day's anchor an act may be dated that comes after it: it was under way at midnight."""

ACTS = """
SELECT e.sequence, e.at, e.act, e.role, e.from_status AS from, e.to_status AS to, e.tramite_id::text AS tramite,
    e.actor_id::text AS actor, e.text, e.detail, e.record, e.previous_hash, e.hash,
    w.sequence AS words, w.salt, w.text AS said, w.erased_at
FROM public.entries e LEFT JOIN public.entry_texts w ON w.sequence = e.sequence ORDER BY e.sequence
"""

READS = """
SELECT sequence, at, kind, role, viewer_id::text AS viewer, tramite_id::text AS tramite, subject_id::text AS subject,
    detail, record, previous_hash, hash
FROM public.read_entries ORDER BY sequence
"""

_JSON = json.JSONDecoder()
_OF_ACT = itemgetter("act", "role", "from", "to", "tramite", "actor")
_OF_READ = itemgetter("kind", "role", "viewer", "tramite", "subject")
"""What is the same in columns and record, under the same names."""

HEAD = "SELECT sequence, hash FROM public.register_heads WHERE chain = $1"


@dataclass(frozen=True)
class Known:
    """An anchor, and whether somebody else kept it: only then is it known that it was made when its day was over."""

    anchor: Anchor
    is_kept_elsewhere: bool


Anchors: TypeAlias = Mapping[int, Sequence[Known]]
"""Those of one chain, by their sequence; two that contradict each other are both there."""


class Fault(Exception):
    """Something that is not as it was recorded: where, and what; never whose, nor what anybody wrote."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


@dataclass
class Walk:
    """How far a chain was walked, and which numbers were given on the way."""

    chain: Chain
    sequence: int = 0
    hash: bytes = b""
    numbered: dict[str, int] = field(default_factory=dict[str, int])
    """The last serial of each series, in the order of the chain."""
    not_before: datetime | None = None
    """What comes now was not there yet when a day was anchored: it is dated later than that day."""

    def __post_init__(self) -> None:
        self.hash = genesis(self.chain)

    def fault(self, what: str, *, sequence: int | None = None) -> Fault:
        """Return a fault at an entry, the one that was reached if no other is told."""
        return Fault(f"chain {self.chain.value}, entry {sequence or self.sequence}", what)

    def step(self, row: asyncpg.Record) -> dict[str, Any]:
        """
        Go on by one entry; return its record.

        Raises:
            Fault: it is not the next one, or its hash is not that of its record.
        """
        if row["sequence"] != self.sequence + 1:
            raise self.fault(f"is missing; entry {row['sequence']} comes instead", sequence=self.sequence + 1)
        before, self.sequence = self.hash, row["sequence"]
        if row["previous_hash"] != before:
            raise self.fault("does not name the hash of the entry before it")
        self.hash = link(before, sequence=self.sequence, record=row["record"])
        if row["hash"] != self.hash:
            raise self.fault("its hash is not that of its record")
        if self.not_before is not None and row["at"] < self.not_before:
            raise self.fault("is dated on a day that had been anchored without it")
        return self._parsed(row["record"])

    def _parsed(self, record: str) -> dict[str, Any]:
        try:
            parsed, _ = _JSON.raw_decode(record)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            raise self.fault("its record is no JSON object")
        return parsed


async def prove_acts(connection: asyncpg.Connection, anchors: Anchors, told: Told) -> Walk:
    """
    Recompute the chain of acts, to be called within a snapshot; return how it ended.

    Each entry follows the one before, its columns are those of its record, its text is that of its digest or was
    erased, and each number is the next one of its series.

    Raises:
        Fault: the first thing that is otherwise, or that an anchor knows otherwise.
    """
    return await _prove(connection, Walk(Chain.ACTS), ACTS, _check_act, anchors=anchors, told=told)


async def prove_reads(connection: asyncpg.Connection, anchors: Anchors, told: Told) -> Walk:
    """
    Recompute the chain of sensitive reads, as `prove_acts`.

    Raises:
        Fault: as `prove_acts`.
    """
    return await _prove(connection, Walk(Chain.READS), READS, _check_read, anchors=anchors, told=told)


async def _prove(
    connection: asyncpg.Connection,
    walk: Walk,
    query: str,
    check: Callable[[Walk, asyncpg.Record, dict[str, Any]], None],
    *,
    anchors: Anchors,
    told: Told,
) -> Walk:
    _check_anchors(walk, anchors)
    cursor = await connection.cursor(query)
    while rows := await _fetch(connection, cursor, walk, query):
        for row in rows:
            check(walk, row, walk.step(row))
            if walk.sequence in anchors:
                _check_anchors(walk, anchors)
        told(len(rows))
    await _check_end(connection, walk, anchors)
    return walk


async def _fetch(connection: asyncpg.Connection, cursor: Cursor, walk: Walk, query: str) -> list[asyncpg.Record]:
    """Return the next entries; one that holds what no calendar or alphabet has is told apart from its neighbours."""
    try:
        return await cursor.fetch(BATCH)
    except (ValueError, OverflowError):
        pass
    one = await connection.prepare(f"SELECT * FROM ({query}) q WHERE sequence = $1")  # noqa: S608 - our own text
    for sequence in range(walk.sequence + 1, walk.sequence + BATCH + 1):
        try:
            await one.fetchrow(sequence)
        except (ValueError, OverflowError):
            raise walk.fault("its columns hold what nobody can read", sequence=sequence) from None
    raise walk.fault("what follows holds what nobody can read")


def _check_anchors(walk: Walk, anchors: Anchors) -> None:
    for known in anchors.get(walk.sequence, ()):
        if known.anchor.hash != walk.hash.hex():
            day = known.anchor.day
            raise walk.fault(f"its hash is not the one anchored on {day}: what comes up to it was rewritten")
        if known.is_kept_elsewhere:
            over_at = datetime.combine(known.anchor.day, time.max, LIMA) - LATENESS
            walk.not_before = max(walk.not_before or over_at, over_at)


async def _check_end(connection: asyncpg.Connection, walk: Walk, anchors: Anchors) -> None:
    head = await connection.fetchrow(HEAD, walk.chain.value)
    if head is None or (head["sequence"], head["hash"]) != (walk.sequence, walk.hash):
        raise walk.fault(f"the chain ends here, but its head is at {head and head['sequence']}: its tail is missing")
    beyond = min((sequence for sequence in anchors if sequence > walk.sequence), default=None)
    if beyond is not None:
        anchored = anchors[beyond][0].anchor
        raise walk.fault(f"the chain ends here, but {anchored.day} was anchored at {beyond}: its tail was cut")


def _check_act(walk: Walk, row: asyncpg.Record, record: dict[str, Any]) -> None:
    _check_columns(walk, row, record, _OF_ACT)
    _check_text(walk, row, record)
    if record["act"] == Act.FILED:
        _check_number(walk, record["detail"])


def _check_text(walk: Walk, row: asyncpg.Record, record: dict[str, Any]) -> None:
    form = record.get("form")
    if form == FORM:
        is_right = row["text"] is None and _is_said(row, record.get("text"))
    elif form is None:
        is_right = row["text"] == record.get("text") and row["words"] is None
    else:
        raise walk.fault(f"its record is of no known form; the newest known is {FORM}")
    if not is_right:
        raise walk.fault("what was said with it is not that of its digest, or is gone without a trace")


def _is_said(row: asyncpg.Record, digest: str | None) -> bool:
    """Tell whether what stands apart is that of its digest, or its tombstone."""
    if row["words"] is None:
        return digest is None
    if row["erased_at"] is not None:
        return digest is not None and row["said"] is None and row["salt"] is None
    return row["said"] is not None and text_digest(row["said"], salt=row["salt"] or b"") == digest


def _check_number(walk: Walk, detail: object) -> None:
    number = detail.get("number") if isinstance(detail, dict) else None
    parts = number.rsplit("-", 2) if isinstance(number, str) and len(number) <= NUMBER_LENGTH else []
    if len(parts) != 3 or not parts[1].isdecimal():
        raise walk.fault("it files under no number")
    series, serial = parts[0], int(parts[1])
    if serial != walk.numbered.get(series, 0) + 1:
        raise walk.fault(f"number {number} is not the next one of its series")
    walk.numbered[series] = serial


def _check_read(walk: Walk, row: asyncpg.Record, record: dict[str, Any]) -> None:
    _check_columns(walk, row, record, _OF_READ)


def _check_columns(
    walk: Walk, row: asyncpg.Record, record: dict[str, Any], columns: Callable[[Any], tuple[Any, ...]]
) -> None:
    try:
        is_same = (
            columns(row) == columns(record)
            and row["at"] == datetime.fromisoformat(record["at"])
            and _JSON.raw_decode(row["detail"])[0] == record["detail"]
        )
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        is_same = False
    if not is_same:
        raise walk.fault("its columns are not those of its record")
