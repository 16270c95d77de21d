"""A key on a token: SoftHSM signs as a key in memory does, may go away and come back, and its PIN is tried once."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mesadepartes.clock import now
from mesadepartes.seal_keys import load_seal
from mesadepartes.settings import Settings
from mesadepartes.variables import WrongSettings
from receipts.batches import sealed
from receipts.writer import render
from seals.checks import check_detached
from seals.seal import Seal, SealUnavailable
from seals.token import Place, TokenSigner, WrongToken, read_place
from tests import readers
from tests.readers import PdfSig, ask_pyhanko
from tests.seals import Issued, authority, curve_key, issue, make_seal
from tests.servers import tokens
from tests.servers.tokens import PIN, Token
from tests.unit.receipts.samples import USUAL

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = sha256(b"una constancia").digest()
AT = datetime(2026, 3, 9, tzinfo=UTC)
OWN = issue(curve_key())


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Token:
    if reason := tokens.why_missing():
        pytest.skip(reason)
    token = Token(tmp_path / "softhsm", monkeypatch)
    token.put(OWN, label="sello")
    return token


def signer(token: Token, uri: str = "pkcs11:token=mesa;object=sello", pin: str | None = PIN) -> TokenSigner:
    return TokenSigner(read_place(uri, module=token.module), pin, OWN.key.public_key())


def seal_of(token: Token) -> Seal:
    return make_seal(issued=OWN, signer=signer(token))


def is_good(seal: Seal) -> bool:
    return not check_detached(seal.sign(DIGEST), DIGEST, [authority().certificate], at=AT).problems


def environ(token: Token, folder: Path, issued: Issued, **changes: str) -> dict[str, str]:
    (folder / "seal.pem").write_bytes(issued.pem)
    given = {
        "MESA_SEAL_CERTIFICATE": str(folder / "seal.pem"),
        "MESA_SEAL_KEY": "pkcs11:token=mesa;object=sello",
        "MESA_SEAL_PASSWORD": PIN,
        "MESA_SEAL_MODULE": token.module,
    }
    return {**given, **changes}


@pytest.mark.parametrize("kind", ["RSA-2048", "P-256", "P-384"])
def test_readers_find_good_what_a_token_sealed(
    token: Token, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    if reason := readers.why_missing():
        pytest.skip(reason)
    keys = {"RSA-2048": lambda: rsa.generate_private_key(65537, 2048), "P-256": lambda: curve_key(8)}
    issued = issue(keys.get(kind, lambda: curve_key(8, ec.SECP384R1()))())
    token.put(issued, label="otro sello", number="0A")
    given = environ(token, tmp_path, issued, MESA_SEAL_KEY="pkcs11:token=mesa;object=otro%20sello;id=%0A;type=private")
    seal = load_seal(Settings.from_environ(given), clock=now)
    assert seal is not None

    unsealed = render(USUAL, room=seal.room)
    content = sealed(unsealed, seal.sign(unsealed.digest))

    assert ask_pyhanko(content).summary() == "INTACT:TRUSTED,UNTOUCHED"
    assert PdfSig.trusting_tests(tmp_path_factory.mktemp("nss")).is_satisfied(content)


def test_a_token_that_went_away_is_found_again(token: Token) -> None:
    seal = seal_of(token)

    assert is_good(seal)
    token.leave()
    for _ in range(2):
        with pytest.raises(SealUnavailable, match="cannot be used: NoSuchToken"):
            seal.sign(DIGEST)
    token.come_back()
    assert is_good(seal)


def test_a_token_that_is_away_at_the_start_is_told_and_used_once_it_is_there(
    token: Token, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token.leave()

    seal = load_seal(Settings.from_environ(environ(token, tmp_path, OWN)), clock=now)

    assert seal is not None
    [record] = caplog.records
    assert (record.levelno, record.getMessage()) == (
        logging.ERROR, "Nothing is sealed for now: The token cannot be used: NoSuchToken",
    )  # fmt: skip
    token.come_back()
    assert is_good(seal)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"MESA_SEAL_PASSWORD": "secret-1"}, "MESA_SEAL_PASSWORD is not the PIN of the token: PinIncorrect"),
        ({"MESA_SEAL_PASSWORD": ""}, "NoSuchKey; MESA_SEAL_PASSWORD, the PIN, is not set"),
        (
            {"MESA_SEAL_KEY": "pkcs11:token=mesa;object=otro"},
            "MESA_SEAL_KEY names no single key of its kind: NoSuchKey",
        ),
        ({"MESA_SEAL_MODULE": "/nowhere.so"}, "MESA_SEAL_MODULE (/nowhere.so) is no PKCS#11 library"),
        ({"MESA_SEAL_MODULE": "/etc/hostname"}, "MESA_SEAL_MODULE (/etc/hostname) is no PKCS#11 library"),
    ],
)
def test_mistakes_are_told_at_the_start(token: Token, tmp_path: Path, changes: dict[str, str], told: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        load_seal(Settings.from_environ(environ(token, tmp_path, OWN, **changes)), clock=now)

    assert told in str(wrong.value)
    assert "secret-1" not in str(wrong.value)


@pytest.mark.parametrize("key", [curve_key(99), rsa.generate_private_key(65537, 2048)])
def test_a_key_that_is_not_that_of_the_certificate_is_told(
    token: Token, tmp_path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    given = environ(token, tmp_path, issue(key))

    with pytest.raises(WrongSettings, match=r"is not the key of MESA_SEAL_CERTIFICATE|no single key of its kind"):
        load_seal(Settings.from_environ(given), clock=now)


def test_a_pin_that_was_refused_is_not_tried_again(token: Token) -> None:
    """Three tries lock most tokens, and a counter would make them within a second. SoftHSM never locks."""
    wrong = signer(token, pin="000000")
    with pytest.raises(SealUnavailable, match="is not the PIN"):
        wrong.sign(b"x")

    token.leave()

    with pytest.raises(SealUnavailable, match="is not the PIN"):  # were it asked, it would not be found
        wrong.sign(b"x")


def test_many_threads_share_it(token: Token) -> None:
    seal = seal_of(token)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(is_good, [seal] * 40))


def test_a_token_that_hangs_holds_up_nobody_for_long(token: Token) -> None:
    """Whoever waited in vain is forgotten, and is not signed for once the token answers again."""
    place, held = read_place("pkcs11:token=mesa;object=sello", module=token.module), threading.Event()
    signed: list[bytes] = []

    class Hanging(TokenSigner):
        def _sign(self, data: bytes) -> bytes:
            held.wait(30)
            signed.append(data)
            return super()._sign(data)

    slow = Hanging(place, PIN, OWN.key.public_key(), patience_seconds=0.05)
    for data in (b"first", b"second", b"third"):
        with pytest.raises(SealUnavailable, match=r"did not answer within 0\.05 s"):
            slow.sign(data)
    held.set()

    deadline = time.monotonic() + 30
    while not signed and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    patient = Hanging(place, PIN, OWN.key.public_key())
    assert is_good(make_seal(issued=OWN, signer=patient))
    assert [data for data in signed if data in (b"first", b"second", b"third")] == [b"first"]


def test_places_of_keys() -> None:
    full = "pkcs11:token=La%20mesa;serial=0a%3B1;object=sello;id=%01%ff;type=private?module-path=/usr/lib/x.so"

    assert read_place(full, module="/other.so") == Place(
        module="/usr/lib/x.so", token="La mesa", serial=b"0a;1", label="sello", id=b"\x01\xff"
    )
    assert read_place("pkcs11:serial=1;id=%01", module="/x.so") == Place(module="/x.so", serial=b"1", id=b"\x01")


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("pkcs11:token=mesa", "must look like pkcs11:token=NAME;object=KEY"),
        ("pkcs11:object=sello", "must look like pkcs11:token=NAME;object=KEY"),
        ("pkcs11:", "must look like pkcs11:token=NAME;object=KEY"),
        ("pkcs11:token=mesa;object=sello;type=public", "must name a private key"),
        ("pkcs11:token=mesa;object=sello?pin-value=secret-1", "must not say pin-value; a PIN goes into"),
        ("pkcs11:token=mesa;object=sello;slot-id=0", "must not say slot-id"),
    ],
)
def test_places_that_name_no_key(uri: str, told: str) -> None:
    with pytest.raises(WrongToken) as wrong:
        read_place(uri, module="/x.so")

    assert told in str(wrong.value)
    assert "secret-1" not in str(wrong.value)


def test_a_token_needs_its_library() -> None:
    with pytest.raises(WrongToken, match="MESA_SEAL_MODULE is not set"):
        read_place("pkcs11:token=mesa;object=sello", module=None)


def test_the_pin_is_in_nothing_that_is_shown() -> None:
    silent = TokenSigner(Place(module="/x.so", token="mesa", label="sello"), "secret-1", OWN.key.public_key())

    assert "secret-1" not in repr(silent) + repr(make_seal(issued=OWN, signer=silent))
