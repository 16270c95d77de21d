"""Offices change, and what lies in them, or was said of them, stays as it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from actions import applicant, filing, mail, offices, tramites
from actions.filing_forms import OfficeRetired
from models.catalogue import Office
from models.mail import Mailbox
from models.receipts import Receipt
from models.tramites import Tramite
from rules.access import Role
from rules.administration import VersionOutdated
from rules.lifecycle import TramiteStatus
from tests.api import Api
from tests.database.administering import everything, until_two_wait

if TYPE_CHECKING:
    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database


@pytest_asyncio.fixture
async def administrator(counter: Counter) -> Viewer:
    return await counter.register(role=Role.ADMINISTRATOR)


async def retire(counter: Counter, administrator: Viewer, code: str = "PUNO") -> Office:
    office = await Office.get(code=code)
    return await offices.retire_office(counter.tools, administrator, code, expected_version=office.revision)


def form(code: str = "ICA", **changes: Any) -> offices.OfficeForm:
    usual = offices.OfficeForm(code=code, name="Oficina Regional Ica", opens_at="07:30", closes_at="15:00")
    return replace(usual, **changes)


async def test_a_new_office_takes_documents_at_once_in_its_own_hours(
    counter: Counter, administrator: Viewer, api: Api
) -> None:
    added = await offices.add_office(counter.tools, administrator, form(position=2))

    filed = await counter.file(await counter.register(), office_code="ICA")
    shown = (await api.data("{ offices { code isOpenForFiling hours { opensAt closesAt } } }"))["offices"]

    assert filed.office_id == added.id
    assert (filed.filing_rule["opensAt"], filed.filing_rule["closesAt"]) == ("07:30", "15:00")
    assert [each["code"] for each in shown[:3]] == ["SEDE-CENTRAL", "ICA", "LIMA"]
    assert shown[1] == {"code": "ICA", "isOpenForFiling": True, "hours": {"opensAt": "07:30", "closesAt": "15:00"}}
    assert await Office.all().order_by("position").values_list("position", flat=True) == list(range(1, 11))


async def test_two_offices_of_one_code_at_once_are_one(counter: Counter, administrator: Viewer) -> None:
    answers = await asyncio.gather(
        *(offices.add_office(counter.tools, administrator, form()) for _ in range(3)), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Office", "OfficeCodeTaken", "OfficeCodeTaken"]


async def test_of_two_changes_of_an_office_the_second_waits_and_is_told(
    counter: Counter, administrator: Viewer, database: Database
) -> None:
    async def rename(name: str) -> Office:
        return await offices.rename_office(counter.tools, administrator, "PUNO", name=name, expected_version=1)

    blocker = await asyncpg.connect(database.owner_url)
    async with blocker.transaction():
        await blocker.execute("SELECT FROM register_heads FOR UPDATE")
        first = asyncio.create_task(rename("Uno"))
        await database.until_somebody_waits()
        second = asyncio.create_task(rename("Dos"))
        await until_two_wait(blocker)

    assert (await first).name == "Uno"
    with pytest.raises(VersionOutdated):
        await second
    assert (await Office.get(code="PUNO")).name == "Uno"
    await blocker.close()


async def test_a_receipt_keeps_the_name_that_the_office_had(counter: Counter, administrator: Viewer) -> None:
    maria = await counter.register()
    before = await counter.file(maria, office_code="PUNO")
    await offices.rename_office(counter.tools, administrator, "PUNO", name="Altiplano", expected_version=1)
    after = await counter.file(maria, office_code="PUNO")
    await applicant.void_tramite(counter.tools, maria, before.id)

    names = {(receipt.tramite_id, receipt.kind.value): receipt.facts["office"] for receipt in await Receipt.all()}

    assert names == {
        (before.id, "SUBMISSION"): "Oficina Regional Altiplano Puno",
        (before.id, "VOIDING"): "Altiplano",
        (after.id, "SUBMISSION"): "Altiplano",
    }


async def test_a_retired_office_takes_nothing_new_and_is_shown_so(
    counter: Counter, administrator: Viewer, api: Api
) -> None:
    maria = await api.signed_in(counter)
    moving = await counter.file(maria.viewer, office_code="LIMA")
    await retire(counter, administrator)

    with pytest.raises(OfficeRetired) as refused:
        await counter.file(maria.viewer, office_code="PUNO")
    with pytest.raises(OfficeRetired) as unmoved:
        await applicant.update_tramite(
            counter.tools, maria.viewer, moving.id, applicant.MainData(office_code="PUNO", subject="Otro")
        )
    review = await maria.data(
        "query($input: FilingInput!) { reviewFiling(input: $input) { problems { code path } } }",
        input={"officeCode": "PUNO"},
    )

    assert refused.value.path == unmoved.value.path == ("officeCode",)
    assert {"code": "OFFICE_RETIRED", "path": ["input", "officeCode"]} in review["reviewFiling"]["problems"]
    assert await Tramite.all().count() == 1
    assert (await Tramite.get(id=moving.id)).subject != "Otro"
    shown = (await api.data("{ offices { code isOpenForFiling } }"))["offices"]
    assert [each["code"] for each in shown if not each["isOpenForFiling"]] == ["PUNO"]


async def test_what_a_retired_office_has_is_seen_acted_on_and_referred_away(
    counter: Counter, administrator: Viewer
) -> None:
    maria, clerk = await counter.register(), await counter.register(role=Role.CLERK, office="PUNO")
    there = [await counter.file(maria, office_code="PUNO") for _ in range(2)]
    elsewhere = await counter.register(role=Role.CLERK, office="LIMA")
    coming = await counter.file(maria, office_code="LIMA")
    await retire(counter, administrator)

    own, away = [
        await tramites.refer_tramite(counter.tools, clerk, tramite.id, office_code=code, text=None)
        for tramite, code in zip(there, ("PUNO", "LIMA"), strict=True)
    ]
    await tramites.resolve_tramite(counter.tools, clerk, own.id, text="Se concede")
    with pytest.raises(OfficeRetired):
        await tramites.refer_tramite(counter.tools, elsewhere, coming.id, office_code="PUNO", text=None)

    assert (await Tramite.get(id=own.id)).status is TramiteStatus.RESOLVED
    assert (await Tramite.get(id=away.id).select_related("office")).office.code == "LIMA"
    assert (await Tramite.get(id=coming.id)).status is TramiteStatus.PENDING


async def test_who_changes_something_else_may_leave_a_tramite_in_a_retired_office(
    counter: Counter, administrator: Viewer
) -> None:
    maria = await counter.register()
    filed = await counter.file(maria, office_code="PUNO")
    await retire(counter, administrator)

    data = applicant.MainData(office_code="PUNO", subject="Otro asunto")
    updated = await applicant.update_tramite(counter.tools, maria, filed.id, data)

    assert updated.subject == "Otro asunto"


async def test_a_filing_acknowledged_before_is_answered_again_after_the_office_retired(
    counter: Counter, administrator: Viewer
) -> None:
    maria = await counter.register()
    asked = await counter.form(maria, office_code="PUNO")
    first = await filing.file_tramite(counter.tools, maria, asked)
    await retire(counter, administrator)

    assert (await filing.file_tramite(counter.tools, maria, asked)).id == first.id


async def test_a_retired_office_opens_again(counter: Counter, administrator: Viewer) -> None:
    retired = await retire(counter, administrator)

    opened = await offices.reopen_office(counter.tools, administrator, "PUNO", expected_version=retired.revision)

    assert opened.retired_at is None
    assert (await counter.file(await counter.register(), office_code="PUNO")).office_id == opened.id


async def test_the_office_to_which_mail_comes_is_not_retired(counter: Counter, administrator: Viewer) -> None:
    mailbox = await mail.open_mailbox(account="a@example.pe", folder="INBOX", office_code="PUNO")
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    before = await everything()

    with pytest.raises(offices.OfficeTakesMail):
        await retire(counter, administrator)

    assert await everything() == before
    await mail.release_lease(lease)
    await retire(counter, administrator)
    with pytest.raises(OfficeRetired):
        await mail.open_mailbox(account="a@example.pe", folder="INBOX", office_code="PUNO")
    again = await mail.open_mailbox(account="a@example.pe", folder="INBOX", office_code="LIMA")
    assert (again.id, again.office_id) == (mailbox.id, (await Office.get(code="LIMA")).id)
    assert await Mailbox.all().count() == 1


async def test_the_last_office_is_not_retired(counter: Counter, administrator: Viewer) -> None:
    codes = await Office.exclude(code="PUNO").values_list("code", flat=True)
    for code in codes:
        await retire(counter, administrator, str(code))

    with pytest.raises(offices.LastOffice):
        await retire(counter, administrator)


async def test_an_order_that_was_begun_before_another_change_is_refused(
    counter: Counter, administrator: Viewer
) -> None:
    codes = [str(code) for code in await Office.all().order_by("position").values_list("code", flat=True)]
    seen = offices.version_of(await Office.all())
    await offices.add_office(counter.tools, administrator, form())

    with pytest.raises(offices.VersionOutdated):
        await offices.reorder_offices(counter.tools, administrator, codes[::-1], expected_version=seen)
