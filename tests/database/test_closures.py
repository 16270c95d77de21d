"""Accounts are closed at the wish of their holder: nothing filed is lost, and nothing else is left."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from actions import accounts, closures, drafts, filing, tramites
from actions.administration import appoint
from actions.closures import close_due_accounts
from actions.filing_forms import FilingForm
from models.drafts import Draft
from models.files import Upload
from models.people import ClientKey, Session, User
from models.receipts import Notice, Receipt
from models.register import Entry
from models.retention import AccountClosure
from models.tramites import Tramite
from reading.access import renewed
from rules.access import Role
from rules.closures import ClosureState, ClosureWaits
from rules.people import Identity, IdentityKind
from rules.refusals import Refusal
from rules.register import Act
from rules.throttling import Client
from tests.api import Api
from tests.counter import PASSWORD, PDF
from tests.retention import clerk_of, resolved, whole_tables

if TYPE_CHECKING:
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

CLOSURE = "{ accountClosure { state askedAt dueAt openTramites } }"
STOP = "mutation { stopAccountClosure { __typename ... on Refusal { code } } }"
DAYS_LATER = {"days": 7, "minutes": 1}


async def ask(api: Api, password: str = PASSWORD) -> dict[str, Any]:
    return await api.mutate("requestAccountClosure", "closure { state openTramites }", currentPassword=password)


async def ask_for(counter: Counter, viewer: Viewer) -> AccountClosure:
    return await closures.request_closure(counter.tools, viewer, PASSWORD, client=Client())


async def closed(counter: Counter, viewer: Viewer) -> None:
    """Ask for a closing and let its day come."""
    await ask_for(counter, viewer)
    counter.clock.advance(**DAYS_LATER)
    assert await close_due_accounts(counter.tools) == 1


async def is_closed(user_id: UUID) -> bool:
    return (await User.get(id=user_id)).closed_at is not None


async def test_an_account_is_closed_a_week_after_it_was_asked_for_and_told_by_mail(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    email = (await User.get(id=maria.viewer.user_id)).email
    await counter.deliver()

    answer = await ask(maria)
    seen = [await close_due_accounts(counter.tools)]
    counter.clock.advance(days=6, hours=23)
    seen.append(await close_due_accounts(counter.tools))
    counter.clock.advance(hours=2)
    seen.append(await close_due_accounts(counter.tools))

    assert answer["closure"] == {"state": "WAITING", "openTramites": 0}
    assert seen == [0, 0, 1]
    mails = await Notice.filter(kind__in=["CLOSURE_REQUESTED", "ACCOUNT_CLOSED"]).order_by("created_at")
    assert [mail.kind.value for mail in mails] == ["CLOSURE_REQUESTED", "ACCOUNT_CLOSED"]
    assert mails[1].address == email
    acts = await Entry.filter(act__in=[Act.CLOSURE_REQUESTED, Act.ACCOUNT_CLOSED]).order_by("sequence")
    assert [entry.act for entry in acts] == [Act.CLOSURE_REQUESTED, Act.ACCOUNT_CLOSED]
    assert not any("@" in entry.record or "Ñaupari" in entry.record for entry in acts)


async def test_nothing_of_the_person_is_left_but_what_they_filed(counter: Counter, database: Database) -> None:
    maria, clerk = await counter.register(), await clerk_of(counter)
    known = await User.get(id=maria.user_id)
    answered = await resolved(counter, clerk, maria)
    held = await counter.upload(maria, data=PDF + b"never filed")
    await drafts.save_draft(counter.tools, maria, FilingForm(main_upload=held.id), draft_id=None, version=None)
    await counter.deliver()

    await ask_for(counter, maria)
    await counter.deliver()
    counter.clock.advance(**DAYS_LATER)
    assert await close_due_accounts(counter.tools) == 1

    left = await User.get(id=maria.user_id)
    assert (left.full_name, left.email, left.mobile, left.password_hash) == ("", "", "", "")
    assert not left.has_identity
    for rows in (Session, ClientKey):
        assert not await rows.filter(user_id=maria.user_id).exists()
    assert not await Draft.filter(owner_id=maria.user_id).exists()
    assert [upload.name for upload in await Upload.filter(owner_id=maria.user_id)] == [""]
    tables = await whole_tables(database)
    rows = {name: [row for row in rows if known.identity_number in row] for name, rows in tables.items()}
    assert {name for name, found in rows.items() if found} == {"receipts", "notices"}
    told = [json.loads(row) for row in rows["notices"]]
    about = {(each["kind"], each["tramite_id"], each["user_id"]) for each in told}
    filed = str(answered.id)
    assert about == {
        ("SUBMISSION_RECEIPT", filed, None),
        ("RESOLVED", filed, None),
        ("ACCOUNT_CLOSED", None, None),
    }


async def test_staff_still_see_what_was_filed_with_its_receipt(counter: Counter) -> None:
    maria, clerk = await counter.register(), await clerk_of(counter)
    answered = await resolved(counter, clerk, maria)
    before = await Receipt.filter(tramite_id=answered.id).order_by("id").values()

    await closed(counter, maria)

    after = await Tramite.get(id=answered.id)
    assert (after.sender_name, after.applicant_id) == (answered.sender_name, maria.user_id)
    assert (after.contact_email, after.contact_mobile) == (None, None)
    assert await Receipt.filter(tramite_id=answered.id).order_by("id").values() == before


async def test_a_live_session_ends_and_the_password_is_worth_nothing(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    number = (await User.get(id=maria.viewer.user_id)).identity_number
    await ask(maria)
    counter.clock.advance(**DAYS_LATER)
    maria = await api.signed_in_again(counter, maria)

    assert await close_due_accounts(counter.tools) == 1

    assert not await maria.is_known()
    assert await renewed(maria.viewer, at=counter.clock()) is None
    answer = await api.mutate("signIn", "token", identityKind="DNI", identityNumber=number, password=PASSWORD)
    assert answer["code"] == "WRONG_CREDENTIALS"


async def test_the_number_may_register_anew_and_sees_nothing_of_before(counter: Counter) -> None:
    form, clerk = counter.registration(), await clerk_of(counter)
    maria = await counter.register(identity_number=form.identity_number)
    await resolved(counter, clerk, maria)
    await closed(counter, maria)

    again = await counter.register(identity_number=form.identity_number, email="otra@example.pe")

    assert again.user_id != maria.user_id
    assert not await Tramite.filter(applicant_id=again.user_id).exists()
    assert await Tramite.filter(applicant_id=maria.user_id).count() == 1


async def test_it_is_stopped_and_asked_for_again(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)

    nothing = await maria.data(STOP)
    await ask(maria)
    shown = await maria.data(CLOSURE)
    stopped = await maria.data(STOP)
    gone = await maria.data(CLOSURE)
    counter.clock.advance(**DAYS_LATER)
    left = await close_due_accounts(counter.tools)
    maria = await api.signed_in_again(counter, maria)
    again = await ask(maria)

    assert nothing["stopAccountClosure"]["code"] == "CLOSURE_NOT_FOUND"
    assert shown["accountClosure"]["state"] == "WAITING"
    assert stopped["stopAccountClosure"]["__typename"] == "StopAccountClosureSuccess"
    assert (gone["accountClosure"], left) == (None, 0)
    assert again["closure"]["state"] == "WAITING"
    assert await AccountClosure.filter(state=ClosureState.STOPPED).count() == 1


async def test_whoever_does_not_know_the_password_changes_nothing(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)

    answer = await ask(maria, "otra contraseña cualquiera")

    assert (answer["__typename"], answer["code"]) == ("InvalidInput", "WRONG_PASSWORD")
    assert not await AccountClosure.exists()
    assert not await Notice.filter(kind="CLOSURE_REQUESTED").exists()


async def test_asked_for_twice_at_once_it_waits_once(counter: Counter) -> None:
    maria = await counter.register()

    results = await asyncio.gather(*(ask_for(counter, maria) for _ in range(3)), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["AccountClosure", "ClosureWaits", "ClosureWaits"]
    assert await AccountClosure.all().count() == 1
    assert await Notice.filter(kind="CLOSURE_REQUESTED").count() == 1
    with pytest.raises(ClosureWaits):
        await ask_for(counter, maria)


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR])
async def test_staff_are_refused(counter: Counter, api: Api, role: Role) -> None:
    clerk = await api.signed_in(counter, role=role, office="CUSCO" if role is Role.CLERK else None)

    answer = await ask(clerk)

    assert (answer["__typename"], answer["code"]) == ("NotAllowed", "STAFF_ACCOUNT")
    assert not await AccountClosure.exists()


async def test_who_became_staff_meanwhile_keeps_the_account(counter: Counter) -> None:
    maria = await counter.register()
    number = (await User.get(id=maria.user_id)).identity_number
    await ask_for(counter, maria)
    await appoint(Identity(IdentityKind.DNI, number), role=Role.CLERK, office_code="CUSCO")
    counter.clock.advance(**DAYS_LATER)

    assert await close_due_accounts(counter.tools) == 0
    assert not await is_closed(maria.user_id)


async def test_it_waits_for_the_end_of_open_tramites_and_keeps_contact_until_then(counter: Counter, api: Api) -> None:
    maria, clerk = await api.signed_in(counter), await clerk_of(counter)
    filed = await counter.file(maria.viewer)
    answer = await ask(maria)
    counter.clock.advance(**DAYS_LATER)

    before = await close_due_accounts(counter.tools)
    await tramites.resolve_tramite(counter.tools, clerk, filed.id, text="Se entregó.")
    told = await Notice.get(tramite_id=filed.id, kind="RESOLVED")
    after = await close_due_accounts(counter.tools)

    assert answer["closure"] == {"state": "WAITING", "openTramites": 1}
    assert (before, after) == (0, 1)
    assert told.address == filed.contact_email


async def test_of_a_filing_and_a_closing_at_once_the_filing_that_came_first_keeps_the_account_open(
    counter: Counter, database: Database
) -> None:
    maria = await counter.register()
    await ask_for(counter, maria)
    counter.clock.advance(**DAYS_LATER)
    form = await counter.form(maria)
    owner = await asyncpg.connect(database.owner_url)

    async with owner.transaction():
        await owner.execute("SELECT FROM register_heads FOR UPDATE")
        sending = asyncio.create_task(filing.file_tramite(counter.tools, maria, form))
        await database.until_somebody_waits(unless=sending)
        while_it_files = await close_due_accounts(counter.tools)
    filed = await sending
    await owner.close()

    assert (while_it_files, await close_due_accounts(counter.tools)) == (0, 0)
    assert not await is_closed(maria.user_id)
    assert (await Tramite.get(id=filed.id)).applicant_id == maria.user_id


async def test_of_a_filing_and_a_closing_at_once_the_closing_that_came_first_lets_nothing_be_filed(
    counter: Counter, database: Database
) -> None:
    maria = await counter.register()
    await ask_for(counter, maria)
    counter.clock.advance(**DAYS_LATER)
    form = await counter.form(maria)
    owner = await asyncpg.connect(database.owner_url)

    async with owner.transaction():
        await owner.execute("SELECT FROM register_heads FOR UPDATE")
        closing = asyncio.create_task(close_due_accounts(counter.tools))
        await database.until_somebody_waits(unless=closing)
        sending = asyncio.create_task(filing.file_tramite(counter.tools, maria, form))
    done = await closing
    await owner.close()

    with pytest.raises(Refusal):
        await sending
    assert (done, await is_closed(maria.user_id)) == (1, True)
    assert not await Tramite.exists()


async def test_an_account_that_is_closed_twice_at_once_is_closed_once(counter: Counter) -> None:
    maria = await counter.register()
    await ask_for(counter, maria)
    counter.clock.advance(**DAYS_LATER)

    done = await asyncio.gather(*(close_due_accounts(counter.tools) for _ in range(3)))

    assert sorted(done) == [0, 0, 1]
    assert await Notice.filter(kind="ACCOUNT_CLOSED").count() == 1


async def test_a_registration_in_flight_for_the_number_is_answered_alike(counter: Counter) -> None:
    form = counter.registration()
    maria = await counter.register(identity_number=form.identity_number)
    await ask_for(counter, maria)

    await accounts.register_account(counter.tools, replace(form, email="nadie@example.pe"))

    assert await User.filter(identity_number=form.identity_number).count() == 1
    assert await Notice.filter(kind="ACCOUNT_EXISTS").count() == 1
