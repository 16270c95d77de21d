"""A citizen files, and checks the receipt that came by mail with the files that the counter gives to anybody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from tests.journeys.stack import APPLICANT

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from tests.journeys.stack import Stack

pytestmark = pytest.mark.timeout(300)


def receipts_in(mail: EmailMessage) -> list[bytes]:
    """Return the PDFs that are attached."""
    parts = [part for part in mail.iter_attachments() if part.get_content_type() == "application/pdf"]
    return [part.get_content() for part in parts]


@pytest.mark.asyncio(loop_scope="session")
async def test_receipt_that_came_by_mail_is_checked_offline(running: Stack, tmp_path: Path) -> None:
    async with running.signed_in(APPLICANT) as desk:
        filed = await desk.file(key=str(uuid4()))
    mail = await running.wait_for_mail(lambda mail: filed["number"] in str(mail["Subject"]) and bool(receipts_in(mail)))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.http_port}") as http:
        certificate = (await http.get("/constancias/certificado.pem")).raise_for_status()
    [receipt] = receipts_in(mail)
    (tmp_path / "constancia.pdf").write_bytes(receipt)
    (tmp_path / "certificado.pem").write_bytes(certificate.content)
    (tmp_path / "otra.pdf").write_bytes(receipt[:5000] + bytes([receipt[5000] ^ 1]) + receipt[5001:])

    given = (str(tmp_path / "constancia.pdf"), "--certificate", str(tmp_path / "certificado.pem"))
    code, said = await running.call("verify-receipt", *given, "--json")
    changed, _ = await running.call("verify-receipt", str(tmp_path / "otra.pdf"))

    outcomes = {each["check"]: each["outcome"] for each in json.loads(said)["checks"]}
    assert code == 0, said
    assert {check for check, outcome in outcomes.items() if outcome == "IN_ORDER"} >= {"FILE", "SEAL", "FACTS", "DATES"}
    assert "FAULT" not in outcomes.values()
    assert outcomes["CERTIFICATE"] == "UNCHECKED"  # made by `run`, and worth nothing
    assert changed == 3
