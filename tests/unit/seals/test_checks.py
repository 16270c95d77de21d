"""The offline check of a seal: each flipped byte of a sealed receipt is noticed, and who is not trusted is told."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pytest
from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from mesadepartes.clock import now
from receipts.batches import Unsealed, sealed
from receipts.writer import render
from seals.checks import SealedPart, SealProblem, check_detached, check_sealed, read_sealed
from seals.keys import KeySigner
from seals.seal import Seal
from tests.readers import PdfSig, ask_pyhanko, why_missing
from tests.seals import Issued, authority, curve_key, issue, make_authority, make_seal, seal_certificate
from tests.unit.receipts.samples import USUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = b"mesa de partes digital / registro de constancias\n2026-03-09\n"
DIGEST = sha256(HEAD).digest()
AT = datetime(2026, 3, 9, tzinfo=UTC)
TRUSTED = (authority().certificate,)


class Receipt(NamedTuple):
    content: bytes
    unsealed: Unsealed
    part: SealedPart

    @property
    def hole(self) -> range:
        """Where the signature is written, brackets included."""
        return range(self.unsealed.start, self.unsealed.end)


@cache
def receipt() -> Receipt:
    seal = make_seal()
    unsealed, cms = next(pair for pair in _signed(seal) if len(pair[1]) < seal.room)  # so that there is padding
    content = sealed(unsealed, cms)
    part = read_sealed(content)
    assert part is not None
    assert part == SealedPart(cms, unsealed.digest, seal.room)
    return Receipt(content, unsealed, part)


def _signed(seal: Seal) -> Iterator[tuple[Unsealed, bytes]]:
    for folios in count(1):
        unsealed = render(replace(USUAL, folios=folios), room=seal.room)
        yield unsealed, seal.sign(unsealed.digest)


def flipped(content: bytes, place: int, bits: int = 1) -> bytes:
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


def test_a_sealed_receipt_has_no_problems() -> None:
    verdict = check_sealed(receipt().content, TRUSTED, at=AT)

    assert verdict.problems == ()
    assert verdict.certificate == seal_certificate().certificate


def test_each_flipped_byte_outside_of_the_signature_changes_what_was_signed() -> None:
    """Any other digest than that which was signed is a problem, as the next test shows."""
    found = receipt()
    content = bytearray(found.content)
    unnoticed: list[int] = []

    for place in (*range(found.hole.start), *range(found.hole.stop, len(content))):
        content[place] ^= 1
        part = read_sealed(bytes(content))
        if part is not None and part.digest == found.part.digest:
            unnoticed.append(place)
        content[place] ^= 1

    assert unnoticed == []
    assert len(content) > 40_000


def test_a_digest_that_was_not_signed_is_a_problem() -> None:
    other = sha256(b"otra constancia").digest()

    assert check_detached(receipt().part.cms, other, TRUSTED, at=AT).problems == (SealProblem.OTHER_CONTENT,)


@pytest.mark.parametrize("quarter", range(4))
def test_each_flipped_byte_of_the_signature_is_noticed(quarter: int) -> None:
    """One that makes another digit of a digit; those in the padding are among them."""
    found = receipt()
    unnoticed = [
        place
        for place in found.hole[quarter::4]
        if not check_sealed(flipped(found.content, place), TRUSTED, at=AT).problems
    ]

    assert unnoticed == []


@pytest.mark.parametrize("bits", [0x20, 0x10, 0x80])
def test_no_byte_of_the_signature_may_be_written_otherwise(bits: int) -> None:
    """A small letter for a capital, a blank, what is no digit: readers of PDF skip or read them all the same."""
    found = receipt()

    for place in found.hole:
        assert read_sealed(flipped(found.content, place, bits)) is None


def test_no_byte_may_be_added_or_be_missing() -> None:
    content = receipt().content

    for other in (content + b"\n", content[:-1], content + b"\n%%EOF\n", b"\n" + content, content[1:], b""):
        assert check_sealed(other, TRUSTED, at=AT).problems == (SealProblem.NOT_SEALED,)


def test_longer_padding_is_no_seal_of_ours() -> None:
    seal = make_seal()
    unsealed = render(USUAL, room=seal.room + 8)

    roomy = sealed(unsealed, seal.sign(unsealed.digest))

    assert SealProblem.MALFORMED in check_sealed(roomy, TRUSTED, at=AT).problems


def test_a_receipt_that_is_not_sealed_is_told() -> None:
    assert check_sealed(receipt().unsealed.content, TRUSTED, at=AT).problems == (SealProblem.NOT_SEALED,)
    assert check_sealed(b"%PDF-1.7\n", TRUSTED, at=AT).problems == (SealProblem.NOT_SEALED,)


def test_words_that_look_like_a_place_of_a_signature_do_not_confuse() -> None:
    seal = make_seal()
    words = "/ByteRange[0          1          2          3] /ByteRange[0 0 0 0]"
    unsealed = render(replace(USUAL, subject=words, entity=words), room=seal.room)

    assert check_sealed(sealed(unsealed, seal.sign(unsealed.digest)), TRUSTED, at=AT).problems == ()


def test_readers_notice_what_they_should() -> None:
    """pyHanko, at places all over what is signed."""
    found = receipt()
    verdicts = [_is_fine(flipped(found.content, place)) for place in _signed_places(found, 150)]

    assert _is_fine(found.content)
    assert len(verdicts) >= 150
    assert not any(verdicts)


def test_pdfsig_notices_what_it_should(tmp_path_factory: pytest.TempPathFactory) -> None:
    if reason := why_missing():
        pytest.skip(reason)
    pdfsig, found = PdfSig.trusting_tests(tmp_path_factory.mktemp("nss")), receipt()
    satisfied = [pdfsig.is_satisfied(flipped(found.content, place)) for place in _signed_places(found, 150)]

    assert pdfsig.is_satisfied(found.content)
    assert len(satisfied) >= 150
    assert not any(satisfied)


def _signed_places(found: Receipt, number: int) -> Iterator[int]:
    """Yield places all over the file, the end of the signature proper included, but for the rest of the signature."""
    step = len(found.content) // number
    yield from (place for place in range(0, len(found.content), step) if place not in found.hole)
    end = found.unsealed.start + 1 + 2 * len(found.part.cms)
    yield from range(end - 40, end, 3)


def _is_fine(content: bytes) -> bool:
    try:
        verdict = ask_pyhanko(content)
    except Exception:  # noqa: BLE001 - whatever it stumbles over, it does not call the file good
        return False
    return bool(verdict.bottom_line) and str(verdict.coverage).endswith("ENTIRE_FILE")


def signed_by(*chain: Issued, signer: Issued | None = None) -> bytes:
    ders = [each.der for each in chain]
    return Seal(KeySigner((signer or chain[0]).key), ders, clock=now).sign(DIGEST)


def problems_of(cms: bytes, *trusted: Issued, at: datetime | None = AT) -> tuple[SealProblem, ...]:
    return check_detached(cms, DIGEST, [each.certificate for each in trusted or (authority(),)], at=at).problems


def test_a_head_of_the_log_is_checked_alike() -> None:
    assert problems_of(make_seal().sign(DIGEST)) == ()


def test_a_head_is_checked_by_a_process_that_does_nothing_else() -> None:
    script = (
        "import sys; from mesadepartes.signatures import is_signed_by\n"
        "print(is_signed_by(bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3].encode()))"
    )
    given = make_seal().sign(DIGEST).hex(), DIGEST.hex(), seal_certificate().pem.decode()

    told = subprocess.run([sys.executable, "-c", script, *given], capture_output=True, text=True, check=True)

    assert told.stdout == "True\n"


def test_another_key_did_not_sign() -> None:
    forged = signed_by(seal_certificate(), signer=issue(curve_key(99)))

    assert problems_of(forged) == (SealProblem.NOT_SIGNED,)


def test_who_is_trusted_is_above_the_seal_or_is_the_seal() -> None:
    own = seal_certificate()
    stranger = make_authority("Otra CA", key=curve_key(5))
    namesake = make_authority(key=curve_key(6))
    cms = signed_by(own, authority())

    assert problems_of(cms, authority()) == ()
    assert problems_of(cms, own) == ()
    assert problems_of(cms, stranger, authority()) == ()
    assert problems_of(cms, stranger) == (SealProblem.UNTRUSTED,)
    assert problems_of(cms, namesake) == (SealProblem.UNTRUSTED,)
    assert check_detached(cms, DIGEST, [], at=AT).problems == (SealProblem.UNTRUSTED,)


def test_authorities_between_come_with_the_seal_and_must_be_authorities() -> None:
    middle = make_authority("CA intermedia", key=curve_key(77), by=authority())
    below = issue(curve_key(), by=middle)

    assert problems_of(signed_by(below, middle, authority())) == ()
    assert problems_of(signed_by(below)) == (SealProblem.UNTRUSTED,)
    assert problems_of(signed_by(below), middle) == ()


@pytest.mark.parametrize(
    "lacking",
    [
        lambda: make_authority("Otro", key=curve_key(78), by=authority(), is_authority=False),
        lambda: make_authority("Otro", key=curve_key(78), by=authority(), usages=("digital_signature",)),
        lambda: make_authority("Otro", key=curve_key(78), by=make_authority("Una", key=curve_key(79), path_length=0)),
    ],
)
def test_who_may_not_issue_certificates_vouches_for_nobody(lacking: Callable[[], Issued]) -> None:
    issuer = lacking()
    root = make_authority("Una", key=curve_key(79), path_length=0)
    forged = issue(curve_key(), by=issuer)

    assert problems_of(signed_by(forged, issuer), authority(), root) == (SealProblem.UNTRUSTED,)


def test_a_stray_certificate_is_not_carried_along() -> None:
    stray = issue(curve_key(5), holder="Quien pasaba por ahí", serial=9)

    assert problems_of(signed_by(seal_certificate(), stray)) == (SealProblem.UNTRUSTED,)


@pytest.mark.parametrize("at", [datetime(2019, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
def test_a_certificate_must_have_held_at_the_time_in_question(at: datetime) -> None:
    cms = make_seal().sign(DIGEST)

    assert problems_of(cms, at=at) == (SealProblem.OUT_OF_TIME,)
    assert problems_of(cms, at=None) == ()


def test_a_certificate_for_something_else_makes_no_seals() -> None:
    enciphering = issue(curve_key(), usages=("key_encipherment",))
    critical = issue(curve_key(), extended=x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.2.3")]))

    assert problems_of(signed_by(enciphering)) == (SealProblem.UNFIT_CERTIFICATE,)
    assert problems_of(signed_by(critical)) == ()


def test_the_seals_of_ed25519_or_nothing_at_all_are_malformed() -> None:
    for cms in (b"", b"\x30\x00", b"nonsense", DIGEST, authority().der, make_seal().sign(DIGEST)[:-1]):
        assert problems_of(cms) == (SealProblem.MALFORMED,)


def test_another_way_to_write_the_same_signature_is_not_taken() -> None:
    read = asn1_cms.ContentInfo.load(make_seal().sign(DIGEST))
    read["content"]["version"] = "v3"

    assert problems_of(read.dump(force=True)) == (SealProblem.MALFORMED,)


def test_a_curve_that_is_not_used_makes_no_seals() -> None:
    small = issue(ec.derive_private_key(7, ec.SECP192R1()))

    assert SealProblem.UNFIT_CERTIFICATE in problems_of(signed_by(small))
