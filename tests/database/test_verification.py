"""What anybody may see who holds a code or a key: enough to check, nothing of the person, and nothing without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.receipts import Receipt
from tests.api import Api

if TYPE_CHECKING:
    from tests.counter import Counter

STATUS = """query($number: String!, $lookupKey: String!) {
    publicStatus(number: $number, lookupKey: $lookupKey) { number status statusLabel filedOn officeName } }"""


async def test_number_and_key_tell_the_status_to_anybody(api: Api, counter: Counter) -> None:
    tramite = await counter.file(await counter.register())

    typed = {"number": tramite.number.lower(), "lookupKey": tramite.lookup_key.replace("-", " ").lower()}
    answer = await api.data(STATUS, **typed)

    assert answer["publicStatus"] == {
        "number": tramite.number,
        "status": "PENDING",
        "statusLabel": "pendiente de validación",
        "filedOn": "2026-03-09",
        "officeName": "Sede Central",
    }


@pytest.mark.parametrize("wrong", ["number", "key", "shape of the number", "shape of the key"])
async def test_a_wrong_number_and_a_wrong_key_tell_nothing(api: Api, counter: Counter, wrong: str) -> None:
    maria = await counter.register()
    one, other = await counter.file(maria), await counter.file(maria)
    typed = {
        "number": {"number": other.number, "shape of the number": "MPD-2026-000001-X"}.get(wrong, one.number),
        "lookupKey": {"key": other.lookup_key, "shape of the key": "x"}.get(wrong, one.lookup_key),
    }

    assert (await api.data(STATUS, **typed))["publicStatus"] is None


async def test_the_code_of_a_receipt_shows_what_was_certified_and_not_of_whom(api: Api, counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria, subject="Asunto <reservado>")
    receipt = await Receipt.get(tramite_id=tramite.id)

    page = await api.http.get(f"/verificar/{receipt.verification_code}")

    assert page.status_code == 200
    for shown in (tramite.number, receipt.facts["files"][0]["sha256"], "Constancia de envío", "09/03/2026"):
        assert shown in page.text
    for hidden in ("reservado", "Ñaupari", "example.pe", "10000001"):
        assert hidden not in page.text
    assert "script-src 'sha256-" in page.headers["content-security-policy"]


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "x", "<script>"])
async def test_an_unknown_code_says_so(api: Api, counter: Counter, code: str) -> None:
    page = await api.http.get(f"/verificar/{code}")

    assert page.status_code == 404
    assert "No emitimos una constancia con ese código" in page.text
