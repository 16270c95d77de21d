"""Administration through the API: who may, what is told, and that a refusal changes nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from actions import calendar, offices
from models.calendar import CalendarVersion
from models.catalogue import Office
from models.counter_policy import PolicyVersion
from models.register import Entry
from reading import administration as reading
from reading.statements import statement_of
from rules.access import ACCOUNT_ROLES, Role
from rules.files import FILE_KINDS
from rules.register import Act
from rules.workdays import FilingPolicy
from tests.api import Api
from tests.database.administering import TOMORROW, decide, everything
from tests.statements import Statements

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

FIRST = "2026-1"
DAY = {"day": "2026-05-04", "name": "Día no laborable", "source": "DS 1-2026-PCM"}
ORDER = [
    "LIMA", "SEDE-CENTRAL", "CHICLAYO", "PUCALLPA", "HUANCAYO", "CUSCO", "AREQUIPA", "PUNO", "SAN-MARTIN",
]  # fmt: skip

OPERATIONS: dict[str, dict[str, Any]] = {
    "addOffice": {"code": "ICA", "name": "Oficina Regional Ica", "opensAt": "08:00", "closesAt": "16:00"},
    "renameOffice": {"code": "PUNO", "name": "Oficina Puno", "expectedVersion": 1},
    "retireOffice": {"code": "PUNO", "expectedVersion": 1},
    "reorderOffices": {"codes": ORDER, "expectedVersion": 1},
    "changeHours": {
        "officeCode": "PUNO", "opensAt": "08:00", "closesAt": "13:00", "fromOn": "2026-03-10", "expectedVersion": FIRST,
    },
    "changeFilingPolicy": {"policy": "B", "fromOn": "2026-03-10", "expectedVersion": FIRST},
    "declareDays": {"days": [DAY], "expectedVersion": FIRST},
    "importDays": {"csv": "date,name,source\n2026-05-04,Día no laborable,DS 1\n", "expectedVersion": FIRST},
    "changeCounterPolicy": {"maxAnnexes": 3, "expectedVersion": 1},
}  # fmt: skip
ACTS = {
    "addOffice": Act.OFFICES_CHANGED,
    "renameOffice": Act.OFFICES_CHANGED,
    "retireOffice": Act.OFFICES_CHANGED,
    "reorderOffices": Act.OFFICES_CHANGED,
    "changeCounterPolicy": Act.POLICY_CHANGED,
}

WHOLE = """{ administration {
    offices { code name position version isOpenForFiling retiredAt opensAt closesAt
        hoursChanges { fromOn opensAt closesAt } }
    officesVersion calendarVersion filingPolicies { fromOn policy }
    policy { files { annexKinds maxAnnexes } uploadsEach unfiledMbEach draftsEach draftDays
        correctionWorkingDays correctionKeepsDate }
    policyVersion } }"""
CHANGES = """query($first: Int! = 20, $after: String) { administrationChanges(first: $first, after: $after) {
    edges { cursor node { act at role author { fullName } details { name value } } }
    pageInfo { hasNextPage endCursor } } }"""
VERSIONS = """query($first: Int! = 20, $after: String) {
    calendarVersions(first: $first, after: $after) { edges { node { name change } } pageInfo { hasNextPage endCursor } }
    policyVersions(first: $first) { edges { node { version madeAt fromAt changes { name value } } } } }"""


@pytest_asyncio.fixture
async def boss(api: Api, counter: Counter) -> Api:
    return await api.signed_in(counter, role=Role.ADMINISTRATOR)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_administrator_changes_it_and_the_register_says_who(boss: Api, operation: str) -> None:
    before = await everything()

    answer = await boss.mutate(operation, **OPERATIONS[operation])

    assert answer["__typename"].endswith("Success"), answer
    assert await everything() != before
    entry = await Entry.all().order_by("-sequence").first()
    assert entry is not None
    assert entry.act is ACTS.get(operation, Act.CALENDAR_CHANGED)
    assert (entry.role, entry.actor_id) == (Role.ADMINISTRATOR, boss.viewer.user_id)


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.CLERK, Role.SUPERVISOR, Role.AUDITOR])
async def test_nobody_else_changes_anything(api: Api, counter: Counter, role: Role) -> None:
    other = await api.signed_in(counter, role=role, office=None if role is Role.APPLICANT else "PUNO")
    operations = OPERATIONS | {"reopenOffice": {"code": "PUNO", "expectedVersion": 1}}
    before = await everything()

    answers = {name: await other.mutate(name, **given) for name, given in operations.items()}

    assert {name: answer["code"] for name, answer in answers.items()} == dict.fromkeys(operations, "NOT_YOUR_DUTY")
    assert await everything() == before


async def test_nobody_unknown_changes_or_sees_anything(api: Api) -> None:
    before = await everything()

    answers = [await api.mutate(name, **given) for name, given in OPERATIONS.items()]

    assert {answer["code"] for answer in answers} == {"NOT_SIGNED_IN"}
    assert await everything() == before
    assert [(await api.answer(ask))["errors"][0]["extensions"]["code"] for ask in (WHOLE, CHANGES, VERSIONS)] == [
        "NOT_SIGNED_IN"
    ] * 3


@pytest.mark.parametrize("role", sorted(ACCOUNT_ROLES))
async def test_administrators_and_auditors_see_it_and_others_nothing(api: Api, counter: Counter, role: Role) -> None:
    administrator = await counter.register(role=Role.ADMINISTRATOR)
    await decide(counter, administrator, max_annexes=3)
    viewer = await api.signed_in(counter, role=role)

    shown = await viewer.data(WHOLE)
    versions, changes = await viewer.data(VERSIONS), await viewer.data(CHANGES)

    lists = [versions["calendarVersions"], versions["policyVersions"], changes["administrationChanges"]]
    if role in (Role.ADMINISTRATOR, Role.AUDITOR):
        assert shown["administration"]["policy"]["files"]["maxAnnexes"] == 3
        assert [len(each["edges"]) for each in lists] == [1, 2, 1]
    else:
        assert shown == {"administration": None}
        assert [each["edges"] for each in lists] == [[], [], []]


async def test_all_of_it_is_told_as_it_stands(boss: Api, counter: Counter) -> None:
    await boss.mutate("changeHours", **OPERATIONS["changeHours"])
    await boss.mutate("changeFilingPolicy", **OPERATIONS["changeFilingPolicy"] | {"expectedVersion": "2026-2"})
    await boss.mutate("retireOffice", **OPERATIONS["retireOffice"])
    await boss.mutate("changeCounterPolicy", fromOn="2026-04-01", annexKinds=["pdf", ".PNG"], expectedVersion=1)

    shown = (await boss.data(WHOLE))["administration"]

    assert shown["offices"][7] == {
        "code": "PUNO",
        "name": "Oficina Regional Altiplano Puno",
        "position": 8,
        "version": 2,
        "isOpenForFiling": False,
        "retiredAt": counter.clock().isoformat(),
        "opensAt": "08:30",
        "closesAt": "16:30",
        "hoursChanges": [{"fromOn": "2026-03-10", "opensAt": "08:00", "closesAt": "13:00"}],
    }
    assert (shown["officesVersion"], shown["calendarVersion"], shown["policyVersion"]) == (2, "2026-3", 2)
    assert shown["filingPolicies"] == [
        {"fromOn": "2026-03-10", "policy": "B"},
        {"fromOn": "2020-01-01", "policy": "A"},
    ]
    assert shown["policy"] == {
        "files": {
            "annexKinds": list(FILE_KINDS),
            "maxAnnexes": 5,
        },
        "uploadsEach": 100,
        "unfiledMbEach": 500,
        "draftsEach": 20,
        "draftDays": 30,
        "correctionWorkingDays": 2,
        "correctionKeepsDate": True,
    }
    versions = await boss.data(VERSIONS)
    assert versions["policyVersions"]["edges"][0]["node"] == {
        "version": 2,
        "madeAt": counter.clock().isoformat(),
        "fromAt": "2026-04-01T05:00:00+00:00",
        "changes": [{"name": "annexKinds", "value": '["pdf", "png"]'}],
    }
    assert [edge["node"]["change"] for edge in versions["calendarVersions"]["edges"]] == [
        "Política B desde el 2026-03-10",
        "Horario de PUNO: 08:00 a 13:00 desde el 2026-03-10",
        "Calendario inicial",
    ]


async def test_the_changes_in_the_register_are_told_page_by_page(boss: Api, counter: Counter) -> None:
    await calendar.change_policy(FilingPolicy.B, from_on=TOMORROW, now=counter.clock())
    await boss.mutate("renameOffice", **OPERATIONS["renameOffice"])
    await boss.mutate("changeCounterPolicy", unfiledMbEach=100, expectedVersion=1)

    first = (await boss.data(CHANGES, first=2))["administrationChanges"]
    rest = (await boss.data(CHANGES, first=2, after=first["pageInfo"]["endCursor"]))["administrationChanges"]

    nodes = [edge["node"] for edge in (*first["edges"], *rest["edges"])]
    assert [(node["act"], node["role"], node["author"] is None) for node in nodes] == [
        ("POLICY_CHANGED", "ADMINISTRATOR", False),
        ("OFFICES_CHANGED", "ADMINISTRATOR", False),
        ("CALENDAR_CHANGED", "SYSTEM", True),
    ]
    assert nodes[1]["details"] == [
        {"name": "before", "value": "Oficina Regional Altiplano Puno"},
        {"name": "change", "value": "RENAMED"},
        {"name": "name", "value": "Oficina Puno"},
        {"name": "office", "value": "PUNO"},
    ]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_three_offices_with_hours_cost_as_many_statements_as_one(
    boss: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def change(code: str) -> None:
        await calendar.change_hours(code, opens_at="08:00", closes_at="13:00", from_on=TOMORROW, now=counter.clock())

    await change("PUNO")
    await boss.data(WHOLE)
    statements = Statements(monkeypatch)
    await boss.data(WHOLE)
    once, statements.count = statements.count, 0
    for code in ("LIMA", "CUSCO"):
        await change(code)
    statements.count = 0

    await boss.data(WHOLE)

    assert statements.count == once


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "addOffice"])
async def test_of_two_administrators_the_second_is_told(boss: Api, operation: str) -> None:
    first = await boss.mutate(operation, **OPERATIONS[operation])
    before = await everything()

    second = await boss.mutate(operation, **OPERATIONS[operation])

    assert first["__typename"].endswith("Success"), first
    assert (second["code"], second["path"]) == ("VERSION_OUTDATED", ["input", "expectedVersion"])
    assert await everything() == before


async def test_of_two_at_the_same_moment_one_is_told(boss: Api) -> None:
    answers = await asyncio.gather(
        *(boss.mutate("changeCounterPolicy", maxAnnexes=most, expectedVersion=1) for most in (1, 2, 3))
    )

    assert sorted(answer.get("code", "") for answer in answers) == ["", "VERSION_OUTDATED", "VERSION_OUTDATED"]
    assert await PolicyVersion.all().count() == 2


WRONG: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "addOffice",
        {"code": "ica norte", "name": " ", "opensAt": "8:00", "closesAt": "24:00", "position": 0},
        [
            ("INVALID_OFFICE_CODE", "code"),
            ("TEXT_MISSING", "name"),
            ("NO_SUCH_TIME", "opensAt"),
            ("NO_SUCH_TIME", "closesAt"),
            ("OUT_OF_BOUNDS", "position"),
        ],
    ),
    (
        "addOffice",
        {"code": "ICA", "name": "Ica", "opensAt": "16:00", "closesAt": "16:00"},
        [("HOURS_OUT_OF_ORDER", "closesAt")],
    ),
    (
        "addOffice",
        {"code": "PUNO", "name": "Puno", "opensAt": "08:00", "closesAt": "16:00"},
        [("OFFICE_CODE_TAKEN", "code")],
    ),
    ("renameOffice", {"code": "PUNO", "name": "x" * 121, "expectedVersion": 1}, [("TEXT_TOO_LONG", "name")]),
    ("reorderOffices", {"codes": ["PUNO", "PUNO"], "expectedVersion": 1}, [("ORDER_INCOMPLETE", "codes")]),
    ("reorderOffices", {"codes": [*ORDER[:-1], "PUNO"], "expectedVersion": 1}, [("ORDER_INCOMPLETE", "codes")]),
    (
        "changeHours",
        {
            "officeCode": "PUNO", "opensAt": "14:00", "closesAt": "13:00",
            "fromOn": "2026-03-09", "expectedVersion": FIRST,
        },
        [("CHANGE_TOO_EARLY", "fromOn"), ("HOURS_OUT_OF_ORDER", "closesAt")],
    ),
    (
        "changeFilingPolicy",
        {"policy": "B", "fromOn": "2027-02-29", "expectedVersion": FIRST},
        [("NO_SUCH_DAY", "fromOn")],
    ),
    (
        "changeFilingPolicy",
        {"policy": "B", "fromOn": "9999-12-31", "expectedVersion": FIRST},
        [("NO_SUCH_DAY", "fromOn")],
    ),
    (
        "declareDays",
        {
            "days": [DAY | {"day": "2026-02-30", "name": ""}, DAY, DAY, DAY | {"source": "x" * 201}],
            "expectedVersion": FIRST,
        },
        [
            ("NO_SUCH_DAY", "days.0.day"),
            ("TEXT_MISSING", "days.0.name"),
            ("DAY_NAMED_TWICE", "days.2.day"),
            ("TEXT_TOO_LONG", "days.3.source"),
            ("DAY_NAMED_TWICE", "days.3.day"),
        ],
    ),
    (
        "declareDays",
        {"days": [DAY, DAY | {"officeCode": "TACNA"}, DAY | {"officeCode": "x" * 99}], "expectedVersion": FIRST},
        [("OFFICE_UNKNOWN", "days.1.officeCode"), ("OFFICE_UNKNOWN", "days.2.officeCode")],
    ),
    ("declareDays", {"days": [], "expectedVersion": FIRST}, [("DAYS_OUT_OF_NUMBER", "days")]),
    ("importDays", {"csv": "x" * 50_001, "expectedVersion": FIRST}, [("TEXT_TOO_LONG", "csv")]),
    ("importDays", {"csv": "date,name\n", "expectedVersion": FIRST}, [("DAYS_UNREADABLE", "csv")]),
    (
        "importDays",
        {"csv": "date,name,source,office\n2026-05-04,x,y,TACNA\n", "expectedVersion": FIRST},
        [("OFFICE_UNKNOWN", "csv")],
    ),
    (
        "changeCounterPolicy",
        {
            "fromOn": "2026-03-09", "mainMaxMb": 21, "firstAnnexMaxMb": 0, "otherAnnexMaxMb": 6, "maxAnnexes": -1,
            "uploadsEach": 5, "draftsEach": 21, "draftDays": 91, "correctionWorkingDays": 1, "unfiledMbEach": 69,
            "annexKinds": ["pdf", "exe", "png", ".bat"], "refusedFindings": ["DAMAGED", "NOT_JUDGED"],
            "expectedVersion": 1,
        },
        [
            ("CHANGE_TOO_EARLY", "fromOn"),
            ("OUT_OF_BOUNDS", "mainMaxMb"),
            ("OUT_OF_BOUNDS", "firstAnnexMaxMb"),
            ("OUT_OF_BOUNDS", "otherAnnexMaxMb"),
            ("OUT_OF_BOUNDS", "maxAnnexes"),
            ("OUT_OF_BOUNDS", "uploadsEach"),
            ("OUT_OF_BOUNDS", "draftsEach"),
            ("OUT_OF_BOUNDS", "draftDays"),
            ("OUT_OF_BOUNDS", "correctionWorkingDays"),
            ("OUT_OF_BOUNDS", "unfiledMbEach"),
            ("FILE_KIND_UNKNOWN", "annexKinds.1"),
            ("FILE_KIND_UNKNOWN", "annexKinds.3"),
            ("FINDING_NOT_REFUSABLE", "refusedFindings.1"),
        ],
    ),
    ("changeCounterPolicy", {"unfiledMbEach": 20_481, "expectedVersion": 1}, [("OUT_OF_BOUNDS", "unfiledMbEach")]),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "given", "told"), WRONG)
async def test_all_that_is_wrong_is_told_at_once_and_nothing_is_changed(
    boss: Api, operation: str, given: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    before = await everything()

    answer = await boss.mutate(operation, **given)

    assert [(each["code"], ".".join(each["path"])) for each in (answer, *answer["others"])] == [
        (code, f"input.{path}") for code, path in told
    ]
    assert await everything() == before


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("renameOffice", {"code": "TACNA", "name": "Tacna", "expectedVersion": 1}, "OFFICE_NOT_FOUND"),
        ("retireOffice", {"code": "TACNA", "expectedVersion": 1}, "OFFICE_NOT_FOUND"),
        ("changeHours", OPERATIONS["changeHours"] | {"officeCode": "TACNA"}, "OFFICE_NOT_FOUND"),
        ("reopenOffice", {"code": "PUNO", "expectedVersion": 1}, "NOTHING_TO_CHANGE"),
        (
            "renameOffice",
            {"code": "PUNO", "name": "Oficina Regional Altiplano Puno", "expectedVersion": 1},
            "NOTHING_TO_CHANGE",
        ),
        ("changeCounterPolicy", {"maxAnnexes": 5, "draftDays": 30, "expectedVersion": 1}, "NOTHING_TO_CHANGE"),
        ("changeCounterPolicy", {"expectedVersion": 1}, "NOTHING_TO_CHANGE"),
    ],
)
async def test_what_is_not_there_or_so_already_is_refused(
    boss: Api, operation: str, given: dict[str, Any], code: str
) -> None:
    before = await everything()

    answer = await boss.mutate(operation, **given)

    assert answer["code"] == code
    # The path leads to what was given, or to no field.
    assert set(answer["path"]) <= {"input", *given}
    assert await everything() == before


async def test_days_are_declared_once(boss: Api) -> None:
    await boss.mutate("declareDays", **OPERATIONS["declareDays"])
    before = await everything()

    answer = await boss.mutate("declareDays", **OPERATIONS["declareDays"] | {"expectedVersion": "2026-2"})

    assert answer["code"] == "NOTHING_NEW"
    assert await everything() == before
    assert (await CalendarVersion.get(name="2026-2")).change == "Días declarados: 2026-05-04"


async def test_everybody_is_told_what_is_taken_of_files(api: Api, boss: Api) -> None:
    ask = "{ fileLimits { mainKinds annexKinds refusedFindings mainMaxMb firstAnnexMaxMb otherAnnexMaxMb maxAnnexes } }"
    await boss.mutate(
        "changeCounterPolicy",
        "",
        annexKinds=["pdf"],
        refusedFindings=["MACROS", "ENCRYPTED"],
        mainMaxMb=10,
        expectedVersion=1,
    )

    assert (await api.data(ask))["fileLimits"] == {
        "mainKinds": ["pdf"],
        "annexKinds": ["pdf"],
        "refusedFindings": ["ENCRYPTED", "MACROS"],
        "mainMaxMb": 10,
        "firstAnnexMaxMb": 30,
        "otherAnnexMaxMb": 5,
        "maxAnnexes": 5,
    }


MANY_ENTRIES = """
INSERT INTO entries (sequence, at, act, role, detail, record, previous_hash, hash)
SELECT n, now(), CASE WHEN n % 1000 = 0 THEN 'POLICY_CHANGED' ELSE 'FILED' END, 'SYSTEM', '{}', '{}', '', ''
FROM generate_series(1000, 20000) n
"""


async def test_the_changes_are_found_among_many_entries_by_their_own_index(
    counter: Counter, database: Database
) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(MANY_ENTRIES)
    await owner.execute("ANALYZE entries")
    asked = statement_of(reading.changes_query(reading.BEYOND, most=21))
    prepared = await owner.prepare(f"EXPLAIN {asked.sql}")

    plans = ["\n".join(row[0] for row in await prepared.fetch(*asked.values)) for _ in range(8)]

    await owner.close()
    assert [plan for plan in plans if "entries_administration" not in plan] == []


async def test_there_are_never_more_offices_than_may_be(counter: Counter) -> None:
    administrator = await counter.register(role=Role.ADMINISTRATOR)
    one = await Office.get(code="PUNO")
    many = [
        Office(code=f"N-{n}", name="N", position=n, opens_at=one.opens_at, closes_at=one.closes_at)
        for n in range(10, offices.MOST_OFFICES + 1)
    ]
    await Office.bulk_create(many)
    form = offices.OfficeForm(code="ICA", name="Ica", opens_at="08:00", closes_at="16:00")

    with pytest.raises(offices.TooManyOffices):
        await offices.add_office(counter.tools, administrator, form)
