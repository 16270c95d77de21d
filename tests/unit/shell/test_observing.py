"""What is seen of operations from outside: spans, numbers and a log, none of which tells of whom it was."""

from __future__ import annotations

import logging
import subprocess
import sys
from copy import copy
from dataclasses import replace
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import strawberry
from graphql import get_operation_ast, parse
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from mesadepartes.metrics import MOST_NAMES, Metrics
from mesadepartes.operations import watching_of
from mesadepartes.settings import Settings
from mesadepartes.slow_operations import SlowOperations, shape_of
from mesadepartes.spans import ORDINARY_PER_SECOND, spans_sent
from mesadepartes.telemetry import LineFormatter
from mesadepartes.variables import Part
from resolvers.engine.costs import Cost
from resolvers.engine.errors import ErrorPresenter
from resolvers.engine.execution import QUERIES_AND_MUTATIONS, Asked, Execution
from resolvers.engine.observing import MOST_UNTOLD, Observed, Observers, note_statement
from resolvers.engine.operations import Prepared
from resolvers.engine.terms import Terms
from tests.journeys.stack import free_ports
from tests.unit.shell.test_settings import WEB

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES = ("began", "prepared_at", "admitted_at", "ran_at", "encoded_at")
SECRET = "10203040"
DOCUMENT = parse("query Inbox { person }")


def prepared(name: str, *, is_trusted: bool = True) -> Prepared:
    """Return an operation with a name."""
    operation = get_operation_ast(DOCUMENT)
    assert operation is not None
    return Prepared("ab" * 32, DOCUMENT, operation, name, Cost(), is_trusted=is_trusted)


def like(observed: Observed, **changes: Any) -> Observed:
    """Return the same with some changes."""
    found = copy(observed)
    vars(found).update(changes)
    return found


ONE = like(
    Observed(),
    prepared=prepared("Inbox"),
    began=100.0,
    prepared_at=100.001,
    admitted_at=100.002,
    ran_at=100.022,
    encoded_at=100.024,
    statements=2,
    texts=('SELECT id FROM "people" WHERE number = $1 LIMIT 21', f"SELECT '{SECRET}', {SECRET}"),
    cost=123,
    is_planned=True,
)


def named(name: str, *, is_trusted: bool = True) -> Observed:
    """Return the same of an operation that has another name."""
    return like(ONE, prepared=prepared(name, is_trusted=is_trusted))


@strawberry.type
class Query:
    """What can be asked here."""

    @strawberry.field
    async def person(self, number: str) -> str:
        """Find somebody."""
        note_statement("SELECT 1")
        if number == "0":
            raise RuntimeError(number)
        return number


class Kept:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.seen = list[Observed]()

    def ended(self, operations: Sequence[Observed]) -> None:
        """Keep them."""
        self.seen += operations


def series(metrics: Metrics) -> dict[tuple[Any, ...], float]:
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(metrics.text())
        for sample in family.samples
    }


async def test_each_operation_is_told_once_without_what_it_was_given() -> None:
    told = list[Observed]()
    asked = Execution(strawberry.Schema(Query), ErrorPresenter(lambda _: None, str), terms=Terms(observer=told.append))
    document = "query Find($number: String!) { person(number: $number) other: person(number: $number) }"

    for number in (SECRET, "0"):
        await asked.answer(Asked(document, variables={"number": number}), None, kinds=QUERIES_AND_MUTATIONS)
    await asked.answer(Asked("{ nothing }"), None, kinds=QUERIES_AND_MUTATIONS)

    found, failed, refused = told
    assert (found.name, found.kind, found.statements, found.cost, found.code) == ("Find", "query", 2, 2, None)
    assert all(found.seconds)
    assert sum(found.seconds) == pytest.approx(found.duration)
    assert (failed.code, bool(failed.error_id)) == ("INTERNAL_ERROR", True)
    assert (refused.code, refused.kind, refused.statements) == ("GRAPHQL_VALIDATION_FAILED", "", 0)
    assert SECRET not in repr(told)


def test_metrics_are_prometheus_text_whose_labels_no_stranger_can_make_more() -> None:
    metrics = Metrics({"mesa_sockets": ("Open sockets.", lambda: 7)})

    metrics.ended([ONE, ONE, like(ONE, code="NOT_FOUND"), named("mine", is_trusted=False)])
    for number in range(2 * MOST_NAMES):
        metrics.ended([named(f"made up {number}", is_trusted=False), named(f"trusted {number}")])

    found = series(metrics)
    assert found["mesa_graphql_operation_seconds_count", "query", "Inbox"] == 3
    assert found["mesa_graphql_operation_seconds_bucket", "query", "0.025", "Inbox"] == 3
    assert found["mesa_graphql_statements_total", "query", "Inbox"] == 6
    assert found["mesa_graphql_answers_total", "NOT_FOUND", "query"] == 1
    assert found["mesa_sockets",] == 7
    assert sum(name[0].endswith("operation_seconds_count") for name in found) <= MOST_NAMES + 1


