"""
Checking a receipt offline: nothing is asked of the counter, of its database, or of the network.

`check_packed` is what runs in the jail, for the files may come from anybody.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mesadepartes.receipt_entry import check_entry, check_printed_head
from mesadepartes.receipt_findings import Check, Finding, fault, in_order, told, unchecked
from mesadepartes.receipt_heads import HeadsRead, check_heads, stamped_at
from mesadepartes.receipt_reading import NotAReceipt, OtherPaper, prints_its_facts, read_receipt
from mesadepartes.signatures import Trust, WrongSignature, check_seal, say_late
from rules.catalogue import Channel
from rules.proof_reading import WrongForm
from rules.receipt_proofs import ReceiptProof, heads_from_bytes
from rules.receipt_words import say_day, say_hour
from rules.workdays import day_of

if TYPE_CHECKING:
    from mesadepartes.receipt_reading import SealedReceipt
    from mesadepartes.signatures import Signer
    from rules.receipts import ReceiptFacts

CHECK = "mesadepartes.receipt_check:check_packed"
LONGEST_WAIT = timedelta(hours=1)
"""Between what somebody did on the web and its receipt's instant: the same transaction notes both."""


@dataclass(frozen=True)
class Evidence:
    """The files that somebody gives, as they are; only the receipt has to be given."""

    receipt: bytes
    proof: bytes | None = None
    heads: tuple[bytes, ...] = ()
    certificates: tuple[bytes, ...] = ()

    def pack(self) -> bytes:
        """Return all of it as the argument of `check_packed`."""
        told = {
            "receipt": _encoded(self.receipt),
            "proof": None if self.proof is None else _encoded(self.proof),
            "heads": [_encoded(each) for each in self.heads],
            "certificates": [_encoded(each) for each in self.certificates],
        }
        return json.dumps(told).encode("ascii")

    @classmethod
    def unpack(cls, data: bytes) -> Evidence:
        """Return what `pack` packed."""
        given = json.loads(data)
        return cls(
            receipt=base64.b64decode(given["receipt"]),
            proof=None if given["proof"] is None else base64.b64decode(given["proof"]),
            heads=tuple(map(base64.b64decode, given["heads"])),
            certificates=tuple(map(base64.b64decode, given["certificates"])),
        )


def check_packed(data: bytes) -> bytes:
    """Return the findings on packed evidence as JSON; with `unreadable`, in Spanish, if a file besides is none."""
    try:
        answer: dict[str, Any] = told(check_receipt(Evidence.unpack(data)))
    except Unreadable as wrong:
        answer = {"unreadable": str(wrong)}
    return json.dumps(answer).encode()


class Unreadable(Exception):
    """A file that was given beside the receipt is not what it should be; the message says in Spanish which."""


def check_receipt(evidence: Evidence) -> list[Finding]:
    """
    Return what is found, in the order in which it is told.

    Raises:
        Unreadable: proof, heads or certificates are not of their form.
    """
    trust, proof, files = _read_besides(evidence)
    try:
        receipt = read_receipt(evidence.receipt)
    except NotAReceipt as wrong:
        return [fault(Check.FILE, f"no es una constancia sellada de una mesa de partes digital: {wrong}")]
    sealer, findings = _check_seal(receipt, trust)
    findings += [_check_facts(receipt), _check_dates(receipt.facts)]
    heads = HeadsRead((), (), {})
    if files:
        heads = check_heads(files, proof.growths if proof else (), trust=trust, sealer=sealer)
    dated = next((each for each in heads.heads if each.head.day == day_of(receipt.facts.dated_at)), None)
    closed_at = stamped_at(dated, trust) if dated else None
    return [
        _describe(receipt.facts),
        *findings,
        *heads.findings,
        check_printed_head(receipt.facts, heads.heads),
        check_entry(receipt, proof, heads, closed_at=closed_at),
    ]


