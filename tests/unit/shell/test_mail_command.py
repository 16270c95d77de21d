"""Whom `mesadepartes mail` names as the sender in the envelope: whatever the mail is, it is handed over."""

from __future__ import annotations

import pytest

from mesadepartes.commands.mail import sender_of


@pytest.mark.parametrize(
    ("sender", "named"),
    [
        (b"Ana Torres <ana@ciudadana.example>", "ana@ciudadana.example"),
        (b"", ""),
        (b"(" * 5000, ""),
        (b"." * 50_000 + b"@ciudadana.example", ""),
        (b"a" * 300 + b"@ciudadana.example", ""),
        (b"=?utf-8?q?Ana=0d=0aBcc:_x@evil.test?= <ana@ciudadana.example>", ""),
        (b"ana@ciudadana.example, luis@ciudadana.example", ""),
        (b":from;f", ""),
    ],
)
def test_sender_is_an_address_that_fits_into_an_envelope_or_none(sender: bytes, named: str) -> None:
    assert sender_of(b"From: " + sender + b"\r\nSubject: Solicitud\r\n\r\nHola\r\n") == named
