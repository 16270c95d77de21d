"""The legal calendar: its versions, its commands, and the dates that it gave."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from actions import calendar, tramites
from models.calendar import CalendarVersion, Holiday
from models.catalogue import Office
from models.register import Entry
from models.tramites import Tramite
from reading.policies import calendar_by_version, calendar_of
from rules.access import Role
from rules.holidays import DeclaredDay, UnreadableDays, read_days
from rules.register import Act
from rules.workdays import LIMA, NATIONAL_SOURCE, FilingPolicy, count_term, filed_on, national_holidays
from tests.api import in_process, make_feed
from tests.commands import all_said

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

TUESDAY = date(2026, 3, 10)
STRIKE = DeclaredDay(date(2026, 3, 12), "Día no laborable", "Decreto Supremo 010-2026-PCM")
EXPLAINED = """datesExplained {
    sentAt receivedAt
    filing { filedOn rule { policy text source } calendarVersion opensAt closesAt otherFiledOn
        skipped { day reason source } }
    correction { correctBy source observedOn counted calendarVersion skipped { day reason source } }
}"""


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


async def explained(api: Api, number: str) -> dict[str, Any]:
    answer = await api.data(f"query($n: String!) {{ tramite(number: $n) {{ {EXPLAINED} }} }}", n=number)
    return answer["tramite"]["datesExplained"]


async def central() -> Office:
    return await Office.get(code="SEDE-CENTRAL")


async def test_the_first_version_holds_the_national_holidays_of_2020_to_2040(counter: Counter) -> None:
    version = await CalendarVersion.get()
    recorded = {row.day: row.name for row in await Holiday.all()}

    assert version.name == "2026-1"
    assert recorded == {day: name for year in range(2020, 2041) for day, name in national_holidays(year).items()}
    assert (await calendar_of(await central(), at=counter.clock())).closed_until == 2040


@pytest.mark.parametrize("seconds", [-1, 0])
async def test_a_policy_holds_from_midnight_in_lima_of_its_first_day(counter: Counter, seconds: int) -> None:
    clerk = await counter.register()
    await calendar.change_policy(FilingPolicy.B, from_on=TUESDAY, now=counter.clock())
    midnight = datetime(2026, 3, 10, tzinfo=LIMA)
    counter.clock.at = (midnight + timedelta(seconds=seconds)).astimezone(UTC)

    filed = await counter.file(clerk)

    assert filed.filing_rule["rule"] == ("A" if seconds < 0 else "B")
    assert filed.filing_rule["calendarVersion"] == "2026-2"


async def test_what_was_filed_keeps_its_date_and_its_version_gives_it_again(counter: Counter) -> None:
    applicant, office = await counter.register(), await central()
    counter.clock.at = datetime(2026, 3, 10, 23, 0, tzinfo=LIMA).astimezone(UTC)
    before = await counter.file(applicant)
    await calendar.change_policy(FilingPolicy.B, from_on=date(2026, 3, 11), now=counter.clock())
    await calendar.declare_days([STRIKE], now=counter.clock())
    counter.clock.advance(days=1)
    after = await counter.file(applicant)

    assert (await Tramite.get(id=before.id)).filed_on == TUESDAY
    assert after.filed_on == date(2026, 3, 13)
    for tramite in (before, after):
        version = tramite.filing_rule["calendarVersion"]
        known = await calendar_by_version(office, version, at=tramite.sent_at)
        assert known is not None
        assert filed_on(tramite.sent_at, known).to_json() == tramite.filing_rule


async def test_hours_are_those_of_the_office_and_the_day(counter: Counter, api: Api) -> None:
    await calendar.change_hours("PUNO", opens_at=time(8), closes_at=time(13), from_on=TUESDAY, now=counter.clock())
    ask = "{ offices { code hours { opensAt closesAt } } }"

    before = {each["code"]: each["hours"] for each in (await api.data(ask))["offices"]}
    counter.clock.advance(days=1)
    after = {each["code"]: each["hours"] for each in (await api.data(ask))["offices"]}

    usual = {"opensAt": "08:30", "closesAt": "16:30"}
    assert set(map(str, before.values())) == {str(usual)}
    assert after["PUNO"] == {"opensAt": "08:00", "closesAt": "13:00"}
    assert after["SEDE-CENTRAL"] == usual


async def test_of_two_changes_of_hours_from_the_same_day_the_later_holds(counter: Counter, api: Api) -> None:
    for opens_at in (time(10), time(8)):
        await calendar.change_hours("PUNO", opens_at=opens_at, closes_at=time(13), from_on=TUESDAY, now=counter.clock())
    counter.clock.advance(days=1)

    offices = (await api.data("{ offices { code hours { opensAt } } }"))["offices"]

    assert {each["code"]: each["hours"]["opensAt"] for each in offices}["PUNO"] == "08:00"


@pytest.mark.parametrize("days", [0, -1, -400])
async def test_no_change_holds_from_today_or_earlier(counter: Counter, days: int) -> None:
    from_on = date(2026, 3, 9) + timedelta(days=days)

    with pytest.raises(calendar.ChangeTooEarly):
        await calendar.change_policy(FilingPolicy.B, from_on=from_on, now=counter.clock())
    with pytest.raises(calendar.ChangeTooEarly):
        await calendar.change_hours("PUNO", opens_at=time(8), closes_at=time(13), from_on=from_on, now=counter.clock())

    assert await CalendarVersion.all().count() == 1


async def test_a_day_is_declared_for_one_office_and_taken_back(counter: Counter) -> None:
    local = DeclaredDay(date(2026, 3, 10), "Aniversario de Puno", "Ordenanza 1", office_code="PUNO")
    applicant = await counter.register()
    await calendar.declare_days([local], now=counter.clock())
    counter.clock.advance(days=1)

    puno, lima = await counter.file(applicant, office_code="PUNO"), await counter.file(applicant)
    opened = DeclaredDay(date(2026, 3, 10), "Se trabaja", "Ordenanza 2", office_code="PUNO", is_closed=False)
    await calendar.declare_days([opened], now=counter.clock())
    again = await counter.file(applicant, office_code="PUNO")

    assert (puno.filed_on, lima.filed_on) == (date(2026, 3, 11), TUESDAY)
    assert puno.filing_rule["skipped"] == [
        {"day": "2026-03-10", "reason": "Aniversario de Puno", "source": "Ordenanza 1"}
    ]
    assert again.filed_on == TUESDAY


async def test_a_day_far_off_that_cites_the_national_law_hides_no_holiday_before_it(counter: Counter) -> None:
    far = DeclaredDay(date(2045, 3, 1), "Día no laborable", NATIONAL_SOURCE)
    await calendar.declare_days([far], now=counter.clock())

    dates = await calendar_of(await central(), at=counter.clock())

    assert not dates.is_working_day(far.day)
    assert not dates.is_working_day(date(2044, 7, 28))


async def test_the_same_days_again_change_nothing(counter: Counter) -> None:
    await calendar.declare_days([STRIKE], now=counter.clock())

    with pytest.raises(calendar.NothingNew):
        await calendar.declare_days([STRIKE], now=counter.clock())

    assert [version.name for version in await CalendarVersion.all().order_by("id")] == ["2026-1", "2026-2"]


async def test_changes_at_once_are_versions_one_after_the_other_and_acts(counter: Counter) -> None:
    days = [DeclaredDay(date(2026, 4, number), "Día no laborable", "Decreto") for number in range(6, 11)]

    names = await asyncio.gather(*(calendar.declare_days([day], now=counter.clock()) for day in days))

    assert sorted(names) == [f"2026-{number}" for number in range(2, 7)]
    assert await Entry.filter(act=Act.CALENDAR_CHANGED).count() == 5


async def test_the_dates_of_a_tramite_explain_themselves(counter: Counter, api: Api) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    citizen = await api.signed_in(counter)
    counter.clock.at = datetime(2026, 4, 2, 10, 0, tzinfo=LIMA).astimezone(UTC)
    citizen = await api.signed_in(counter)
    filed = await counter.file(citizen.viewer)
    counter.clock.at = datetime(2026, 7, 24, 9, 0, tzinfo=LIMA).astimezone(UTC)
    await tramites.observe_tramite(counter.tools, clerk, filed.id, text="Falta la firma")
    citizen = await api.signed_in_again(counter, citizen)

    dates = await explained(citizen, filed.number)

    decree = "Decreto Legislativo 713 y sus modificatorias"
    assert dates["sentAt"] == "2026-04-02T10:00:00-05:00"
    assert dates["receivedAt"] is None
    assert dates["filing"] == {
        "filedOn": "2026-04-06",
        "rule": {"policy": "A", "text": FilingPolicy.A.sentence, "source": FilingPolicy.A.source},
        "calendarVersion": "2026-1",
        "opensAt": "08:30",
        "closesAt": "16:30",
        "otherFiledOn": "2026-04-06",
        "skipped": [
            {"day": "2026-04-02", "reason": "Jueves Santo", "source": decree},
            {"day": "2026-04-03", "reason": "Viernes Santo", "source": decree},
            {"day": "2026-04-04", "reason": "sábado", "source": None},
            {"day": "2026-04-05", "reason": "Domingo de Resurrección", "source": decree},
        ],
    }
    assert dates["correction"] == {
        "correctBy": "2026-07-30",
        "source": "TUO de la Ley 27444, artículos 136.1 y 144",
        "observedOn": "2026-07-24",
        "counted": ["2026-07-27", "2026-07-30"],
        "calendarVersion": "2026-1",
        "skipped": [
            {"day": "2026-07-25", "reason": "sábado", "source": None},
            {"day": "2026-07-26", "reason": "domingo", "source": None},
            {"day": "2026-07-28", "reason": "Día de la Independencia", "source": decree},
            {"day": "2026-07-29", "reason": "Día de la Gran Parada Militar", "source": decree},
        ],
    }
    known = await calendar_by_version(await central(), "2026-1", at=counter.clock())
    assert known is not None
    kept = (await Tramite.get(id=filed.id)).deadline_rule
    assert count_term(counter.clock(), working_days=2, calendar=known).to_json() == kept


async def test_what_was_filed_before_more_was_kept_is_explained_as_far_as_it_goes(counter: Counter, api: Api) -> None:
    citizen = await api.signed_in(counter)
    filed = await counter.file(citizen.viewer)
    old = {name: filed.filing_rule[name] for name in ("day", "rule", "calendarVersion", "skipped")}
    await Tramite.filter(id=filed.id).update(filing_rule=old)

    filing = (await explained(citizen, filed.number))["filing"]

    assert (filing["filedOn"], filing["opensAt"], filing["otherFiledOn"]) == ("2026-03-09", None, None)


async def test_a_reception_is_the_first_time_that_a_clerk_validated(counter: Counter, api: Api) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    citizen = await api.signed_in(counter)
    filed = await counter.file(citizen.viewer)
    counter.clock.advance(minutes=5)
    await tramites.refer_tramite(counter.tools, clerk, filed.id, office_code="SEDE-CENTRAL", text=None)
    counter.clock.advance(minutes=5)
    await tramites.resolve_tramite(counter.tools, clerk, filed.id, text="Se concede")

    assert (await explained(citizen, filed.number))["receivedAt"] == "2026-03-09T10:05:00-05:00"


HOURS = """query { openingHours(officeCode: "SEDE-CENTRAL") {
    isOpen filedOnIfSentNow nextOpening message rule { policy } office { hours { opensAt } } } }"""


async def test_outside_the_hours_the_legal_date_is_told_before_sending(counter: Counter, api: Api) -> None:
    inside = (await api.data(HOURS))["openingHours"]
    counter.clock.at = datetime(2026, 4, 2, 10, 0, tzinfo=LIMA).astimezone(UTC)

    outside = (await api.data(HOURS))["openingHours"]

    assert (inside["isOpen"], inside["message"], inside["filedOnIfSentNow"]) == (True, None, "2026-03-09")
    assert outside == {
        "isOpen": False,
        "filedOnIfSentNow": "2026-04-06",
        "nextOpening": "2026-04-06T08:30:00-05:00",
        "message": "Está fuera del horario de atención (días hábiles, de 8:30 a. m. a 4:30 p. m.). Puede enviar "
        "su documento ahora: se tendrá por presentado el 6 de abril de 2026.",
        "rule": {"policy": "A"},
        "office": {"hours": {"opensAt": "08:30"}},
    }


YEAR = (
    """query($year: Int!) { calendar(officeCode: "PUNO", year: $year) { version closedDays { day reason source } } }"""
)


async def test_a_year_lists_its_closed_days(counter: Counter, api: Api) -> None:
    await calendar.declare_days([STRIKE], now=counter.clock())

    shown = (await api.data(YEAR, year=2026))["calendar"]

    assert shown["version"] == "2026-2"
    assert len(shown["closedDays"]) == 18
    assert {"day": "2026-03-12", "reason": STRIKE.name, "source": STRIKE.source} in shown["closedDays"]
    refused = await api.answer(YEAR, year=2101)
    assert refused["errors"][0]["extensions"]["code"] == "YEAR_OUT_OF_RANGE"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,name,source\n2025-02-29,x,y\n", "Línea 2: «2025-02-29» no es una fecha"),
        ("date,name,source\n2026-05-04,,y\n", "Línea 2"),
        ("date,name,source,closed\n2026-05-04,x,y,maybe\n", "Línea 2"),
        ("date,name,source\n2026-05-04,x,y,z\n", "Línea 2"),
        ("day,name\n2026-05-04,x\n", "La primera línea"),
        (
            "date,name,source\n2026-05-04,x,y\n2026-05-05,x,y\n2026-05-04,z,y\n",
            "Línea 4: ese día ya está en la línea 2",
        ),
        ("date,name,source\n", "ningún día"),
        ("", "La primera línea"),
    ],
)
def test_a_wrong_line_is_named(text: str, said: str) -> None:
    with pytest.raises(UnreadableDays) as refused:
        read_days(text.splitlines())

    assert said in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "date,name,source\n" + "x" * 40_000,
        "date,name,source\n\x1b[31m\u202eayer,Nochebuena,DS 1\n",
        "date,name,source\n2026-12-24," + "x" * 200_000 + ",DS 1\n",
    ],
)
def test_what_is_said_of_a_file_repeats_little_of_it_and_nothing_that_a_terminal_obeys(text: str) -> None:
    with pytest.raises(UnreadableDays) as refused:
        read_days(io.StringIO(text))

    said = str(refused.value)
    assert len(said) < 150
    assert said.isprintable()


async def test_few_of_many_offices_that_do_not_exist_are_named(counter: Counter) -> None:
    codes = [f"\x1b[31m{'X' * 500}{index}" for index in range(100)]
    days = [DeclaredDay(date(2026, 12, 24), "Nochebuena", "DS 1", code) for code in codes]

    with pytest.raises(calendar.UnknownOffices) as refused:
        await calendar.declare_days(days, now=counter.clock())

    assert len(str(refused.value)) < 500
    assert str(refused.value).isprintable()


def test_a_day_may_be_named_once_for_each_office() -> None:
    lines = ["date,name,source,office", "2026-05-04,x,y,", "2026-05-04,x,y,PUNO", "2026-05-04,x,y,TACNA"]

    assert [day.office_code for day in read_days(lines)] == [None, "PUNO", "TACNA"]


async def test_the_commands_change_the_calendar_and_say_what_is_wrong(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "dias.csv"
    file.write_text("date,name,source,office\n2024-02-29,Día no laborable,DS 1-2024-PCM,\n", encoding="utf-8")
    wrong = tmp_path / "mal.csv"
    wrong.write_text("date,name,source,office\n2018-02-29,Nunca,Nadie,\n2026-05-04,A,B,NINGUNA\n", encoding="utf-8")

    said = [
        await _call(database, "seed"),
        await _call(database, "calendar", "import", str(file)),
        await _call(database, "calendar", "import", str(file)),
        await _call(database, "calendar", "import", str(wrong)),
        await _call(database, "calendar", "policy", "B", "--from", "2020-01-01"),
        await _call(database, "calendar", "hours", "PUNO", "08:00", "13:00", "--from", "2090-01-01"),
        await _call(database, "calendar", "hours", "NADA", "08:00", "13:00", "--from", "2090-01-01"),
        await _call(database, "calendar", "show", "--year", "2024"),
    ]

    assert [code for code, _ in said] == [0, 0, 1, 1, 1, 0, 1, 0]
    assert "ya están en el calendario" in said[2][1]
    assert "Línea 2: «2018-02-29»" in said[3][1]
    assert "desde mañana" in said[4][1]
    assert "Esa dependencia no existe" in said[6][1]
    assert "2024-02-29  Día no laborable (DS 1-2024-PCM)" in said[7][1]


async def _call(database: Database, *words: str) -> tuple[int, str]:
    return await all_said(*words, environ={"MESA_DATABASE_URL": database.web_url})