def _read_besides(evidence: Evidence) -> tuple[Trust, ReceiptProof | None, list[tuple[Any, ...]]]:
    what = "certificado"
    try:
        trust = Trust.of_files(evidence.certificates)
        what = "archivo de prueba"
        proof = None if evidence.proof is None else ReceiptProof.from_bytes(evidence.proof)
        what = "archivo de cabezas"
        return trust, proof, [heads_from_bytes(each) for each in evidence.heads]
    except WrongForm as wrong:
        raise Unreadable(f"El {what} no es tal: {wrong}.") from None


def _describe(facts: ReceiptFacts) -> Finding:
    issued = f"emitida el {say_day(day_of(facts.dated_at))} a las {say_hour(facts.dated_at)}, hora del Perú"
    return in_order(Check.FILE, f"{facts.kind.label} {facts.number} de {facts.entity}, {issued}")


def _check_seal(receipt: SealedReceipt, trust: Trust) -> tuple[Signer | None, list[Finding]]:
    try:
        sealer = check_seal(receipt.cms, receipt.unsealed.digest, trust=trust, since=receipt.facts.dated_at)
    except WrongSignature as wrong:
        return None, [fault(Check.SEAL, f"{wrong}: el archivo se cambió después de sellarlo")]
    if not receipt.is_canonical:
        return sealer, [fault(Check.SEAL, "no está escrito como lo escribe la mesa de partes")]
    sealed = in_order(Check.SEAL, "intacto, y cubre todo el archivo: ningún byte cambió desde que se selló")
    return sealer, [sealed, _judge_sealer(sealer, receipt.facts, trust)]


def _judge_sealer(sealer: Signer, facts: ReceiptFacts, trust: Trust) -> Finding:
    said = f"«{sealer.holder}», emitido por «{sealer.issuer}»"
    if sealer.problem:
        return fault(Check.CERTIFICATE, f"{said}: {sealer.problem}")
    if facts.is_of_before_seals:
        return unchecked(Check.CERTIFICATE, f"{said}: es de antes de los sellos, y se selló después de emitirla")
    if sealer.since:
        return fault(Check.CERTIFICATE, f"{said}: {say_late(sealer.since)}, después de esa fecha")
    if facts.seal is None or facts.seal.holder != sealer.holder:
        named = f"«{facts.seal.holder}»" if facts.seal else "nadie"
        return fault(Check.CERTIFICATE, f"{said}, y la constancia dice que la sella {named}")
    if not trust.certificates:
        return unchecked(Check.CERTIFICATE, f"dice ser {said}; para saberlo, indique --certificate")
    if sealer.is_for_development:
        return unchecked(Check.CERTIFICATE, f"{said}: es un sello de PRUEBA, no vale ante nadie")
    if not sealer.is_named:
        backed = f"{said}; lo respalda una autoridad que usted dio, y valía en esa fecha"
        return in_order(Check.CERTIFICATE, f"{backed}. Vea que ese titular sea {facts.entity}")
    return in_order(Check.CERTIFICATE, f"{said}; es el que usted dio, y valía en esa fecha")


def _check_facts(receipt: SealedReceipt) -> Finding:
    try:
        is_same = prints_its_facts(receipt)
    except OtherPaper as paper:
        return unchecked(Check.FACTS, f"use el programa de la versión que conoce el diseño {paper}, que este no tiene")
    if not is_same:
        return fault(Check.FACTS, "lo que se lee en la constancia no es lo que dicen los datos que lleva adjuntos")
    return in_order(Check.FACTS, "lo que se lee es lo que dicen los datos adjuntos, y nada más")


def _check_dates(facts: ReceiptFacts) -> Finding:
    waited = facts.dated_at - facts.done_at
    if waited < -LONGEST_WAIT:
        return fault(Check.DATES, "se emitió antes de lo que certifica")
    if waited <= LONGEST_WAIT:
        return in_order(Check.DATES, "se emitió al momento de lo que certifica")
    done = f"{say_day(day_of(facts.done_at))} a las {say_hour(facts.done_at)}"
    if facts.channel is Channel.WEB:
        return fault(Check.DATES, f"certifica lo del {done}, y se emitió más de una hora después: no es de ese momento")
    return in_order(Check.DATES, f"certifica un correo del {done}, que se atendió después")


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
