"""Reports: equal to a count by hand over the register, right at the boundaries of Lima's days, for who may see them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import applicant, corrections, lapsing
from actions import tramites as desk
from actions.corrections import Correction
from actions.reopening import reopen_tramite
from reading.reports import Wanted, report_of
from rules.access import ACCOUNT_ROLES, Role
from rules.catalogue import Channel, DocumentKind
from rules.lifecycle import TramiteStatus
from rules.refusals import InvalidInput
from rules.register import Act
from rules.reports import COUNTED_ACTS, Line, Period, ReportGroup, ReportStep, StepTime, heads
from rules.workdays import LIMA
from tests.api import execute_as_owner, in_process, make_feed
from tests.counting import count_by_hand

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    import httpx

    from reading.access import Viewer
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
GROUPS = (None, *ReportGroup)
ASKED = """query R($from: Date!, $to: Date!, $groupBy: ReportGroup) { report(from: $from, to: $to, groupBy: $groupBy) {
    fromOn toOn waitingOn groupBy lines { key label filed observed corrected lapsed referred resolved voided reopened
    waiting late times { step times medianSeconds ninthDecileSeconds } } } }"""


def lima(day: int, hour: int, minute: int = 0, second: int = 0, microsecond: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, second, microsecond, LIMA).astimezone(UTC)


async def lines(counter: Counter, viewer: Viewer, wanted: Wanted) -> dict[str | None, Line]:
    """Return the lines of which there is anything, without labels."""
    report = await report_of(viewer, wanted, at=counter.clock())
    assert report is not None
    found = {line.key: replace(line, label="") for line in report.lines}
    return {key: line for key, line in found.items() if line != Line(key, "")}


async def assert_as_by_hand(counter: Counter, viewer: Viewer, wanted: Wanted) -> dict[str | None, Line]:
    found = await lines(counter, viewer, wanted)
    assert found == await count_by_hand(wanted, at=counter.clock())
    return found


@pytest.fixture
async def supervisor(counter: Counter) -> Viewer:
    return await counter.register(role=Role.SUPERVISOR, office="SEDE-CENTRAL")


async def a_month(counter: Counter, supervisor: Viewer) -> None:
    """Let a month pass in which everything happens that can."""
    tools, maria = counter.tools, await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    cusco = await counter.register(role=Role.CLERK, office="CUSCO")

    async def at(instant: datetime, deed: Callable[[], Awaitable[Any]]) -> Any:
        counter.clock.at = instant
        return await deed()

    filed = [
        await at(lima(day, 23, 59, 59, 999_999), lambda kind=kind: counter.file(maria, document_kind=kind))
        for day, kind in ((2, DocumentKind.LETTER), (2, DocumentKind.OTHER), (3, DocumentKind.LETTER))
    ]
    filed += [
        await at(lima(day, 0), lambda office=office: counter.file(maria, office_code=office))
        for day, office in ((4, "SEDE-CENTRAL"), (4, "CUSCO"), (5, "PUNO"), (6, "SEDE-CENTRAL"))
    ]
    ids = [tramite.id for tramite in filed]
    moved = applicant.MainData(office_code="CUSCO", document_kind=DocumentKind.OFFICIAL_LETTER)
    await at(lima(6, 9), lambda: applicant.update_tramite(tools, maria, ids[6], moved))
    await at(lima(6, 10), lambda: applicant.void_tramite(tools, maria, ids[5]))
    await at(lima(9, 0), lambda: desk.observe_tramite(tools, clerk, ids[0], text="Falta la firma"))
    await at(lima(9, 8), lambda: desk.observe_tramite(tools, clerk, ids[1], text="Falta la firma"))
    await counter.deliver()
    correction = Correction(uuid4(), text="La adjunto")
    await at(lima(10, 23, 59, 59, 999_999), lambda: corrections.correct_tramite(tools, maria, ids[0], correction))
    assert await at(lima(12, 9), lambda: lapsing.lapse_overdue(tools)) == 1
    await at(lima(13, 9), lambda: desk.refer_tramite(tools, clerk, ids[0], office_code="CUSCO", text=None))
    await at(lima(13, 10), lambda: desk.resolve_tramite(tools, clerk, ids[2], text="Se concede"))
    await at(lima(16, 9), lambda: desk.refer_tramite(tools, cusco, ids[0], office_code="SEDE-CENTRAL", text=None))
    await at(lima(17, 9), lambda: desk.resolve_tramite(tools, clerk, ids[0], text="Se concede"))
    await at(lima(18, 9), lambda: reopen_tramite(tools, supervisor, ids[0], reason="Por error"))
    await at(lima(19, 9), lambda: reopen_tramite(tools, supervisor, ids[1], reason="Por error"))
    await at(lima(20, 9), lambda: desk.resolve_tramite(tools, clerk, ids[0], text="Se concede de nuevo"))
    await at(lima(20, 10), lambda: desk.refer_tramite(tools, clerk, ids[1], office_code="SEDE-CENTRAL", text=None))
    await at(lima(23, 9), lambda: desk.refer_tramite(tools, cusco, ids[6], office_code="CUSCO", text=None))
    counter.clock.at = lima(20, 12, month=5)


@pytest.mark.parametrize("group", GROUPS)
async def test_a_report_says_what_the_register_says(
    counter: Counter, supervisor: Viewer, group: ReportGroup | None
) -> None:
    await a_month(counter, supervisor)

    for period in (MARCH, Period(date(2026, 3, 4), date(2026, 3, 16)), Period(date(2026, 3, 4), date(2026, 5, 20))):
        assert await assert_as_by_hand(counter, supervisor, Wanted(period=period, group=group))
    for wanted in (
        Wanted(period=MARCH, group=group, office_codes=("CUSCO",)),
        Wanted(period=MARCH, group=group, document_kinds=(DocumentKind.LETTER, DocumentKind.OTHER)),
        Wanted(period=MARCH, group=group, statuses=(TramiteStatus.PENDING, TramiteStatus.RESOLVED)),
        Wanted(period=MARCH, group=group, channel=Channel.WEB),
    ):
        assert await assert_as_by_hand(counter, supervisor, wanted)
    assert not await assert_as_by_hand(counter, supervisor, Wanted(period=MARCH, group=group, channel=Channel.EMAIL))


async def test_the_month_in_numbers(counter: Counter, supervisor: Viewer) -> None:
    await a_month(counter, supervisor)

    total = (await lines(counter, supervisor, Wanted(period=MARCH)))[None]

    assert total.acts == {
        Act.FILED: 7,
        Act.VOIDED: 1,
        Act.OBSERVED: 2,
        Act.CORRECTED: 1,
        Act.LAPSED: 1,
        Act.REFERRED: 4,
        Act.RESOLVED: 3,
        Act.REOPENED: 2,
    }
    assert (total.waiting, total.late) == (4, 2)
    day = 86_400
    assert total.steps == {
        ReportStep.OBSERVATION: StepTime(2, 6 * day, 6 * day + 8 * 3_600),
        ReportStep.CORRECTION: StepTime(1, 2 * day - 1, 2 * day - 1),
        ReportStep.RECEPTION: StepTime(3, 10 * day + 9 * 3_600, 17 * day + 9 * 3_600),
        ReportStep.RESOLUTION: StepTime(2, 9 * day + 10 * 3_600, 14 * day + 9 * 3_600),
        ReportStep.ANSWER: StepTime(1, 4 * day, 4 * day),
        ReportStep.ANSWER_AGAIN: StepTime(1, 2 * day, 2 * day),
    }


async def test_an_act_at_the_last_microsecond_counts_that_day_and_at_midnight_the_next(
    counter: Counter, supervisor: Viewer
) -> None:
    maria = await counter.register()
    for instant in (lima(9, 23, 59, 59, 999_999), lima(10, 0)):
        counter.clock.at = instant
        await counter.file(maria)

    async def filed(first: int, last: int) -> int:
        wanted = Wanted(period=Period(date(2026, 3, first), date(2026, 3, last)))
        return (await lines(counter, supervisor, wanted)).get(None, Line(None, "")).acts.get(Act.FILED, 0)

    assert [await filed(8, 8), await filed(9, 9), await filed(10, 10), await filed(11, 11), await filed(9, 10)] == [
        0,
        1,
        1,
        0,
        2,
    ]
    daily = await assert_as_by_hand(counter, supervisor, Wanted(period=MARCH, group=ReportGroup.DAY))
    assert {key: line.waiting for key, line in daily.items()} == {"2026-03-09": 1, "2026-03-10": 2}


async def test_what_waits_is_late_from_the_day_after_its_deadline(counter: Counter, supervisor: Viewer) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(await counter.register())
    await desk.observe_tramite(counter.tools, clerk, tramite.id, text="Falta la firma")
    counter.clock.at = lima(14, 10)

    daily = await assert_as_by_hand(counter, supervisor, Wanted(period=MARCH, group=ReportGroup.DAY))

    assert {key: line.late for key, line in daily.items()} == {
        "2026-03-09": 0,
        "2026-03-10": 0,
        "2026-03-11": 0,
        "2026-03-12": 1,
        "2026-03-13": 1,
        "2026-03-14": 1,
    }


async def test_what_was_late_before_a_reopening_stays_late_in_the_reports_of_then(
    counter: Counter, supervisor: Viewer
) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(await counter.register())
    counter.clock.at = lima(12, 10)
    await desk.resolve_tramite(counter.tools, clerk, tramite.id, text="Se concede")
    counter.clock.at = lima(16, 10)
    await reopen_tramite(counter.tools, supervisor, tramite.id, reason="Por error")
    counter.clock.at = lima(18, 10)

    daily = await assert_as_by_hand(counter, supervisor, Wanted(period=MARCH, group=ReportGroup.DAY))

    assert {key: (line.waiting, line.late) for key, line in daily.items()} == {
        "2026-03-09": (1, 0),
        "2026-03-10": (1, 1),
        "2026-03-11": (1, 1),
        "2026-03-12": (0, 0),
        "2026-03-16": (1, 0),
        "2026-03-17": (1, 1),
        "2026-03-18": (1, 1),
    }


async def test_a_report_lists_all_that_there_could_be(counter: Counter, supervisor: Viewer) -> None:
    async def labels(group: ReportGroup | None) -> list[str]:
        report = await report_of(supervisor, Wanted(period=MARCH, group=group), at=counter.clock())
        assert report is not None
        return [line.label for line in report.lines]

    assert (await labels(ReportGroup.OFFICE))[:2] == ["Sede Central", "Oficina Regional Lima"]
    assert len(await labels(ReportGroup.OFFICE)) == 9
    assert await labels(ReportGroup.DOCUMENT_KIND) == ["Carta", "Oficio", "Solicitud", "Otros"]
    assert await labels(ReportGroup.CHANNEL) == ["mesa de partes digital", "correo electrónico"]
    assert len(await labels(ReportGroup.STATUS)) == 6
    assert await labels(None) == ["Total"]
    assert (await labels(ReportGroup.DAY))[-1] == "09/03/2026", "what is to come is not told of"


@pytest.mark.parametrize(
    ("first", "last", "group", "code"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), None, "PERIOD_BACKWARD"),
        (date(2025, 3, 1), date(2026, 3, 2), None, "PERIOD_TOO_LONG"),
        (date(2026, 1, 1), date(2026, 4, 4), ReportGroup.DAY, "PERIOD_TOO_LONG"),
        (date.min, date.min, None, "DAY_OUT_OF_RANGE"),
        (date.max, date.max, None, "DAY_OUT_OF_RANGE"),
    ],
)
async def test_a_period_is_bounded(
    counter: Counter, supervisor: Viewer, first: date, last: date, group: ReportGroup | None, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await report_of(supervisor, Wanted(period=Period(first, last), group=group), at=counter.clock())

    assert refused.value.code == code
    longest = Period(date(2025, 3, 1), date(2026, 3, 1)), Period(date(2026, 1, 1), date(2026, 4, 3))
    for period, by in zip(longest, (None, ReportGroup.DAY), strict=True):
        assert await report_of(supervisor, Wanted(period=period, group=by), at=counter.clock())


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


async def fetch(api: Api, query: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {api.token}"} if api.token else {}
    return await api.http.get(f"/reports?{query}", headers=headers)


@pytest.mark.parametrize("role", sorted(ACCOUNT_ROLES))
async def test_reports_are_for_supervisors_and_auditors(counter: Counter, api: Api, role: Role) -> None:
    await counter.file(await counter.register())
    mine = await api.signed_in(counter, role=role, office=None if role is Role.APPLICANT else "SEDE-CENTRAL")

    answer = (await mine.data(ASKED, **{"from": "2026-03-01", "to": "2026-03-31"}))["report"]
    table = await fetch(mine, "from=2026-03-01&to=2026-03-31")

    if role in (Role.SUPERVISOR, Role.AUDITOR):
        assert answer["lines"][0]["filed"] == 1
        assert table.status_code == 200
    else:
        assert answer is None
        assert (table.status_code, table.json()["code"]) == (403, "NOT_YOUR_DUTY")


async def test_nobody_who_is_not_signed_in_gets_a_report(api: Api) -> None:
    answer = await api.answer(ASKED, **{"from": "2026-03-01", "to": "2026-03-31"})
    table = await fetch(api, "from=2026-03-01&to=2026-03-31")

    assert answer["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
    assert table.status_code == 401


@pytest.mark.parametrize("group", GROUPS)
async def test_the_table_says_what_the_api_says(
    counter: Counter, supervisor: Viewer, api: Api, group: ReportGroup | None
) -> None:
    await a_month(counter, supervisor)
    mine = await api.signed_in(counter, role=Role.AUDITOR)

    said = await mine.data(ASKED, **{"from": "2026-03-01", "to": "2026-03-31", "groupBy": group})
    table = await fetch(mine, "from=2026-03-01&to=2026-03-31" + (f"&groupBy={group}" if group else ""))

    assert table.content.startswith(b"\xef\xbb\xbf")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "reporte-2026-03-01-2026-03-31.csv" in table.headers["content-disposition"]
    written, *rows = csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
    assert written == heads(group)
    assert written[:3] == ["Código", group.label if group else "Total", "Presentados"]
    assert rows == [expected_row(line) for line in said["report"]["lines"]]


def expected_row(line: dict[str, Any]) -> list[str]:
    times = {time["step"]: time for time in line["times"]}
    cells = [line["key"] or "", line["label"], *(line[act.value.lower()] for act in COUNTED_ACTS)]
    cells += [line["waiting"], line["late"]]
    for step in ReportStep:
        time = times.get(step.value, {"times": 0, "medianSeconds": "", "ninthDecileSeconds": ""})
        cells += [time["times"], time["medianSeconds"], time["ninthDecileSeconds"]]
    return [str(cell) for cell in cells]


async def test_a_table_may_ask_what_the_api_may(counter: Counter, supervisor: Viewer, api: Api) -> None:
    await a_month(counter, supervisor)
    mine = await api.signed_in(counter, role=Role.SUPERVISOR)

    table = await fetch(
        mine, "from=2026-03-01&to=2026-03-31&officeCodes=CUSCO&documentKinds=LETTER&statuses=REFERRED&channel=WEB"
    )

    _, row = csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
    assert dict(zip(heads(None), row, strict=True))["Derivaciones"] == "1"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("to=2026-03-31", "NO_DAY"),
        ("from=2026-02-30&to=2026-03-31", "NO_DAY"),
        ("from=20260301&to=2026-03-31", "NO_DAY"),
        ("from=2026-03-01&to=2026-03-31&groupBy=PERSON", "NO_SUCH_CHOICE"),
        ("from=2026-03-01&to=2026-03-31&statuses=GONE", "NO_SUCH_CHOICE"),
        ("from=2026-03-31&to=2026-03-01", "PERIOD_BACKWARD"),
        ("from=2026-03-01&to=2026-03-31&" + "&".join(["officeCodes=CUSCO"] * 21), "TOO_MANY_CHOICES"),
    ],
)
async def test_a_table_that_makes_no_sense_is_refused(counter: Counter, api: Api, query: str, code: str) -> None:
    mine = await api.signed_in(counter, role=Role.SUPERVISOR)

    refused = await fetch(mine, query)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_no_cell_of_a_table_is_a_formula(
    counter: Counter, supervisor: Viewer, api: Api, database: Database
) -> None:
    await execute_as_owner(database, "UPDATE offices SET name = '=1+1, \"x\"' WHERE code = 'CUSCO'")
    mine = await api.signed_in(counter, role=Role.SUPERVISOR)

    table = await fetch(mine, "from=2026-03-01&to=2026-03-31&groupBy=OFFICE&officeCodes=CUSCO")

    _, row = csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
    assert row[1] == '\'=1+1, "x"'
