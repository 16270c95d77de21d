"""The seal's key and certificate: each form they come in, and each mistake in a sentence."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from mesadepartes.clock import now
from mesadepartes.commands.check_settings import command
from mesadepartes.seal_keys import load_seal
from mesadepartes.settings import Settings
from mesadepartes.variables import WRONG_SETTINGS_EXIT, WrongSettings
from seals.checks import check_detached
from seals.seal import SealUnavailable
from tests.journeys.parts import ROOT
from tests.seals import Issued, authority, curve_key, issue, make_authority
from tests.unit.shell.test_settings import WEB

if TYPE_CHECKING:
    from pathlib import Path

    from seals.seal import Seal

PASSWORD = "secret-1 de la institución"
DIGEST = sha256(b"una constancia").digest()
AT = datetime(2026, 3, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Files:
    """Files of a certificate and its key, in the forms in which authorities hand them out."""

    folder: Path

    def write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def chain(self, *issued: Issued, name: str = "seal.pem") -> str:
        return self.write(name, b"".join(each.pem for each in issued))

    def key(self, issued: Issued, password: str | None = None) -> str:
        return self.write("key.pem", issued.key_pem(password.encode() if password else None))

    def pkcs12(self, issued: Issued, password: str | None = None, *, has_key: bool = True) -> str:
        sealing = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        key = issued.key if has_key else None
        others = [authority().certificate]
        return self.write(
            "seal.p12", pkcs12.serialize_key_and_certificates(b"sello", key, issued.certificate, others, sealing)
        )


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def load(certificate: str, key: str | None = None, password: str | None = None, *, at: datetime = AT) -> Seal:
    given = {"MESA_SEAL_CERTIFICATE": certificate, "MESA_SEAL_KEY": key or "", "MESA_SEAL_PASSWORD": password or ""}
    seal = load_seal(Settings.from_environ(given), clock=lambda: at)
    assert seal is not None
    return seal


def mistakes_of(certificate: str, key: str | None = None, password: str | None = None) -> str:
    with pytest.raises(WrongSettings) as wrong:
        load(certificate, key, password)
    told = str(wrong.value)
    assert "secret-1" not in told
    assert wrong.value.__suppress_context__ or wrong.value.__context__ is None, "no trace of what failed inside"
    return told


def is_good(seal: Seal) -> bool:
    return not check_detached(seal.sign(DIGEST), DIGEST, [authority().certificate], at=AT).problems


def usual(**changes: object) -> Issued:
    return issue(curve_key(), holder="Agente automatizado", **changes)  # pyright: ignore[reportArgumentType]


def test_without_a_certificate_there_is_no_seal() -> None:
    assert load_seal(Settings.from_environ({}), clock=now) is None


def test_pem(files: Files) -> None:
    seal = load(files.chain(usual(), authority()), files.key(usual()))

    assert is_good(seal)
    assert seal.facts.holder == "Agente automatizado"
    assert seal.certificates == (usual().der, authority().der)


@pytest.mark.parametrize("key", [curve_key(), curve_key(curve=ec.SECP384R1()), rsa.generate_private_key(65537, 2048)])
def test_pem_with_a_password(files: Files, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    issued = issue(key)

    assert is_good(load(files.chain(issued), files.key(issued, PASSWORD), PASSWORD))


def test_an_encrypted_key_of_old_openssl(files: Files) -> None:
    issued = issue(rsa.generate_private_key(65537, 2048))
    sealing = BestAvailableEncryption(PASSWORD.encode())
    data = issued.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, sealing)

    assert b"Proc-Type: 4,ENCRYPTED" in data
    assert is_good(load(files.chain(issued), files.write("key.pem", data), PASSWORD))


def test_one_file_with_key_and_certificates_in_any_order(files: Files) -> None:
    middle = make_authority("CA intermedia", key=curve_key(77), by=authority())
    issued = issue(curve_key(), by=middle)
    file = files.write("all.pem", authority().pem + issued.key_pem() + issued.pem + middle.pem)

    seal = load(file, file)

    assert is_good(seal)
    assert seal.certificates == (issued.der, middle.der, authority().der)


def test_a_certificate_as_der(files: Files) -> None:
    assert is_good(load(files.write("seal.cer", usual().der), files.key(usual())))


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_pkcs12(files: Files, password: str | None) -> None:
    file = files.pkcs12(usual(), password)

    seal = load(file, file, password)

    assert is_good(seal)
    assert seal.certificates == (usual().der, authority().der)


def test_pkcs12_as_openssl_writes_it(files: Files) -> None:
    chain, key, file = files.chain(usual(), authority()), files.key(usual()), files.folder / "seal.p12"
    command = ["openssl", "pkcs12", "-export", "-in", chain, "-inkey", key, "-out", str(file)]
    subprocess.run([*command, "-passout", f"pass:{PASSWORD}"], check=True, capture_output=True, timeout=60)

    assert is_good(load(str(file), str(file), PASSWORD))


def test_without_its_key_a_part_knows_the_names_and_does_not_seal(files: Files) -> None:
    seal = load(files.chain(usual(), authority()))

    assert seal.facts.holder == "Agente automatizado"
    with pytest.raises(SealUnavailable, match="no key"):
        seal.sign(DIGEST)


def test_wrong_passwords(files: Files) -> None:
    chain = files.chain(usual())

    assert "cannot be opened with MESA_SEAL_PASSWORD" in mistakes_of(chain, files.key(usual(), PASSWORD), "secret-1")
    assert "is encrypted, and MESA_SEAL_PASSWORD is not set" in mistakes_of(chain, files.key(usual(), PASSWORD))
    p12 = files.pkcs12(usual(), PASSWORD)
    assert "the password is wrong" in mistakes_of(chain, p12, "secret-1")
    assert "whose password MESA_SEAL_PASSWORD must say" in mistakes_of(p12, p12)


def test_a_key_that_is_not_that_of_the_certificate(files: Files) -> None:
    other = issue(curve_key(99))

    told = mistakes_of(files.chain(usual()), files.key(other))

    assert told == f"MESA_SEAL_KEY ({files.folder}/key.pem) is not the key of MESA_SEAL_CERTIFICATE"


def test_files_that_are_something_else(files: Files) -> None:
    chain, key = files.chain(usual()), files.key(usual())
    nothing, text = str(files.folder / "nothing"), files.write("x.txt", b"hola")
    broken = files.write("broken.pem", usual().pem[:200] + b"\n-----END CERTIFICATE-----\n")
    broken_key = files.write("broken-key.pem", usual().key_pem()[:90] + b"\n-----END PRIVATE KEY-----\n")
    keyless = files.pkcs12(usual(), PASSWORD, has_key=False)

    assert "cannot be read: No such file or directory" in mistakes_of(nothing, key)
    assert "cannot be read: No such file or directory" in mistakes_of(chain, nothing)
    assert "cannot be read: Is a directory" in mistakes_of(str(files.folder), key)
    assert "is neither PEM nor DER nor PKCS#12" in mistakes_of(text, key)
    assert "is neither PEM nor DER nor PKCS#12" in mistakes_of(chain, text)
    assert "holds no certificate that can be read" in mistakes_of(broken, key)
    assert "holds no certificate that can be read" in mistakes_of(key, key)
    assert "holds no private key" in mistakes_of(chain, chain)
    assert "holds no private key that can be read" in mistakes_of(chain, broken_key)
    assert "without a key" in mistakes_of(keyless, keyless, PASSWORD)


def test_certificates_that_do_not_belong_together(files: Files) -> None:
    other, stranger = issue(curve_key(99), holder="Otra"), make_authority("Otra CA", key=curve_key(5))

    assert "certificate of one seal" in mistakes_of(files.chain(usual(), other))
    assert "certificate of one seal" in mistakes_of(files.chain(usual(), authority(), stranger))


def test_certificates_that_can_make_no_seal(files: Files) -> None:
    short = issue(rsa.generate_private_key(65537, 1024))
    curve = issue(ec.derive_private_key(7, ec.SECP256K1()))
    enciphering = usual(usages=("key_encipherment", "data_encipherment"))

    assert "has an RSA key of 1024 bits; 2048 are the least" in mistakes_of(files.chain(short), files.key(short))
    assert "has a key on the curve secp256k1; P-256, P-384 and P-521 can be used" in mistakes_of(files.chain(curve))
    assert "neither digitalSignature nor nonRepudiation" in mistakes_of(files.chain(enciphering), files.key(usual()))
    assert "is that of an authority" in mistakes_of(files.chain(authority()))


@pytest.mark.parametrize("usages", [("digital_signature",), ("content_commitment",), ()])
def test_one_of_the_usages_for_signing_is_enough_and_so_is_none_at_all(files: Files, usages: tuple[str, ...]) -> None:
    issued = usual(usages=usages)

    assert is_good(load(files.chain(issued), files.key(issued)))


def test_keys_of_other_kinds(files: Files) -> None:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = curve_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    assert "neither RSA nor on a curve" in mistakes_of(files.chain(usual()), files.write("ed.pem", key))
    assert "holds no private key" in mistakes_of(files.chain(usual()), files.write("public.pem", public))


@pytest.mark.parametrize(
    ("days", "level", "told"),
    [
        (-1, logging.ERROR, "Nothing is sealed until it is replaced"),
        (29, logging.WARNING, "ends on 2026-04-07: renew it"),
        (31, None, ""),
    ],
)
def test_a_certificate_that_ends_is_told_and_keeps_nobody_from_starting(
    files: Files, caplog: pytest.LogCaptureFixture, days: int, level: int | None, told: str
) -> None:
    issued = usual(begins=AT - timedelta(days=300), ends=AT + timedelta(days=days))

    with caplog.at_level(logging.WARNING):
        seal = load(files.chain(issued), files.key(issued))

    assert [record.levelno for record in caplog.records] == ([] if level is None else [level])
    assert told in caplog.text
    if level is logging.ERROR:
        with pytest.raises(SealUnavailable, match="expired on 2026-03-08"):
            seal.sign(DIGEST)
    else:
        assert seal.sign(DIGEST)


def check(environ: dict[str, str], *parts: str) -> tuple[int, str]:
    said = CliRunner(env={**WEB, **environ}).invoke(command, [*(parts or ("web",))])
    return said.exit_code, said.output


def test_check_settings_says_whose_seal_it_is(files: Files) -> None:
    code, said = check({"MESA_SEAL_CERTIFICATE": files.chain(usual()), "MESA_SEAL_KEY": files.key(usual())})

    assert code == 0
    assert "The seal is that of Agente automatizado, by CA de las pruebas, until 2099-01-01" in said


def test_check_settings_says_what_is_wrong_with_it(files: Files) -> None:
    old = usual(begins=datetime(2020, 1, 1, tzinfo=UTC), ends=datetime(2021, 1, 1, tzinfo=UTC))
    key = files.key(usual())

    expired = check({"MESA_SEAL_CERTIFICATE": files.chain(old), "MESA_SEAL_KEY": key})
    other = check({"MESA_SEAL_CERTIFICATE": files.chain(issue(curve_key(9))), "MESA_SEAL_KEY": key})

    assert (expired[0], other[0]) == (WRONG_SETTINGS_EXIT, WRONG_SETTINGS_EXIT)
    assert "expired on 2021-01-01" in expired[1]
    assert "is not the key of MESA_SEAL_CERTIFICATE" in other[1]


@pytest.mark.parametrize("part", [("web",), ("delivery", "run"), ("rounds", "run")])
def test_a_part_with_a_wrong_seal_says_so_and_ends(files: Files, part: tuple[str, ...]) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MESA_")}
    wrong = {"MESA_SEAL_CERTIFICATE": files.chain(usual()), "MESA_SEAL_KEY": files.key(issue(curve_key(9)))}
    mail = {"MESA_SMTP_HOST": "127.0.0.1", "MESA_DATA": str(files.folder)}

    done = subprocess.run(
        [sys.executable, "-m", "mesadepartes", *part], cwd=ROOT, env={**inherited, **WEB, **mail, **wrong},
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    said = done.stderr.decode()
    assert done.returncode == WRONG_SETTINGS_EXIT, said
    assert "is not the key of MESA_SEAL_CERTIFICATE" in said
    assert "Traceback" not in said
