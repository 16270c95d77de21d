"""Checking that a receipt is in the log, closed on the day on which it is dated: no later, and never afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesadepartes.receipt_findings import Check, fault, in_order, unchecked
from mesadepartes.signatures import say_late
from rules import merkle
from rules.receipt_words import say_day, say_hour
from rules.workdays import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from mesadepartes.receipt_findings import Finding
    from mesadepartes.receipt_heads import HeadsRead
    from mesadepartes.receipt_reading import SealedReceipt
    from rules.receipt_proofs import Head, ReceiptProof, SignedHead
    from rules.receipts import LogHeadFacts, ReceiptFacts

WANTS_BOTH = "para saber si está en el registro de constancias, indique --proof y --heads"


def check_printed_head(facts: ReceiptFacts, heads: Sequence[SignedHead]) -> Finding:
    """Check that the head that the receipt prints is the published one of its day."""
    printed = facts.log_head
    if printed is None:
        return unchecked(Check.PRINTED_HEAD, "la constancia no cita ninguna: se emitió antes de la primera")
    if printed.day >= day_of(facts.dated_at):
        said = f"cita la del {say_day(printed.day)}, que no existía aún el {say_day(day_of(facts.dated_at))}"
        return fault(Check.PRINTED_HEAD, f"{said}: se emitió después de su fecha")
    if not heads:
        return unchecked(Check.PRINTED_HEAD, f"cita la del {say_day(printed.day)}; para compararla, indique --heads")
    published = {each.head.day: each.head for each in heads}.get(printed.day)
    if published is not None:
        return _compare(printed, published)
    if heads[0].head.day < printed.day < heads[-1].head.day:
        return fault(Check.PRINTED_HEAD, f"cita la del {say_day(printed.day)}, que no está entre las publicadas")
    return unchecked(Check.PRINTED_HEAD, f"cita la del {say_day(printed.day)}: pida las cabezas desde ese día")


def _compare(printed: LogHeadFacts, published: Head) -> Finding:
    day = say_day(printed.day)
    if (printed.size, printed.root_sha256) == (published.size, published.root.hex()):
        return in_order(Check.PRINTED_HEAD, f"la del {day}, la misma que se publicó")
    return fault(Check.PRINTED_HEAD, f"la del {day} no es la publicada: el registro se cambió después")


def check_entry(
    receipt: SealedReceipt, proof: ReceiptProof | None, read: HeadsRead, *, closed_at: datetime | None
) -> Finding:
    """
    Check that the log of the receipt's own day holds it.

    *closed_at* is since when that head existed by the word of others, if anybody's.
    """
    day, heads = day_of(receipt.facts.dated_at), read.heads
    if proof is not None and proof.sha256 != receipt.sha256:
        return fault(Check.ENTRY, "la prueba es de otro archivo: este no es la constancia que se registró")
    if proof is None or not heads:
        return unchecked(Check.ENTRY, WANTS_BOTH)
    if proof.log != heads[0].head.log:
        return fault(Check.ENTRY, f"la prueba es de otro registro: {proof.log}")
    by_day = {each.head.day: each.head for each in heads}
    if receipt.facts.is_of_before_seals:
        return _check_place(receipt, proof, by_day) or unchecked(Check.ENTRY, _say_of_before(proof))
    wrong = _check_day(receipt, proof, by_day, day)
    if wrong is None and day in read.late:
        return fault(Check.ENTRY, f"el {say_day(day)} no se cerró entonces: de su cabeza, {say_late(read.late[day])}")
    return wrong or in_order(Check.ENTRY, _say_entry(proof, day, closed_at))


def _check_day(receipt: SealedReceipt, proof: ReceiptProof, heads: dict[date, Head], day: date) -> Finding | None:
    """Return what is wrong, None if nothing is."""
    if day not in heads:
        return _say_no_head(day, max(heads), proof)
    wrong = _check_place(receipt, proof, heads)
    if wrong is None and proof.day > day:
        said = f"se registró recién con la cabeza del {say_day(proof.day)}"
        return fault(Check.ENTRY, f"{said}: el {say_day(day)}, su fecha, no existía")
    return wrong


def _check_place(receipt: SealedReceipt, proof: ReceiptProof, heads: dict[date, Head]) -> Finding | None:
    """Return what is wrong with the place in the log that the proof says, None if nothing is."""
    head = heads.get(proof.day)
    if head is None or head.size != proof.size:
        return fault(Check.ENTRY, f"la prueba es de una cabeza del {say_day(proof.day)} que no está publicada")
    leaf = merkle.leaf_hash(receipt.sha256)
    if not merkle.is_included(leaf, proof.path, index=proof.index, size=head.size, root=head.root):
        return fault(Check.ENTRY, f"la constancia no está en el registro del {say_day(proof.day)}")
    return None


def _say_no_head(day: date, last: date, proof: ReceiptProof) -> Finding:
    if proof.day > last:
        said = f"las cabezas que dio terminan el {say_day(last)}, y la prueba es de una del {say_day(proof.day)}"
        return unchecked(Check.ENTRY, f"{said}: pida las publicadas desde entonces")
    if day > last:
        return unchecked(Check.ENTRY, f"aún no hay cabeza del {say_day(day)}: se publica al terminar el día; pídala")
    return fault(Check.ENTRY, f"falta la cabeza del {say_day(day)}, la de su fecha: con otra no se prueba")


def _say_of_before(proof: ReceiptProof) -> str:
    said = f"es la n.º {proof.index + 1} del registro, y está en la cabeza del {say_day(proof.day)}"
    return f"{said}; como es de antes de los sellos, el registro no prueba su fecha"


def _say_entry(proof: ReceiptProof, day: date, closed_at: datetime | None) -> str:
    place = f"es la n.º {proof.index + 1} del registro, en la cabeza del {say_day(day)}"
    said = f"{place}: no pudo hacerse después de publicarse esta"
    if closed_at is None:
        return said
    return f"{said}; existía el {say_day(closed_at.date())} a las {say_hour(closed_at)}, según el sello de tiempo"
