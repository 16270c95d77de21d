"""The seal: what it signs and how, that others find it good, and that what is sealed is the same each time."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mesadepartes.clock import now
from receipts.batches import sealed
from receipts.writer import render
from rules.receipts import SealFacts
from seals.keys import KeySigner
from seals.seal import Seal, SealUnavailable
from tests.counter import Clock
from tests.readers import PdfSig, ask_pyhanko, why_missing
from tests.seals import HOLDER, ISSUER, Issued, authority, curve_key, issue, make_authority, make_seal, seal_certificate
from tests.unit.receipts.samples import USUAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIGEST = sha256(b"una constancia").digest()

KEYS: dict[str, Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]] = {
    "RSA-2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA-3072": lambda: rsa.generate_private_key(65537, 3072),
    "P-256": curve_key,
    "P-384": lambda: curve_key(curve=ec.SECP384R1()),
    "P-521": lambda: curve_key(curve=ec.SECP521R1()),
}


@cache
def issued(kind: str) -> Issued:
    return issue(KEYS[kind]())


@cache
def below(kind: str) -> tuple[Issued, Issued]:
    """A certificate by an authority below that of the tests, and the latter."""
    middle = make_authority("CA intermedia", key=curve_key(77), by=authority())
    return issue(issued(kind).key, by=middle), middle


@pytest.fixture(scope="module")
def pdfsig(tmp_path_factory: pytest.TempPathFactory) -> PdfSig:
    if reason := why_missing():
        pytest.skip(reason)
    return PdfSig.trusting_tests(tmp_path_factory.mktemp("nss"))


def receipt(seal: Seal) -> bytes:
    unsealed = render(replace(USUAL, seal=seal.facts), room=seal.room)
    return sealed(unsealed, seal.sign(unsealed.digest))


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("levels", [1, 2])
def test_readers_find_a_sealed_receipt_whole_signed_by_who_is_trusted(
    pdfsig: PdfSig, caplog: pytest.LogCaptureFixture, kind: str, levels: int
) -> None:
    own, middle = below(kind)
    chain = [own.der, middle.der, authority().der] if levels == 2 else [issued(kind).der]
    content = receipt(Seal(KeySigner(issued(kind).key), chain, clock=now))

    with caplog.at_level(logging.INFO):
        verdict = ask_pyhanko(content)

    assert verdict.summary() == "INTACT:TRUSTED,UNTOUCHED"
    assert verdict.bottom_line
    assert str(verdict.coverage).endswith("ENTIRE_FILE")
    assert verdict.signer_reported_dt is None or verdict.signer_reported_dt == USUAL.dated_at
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
    assert pdfsig.is_satisfied(content), pdfsig.ask(content)


@pytest.mark.parametrize("kind", KEYS)
def test_signatures_are_cades_b_without_a_claimed_time(kind: str) -> None:
    seal = make_seal(issued=issued(kind))

    data = cms.ContentInfo.load(seal.sign(DIGEST), strict=True)["content"]

    (signer,) = data["signer_infos"]
    assert [each["type"].native for each in signer["signed_attrs"]] == [
        "content_type", "message_digest", "signing_certificate_v2",
    ]  # fmt: skip
    assert data["encap_content_info"]["content"].native is None
    assert [each.chosen.dump() for each in data["certificates"]] == [issued(kind).der]
    (own,) = signer["signed_attrs"][2]["values"][0]["certs"]
    assert own["cert_hash"].native == sha256(issued(kind).der).digest()
    assert not signer["unsigned_attrs"].native


@pytest.mark.parametrize("kind", KEYS)
def test_openssl_finds_the_signature_of_other_bytes_good(tmp_path: Path, kind: str) -> None:
    files = {"head": b"una constancia", "head.cms": make_seal(issued=issued(kind)).sign(DIGEST), "ca": authority().pem}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "head.cms", "-content", "head", "-binary"]

    done = subprocess.run(
        [*command, "-CAfile", "ca", "-purpose", "any"], cwd=tmp_path, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == b"una constancia"


@pytest.mark.parametrize("kind", KEYS)
def test_the_room_is_enough_for_every_signature_and_hardly_more(kind: str) -> None:
    seal = make_seal(issued=issued(kind))

    lengths = [len(seal.sign(sha256(bytes([number])).digest())) for number in range(100)]

    assert max(lengths) <= seal.room <= max(lengths) + 4
    if kind.startswith("RSA"):
        assert set(lengths) == {seal.room}


@pytest.mark.parametrize("kind", KEYS)
def test_the_same_digest_gives_the_same_signature_in_every_thread(kind: str) -> None:
    seal, again = make_seal(issued=issued(kind)), make_seal(issued=issued(kind))
    digests = [sha256(bytes([number])).digest() for number in range(20)]
    barrier = threading.Barrier(4)

    def sign(_: int) -> list[bytes]:
        barrier.wait()
        return [seal.sign(digest) for digest in digests]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(sign, range(4)))

    assert found == [[again.sign(digest) for digest in digests]] * 4
    assert len(set(found[0])) == 20


def test_the_same_digest_gives_the_same_signature_in_another_process() -> None:
    told = "from tests.seals import make_seal; print(make_seal().sign(bytes(32)).hex())"

    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, timeout=60)

    assert bytes.fromhex(done.stdout.decode()) == make_seal().sign(bytes(32))


def test_the_names_are_those_of_the_certificate() -> None:
    real = make_seal(issued=issue(curve_key(), holder="Agente automatizado"))

    assert make_seal().facts == SealFacts(holder=HOLDER, issuer=ISSUER, is_for_development=True)
    assert real.facts == SealFacts(holder="Agente automatizado", issuer=ISSUER, is_for_development=False)


def test_only_the_mark_in_the_certificate_says_that_it_is_for_development() -> None:
    called_so = issue(curve_key(), holder="Entidad de Ejemplo (sello de PRUEBA)")

    assert not make_seal(issued=called_so).facts.is_for_development
    assert seal_certificate().certificate.subject.rfc4514_string() == f"CN={HOLDER}"


@pytest.mark.parametrize("at", [datetime(2019, 12, 31, tzinfo=UTC), datetime(2099, 1, 2, tzinfo=UTC)])
def test_nothing_is_sealed_out_of_the_certificates_time_and_all_is_well_after_it(at: datetime) -> None:
    clock = Clock(at=at)
    seal = make_seal(clock)

    with pytest.raises(SealUnavailable, match=r"expired on 2099-01-01|not valid before 2020-01-01"):
        seal.sign(DIGEST)
    clock.at = datetime(2026, 3, 9, tzinfo=UTC)
    assert seal.sign(DIGEST)


def test_what_is_no_sha256_is_not_signed() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        make_seal().sign(b"una constancia")


def test_a_signer_that_cannot_be_reached_is_told_as_such() -> None:
    class Away:
        waits = True

        def sign(self, data: bytes) -> bytes:
            raise SealUnavailable("away")

    seal = make_seal(signer=Away())

    assert seal.facts.holder == HOLDER
    with pytest.raises(SealUnavailable, match="away"):
        seal.sign(DIGEST)


def test_the_key_is_in_nothing_that_is_shown() -> None:
    seal = make_seal()
    secret = curve_key().private_numbers().private_value

    shown = " ".join(map(repr, (seal, seal.__dict__, KeySigner(curve_key()))))

    assert not any(form in shown for form in (str(secret), f"{secret:x}", "PRIVATE"))


def test_importing_it_loads_nothing_that_is_slow() -> None:
    told = "import sys, seals.seal, actions.tools; sys.exit(bool({'asn1crypto', 'pyhanko', 'pkcs11'} & {*sys.modules}))"

    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0


def test_what_renders_does_not_know_the_seal() -> None:
    """The process that renders has neither the key nor the code that would ask for it."""
    told = "import sys, receipts.writer; sys.exit('seals.seal' in sys.modules or 'cryptography' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
