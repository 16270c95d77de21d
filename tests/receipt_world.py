"""A counter in small, for who checks receipts: a seal, the log of receipts, and its heads; no database, no files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from mesadepartes.receipt_check import Evidence, check_receipt
from mesadepartes.receipt_findings import Outcome
from receipts.batches import sealed
from receipts.writer import render
from rules import merkle
from rules.receipt_proofs import Growth, Head, ReceiptProof, SignedHead, heads_to_bytes
from rules.receipts import LogHeadFacts, ReceiptFacts
from rules.workdays import LIMA, day_of
from tests.seals import authority, curve_key, issue, make_seal
from tests.unit.receipts.samples import USUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesadepartes.receipt_findings import Check, Finding
    from seals.seal import Seal

LOG = "https://mesadepartes.example.gob.pe"
SOME_DAY = datetime(2026, 3, 9, 15, tzinfo=UTC)
HOLDER = "Instituto de las pruebas"


def real_seal(holder: str = HOLDER, secret: int = 20260310) -> Seal:
    """Return a seal whose certificate is not for development."""
    return make_seal(lambda: SOME_DAY, issued=issue(curve_key(secret), holder=holder))


@dataclass
class World:
    """An institution that seals, logs, and closes its days."""

    log: str = LOG
    seal: Seal = field(default_factory=real_seal)
    entries: list[bytes] = field(default_factory=list)
    heads: list[SignedHead] = field(default_factory=list)

    def facts(self, at: datetime = SOME_DAY, number: int = 1) -> ReceiptFacts:
        """Return what a receipt issued at *at* says, with the last published head."""
        last = self.heads[-1].head if self.heads else None
        return replace(
            USUAL,
            number=f"MPD-2026-{number:06}-K",
            sent_at=at,
            issued_at=at,
            seal=self.seal.facts,
            log_head=LogHeadFacts(day=last.day, size=last.size, root_sha256=last.root.hex()) if last else None,
        )

    def sealed(self, facts: ReceiptFacts) -> bytes:
        """Return the receipt of *facts*, sealed and not logged."""
        unsealed = render(facts, room=self.seal.room)
        return sealed(unsealed, self.seal.sign(unsealed.digest))

    def issue(self, facts: ReceiptFacts | None = None) -> bytes:
        """Seal a receipt and put it into the log."""
        receipt = self.sealed(facts or self.facts())
        self.entries.append(hashlib.sha256(receipt).digest())
        return receipt

    def fill(self, count: int) -> None:
        """Put *count* entries of receipts into the log that nobody asks for."""
        self.entries += [hashlib.sha256(f"{len(self.entries)} {each}".encode()).digest() for each in range(count)]

    def close(self, day: date | None = None) -> SignedHead:
        """Publish the head of a day, with the proof that the log grew since the one before."""
        day = day or day_of(SOME_DAY)
        nodes = merkle.complete_nodes(self.entries)
        head = Head(log=self.log, day=day, size=len(self.entries), root=merkle.root(len(self.entries), nodes))
        before = self.heads[-1].head.size if self.heads else None
        self.heads.append(self.signed(head, before, () if before is None else self.path(before)))
        return self.heads[-1]

    def signed(self, head: Head, after: int | None = None, path: tuple[bytes, ...] = ()) -> SignedHead:
        """Return *head* with our signature."""
        signature = self.seal.sign(hashlib.sha256(head.to_bytes()).digest())
        return SignedHead(head=head, signature=signature, after=after, path=path)

    def path(self, first: int, second: int | None = None) -> tuple[bytes, ...]:
        """Return the proof that the log of *second* entries, or all, begins with that of *first*."""
        second = len(self.entries) if second is None else second
        return merkle.consistency_proof(first, second, merkle.complete_nodes(self.entries))

    def proof(self, receipt: bytes, *, head: Head | None = None, growths: tuple[Growth, ...] = ()) -> ReceiptProof:
        """Return where *receipt* is, in the log of the first head that holds it, or another one."""
        entry = hashlib.sha256(receipt).digest()
        index = self.entries.index(entry)
        head = head or next(each.head for each in self.heads if each.head.size > index)
        path = merkle.inclusion_proof(index, head.size, merkle.complete_nodes(self.entries))
        return ReceiptProof(
            log=self.log, sha256=entry, index=index, day=head.day, size=head.size, path=path, growths=growths
        )

    def rebuilt(self, entries: Iterable[bytes]) -> World:
        """Return the institution once it has put *entries* in the place of its log, and signed its heads anew."""
        other = World(log=self.log, seal=self.seal, entries=list(entries))
        for each in self.heads:
            size = min(len(other.entries), each.head.size + len(other.entries) - len(self.entries))
            nodes = merkle.complete_nodes(other.entries[:size])
            head = replace(each.head, size=size, root=merkle.root(size, nodes))
            before = other.heads[-1].head.size if other.heads else None
            path = () if before is None else merkle.consistency_proof(before, size, nodes)
            other.heads.append(other.signed(head, before, path))
        return other

    def evidence(
        self,
        receipt: bytes,
        proof: ReceiptProof | None = None,
        heads: Sequence[Sequence[SignedHead]] | None = None,
        certificates: Sequence[bytes] | None = None,
    ) -> Evidence:
        """Return all that somebody has who checks *receipt*."""
        return Evidence(
            receipt=receipt,
            proof=(proof or self.proof(receipt)).to_bytes(),
            heads=tuple(map(heads_to_bytes, heads if heads is not None else [self.heads])),
            certificates=tuple(certificates if certificates is not None else [authority().pem]),
        )


def an_ordinary_world() -> tuple[World, bytes]:
    """Return a counter in its second week, and a receipt of its Monday, which is closed; Tuesday is, too."""
    world = World()
    world.fill(5)
    world.close(day_of(SOME_DAY) - timedelta(days=1))
    world.fill(3)
    receipt = world.issue()
    world.fill(2)
    world.close(day_of(SOME_DAY))
    world.fill(4)
    world.close(day_of(SOME_DAY) + timedelta(days=1))
    return world, receipt


def at(day: date, hour: int = 10) -> datetime:
    """Return an instant of a day in Lima."""
    return datetime.combine(day, time(hour), LIMA).astimezone(UTC)


def check(evidence: Evidence) -> list[Finding]:
    """Return what is found."""
    return check_receipt(evidence)


def faults(evidence: Evidence) -> dict[Check, str]:
    """Return what is wrong, by check; the last sentence of each."""
    found = check_receipt(evidence)
    return {each.check: each.text for each in found if each.outcome is Outcome.FAULT}