def test_a_slow_operation_is_logged_with_its_statements_and_no_value(caplog: pytest.LogCaptureFixture) -> None:
    log = SlowOperations(0.02)

    log.ended([like(ONE, ran_at=100.01, encoded_at=100.012), ONE])

    (line,) = [LineFormatter("web").format(record) for record in caplog.records]
    assert caplog.records[0].levelno == logging.WARNING
    assert 'sql_1=SELECT id FROM "people" WHERE number = $1 LIMIT ?' in line
    assert "operation=Inbox" in line
    assert "plan=compiled" in line
    assert SECRET not in line


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("SELECT 'O''Higgins',\n  12.5", "SELECT ?, ?"),
        ('SELECT "t1"."a" FROM t1 WHERE b = $12', 'SELECT "t1"."a" FROM t1 WHERE b = $12'),
        ("SELECT x" + "x" * 9_000, "SELECT x" + "x" * 1_992),
        ("SELECT '" + "secreto " * 1_000 + "'", "SELECT ?"),
    ],
)
def test_values_in_a_statement_are_not_logged(statement: str, shape: str) -> None:
    assert shape_of(statement) == shape


def test_spans_are_those_that_failed_and_some_of_the_others() -> None:
    exporter, observers = InMemorySpanExporter(), list[Any]()
    began_ns, lately = time_ns(), perf_counter() - 0.5
    one = like(ONE, **{name: getattr(ONE, name) - ONE.began + lately for name in TIMES})

    with spans_sent("http://127.0.0.1:9", observers, slow_seconds=1.0, exporter=exporter):
        told = Observers(observers)
        for each in (*[one] * 100, like(one, code="INTERNAL_ERROR", error_id="abc")):
            told.note(each)
        told.tell()

    spans = exporter.get_finished_spans()
    failed = [span for span in spans if span.attributes and span.attributes.get("mesa.error_id") == "abc"]
    assert ORDINARY_PER_SECOND <= len(spans) - 1 <= 2 * ORDINARY_PER_SECOND
    assert len(failed) == 1
    assert not failed[0].status.is_ok
    assert spans[0].start_time is not None
    assert spans[0].end_time is not None
    assert spans[0].end_time - spans[0].start_time == pytest.approx(24_000_000, abs=1)
    assert began_ns - 1_000_000_000 < spans[0].start_time < began_ns
    assert SECRET not in "".join(map(str, (span.to_json() for span in spans)))


async def test_metrics_are_told_on_a_port_of_their_own_and_only_if_there_is_one() -> None:
    [port] = free_ports(1)
    told = {**WEB, "MESA_METRICS_PORT": str(port), "MESA_SLOW_OPERATION_MS": "0"}
    asked = Settings.from_environ(told, needed=frozenset({Part.WEB}))

    async with watching_of(asked, {}) as observer, httpx.AsyncClient() as http:
        assert observer is not None
        observer(ONE)
        answer = await http.get(f"http://127.0.0.1:{port}/metrics")
    async with watching_of(replace(asked, metrics_port=None), {}) as nobody:
        assert nobody is None

    assert 'mesa_graphql_operation_seconds_count{kind="query",operation="Inbox"} 1.0' in answer.text


def test_observers_told_together_miss_none_but_where_nobody_tells_them_any_more() -> None:
    first, second = Kept(), Kept()
    together = Observers([first, second])

    for _ in range(3):
        together.note(ONE)
    before = len(first.seen)
    together.tell()
    together.tell()
    found = len(first.seen), len(second.seen)
    for _ in range(MOST_UNTOLD + 5):
        together.note(ONE)
    together.tell()

    assert (before, found, len(first.seen)) == (0, (3, 3), 3 + MOST_UNTOLD)


async def test_who_watches_is_told_of_the_last_operation_when_the_web_part_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = {**WEB, "MESA_SLOW_OPERATION_MS": "1"}

    async with watching_of(Settings.from_environ(told, needed=frozenset({Part.WEB})), {}) as observer:
        assert observer is not None
        observer(like(ONE, texts=()))

    assert [record.getMessage() for record in caplog.records if record.name.endswith("slow_operations")] == [
        "An operation took 24 ms"
    ]


def test_what_nobody_asked_for_is_not_loaded() -> None:
    """Each would take time at the start, and memory, of everybody."""
    program = "import sys, mesadepartes.operations, mesadepartes.site; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()

    assert {"opentelemetry.sdk", "prometheus_client"} & set(loaded) == set()
