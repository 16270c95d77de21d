"""Every limit of the manual, tried one below, at, and one above, through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from models.files import Content, Upload
from rules.access import Role
from rules.files import FIRST_ANNEX_MAX_BYTES, MAIN_MAX_BYTES, OTHER_ANNEX_MAX_BYTES
from tests.api import filing, in_process, make_feed
from tests.people import personal_data

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield await made.signed_in(counter)


async def arrived(counter: Counter, api: Api, size_bytes: int, name: str = "documento.pdf") -> str:
    """Return an upload of that size as if it had arrived whole."""
    now = counter.clock()
    content = await Content.create(sha256=uuid4().hex * 2, size_bytes=size_bytes, stored_at=now)
    upload = await Upload.create(
        owner_id=api.viewer.user_id,
        name=name,
        size_bytes=size_bytes,
        content=content,
        created_at=now,
        expires_at=now.replace(year=now.year + 1),
    )
    return str(upload.id)


async def file(counter: Counter, api: Api, **changes: Any) -> tuple[str, list[str]]:
    """File; return what came of it, a refusal's code or «filed», and its path."""
    main = changes.pop("main", None) or await arrived(counter, api, 1_000)
    answer = await api.mutate("fileTramite", "tramite { number }", **filing(main, **changes))
    return answer.get("code", "filed"), answer.get("path", [])


@pytest.mark.parametrize("letter", ["x", "ñ", "𝔞", "👩"])
@pytest.mark.parametrize(("length", "outcome"), [(299, "filed"), (300, "filed"), (301, "TEXT_TOO_LONG")])
async def test_a_subject_has_up_to_three_hundred_characters(
    counter: Counter, api: Api, letter: str, length: int, outcome: str
) -> None:
    assert (await file(counter, api, subject=letter * length))[0] == outcome


@pytest.mark.parametrize(("length", "outcome"), [(99, "filed"), (100, "filed"), (101, "TEXT_TOO_LONG")])
async def test_a_document_number_has_up_to_a_hundred_characters(
    counter: Counter, api: Api, length: int, outcome: str
) -> None:
    assert (await file(counter, api, documentNumber="9" * length))[0] == outcome


@pytest.mark.parametrize(
    ("folios", "outcome"),
    [
        (0, "INVALID_FOLIOS"),
        (1, "filed"),
        (2, "filed"),
        (99_998, "filed"),
        (99_999, "filed"),
        (100_000, "INVALID_FOLIOS"),
    ],
)
async def test_folios_are_from_one_on(counter: Counter, api: Api, folios: int, outcome: str) -> None:
    assert (await file(counter, api, folios=folios))[0] == outcome


@pytest.mark.parametrize(("more", "outcome"), [(-1, "filed"), (0, "filed"), (1, "FILE_TOO_LARGE")])
async def test_each_place_has_its_size(counter: Counter, api: Api, more: int, outcome: str) -> None:
    small = [await arrived(counter, api, 1_000, f"{number}.pdf") for number in range(4)]
    main = await file(counter, api, main=await arrived(counter, api, MAIN_MAX_BYTES + more))
    first = await file(counter, api, annexUploads=[await arrived(counter, api, FIRST_ANNEX_MAX_BYTES + more)])
    second = await file(
        counter, api, annexUploads=[small[0], await arrived(counter, api, OTHER_ANNEX_MAX_BYTES + more)]
    )
    fifth_file = await arrived(counter, api, OTHER_ANNEX_MAX_BYTES + more)
    fifth = await file(counter, api, annexUploads=[*[await arrived(counter, api, 1_000) for _ in range(4)], fifth_file])

    assert [each[0] for each in (main, first, second, fifth)] == [outcome] * 4
    if outcome != "filed":
        assert [each[1][1:] for each in (main, first, second, fifth)] == [
            ["mainUpload"],
            ["annexUploads", "0"],
            ["annexUploads", "1"],
            ["annexUploads", "4"],
        ]


@pytest.mark.parametrize(("annexes", "outcome"), [(4, "filed"), (5, "filed"), (6, "TOO_MANY_ANNEXES")])
async def test_a_filing_has_up_to_five_annexes(counter: Counter, api: Api, annexes: int, outcome: str) -> None:
    uploads = [await arrived(counter, api, 1_000) for _ in range(annexes)]

    assert (await file(counter, api, annexUploads=uploads))[0] == outcome


