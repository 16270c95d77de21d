"""The seal of `run`: made once, renewed in time, and always said to be for development."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from mesadepartes.development import development_environ
from mesadepartes.development_seal import keep_development_seal
from mesadepartes.seal_keys import load_seal
from mesadepartes.settings import Settings
from receipts.batches import sealed
from receipts.writer import render
from rules.receipts import SealFacts
from seals.checks import check_detached
from tests.readers import PdfSig, why_missing
from tests.unit.receipts.samples import USUAL

if TYPE_CHECKING:
    from seals.seal import Seal

AT = datetime(2026, 3, 9, tzinfo=UTC)
DIGEST = sha256(b"una constancia").digest()
NAME = "Entidad de Ejemplo"


def kept(folder: Path, *, name: str = NAME, at: datetime = AT) -> Seal:
    seal = load_seal(Settings.from_environ(keep_development_seal(folder, name, at=at)), clock=lambda: at)
    assert seal is not None
    return seal


def is_good(folder: Path, seal: Seal, *, at: datetime = AT) -> bool:
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    return not check_detached(seal.sign(DIGEST), DIGEST, [authority], at=at).problems


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "seal"

    first, second = kept(folder), kept(folder, at=AT + timedelta(days=300))

    assert first.certificates == second.certificates
    assert is_good(folder, first)
    assert first.facts == SealFacts(
        holder="Entidad de Ejemplo (sello de PRUEBA)",
        issuer="CA de desarrollo – sin valor legal",
        is_for_development=True,
    )
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == dict.fromkeys(
        ("ca.pem", "ca-key.pem", "seal.pem", "seal-key.pem"), "0o600"
    )


def test_it_is_renewed_before_it_ends_by_the_same_authority(tmp_path: Path) -> None:
    first = kept(tmp_path)
    authority = (tmp_path / "ca.pem").read_bytes()
    later = AT + timedelta(days=340)

    second = kept(tmp_path, at=later)

    assert second.certificates[0] != first.certificates[0]
    assert second.valid_until == later + timedelta(days=365)
    assert (tmp_path / "ca.pem").read_bytes() == authority
    assert is_good(tmp_path, second, at=later)


def test_an_authority_that_would_end_first_is_made_anew(tmp_path: Path) -> None:
    kept(tmp_path)
    authority, later = (tmp_path / "ca.pem").read_bytes(), AT + timedelta(days=3400)

    second = kept(tmp_path, at=later)

    assert (tmp_path / "ca.pem").read_bytes() != authority
    assert is_good(tmp_path, second, at=later)


def test_another_name_has_another_certificate_and_long_ones_are_cut(tmp_path: Path) -> None:
    kept(tmp_path)

    other = kept(tmp_path, name="Ñ" * 100)

    assert other.facts.holder == "Ñ" * 23 + " (sello de PRUEBA)"
    assert is_good(tmp_path, other)


@pytest.mark.parametrize("name", ["ca.pem", "ca-key.pem", "seal.pem", "seal-key.pem"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_was_lost_or_damaged_is_made_anew(tmp_path: Path, name: str, content: bytes | None) -> None:
    kept(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)

    assert is_good(tmp_path, kept(tmp_path))


def test_readers_find_a_receipt_of_run_good(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    if reason := why_missing():
        pytest.skip(reason)
    at = datetime.now(UTC)  # noqa: TID251 - readers ask the machine's clock
    seal = kept(tmp_path, at=at)

    unsealed = render(USUAL, room=seal.room)
    content = sealed(unsealed, seal.sign(unsealed.digest))

    nss = tmp_path_factory.mktemp("nss")
    assert PdfSig.trusting(nss, (tmp_path / "ca.pem").read_bytes()).is_satisfied(content)


def test_run_never_seals_with_the_institutions_own_seal() -> None:
    given = {f"MESA_SEAL_{name}": "x" for name in ("CERTIFICATE", "KEY", "PASSWORD", "PASSWORD_FILE", "MODULE")}

    assert not any(name.startswith("MESA_SEAL") for name in development_environ(given))
