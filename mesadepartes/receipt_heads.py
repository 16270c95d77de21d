"""Checking heads of the log of receipts, as published: who signed them, when they existed, that the log only grew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from mesadepartes.receipt_findings import Check, fault, in_order, unchecked
from mesadepartes.signatures import WrongSignature, check_signature, sha256
from rules import merkle
from rules.receipt_words import say_day
from rules.workdays import LIMA, in_lima
from seals.time_stamp_checks import WrongToken, check_time_stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from mesadepartes.receipt_findings import Finding
    from mesadepartes.signatures import Signer, Trust
    from rules.receipt_proofs import Growth, Head, SignedHead


@dataclass(frozen=True)
class HeadsRead:
    """
    The heads of all files, one for each day, in order, and what was found of them.

    `late` are the days whose head is signed by a certificate that began to hold long after them, and when it did.
    """

    heads: tuple[SignedHead, ...]
    findings: tuple[Finding, ...]
    late: Mapping[date, datetime]


def check_heads(
    files: Iterable[Sequence[SignedHead]], growths: Iterable[Growth], *, trust: Trust, sealer: Signer | None
) -> HeadsRead:
    """
    Check the heads of one or more files together; *sealer* is who has sealed the receipt that they are to prove.

    Whoever has kept a file of earlier gives it beside that of today: two heads of one day are then found.
    """
    given = sorted((each for heads in files for each in heads), key=lambda each: each.head.day)
    if not given:
        return HeadsRead((), (unchecked(Check.HEADS, "el archivo no tiene ninguna"),), {})
    by_day: dict[date, SignedHead] = {}
    findings = list(_check_agreement(given, by_day))
    heads = tuple(by_day.values())
    late: dict[date, datetime] = {}
    findings += _check_signers(given, trust, sealer, late)
    findings += check_growth(heads, [*(each.growth for each in given if each.growth is not None), *growths])
    findings += _check_stamps(heads, trust)
    return HeadsRead(heads, tuple(findings), late)


def _check_agreement(given: Sequence[SignedHead], by_day: dict[date, SignedHead]) -> Iterable[Finding]:
    """Yield where two heads contradict each other; fill in the one of each day."""
    log = given[0].head.log
    for each in given:
        head = each.head
        if head.log != log:
            yield fault(Check.HEADS, f"la del {say_day(head.day)} es de otro registro: {head.log}, no {log}")
        known = by_day.setdefault(head.day, each)
        if known.head != head:
            yield fault(Check.HEADS, f"hay dos cabezas distintas del {say_day(head.day)}: una fue cambiada después")
        elif known.timestamp is None and each.timestamp is not None:
            by_day[head.day] = each


def _check_signers(
    given: Sequence[SignedHead], trust: Trust, sealer: Signer | None, late: dict[date, datetime]
) -> list[Finding]:
    """Return what is found; fill in since when the heads can be that were signed late."""
    findings: list[Finding] = []
    for each in given:
        day = each.head.day
        try:
            signer = check_signature(each.signature, sha256(each.head.to_bytes()), trust=trust, since=_end_of(day))
        except WrongSignature as wrong:
            findings.append(fault(Check.HEADS, f"la del {say_day(day)}: {wrong}"))
            continue
        if problem := _signer_problem(signer, sealer):
            findings.append(fault(Check.HEADS, f"la del {say_day(day)}: la firmó «{signer.holder}»{problem}"))
        if signer.since:
            late[day] = signer.since
    return findings or [_say_signers(given, trust)]


def _signer_problem(signer: Signer, sealer: Signer | None) -> str | None:
    if signer.problem:
        return f": {signer.problem}"
    if sealer and signer.identity != sealer.identity and not signer.is_named:
        return f", y la constancia la selló «{sealer.holder}»: son de otra institución"
    return None


def _say_signers(given: Sequence[SignedHead], trust: Trust) -> Finding:
    days = f"{len(given)}, del {say_day(given[0].head.day)} al {say_day(given[-1].head.day)}, de {given[0].head.log}"
    if not trust.certificates:
        text = f"{days}; las firmas corresponden, pero para saber de quién son indique --certificate"
        return unchecked(Check.HEADS, text)
    return in_order(Check.HEADS, f"{days}; cada una firmada por la institución")


def check_growth(heads: Sequence[SignedHead], growths: Iterable[Growth]) -> list[Finding]:
    """Return whether the log only grew from each of *heads*, in their order, to the next, as *growths* prove it."""
    paths: dict[tuple[int, int], list[tuple[bytes, ...]]] = {}
    for growth in growths:
        paths.setdefault((growth.first, growth.second), []).append(growth.path)
    findings: list[Finding] = []
    for before, after in pairwise(each.head for each in heads):
        problem = _growth_problem(before, after, paths)
        if problem:
            findings.append(fault(Check.GROWTH, f"entre el {say_day(before.day)} y el {say_day(after.day)} {problem}"))
    if findings:
        return findings
    last = heads[-1].head
    receipts = "1 constancia" if last.size == 1 else f"{last.size} constancias"
    return [in_order(Check.GROWTH, f"solo creció: nada de lo registrado se quitó ni cambió; {receipts}")]


def _growth_problem(before: Head, after: Head, paths: dict[tuple[int, int], list[tuple[bytes, ...]]]) -> str | None:
    if after.size < before.size:
        return f"el registro perdió constancias: de {before.size} a {after.size}"
    if after.size == before.size:
        same = after.root == before.root
        return None if same else "el registro cambió: es otro, con el mismo número de constancias"
    known = paths.get((before.size, after.size), [()] if before.size == 0 else [])
    if not known:
        return f"falta la prueba de que el registro creció de {before.size} a {after.size}"
    if not any(_is_continued(before, after, path) for path in known):
        return "el registro cambió: algo se insertó, se quitó o se reemplazó en lo ya registrado"
    return None


def _is_continued(before: Head, after: Head, path: Sequence[bytes]) -> bool:
    return merkle.is_consistent(
        path, first=before.size, second=after.size, first_root=before.root, second_root=after.root
    )


def _check_stamps(heads: Sequence[SignedHead], trust: Trust) -> list[Finding]:
    findings: list[Finding] = []
    stamped, untrusted = 0, set[str]()
    for each in heads:
        if each.timestamp is None:
            continue
        stamped += 1
        try:
            stamp = check_time_stamp(each.timestamp, sha256(each.signature), trust.certificates)
        except WrongToken:
            text = f"el de la cabeza del {say_day(each.head.day)} no es de ella, o no es un sello de tiempo"
            findings.append(fault(Check.TIME_STAMPS, text))
            continue
        if stamp.at < _end_of(each.head.day):
            findings.append(fault(Check.TIME_STAMPS, f"el del {say_day(each.head.day)} es anterior al fin de ese día"))
        if not stamp.is_trusted:
            untrusted.add(stamp.authority)
    return findings or [_say_stamps(stamped, len(heads), untrusted)]


def _say_stamps(stamped: int, of: int, untrusted: set[str]) -> Finding:
    if not stamped:
        return unchecked(Check.TIME_STAMPS, "ninguna cabeza lleva uno")
    if untrusted:
        names = ", ".join(f"«{name}»" for name in sorted(untrusted))
        text = f"{stamped} de {of} cabezas, de {names}: para saber si es quien dice, indique su certificado también"
        return unchecked(Check.TIME_STAMPS, text)
    return in_order(Check.TIME_STAMPS, f"{stamped} de {of} cabezas, de una autoridad que usted reconoce")


def stamped_at(head: SignedHead, trust: Trust) -> datetime | None:
    """Return since when a head existed by the word of a trusted authority, if one has said so."""
    if head.timestamp is None:
        return None
    try:
        stamp = check_time_stamp(head.timestamp, sha256(head.signature), trust.certificates)
    except WrongToken:
        return None
    return in_lima(stamp.at) if stamp.is_trusted else None


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), LIMA)
