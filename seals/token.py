"""A key that lies on a token (PKCS#11): a smart card, an HSM, SoftHSM. It never leaves it; here is who asks."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from queue import SimpleQueue
from typing import TYPE_CHECKING, NoReturn, TypeAlias
from urllib.parse import unquote, unquote_to_bytes

import pkcs11
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11.types import SignMixin

from seals.seal import SealUnavailable

if TYPE_CHECKING:
    from pkcs11.types import Session

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0
PROBE = b"Does this key belong to that certificate?"
PIN_REFUSED = (
    pkcs11.PinIncorrect, pkcs11.PinLocked, pkcs11.PinExpired, pkcs11.PinInvalid, pkcs11.PinLenRange,
    pkcs11.UserPinNotInitialized,
)  # fmt: skip

PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class WrongToken(SealUnavailable):
    """What is wrong with the token or with how it is named; trying again does not help, and may lock it."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a key is: the library of the token, which token, which key on it."""

    module: str
    token: str | None = None
    serial: bytes | None = None
    label: str | None = None
    id: bytes | None = None


def read_place(uri: str, *, module: str | None) -> Place:
    """
    Return what a `pkcs11:` URI (RFC 7512) names; *module* is the library if the URI says none.

    Raises:
        WrongToken: it names no key, or says what we do not understand, such as a PIN.
    """
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    parts = [each.partition("=") for each in (*path.split(";"), *query.split("&")) if each]
    given = {name: value for name, _, value in parts}
    library = unquote(given.pop("module-path", "")) or module
    if given.pop("type", "private") != "private":
        raise WrongToken("MESA_SEAL_KEY must name a private key: type=private")
    if strange := sorted(given.keys() - {"token", "serial", "object", "id"}):
        raise WrongToken(f"MESA_SEAL_KEY must not say {', '.join(strange)}; a PIN goes into MESA_SEAL_PASSWORD")
    if not library:
        raise WrongToken("MESA_SEAL_MODULE is not set, but MESA_SEAL_KEY is that of a token")
    place = Place(
        module=library,
        token=unquote(given["token"]) if "token" in given else None,
        serial=unquote_to_bytes(given["serial"]) if "serial" in given else None,
        label=unquote(given["object"]) if "object" in given else None,
        id=unquote_to_bytes(given["id"]) if "id" in given else None,
    )
    if (place.token or place.serial) is None or (place.label or place.id) is None:
        raise WrongToken("MESA_SEAL_KEY must look like pkcs11:token=NAME;object=KEY, or with id= or serial=")
    return place


class TokenSigner:
    """
    Signs by a key on a token, one signature at a time, in a thread of its own.

    A token that was away is looked for again at the next signature. A refused PIN is never tried again: three tries
    lock most tokens. Signatures of curves are random here, as the token makes them.
    """

    waits = True

    def __init__(
        self, place: Place, pin: str | None, public_key: object, *, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        assert isinstance(public_key, PublicKey)
        self._place, self._pin, self._public_key = place, pin, public_key
        self._is_rsa = isinstance(public_key, rsa.RSAPublicKey)
        self._patience_seconds = patience_seconds
        self._asked: SimpleQueue[tuple[bytes, Future[bytes]]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._key: SignMixin | None = None
        self._session: Session | None = None
        self._refused: WrongToken | None = None

    def try_out(self) -> None:
        """
        See that the token signs, and for the certificate; one that is away is logged, and may come back.

        Raises:
            WrongToken: the library, the PIN or the key is not right.
        """
        try:
            self.sign(PROBE)
        except WrongToken:
            raise
        except SealUnavailable as reason:
            logger.error("Nothing is sealed for now: %s", reason, extra={"action": "token_away"})  # noqa: TRY400

    def sign(self, data: bytes) -> bytes:
        """Return the signature over *data*; raises SealUnavailable when there is none in time."""
        self._start()
        answer: Future[bytes] = Future()
        self._asked.put((data, answer))
        try:
            return answer.result(self._patience_seconds)
        except TimeoutError:
            answer.cancel()
            raise SealUnavailable(f"The token did not answer within {self._patience_seconds:g} s") from None

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                # A daemon: a library that hangs must not keep the part from ending.
                self._thread = threading.Thread(target=self._serve, name="token", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while True:
            data, answer = self._asked.get()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(self._sign(data))
            except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
                answer.set_exception(error)

    def _sign(self, data: bytes) -> bytes:
        if self._refused:
            raise self._refused
        is_open = self._key is not None
        try:
            return self._signed(data)
        except pkcs11.PKCS11Error as error:
            self._forget()
            if not is_open:
                raise SealUnavailable(_words(error)) from None
        try:  # the session may be one of before the token was away
            return self._signed(data)
        except pkcs11.PKCS11Error as error:
            self._forget()
            raise SealUnavailable(_words(error)) from None

    def _signed(self, data: bytes) -> bytes:
        if self._key is None:
            self._key = self._open()
        return _signature(self._key, data, is_rsa=self._is_rsa)

    def _open(self) -> SignMixin:
        """Sign in to the token and find the key."""
        place = self._place
        try:
            library = pkcs11.lib(place.module)
        except pkcs11.PKCS11Error as error:
            if type(error) is not pkcs11.PKCS11Error:
                raise  # it was loaded, and does not work for now
            raise WrongToken(f"MESA_SEAL_MODULE ({place.module}) is no PKCS#11 library that can be loaded") from None
        library.reinitialize()  # some libraries see a token that came back only then
        token = library.get_token(token_label=place.token, token_serial=place.serial)
        try:
            self._session = token.open(user_pin=self._pin)
        except PIN_REFUSED as error:
            self._refuse(f"MESA_SEAL_PASSWORD is not the PIN of the token: {type(error).__name__}")
        key_type = pkcs11.KeyType.RSA if self._is_rsa else pkcs11.KeyType.EC
        private = pkcs11.ObjectClass.PRIVATE_KEY
        try:
            key = self._session.get_key(private, key_type, place.label, place.id)
        except (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned) as error:
            hint = "" if self._pin else "; MESA_SEAL_PASSWORD, the PIN, is not set"
            raise WrongToken(f"MESA_SEAL_KEY names no single key of its kind: {type(error).__name__}{hint}") from None
        if not isinstance(key, SignMixin):
            raise WrongToken("MESA_SEAL_KEY names a key of the token that does not sign")
        self._check(key)
        return key

    def _check(self, key: SignMixin) -> None:
        signature = _signature(key, PROBE, is_rsa=self._is_rsa)
        try:
            if isinstance(self._public_key, rsa.RSAPublicKey):
                self._public_key.verify(signature, PROBE, padding.PKCS1v15(), hashes.SHA256())
            else:
                self._public_key.verify(signature, PROBE, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise WrongToken("MESA_SEAL_KEY is not the key of MESA_SEAL_CERTIFICATE") from None

    def _refuse(self, reason: str) -> NoReturn:
        self._refused = WrongToken(reason)
        raise self._refused from None

    def _forget(self) -> None:
        session, self._session, self._key = self._session, None, None
        if session is not None:
            with suppress(pkcs11.PKCS11Error):
                session.close()


def _signature(key: SignMixin, data: bytes, *, is_rsa: bool) -> bytes:
    if is_rsa:
        return key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)
    pair: bytes = key.sign(sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA)
    half = len(pair) // 2
    return encode_dss_signature(int.from_bytes(pair[:half]), int.from_bytes(pair[half:]))


def _words(error: pkcs11.PKCS11Error) -> str:
    return f"The token cannot be used: {type(error).__name__}"