@pytest.mark.parametrize("extension", ["pdf", "png", "jpeg", "jpg", "docx", "doc", "xls", "xlsx", "zip", "rar"])
async def test_ten_kinds_of_file_are_annexes_and_one_is_a_main_document(
    counter: Counter, api: Api, extension: str
) -> None:
    annex = await arrived(counter, api, 1_000, f"anexo.{extension}")
    main = await arrived(counter, api, 1_000, f"principal.{extension}")

    assert (await file(counter, api, annexUploads=[annex]))[0] == "filed"
    expected = "filed" if extension == "pdf" else "FILE_KIND_NOT_ALLOWED"
    assert (await file(counter, api, main=main))[0] == expected


@pytest.mark.parametrize(
    ("born_on", "is_taken"),
    [("2018-02-29", False), ("2024-02-29", True), ("2024-02-30", False), ("2026-03-09", True), ("2026-03-10", False),
     ("1896-01-01", True), ("1895-12-31", False)],
)  # fmt: skip
async def test_a_birth_date_is_a_day_that_somebody_alive_was_born_on(
    counter: Counter, api: Api, born_on: str, is_taken: bool
) -> None:
    answer = await api.mutate("checkPersonalData", **personal_data(birthDate=born_on))

    assert (answer["__typename"] == "CheckPersonalDataSuccess") is is_taken
    assert is_taken or answer["path"] == ["input", "birthDate"]


@pytest.mark.parametrize(("length", "is_taken"), [(99, True), (100, True), (101, False)])
async def test_a_name_has_up_to_a_hundred_letters(counter: Counter, api: Api, length: int, is_taken: bool) -> None:
    answer = await api.mutate("checkPersonalData", **personal_data(givenNames="Ñ" * length))

    assert (answer["__typename"] == "CheckPersonalDataSuccess") is is_taken


@pytest.mark.parametrize(("length", "outcome"), [(253, "filed"), (254, "filed"), (255, "INVALID_EMAIL")])
async def test_an_address_has_up_to_254_characters(counter: Counter, api: Api, length: int, outcome: str) -> None:
    domain = ".".join(["a" * 63, "b" * 63, "c" * 61, "pe"])
    local = "x" * (length - len(domain) - 1)

    assert len(f"{local}@{domain}") == length
    assert (await file(counter, api, contactEmail=f"{local}@{domain}"))[0] == outcome


REVIEW = "query($input: FilingInput!) { reviewFiling(input: $input) { filedOnIfSentNow problems { code path } } }"
HOURS = "query($code: String!) { openingHours(officeCode: $code) { isOpen } }"
CALENDAR = "query($code: String!) { calendar(officeCode: $code, year: 2026) { version } }"


@pytest.mark.parametrize("code", ["X" * 20, "X" * 21, "Ñ" * 5_000, "\u2028"])
async def test_an_office_that_does_not_exist_is_refused_however_long_its_code(
    counter: Counter, api: Api, code: str
) -> None:
    tramite = await counter.file(api.viewer)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    form = filing(uuid4(), officeCode=code)
    del form["clientKey"]

    filed = await file(counter, api, officeCode=code)
    updated = await api.mutate("updateTramite", "tramite { number }", id=str(tramite.id), officeCode=code)
    referred = await clerk.mutate("referTramite", "tramite { number }", id=str(tramite.id), officeCode=code)
    reviewed = (await api.data(REVIEW, input=form))["reviewFiling"]

    assert filed == ("OFFICE_UNKNOWN", ["input", "officeCode"])
    assert (updated["code"], referred["code"]) == ("OFFICE_UNKNOWN", "OFFICE_UNKNOWN")
    assert reviewed["filedOnIfSentNow"] is None
    assert {"code": "OFFICE_UNKNOWN", "path": ["input", "officeCode"]} in reviewed["problems"]
    for ask in (HOURS, CALENDAR):
        [error] = (await api.answer(ask, code=code))["errors"]
        assert error["extensions"]["code"] == "OFFICE_NOT_FOUND"
