"""Checking receipts offline: what is as it was issued passes, and each thing that is not is found and named."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from mesadepartes.receipt_check import Evidence, Unreadable
from mesadepartes.receipt_findings import Check, Finding, Outcome
from mesadepartes.receipt_heads import check_growth
from receipts.batches import sealed
from receipts.writer import render
from rules.catalogue import Channel, DocumentKind, ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.people import IdentityKind
from rules.receipt_proofs import Growth, Head, SignedHead
from rules.receipts import (
    FIRST_LAYOUT,
    FoliosCount,
    Identification,
    Letterhead,
    LogHeadFacts,
    ReceiptFacts,
    SealFacts,
)
from rules.workdays import day_of
from tests.receipt_world import SOME_DAY, World, an_ordinary_world, at, check, faults, real_seal
from tests.seals import authority, curve_key, issue, make_authority, make_seal

TODAY = day_of(SOME_DAY)

OTHERS: dict[str, Any] = {
    "kind": ReceiptKind.VOIDING,
    "entity": "Municipalidad de Otra Parte",
    "unit": "Otra unidad",
    "office": "Sede Central",
    "number": "MPD-2026-000002-X",
    "verification_code": "AAAA-BBBB-CCCC-DDDD",
    "verify_url": "https://otra.example.gob.pe/v/AAAA-BBBB-CCCC-DDDD",
    "sent_at": SOME_DAY - timedelta(seconds=1),
    "acted_at": SOME_DAY + timedelta(seconds=1),
    "filed_on": date(2026, 3, 6),
    "filing_policy": "B",
    "calendar_version": "2026-2",
    "skipped_days": (),
    "channel": Channel.EMAIL,
    "applicant": "Otra Persona",
    "identified_by": Identification.VERIFIED,
    "identity_kind": IdentityKind.CE,
    "identity_number": "45671280",
    "organization": "Otra S.A.C.",
    "ruc": "20131370646",
    "email": "otra@example.pe",
    "mobile": "987654320",
    "document_kind": DocumentKind.LETTER,
    "document_number": "12-2026",
    "subject": "Solicita otra cosa",
    "folios": 12,
    "folios_count": FoliosCount.CLERK,
    "status": TramiteStatus.RESOLVED,
    "missing": ("El documento principal.",),
    "next_steps": "Nada.",
    "limits": "Es una aprobación.",
    "version": 2,
    "correction": "Otra subsanación",
    "issued_at": SOME_DAY + timedelta(seconds=2),
    "entity_ruc": "20131370649",
    "letterhead": Letterhead(accent="#004080"),
    "seal": SealFacts(holder="Otro titular", issuer="CA de las pruebas", is_for_development=False),
    "log_head": LogHeadFacts(day=date(2026, 3, 8), size=6, root_sha256="ab" * 32),
}


class Told(ReceiptFacts):
    """Facts that print one thing, and attach another."""

    def to_bytes(self) -> bytes:
        """Return what the attachment says."""
        return ATTACHED[self.number]


ATTACHED: dict[str, bytes] = {}


def altered(facts: ReceiptFacts, name: str) -> ReceiptFacts:
    """Return *facts* with another value in one field."""
    if name == "files":
        main, *others = facts.files
        return replace(facts, files=(replace(main, sha256=hashlib.sha256(b"another").hexdigest()), *others))
    if name == "correction":
        facts = replace(facts, version=2)
    if name == "acted_at":
        facts = replace(facts, kind=ReceiptKind.RECEPTION)
    return replace(facts, **{name: OTHERS[name]})


def two_faced(world: World, printed: ReceiptFacts, attached: ReceiptFacts) -> bytes:
    """Return a receipt, sealed with the real key, that prints other facts than it has attached."""
    ATTACHED[printed.number] = attached.to_bytes()
    unsealed = render(
        Told(**{each.name: getattr(printed, each.name) for each in fields(printed)}), room=world.seal.room
    )
    return sealed(unsealed, world.seal.sign(unsealed.digest))


def test_receipt_as_it_was_issued_is_in_order() -> None:
    world, receipt = an_ordinary_world()

    found = check(world.evidence(receipt))

    assert {each.check: each.outcome for each in found} == {
        **dict.fromkeys(Check, Outcome.IN_ORDER),
        Check.TIME_STAMPS: Outcome.UNCHECKED,
    }


def test_what_is_not_given_is_not_checked_and_asked_for() -> None:
    _, receipt = an_ordinary_world()

    found = check(Evidence(receipt))

    missing = {each.check: each.text for each in found if each.outcome is Outcome.UNCHECKED}
    assert set(missing) == {Check.CERTIFICATE, Check.PRINTED_HEAD, Check.ENTRY}
    assert "--certificate" in missing[Check.CERTIFICATE]
    assert "--heads" in missing[Check.PRINTED_HEAD]
    assert "--proof y --heads" in missing[Check.ENTRY]


@pytest.mark.parametrize("name", [each.name for each in fields(ReceiptFacts) if each.name != "layout"])
def test_receipt_altered_in_a_fact_and_sealed_anew_is_not_in_the_log(name: str) -> None:
    world, receipt = an_ordinary_world()
    facts = world_facts(world)
    forged = world.sealed(altered(facts, name))

    found = faults(replace(world.evidence(receipt), receipt=forged))

    assert found[Check.ENTRY] == "la prueba es de otro archivo: este no es la constancia que se registró"
    assert Check.SEAL not in found


@pytest.mark.parametrize("name", [each.name for each in fields(ReceiptFacts) if each.name != "layout"])
def test_receipt_altered_in_a_fact_with_a_proof_that_fits_it_is_not_in_the_head(name: str) -> None:
    world, receipt = an_ordinary_world()
    forged = world.sealed(altered(world_facts(world), name))
    proof = replace(world.proof(receipt), sha256=hashlib.sha256(forged).digest())

    found = faults(world.evidence(forged, proof))

    assert found[Check.ENTRY].startswith("la constancia no está en el registro del")


@pytest.mark.parametrize("name", [each.name for each in fields(ReceiptFacts) if each.name != "layout"])
def test_receipt_that_prints_another_fact_than_it_attaches_is_found(name: str) -> None:
    world, _ = an_ordinary_world()
    facts = world_facts(world)
    forged = two_faced(world, altered(facts, name), facts)

    found = faults(Evidence(forged))

    assert found == {Check.FACTS: "lo que se lee en la constancia no es lo que dicen los datos que lleva adjuntos"}


def world_facts(world: World) -> ReceiptFacts:
    """Return the facts of the receipt of the ordinary world."""
    first = world.heads[0].head
    head = LogHeadFacts(day=first.day, size=first.size, root_sha256=first.root.hex())
    return replace(world.facts(), log_head=head)


def test_every_single_byte_counts() -> None:
    world, receipt = an_ordinary_world()
    evidence = world.evidence(receipt, world.proof(receipt))

    for place in range(0, len(receipt), 997):
        changed = bytearray(receipt)
        changed[place] ^= 1
        found = faults(replace(evidence, receipt=bytes(changed)))
        assert found, place


def test_file_with_something_added_to_it_is_found() -> None:
    _, receipt = an_ordinary_world()

    found = faults(Evidence(receipt + b"\n% added\n"))

    assert list(found) == [Check.FILE]


def test_receipt_inserted_at_the_end_once_its_day_is_closed_is_found() -> None:
    world, _ = an_ordinary_world()
    late = world.issue(replace(world_facts(world), number="MPD-2026-000009-K"))
    world.close(TODAY + timedelta(days=2))

    found = faults(world.evidence(late))

    assert found == {
        Check.ENTRY: "se registró recién con la cabeza del 11/03/2026: el 09/03/2026, su fecha, no existía"
    }


def test_receipt_inserted_in_the_middle_does_not_fit_the_heads_that_were_published() -> None:
    world, _ = an_ordinary_world()
    late = world.sealed(replace(world_facts(world), number="MPD-2026-000009-K"))
    rebuilt = world.rebuilt([*world.entries[:7], hashlib.sha256(late).digest(), *world.entries[7:]])

    proof = replace(rebuilt.proof(late), size=world.heads[1].head.size)

    found = faults(world.evidence(late, proof, [world.heads]))

    assert found == {Check.ENTRY: "la constancia no está en el registro del 09/03/2026"}


def test_heads_signed_anew_over_an_inserted_receipt_contradict_those_that_somebody_kept() -> None:
    world, _ = an_ordinary_world()
    late = world.sealed(replace(world_facts(world), number="MPD-2026-000009-K"))
    rebuilt = world.rebuilt([*world.entries[:7], hashlib.sha256(late).digest(), *world.entries[7:]])
    kept = world.heads[1:2]

    found = faults(world.evidence(late, rebuilt.proof(late), [rebuilt.heads, kept]))

    assert found[Check.HEADS] == "hay dos cabezas distintas del 09/03/2026: una fue cambiada después"


def test_heads_signed_anew_contradict_a_receipt_of_a_later_day() -> None:
    world, _ = an_ordinary_world()
    witness = world.issue(world.facts(at(TODAY + timedelta(days=2))))
    world.close(TODAY + timedelta(days=2))
    rebuilt = world.rebuilt([*world.entries[:7], hashlib.sha256(b"late").digest(), *world.entries[7:]])

    found = faults(rebuilt.evidence(witness))

    assert found == {Check.PRINTED_HEAD: "la del 10/03/2026 no es la publicada: el registro se cambió después"}


@pytest.mark.parametrize("removed", [2, 10, 13])
def test_log_with_an_entry_removed_cannot_be_proven_to_have_only_grown(removed: int) -> None:
    world, receipt = an_ordinary_world()
    less = World(entries=[*world.entries[:removed], *world.entries[removed + 1 :]], heads=list(world.heads))
    less.fill(6)
    less.close(TODAY + timedelta(days=2))

    found = faults(world.evidence(receipt, world.proof(receipt), [less.heads]))

    assert found == {
        Check.GROWTH: "entre el 10/03/2026 y el 11/03/2026 el registro cambió: algo se insertó, se quitó o se "
        "reemplazó en lo ya registrado"
    }


def test_log_that_lost_its_last_entry_is_found() -> None:
    world, receipt = an_ordinary_world()
    proof = world.proof(receipt)
    world.entries.pop()
    less = World(entries=world.entries, heads=[])
    last = less.close(TODAY + timedelta(days=2))

    found = faults(world.evidence(receipt, proof, [[*world.heads, last]]))

    assert found == {Check.GROWTH: "entre el 10/03/2026 y el 11/03/2026 el registro perdió constancias: de 15 a 14"}


def test_log_of_the_same_length_with_another_entry_is_found() -> None:
    world, receipt = an_ordinary_world()
    proof = world.proof(receipt)
    other = World(entries=[*world.entries[:-1], hashlib.sha256(b"another").digest()])
    last = other.close(TODAY + timedelta(days=2))

    found = faults(world.evidence(receipt, proof, [[*world.heads, last]]))

    assert found[Check.GROWTH].endswith("el registro cambió: es otro, con el mismo número de constancias")


def test_growth_without_its_proof_is_a_fault_for_who_publishes_can_give_it() -> None:
    world, receipt = an_ordinary_world()
    bare = [replace(each, after=None, path=()) for each in world.heads]

    found = faults(world.evidence(receipt, world.proof(receipt), [bare]))

    assert found[Check.GROWTH].endswith("falta la prueba de que el registro creció de 11 a 15")


@pytest.mark.parametrize(("size", "said"), [(1, "; 1 constancia"), (2, "; 2 constancias")])
def test_how_many_receipts_there_are_is_said_as_one_says_it(size: int, said: str) -> None:
    heads = [SignedHead(head=Head(log="x", day=day_of(SOME_DAY), size=size, root=bytes(32)), signature=b"")]

    [growth] = check_growth(heads, [])

    assert growth.text.endswith(said)


def test_growth_may_be_proven_by_the_proof_file() -> None:
    world, receipt = an_ordinary_world()
    bare = [replace(each, after=None, path=()) for each in world.heads]
    growths = tuple(Growth(first=a, second=b, path=world.path(a, b)) for a, b in ((5, 11), (11, 15)))
    proof = world.proof(receipt, growths=growths)

    assert faults(world.evidence(receipt, proof, [bare])) == {}


def test_head_in_the_place_of_another_is_found() -> None:
    world, receipt = an_ordinary_world()
    proof = world.proof(receipt)
    first, second, third = world.heads
    swapped = [first, replace(second, signature=third.signature), third]

    found = faults(world.evidence(receipt, proof, [swapped]))

    assert found == {Check.HEADS: "la del 09/03/2026: es la firma de otro contenido"}


def test_head_that_says_another_day_is_found() -> None:
    world, _ = an_ordinary_world()
    late = world.issue(replace(world_facts(world), number="MPD-2026-000009-K"))
    last = world.close(TODAY + timedelta(days=2))
    moved = replace(last, head=replace(last.head, day=TODAY))
    proof = replace(world.proof(late), day=TODAY)

    found = faults(world.evidence(late, proof, [[world.heads[0], moved]]))

    assert found[Check.HEADS] == "la del 09/03/2026: es la firma de otro contenido"


def test_head_of_another_institution_is_found() -> None:
    world, receipt = an_ordinary_world()
    proof = world.proof(receipt)
    other = World(log="https://otra.example.gob.pe", seal=real_seal("Otra institución", 77), entries=world.entries)
    foreign = other.close(TODAY + timedelta(days=2))

    found = faults(world.evidence(receipt, proof, [[*world.heads, foreign]]))

    assert found[Check.HEADS].startswith("la del 11/03/2026: la firmó «Otra institución», y la constancia la selló")


def test_head_of_another_log_of_the_same_institution_is_found() -> None:
    world, receipt = an_ordinary_world()
    proof = world.proof(receipt)
    other = World(log="https://otra.example.gob.pe", seal=world.seal, entries=world.entries)
    foreign = other.close(TODAY + timedelta(days=2))

    found = check(world.evidence(receipt, proof, [[*world.heads, foreign]]))

    texts = [each.text for each in found if each.outcome is Outcome.FAULT]
    assert texts == [
        "la del 11/03/2026 es de otro registro: https://otra.example.gob.pe, no https://mesadepartes.example.gob.pe"
    ]


def test_heads_all_of_another_institution_prove_nothing_of_this_receipt() -> None:
    world, receipt = an_ordinary_world()
    other, _ = an_ordinary_world()
    other = other.rebuilt([hashlib.sha256(b"other" + each).digest() for each in other.entries])
    foreign = World(log="https://otra.example.gob.pe", seal=real_seal("Otra institución", 77), heads=[])
    foreign.heads = [foreign.signed(replace(each.head, log=foreign.log), each.after, each.path) for each in other.heads]

    found = faults(world.evidence(receipt, world.proof(receipt), [foreign.heads]))

    assert {Check.HEADS, Check.PRINTED_HEAD, Check.ENTRY} <= set(found)


def test_head_signed_anew_over_other_content_is_not_the_one_that_a_later_receipt_prints() -> None:
    world, _ = an_ordinary_world()
    witness = world.issue(world.facts(at(TODAY + timedelta(days=2))))
    closed = world.close(TODAY + timedelta(days=2))
    first, second, third, _ = world.heads
    other = world.signed(replace(third.head, size=third.head.size - 1, root=bytes(32)), third.after, third.path)

    found = faults(world.evidence(witness, world.proof(witness), [[first, second, other, closed]]))

    assert found[Check.PRINTED_HEAD] == "la del 10/03/2026 no es la publicada: el registro se cambió después"


def test_receipt_that_prints_a_head_of_after_its_date_is_found() -> None:
    world, _ = an_ordinary_world()
    forged = world.issue(world.facts())
    world.close(TODAY + timedelta(days=2))

    found = faults(world.evidence(forged))

    assert found[Check.PRINTED_HEAD] == (
        "cita la del 10/03/2026, que no existía aún el 09/03/2026: se emitió después de su fecha"
    )


def test_printed_head_that_is_not_among_the_published_is_found() -> None:
    world, _ = an_ordinary_world()
    facts = world.facts(at(TODAY + timedelta(days=2)))
    witness = world.issue(facts)
    world.close(TODAY + timedelta(days=2))
    without = [each for each in world.heads if each.head.day != TODAY + timedelta(days=1)]

    found = faults(world.evidence(witness, world.proof(witness), [without]))

    assert found[Check.PRINTED_HEAD] == "cita la del 10/03/2026, que no está entre las publicadas"


def test_head_of_the_receipts_own_day_must_be_there() -> None:
    world, receipt = an_ordinary_world()
    without = [each for each in world.heads if each.head.day != TODAY]

    found = faults(world.evidence(receipt, world.proof(receipt), [without]))

    assert found[Check.ENTRY] == "falta la cabeza del 09/03/2026, la de su fecha: con otra no se prueba"


def test_receipt_of_a_day_that_is_not_over_waits_for_its_head() -> None:
    world, _ = an_ordinary_world()
    fresh = world.issue(world.facts(at(TODAY + timedelta(days=2))))

    found = check(replace(world.evidence(fresh, world.proof(fresh, head=_open_head(world)))))

    assert found[-1] == Finding(
        Check.ENTRY, Outcome.UNCHECKED, "aún no hay cabeza del 11/03/2026: se publica al terminar el día; pídala"
    )


def test_heads_that_end_before_the_proof_prove_nothing_and_later_ones_are_asked_for() -> None:
    world, receipt = an_ordinary_world()

    found = check(world.evidence(receipt, world.proof(receipt), [world.heads[:1]]))

    said = "las cabezas que dio terminan el 08/03/2026, y la prueba es de una del 09/03/2026"
    assert found[-1] == Finding(Check.ENTRY, Outcome.UNCHECKED, f"{said}: pida las publicadas desde entonces")


def _open_head(world: World) -> Any:
    return replace(world.heads[-1].head, size=len(world.entries))


def test_certificate_that_had_expired_is_named() -> None:
    ended = SOME_DAY - timedelta(days=1)
    expired = make_seal(lambda: ended, issued=issue(curve_key(20260310), holder="Instituto de las pruebas", ends=ended))
    world = World(seal=expired)

    found = faults(Evidence(world.sealed(world.facts()), certificates=(authority().pem,)))

    assert found == {
        Check.CERTIFICATE: "«Instituto de las pruebas», emitido por «CA de las pruebas»: el certificado había vencido "
        "el 08/03/2026, antes de esa fecha"
    }


def test_certificate_of_afterwards_is_named() -> None:
    began = SOME_DAY + timedelta(days=60)
    later = make_seal(lambda: began, issued=issue(curve_key(5), holder="Instituto de las pruebas", begins=began))
    world = World(seal=later)

    found = faults(Evidence(world.sealed(world.facts()), certificates=(authority().pem,)))

    assert found[Check.CERTIFICATE].endswith("empezó a valer recién el 08/05/2026, después de esa fecha")


def _an_upgraded_world() -> tuple[World, bytes, bytes]:
    """Return a counter whose first certificate began long after its oldest receipt, that receipt, and a later one."""
    began = SOME_DAY - timedelta(days=1)
    issued = issue(curve_key(20260310), holder="Instituto de las pruebas", begins=began)
    world = World(seal=make_seal(lambda: SOME_DAY, issued=issued))
    old = SOME_DAY - timedelta(days=60)
    of_before = world.issue(
        replace(world.facts(old), layout=FIRST_LAYOUT, issued_at=None, seal=None, log_head=None, entity_ruc=None)
    )
    for number in range(60, 0, -1):
        world.close(day_of(SOME_DAY) - timedelta(days=number))
    receipt = world.issue()
    world.close()
    return world, of_before, receipt


def test_receipt_of_before_seals_has_no_fault_and_its_date_no_proof() -> None:
    world, of_before, _ = _an_upgraded_world()

    found = {each.check: each for each in check(world.evidence(of_before))}

    assert not {name: each.text for name, each in found.items() if each.outcome is Outcome.FAULT}
    assert found[Check.CERTIFICATE].outcome is found[Check.ENTRY].outcome is Outcome.UNCHECKED
    assert found[Check.CERTIFICATE].text.endswith("es de antes de los sellos, y se selló después de emitirla")
    assert found[Check.ENTRY].text.endswith("como es de antes de los sellos, el registro no prueba su fecha")


def test_receipt_of_before_seals_must_be_where_its_proof_says() -> None:
    world, of_before, receipt = _an_upgraded_world()
    elsewhere = replace(world.proof(receipt), sha256=world.proof(of_before).sha256)

    found = faults(world.evidence(of_before, elsewhere))

    assert found == {Check.ENTRY: "la constancia no está en el registro del 09/03/2026"}


def test_heads_of_before_the_first_certificate_are_no_fault_of_later_receipts() -> None:
    world, _, receipt = _an_upgraded_world()

    assert not faults(world.evidence(receipt))


def test_day_whose_head_was_signed_long_after_it_proves_nothing() -> None:
    world, _, _ = _an_upgraded_world()
    backdated = world.issue(replace(world.facts(SOME_DAY - timedelta(days=50)), log_head=None))
    world.heads.clear()
    for number in range(60, 0, -1):
        world.close(day_of(SOME_DAY) - timedelta(days=number))
    proof = world.proof(backdated, head=world.heads[10].head)

    found = faults(world.evidence(backdated, proof))

    assert found[Check.ENTRY] == (
        "el 18/01/2026 no se cerró entonces: de su cabeza, el certificado empezó a valer recién el 08/03/2026"
    )


def test_wrong_authority_is_named() -> None:
    world, receipt = an_ordinary_world()
    other = make_authority("Otra CA", key=curve_key(4))

    found = faults(world.evidence(receipt, world.proof(receipt), None, [other.pem]))

    assert found[Check.CERTIFICATE].endswith("no lo respalda ninguno de los certificados que usted dio")
    assert "no lo respalda" in found[Check.HEADS]


def test_authority_of_the_same_name_is_not_the_same() -> None:
    _, receipt = an_ordinary_world()
    impostor = make_authority(key=curve_key(4))

    found = faults(Evidence(receipt, certificates=(impostor.pem,)))

    assert set(found) == {Check.CERTIFICATE}


def test_institutions_own_certificate_will_do() -> None:
    world, receipt = an_ordinary_world()
    proof = world.proof(receipt)

    found = check(world.evidence(receipt, proof, None, [world.seal.certificates[0]]))

    assert found[2].check is Check.CERTIFICATE
    assert {each.outcome for each in found if each.check is not Check.TIME_STAMPS} == {Outcome.IN_ORDER}


def test_somebody_else_under_the_same_authority_is_left_to_the_eye() -> None:
    world = World(seal=real_seal("Otra institución", 77))
    receipt = world.issue()

    by_authority, by_name = (
        next(each.text for each in check(Evidence(receipt, certificates=(pem,))) if each.check is Check.CERTIFICATE)
        for pem in (authority().pem, world.seal.certificates[0])
    )

    assert by_authority.startswith("«Otra institución»")
    assert by_authority.endswith(f"Vea que ese titular sea {world.facts().entity}")
    assert by_name.endswith("es el que usted dio, y valía en esa fecha")


def test_seal_of_somebody_else_than_it_says_is_found() -> None:
    world, other = World(), World(seal=real_seal("Otra institución", 77))

    found = faults(Evidence(other.sealed(world.facts()), certificates=(authority().pem,)))

    assert found == {
        Check.CERTIFICATE: "«Otra institución», emitido por «CA de las pruebas», y la constancia dice que la sella "
        "«Instituto de las pruebas»"
    }


def test_seal_for_development_is_never_in_order() -> None:
    world = World(seal=make_seal(lambda: SOME_DAY))

    found = check(Evidence(world.sealed(world.facts()), certificates=(authority().pem,)))

    [certificate] = [each for each in found if each.check is Check.CERTIFICATE]
    assert certificate.outcome is Outcome.UNCHECKED
    assert certificate.text.endswith("es un sello de PRUEBA, no vale ante nadie")


def test_receipt_of_the_web_is_issued_at_once() -> None:
    world = World()
    facts = replace(world.facts(), sent_at=SOME_DAY - timedelta(hours=1, seconds=1))

    found = faults(Evidence(world.sealed(facts)))

    assert set(found) == {Check.DATES}


def test_receipt_of_a_mail_may_be_issued_later_but_never_before_it() -> None:
    world = World()
    mailed = replace(world.facts(), channel=Channel.EMAIL)
    late = replace(mailed, sent_at=SOME_DAY - timedelta(days=2))
    early = replace(mailed, sent_at=SOME_DAY + timedelta(hours=2))

    assert faults(Evidence(world.sealed(late))) == {}
    assert faults(Evidence(world.sealed(early))) == {Check.DATES: "se emitió antes de lo que certifica"}


def test_proof_of_another_log_is_found() -> None:
    world, receipt = an_ordinary_world()
    proof = replace(world.proof(receipt), log="https://otra.example.gob.pe")

    found = faults(world.evidence(receipt, proof))

    assert found == {Check.ENTRY: "la prueba es de otro registro: https://otra.example.gob.pe"}


def test_proof_of_a_head_that_was_not_published_is_found() -> None:
    world, receipt = an_ordinary_world()
    proof = world.proof(receipt, head=replace(world.heads[1].head, size=10))

    found = faults(world.evidence(receipt, proof))

    assert found == {Check.ENTRY: "la prueba es de una cabeza del 09/03/2026 que no está publicada"}


@pytest.mark.parametrize("given", ["proof", "heads", "certificates"])
def test_file_that_is_none_is_told_apart_from_a_fault(given: str) -> None:
    world, receipt = an_ordinary_world()
    wrong: Any = b"nothing" if given == "proof" else (b"nothing",)

    with pytest.raises(Unreadable):
        check(replace(world.evidence(receipt), **{given: wrong}))


def test_line_is_one_line_whatever_the_receipt_says() -> None:
    finding = Finding(Check.FILE, Outcome.FAULT, "uno\n✓ Archivo: bien\x1b[2K")

    assert finding.line() == "✗ Archivo: uno\ufffd✓ Archivo: bien\ufffd[2K."


def test_certificate_that_is_not_for_sealing_is_named() -> None:
    world = World(seal=make_seal(lambda: SOME_DAY, issued=issue(curve_key(9), usages=("key_encipherment",))))

    found = faults(Evidence(world.sealed(world.facts()), certificates=(authority().pem,)))

    assert found[Check.CERTIFICATE].endswith("no es un certificado para sellar")


def test_signature_that_is_good_and_written_otherwise_is_found() -> None:
    world = World()
    unsealed = render(world.facts(), room=world.seal.room)
    written = world.seal.sign(unsealed.digest)
    version = written.index(b"\x02\x01\x01")  # of the signed data; it is not signed
    otherwise = written[: version + 2] + b"\x03" + written[version + 3 :]

    found = faults(Evidence(sealed(unsealed, otherwise)))

    assert found[Check.SEAL].startswith("no está escrita como la escribe la mesa de partes")
