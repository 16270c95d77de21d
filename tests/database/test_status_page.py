"""The page on which anybody sees how a trámite stands: by number and key, typed and never in an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesadepartes.status import FOUND, LATER, MOST_BYTES, QUESTION, TOO_LONG, UNKNOWN
from rules.throttling import DOORS, Door
from tests.api import Api

if TYPE_CHECKING:
    from tests.counter import Counter


async def test_the_page_asks_and_may_send_its_form_nowhere_else(api: Api) -> None:
    page = await api.http.get("/estado")

    assert (page.status_code, QUESTION in page.text) == (200, True)
    policy = page.headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "script-src 'none'" in policy


async def test_number_and_key_tell_the_status_and_nothing_of_the_person(api: Api, counter: Counter) -> None:
    tramite = await counter.file(await counter.register(), subject="Asunto <reservado>")

    typed = {"number": tramite.number.lower(), "key": tramite.lookup_key.replace("-", " ")}
    page = await api.http.post("/estado", data=typed)

    assert page.status_code == 200
    for shown in (FOUND, tramite.number, "Pendiente de validación", "Sede Central", "09/03/2026"):
        assert shown in page.text
    for hidden in ("reservado", "Ñaupari", "example.pe", "10000001", tramite.lookup_key):
        assert hidden not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_a_key_in_the_address_is_not_looked_at(api: Api, counter: Counter) -> None:
    tramite = await counter.file(await counter.register())

    page = await api.http.get("/estado", params={"number": tramite.number, "key": tramite.lookup_key})

    assert QUESTION in page.text
    assert tramite.number not in page.text


@pytest.mark.parametrize("wrong", ["number", "key", "shape of the number", "shape of the key", "all"])
async def test_a_wrong_number_and_a_wrong_key_are_answered_alike(api: Api, counter: Counter, wrong: str) -> None:
    maria = await counter.register()
    one, other = await counter.file(maria), await counter.file(maria)
    typed = {
        "number": {"number": other.number, "shape of the number": "<b>\0"}.get(wrong, one.number),
        "key": {"key": other.lookup_key, "shape of the key": "x" * 500}.get(wrong, one.lookup_key),
    }

    page = await api.http.post("/estado", data={} if wrong == "all" else typed)

    assert (page.status_code, UNKNOWN in page.text) == (404, True)
    assert one.number not in page.text


@pytest.mark.parametrize("body", [b"\xff\xfe=%ff&&&=", b"&" * MOST_BYTES, b"number=%00&key=%00"])
async def test_any_bytes_are_answered(api: Api, counter: Counter, body: bytes) -> None:
    page = await api.http.post("/estado", content=body)

    assert (page.status_code, UNKNOWN in page.text) == (404, True)


async def test_a_form_that_is_too_long_is_not_read_to_its_end(api: Api, counter: Counter) -> None:
    page = await api.http.post("/estado", content=b"x" * (MOST_BYTES + 1))

    assert (page.status_code, TOO_LONG in page.text) == (413, True)


async def test_guessing_is_slowed_down(api: Api, counter: Counter) -> None:
    for _ in range(DOORS[Door.PUBLIC_STATUS].address.burst):
        assert (await api.http.post("/estado", data={"number": "x"})).status_code == 404

    page = await api.http.post("/estado", data={"number": "x"})

    assert (page.status_code, LATER in page.text) == (429, True)
    assert int(page.headers["retry-after"]) > 0
