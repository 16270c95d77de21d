"""The vault: seals small secrets that must be read again, such as the seeds of second factors."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from uuid import UUID

NONCE_BYTES = 12
ID_BYTES = 6


class SealBroken(Exception):
    """What is kept was sealed with a key that the vault has not, for another account, or was changed since."""


class Vault:
    """
    AES-256-GCM under a key from outside the database, with the id of the key beside what it sealed.

    The first of the *secrets* seals; the others only open what they sealed before, so that keys can be changed. A key
    and its id are derived from its secret (HKDF, RFC 5869): nobody has to name keys.
    """

    def __init__(self, *secrets: str) -> None:
        assert secrets
        keys = [(_derive(secret, "id", ID_BYTES).hex(), _derive(secret, "key", 32)) for secret in secrets]
        self._keys = dict(keys)
        self.current_id = keys[0][0]

    def seal(self, secret: str, *, about: UUID, nonce: bytes) -> str:
        """Return *secret* sealed with a fresh *nonce*; it can be opened only as one *about* the same account."""
        sealed = AESGCM(self._keys[self.current_id]).encrypt(nonce, secret.encode(), about.bytes)
        return f"{self.current_id}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, kept: str, *, about: UUID) -> str:
        """
        Return the secret that was sealed.

        Raises:
            SealBroken: it cannot be opened, or not as one about this account.
        """
        key_id, _, text = kept.partition(".")
        try:
            sealed = base64.b64decode(text, validate=True)
            opened = AESGCM(self._keys[key_id]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.bytes)
        except (KeyError, InvalidTag, binascii.Error, ValueError) as error:
            raise SealBroken(f"sealed under key {key_id[:20]}") from error
        return opened.decode()

    def is_outdated(self, kept: str) -> bool:
        """Say whether it was sealed with another key than the one that seals now."""
        return not kept.startswith(f"{self.current_id}.")


def _derive(secret: str, purpose: str, length: int) -> bytes:
    info = f"mesa de partes digital: vault {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())
