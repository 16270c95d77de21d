"""The inbox: what waits for the desk, what is due soonest first, and nothing that is not theirs."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from actions import corrections
from actions import tramites as desk
from actions.applicant import void_tramite
from actions.waiting import WAITING, begin_waiting
from models.catalogue import Office
from models.people import Post
from models.tramites import Tramite
from reading.signs import due_of
from rules.access import Role
from rules.lifecycle import TramiteStatus
from tests.api import execute_as_owner, in_process, make_feed
from tests.counter import PDF
from tests.database.administering import decide

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

INBOX = """query($office: String, $first: Int, $after: String, $last: Int, $before: String, $filter: TramiteFilter) {
    inbox(officeCode: $office, first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        edges { node { number subject
            signs { dueOn isLate isDueSoon hasOwner isMine isMissingSomething foliosDoubt } } }
        pageInfo { hasNextPage startCursor endCursor } totalCount { count isExact } } }"""
SIGNS = "query($number: String!) { tramite(number: $number) { signs { dueOn } sameFiles { numbers } } }"


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


async def inbox(api: Api, **variables: Any) -> list[str]:
    found = (await api.data(INBOX, **variables))["inbox"]
    return [edge["node"]["subject"] for edge in found["edges"]]


async def test_what_waits_is_listed_by_what_is_due_soonest(counter: Counter, api: Api) -> None:
    maria = await counter.register()
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    for subject in ("Derivado", "Observado", "Anulado", "Atendido"):
        filed = await counter.file(maria, subject=subject, office_code="PUNO")
        match subject:
            case "Derivado":
                await desk.refer_tramite(counter.tools, clerk.viewer, filed.id, office_code="PUNO", text=None)
            case "Observado":
                await desk.observe_tramite(counter.tools, clerk.viewer, filed.id, text="Falta la firma")
            case "Anulado":
                await void_tramite(counter.tools, maria, filed.id)
            case _:
                await desk.resolve_tramite(counter.tools, clerk.viewer, filed.id, text="Se atiende.")
    await counter.file(maria, subject="En otra", office_code="LIMA")
    counter.clock.advance(days=1)
    await counter.file(maria, subject="Pendiente", office_code="PUNO")
    clerk = await api.signed_in_again(counter, clerk)

    assert await inbox(clerk) == ["Pendiente", "Derivado"]
    counter.clock.advance(days=2)
    clerk = await api.signed_in_again(counter, clerk)
    assert await inbox(clerk) == ["Pendiente", "Observado", "Derivado"]


async def test_the_database_says_the_same_day_as_the_rule(counter: Counter, database: Database) -> None:
    maria = await counter.register()
    filed = [await counter.file(maria) for _ in TramiteStatus]
    for tramite, status in zip(filed, TramiteStatus, strict=True):
        statement = f"UPDATE tramites SET status = '{status}', correct_by = '2026-03-11' WHERE id = '{tramite.id}'"
        await execute_as_owner(database, statement)
    await execute_as_owner(database, "UPDATE tramites SET route_by = NULL, attend_by = NULL WHERE number LIKE '%3-_'")

    for tramite in await Tramite.all():
        assert tramite.due_on == due_of(tramite), tramite.status
    assert {tramite.due_on for tramite in await Tramite.all()} == {
        None, date(2026, 3, 9), date(2026, 3, 11), date(2026, 4, 20),
    }  # fmt: skip


async def test_a_correction_gives_the_desk_back_the_days_it_took(counter: Counter) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    filed = await counter.file(maria)
    await desk.observe_tramite(counter.tools, clerk, filed.id, text="Falta la firma")
    counter.clock.advance(days=1)
    form = corrections.Correction(client_key=filed.id, text="Aquí está.")

    await corrections.correct_tramite(counter.tools, maria, filed.id, form)

    corrected = await Tramite.get(id=filed.id)
    assert (filed.route_by, filed.attend_by) == (date(2026, 3, 9), date(2026, 4, 22))
    assert (corrected.route_by, corrected.attend_by) == (date(2026, 3, 10), date(2026, 4, 23))
    assert corrected.due_on == date(2026, 3, 10)


async def test_what_is_dated_anew_by_its_correction_waits_from_that_date(counter: Counter) -> None:
    """Whatever the settings say: administrators decided otherwise before it was observed."""
    maria, boss = await counter.register(), await counter.register(role=Role.ADMINISTRATOR)
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    filed = await counter.file(maria)
    await decide(counter, boss, correction_keeps_date=False)
    counter.clock.advance(days=1)
    await desk.observe_tramite(counter.tools, clerk, filed.id, text="Falta la firma")
    counter.clock.advance(days=1)

    await corrections.correct_tramite(
        counter.tools, maria, filed.id, corrections.Correction(client_key=filed.id, text="Aquí está.")
    )

    corrected = await Tramite.get(id=filed.id)
    assert corrected.filed_on == date(2026, 3, 11)
    assert (filed.attend_by, corrected.attend_by) == (date(2026, 4, 22), date(2026, 4, 24))


async def test_terms_begin_anew_when_it_is_reopened(counter: Counter) -> None:
    filed = await counter.file(await counter.register())
    counter.clock.advance(days=5)  # Saturday
    tramite = await Tramite.get(id=filed.id).select_related("office")

    await begin_waiting(counter.tools, tramite, at=counter.clock())
    await tramite.save(update_fields=WAITING)

    assert (await Tramite.get(id=filed.id)).due_on == date(2026, 3, 16)


async def test_each_role_has_the_inbox_of_its_offices(counter: Counter, api: Api) -> None:
    maria = await counter.register()
    for office in ("PUNO", "LIMA"):
        await counter.file(maria, subject=office, office_code=office)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    homeless = await api.signed_in(counter, role=Role.CLERK)
    seated = await api.signed_in(counter, role=Role.SUPERVISOR, office="LIMA")
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR)
    auditor = await api.signed_in(counter, role=Role.AUDITOR)
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR, office="PUNO")
    applicant = await api.signed_in(counter)

    assert [await inbox(each) for each in (clerk, homeless, seated)] == [["PUNO"], [], ["LIMA"]]
    assert [set(await inbox(each)) for each in (supervisor, auditor)] == [{"PUNO", "LIMA"}] * 2
    assert [await inbox(each) for each in (administrator, applicant)] == [[], []]
    assert [await inbox(each, office="LIMA") for each in (clerk, seated, auditor, administrator, applicant)] == [
        [], ["LIMA"], ["LIMA"], [], [],
    ]  # fmt: skip
    assert await inbox(supervisor, office="NADA") == []
    assert (await api.answer(INBOX))["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_an_inbox_is_narrowed_down_to_offices(counter: Counter, api: Api) -> None:
    maria = await counter.register()
    for code in ("LIMA", "PUNO", "CUSCO"):
        await counter.file(maria, subject=code, office_code=code)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await Post.create(user_id=clerk.viewer.user_id, office=await Office.get(code="LIMA"))
    auditor = await api.signed_in(counter, role=Role.AUDITOR)

    asked = (["PUNO", "CUSCO"], ["CUSCO"], ["NOWHERE"], [])
    found = [
        [sorted(await inbox(person, filter={"officeCodes": codes})) for codes in asked] for person in (clerk, auditor)
    ]

    assert found == [
        [["PUNO"], [], [], ["LIMA", "PUNO"]],
        [["CUSCO", "PUNO"], ["CUSCO"], [], ["CUSCO", "LIMA", "PUNO"]],
    ]
    assert await inbox(auditor, office="LIMA", filter={"officeCodes": ["PUNO"]}) == []


async def test_nobody_finds_their_own_document_on_their_desk(counter: Counter, api: Api, database: Database) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    own = await counter.file(clerk.viewer, subject="Propio", office_code="PUNO")
    mail = await counter.file(await counter.register(), subject="De un correo", office_code="PUNO")
    await execute_as_owner(database, f"UPDATE tramites SET applicant_id = NULL WHERE id = '{mail.id}'")

    assert await inbox(clerk) == ["De un correo"]
    assert (await clerk.data(SIGNS, number=own.number))["tramite"] == {"signs": None, "sameFiles": None}


async def test_signs_tell_what_is_late_whose_and_odd(counter: Counter, api: Api, database: Database) -> None:
    maria = await counter.register()
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    filed = await counter.file(maria, office_code="PUNO", folios=3)
    await execute_as_owner(
        database,
        f"""UPDATE tramites SET owner_id = '{clerk.viewer.user_id}', missing = '["Falta el asunto."]';
        UPDATE contents SET pages = 9, pages_problem = NULL WHERE sha256 IN (
            SELECT content_id FROM attachments WHERE tramite_id = '{filed.id}')""",
    )

    on_time = (await clerk.data(INBOX))["inbox"]["edges"][0]["node"]["signs"]
    counter.clock.advance(days=1)
    clerk = await api.signed_in_again(counter, clerk)
    late = (await clerk.data(INBOX))["inbox"]["edges"][0]["node"]["signs"]

    assert on_time == {
        "dueOn": "2026-03-09", "isLate": False, "isDueSoon": True, "hasOwner": True, "isMine": True,
        "isMissingSomething": True, "foliosDoubt": on_time["foliosDoubt"],
    }  # fmt: skip
    assert "9 páginas" in on_time["foliosDoubt"]
    assert (late["isLate"], late["isDueSoon"]) == (True, False)


async def test_pages_of_two_offices_are_the_whole_inbox_once(counter: Counter, api: Api) -> None:
    maria = await counter.register()
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await Post.create(user_id=clerk.viewer.user_id, office=await Office.get(code="LIMA"))
    for number in range(9):
        await counter.file(maria, subject=f"{number}", office_code=("PUNO", "LIMA", "CUSCO")[number % 3])
        counter.clock.advance(hours=14)
    clerk = await api.signed_in_again(counter, clerk)
    whole, forward, after = await inbox(clerk), list[str](), None
    while True:
        page = (await clerk.data(INBOX, first=2, after=after))["inbox"]
        forward += [edge["node"]["subject"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert sorted(whole) == ["0", "1", "3", "4", "6", "7"]
    assert forward == whole
    assert page["totalCount"] == {"count": 6, "isExact": True}


async def test_the_same_file_is_shown_whichever_came_first(counter: Counter, api: Api) -> None:
    maria, jose = await counter.register(), await counter.register()
    same = PDF + b"the same"
    first = await counter.file(maria, office_code="PUNO", main_upload=(await counter.upload(maria, data=same)).id)
    unseen = await counter.file(maria, office_code="LIMA", main_upload=(await counter.upload(maria, data=same)).id)
    again = await counter.file(jose, office_code="PUNO", main_upload=(await counter.upload(jose, data=same)).id)
    alone = await counter.file(jose, office_code="PUNO")
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR)

    async def same_files(who: Api, number: str) -> dict[str, Any]:
        query = "query($n: String!) { tramite(number: $n) { sameFiles { numbers elsewhereCount isComplete } } }"
        return (await who.data(query, n=number))["tramite"]["sameFiles"]

    nothing = {"numbers": [], "elsewhereCount": 0, "isComplete": True}
    assert await same_files(clerk, alone.number) == nothing
    assert await same_files(clerk, first.number) == nothing | {"numbers": [again.number], "elsewhereCount": 1}
    assert await same_files(clerk, again.number) == nothing | {"numbers": [first.number], "elsewhereCount": 1}
    assert await same_files(supervisor, first.number) == nothing | {"numbers": [unseen.number, again.number]}
    assert [(await Tramite.get(id=each.id)).repeats for each in (first, unseen, again, alone)] == [
        False, True, True, False,
    ]  # fmt: skip
