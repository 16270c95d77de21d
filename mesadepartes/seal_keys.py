"""The seal that the settings name: its key is loaded once, when a part starts; each mistake is told by its setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from actions.seal_watch import tell_of_end
from mesadepartes.variables import WrongSettings
from seals.certificates import WrongFile, faults_of, read_certificates
from seals.keys import Keyless, KeySigner, read_key
from seals.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509

    from mesadepartes.settings import Settings
    from seals.seal import Signer

TOKEN = "pkcs11:"  # noqa: S105 - a scheme


def load_seal(settings: Settings, *, clock: Callable[[], datetime]) -> Seal | None:
    """
    Return the seal, None when none is set; without a key one that knows its names and cannot seal.

    A certificate out of its time, or a token that is away, is logged: what waits for the seal is not lost.

    Raises:
        WrongSettings: no receipt could ever be sealed like this.
    """
    if settings.seal_certificate is None:
        return None
    chain = _chain(settings, settings.seal_certificate)
    signer = _signer(settings, settings.seal_key, chain[0]) if settings.seal_key else Keyless()
    seal = Seal(signer, [each.public_bytes(Encoding.DER) for each in chain], clock=clock)
    tell_of_end(seal, at=clock())
    return seal


def _chain(settings: Settings, path: str) -> list[x509.Certificate]:
    try:
        chain = read_certificates(path, settings.seal_password)
    except WrongFile as wrong:
        raise WrongSettings([f"MESA_SEAL_CERTIFICATE ({path}) {wrong}"]) from None
    if faults := [f"MESA_SEAL_CERTIFICATE ({path}) {each}" for each in faults_of(chain[0])]:
        raise WrongSettings(faults)
    return chain


def _signer(settings: Settings, named: str, certificate: x509.Certificate) -> Signer:
    if named.startswith(TOKEN):
        return _token_signer(settings, named, certificate)
    try:
        key = read_key(named, settings.seal_password)
    except WrongFile as wrong:
        raise WrongSettings([f"MESA_SEAL_KEY ({named}) {wrong}"]) from None
    if key.public_key() != certificate.public_key():
        raise WrongSettings([f"MESA_SEAL_KEY ({named}) is not the key of MESA_SEAL_CERTIFICATE"])
    return KeySigner(key)


def _token_signer(settings: Settings, uri: str, certificate: x509.Certificate) -> Signer:
    from seals.token import TokenSigner, WrongToken, read_place

    try:
        place = read_place(uri, module=settings.seal_module)
        signer = TokenSigner(place, settings.seal_password, certificate.public_key())
        signer.try_out()
    except WrongToken as wrong:
        raise WrongSettings([str(wrong)]) from None
    return signer
