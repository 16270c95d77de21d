"""The door: which requests are served, with which status and in which form; and what is refused before it is read."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
import strawberry
from starlette.responses import PlainTextResponse

from resolvers.engine.errors import ErrorPresenter
from resolvers.engine.execution import Asked, Execution
from resolvers.engine.http import Doorkeeper, GraphQLDoor, Offer
from resolvers.engine.requests import Refused, asked_in, read_query_string

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import Message, Receive, Scope, Send

JSON, RESPONSE = "application/json", "application/graphql-response+json"
QUERY = {"query": "{ double(number: 2) }"}
SHA256 = "a" * 64


@strawberry.type
class Query:
    @strawberry.field
    def double(self, number: int) -> int | None:
        if number < 0:
            raise ValueError(number)
        return 2 * number


@strawberry.type
class Mutation:
    @strawberry.mutation
    def forget(self) -> bool:
        return True


async def shut(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("no socket was opened")


async def stream(asked: Asked, context: Any, scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("events", media_type="text/event-stream")(scope, receive, send)


async def nobody(_context: Any) -> None:
    return None


OFFER = Offer(sockets=shut)


def cookies(context: HTTPConnection) -> list[tuple[bytes, bytes]]:
    if "x-crash" in context.headers:
        raise LookupError("nobody foresaw it")
    return [(b"set-cookie", b"a=b")]


def make_door(offer: Offer) -> GraphQLDoor:
    errors = ErrorPresenter(lambda error: None, lambda error_id: f"Lo sentimos: {error_id}.")
    keeper = Doorkeeper(
        context=lambda connection: connection,
        headers=cookies,
        keeper=nobody,
        clear=nobody,
        most_files=1,
        most_bytes=1_000_000,
        pause_seconds=0.05,
    )
    return GraphQLDoor(Execution(strawberry.Schema(Query, Mutation), errors), keeper, offer)


@dataclass
class Called:
    """One call of the door."""

    sent: list[Message] = field(default_factory=list)
    is_read: bool = False

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def code(self) -> str:
        return json.loads(self.body)["errors"][0]["extensions"]["code"]


async def call(
    given: Any = None,
    *,
    offer: Offer = OFFER,
    method: str = "POST",
    query_string: str = "",
    chunks: list[bytes] | None = None,
    pauses: bool = False,
    **headers: str,
) -> Called:
    """Call a door as a server does."""
    called = Called()
    pieces = [json.dumps(given).encode()] if chunks is None else chunks
    coming = iter(pieces)

    async def receive() -> Message:
        called.is_read = True
        piece = next(coming, None)
        if piece is None and pauses:
            return await asyncio.Future["Message"]()
        return (
            {"type": "http.disconnect"} if piece is None else {"type": "http.request", "body": piece, "more_body": True}
        )

    async def receive_whole() -> Message:
        called.is_read = True
        return {"type": "http.request", "body": pieces[0], "more_body": False}

    async def send(message: Message) -> None:
        called.sent.append(message)

    raw = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in {"content_type": JSON, **headers}.items()
    ]
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": query_string.encode(),
        "headers": raw,
    }
    await make_door(offer)(scope, receive if chunks else receive_whole, send)
    return called


@pytest.mark.parametrize(
    ("given", "accept", "status", "has_data"),
    [
        (QUERY, JSON, 200, True),
        (QUERY, RESPONSE, 200, True),
        ({"query": "{ double(number: -1) }"}, JSON, 200, True),
        ({"query": "{ double(number: -1) }"}, RESPONSE, 200, True),
        ({"query": "{"}, JSON, 200, False),
        ({"query": "{"}, RESPONSE, 400, False),
        ({"query": "{ nothing }"}, JSON, 200, False),
        ({"query": "{ nothing }"}, RESPONSE, 400, False),
        ({"query": "query($n: Int!) { double(number: $n) }"}, JSON, 200, False),
        ({"query": "query($n: Int!) { double(number: $n) }"}, RESPONSE, 400, False),
        ({"query": "{ double(number: 2) }", "operationName": "Other"}, JSON, 400, False),
        ({"query": 2}, RESPONSE, 400, False),
    ],
)
async def test_the_status_is_what_the_form_says(given: Any, accept: str, status: int, has_data: bool) -> None:
    answer = await call(given, accept=accept)

    assert (answer.status, answer.headers["content-type"]) == (status, f"{accept}; charset=utf-8")
    assert ("data" in json.loads(answer.body)) is has_data
    assert (answer.headers["vary"], int(answer.headers["content-length"])) == ("Accept", len(answer.body))


async def test_what_was_run_may_set_headers_and_every_answer_has_those_of_the_offer() -> None:
    offer = replace(OFFER, headers=((b"cache-control", b"no-store"),))
    answers = [await call(QUERY, offer=offer), await call({}, offer=offer), await call(QUERY, offer=offer, x_crash="y")]

    assert [answer.status for answer in answers] == [200, 400, 500]
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 3
    assert answers[0].headers["set-cookie"] == "a=b"


async def test_a_crash_is_answered_with_the_id_under_which_it_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    answer = await call(QUERY, x_crash="y")
    [told], [record] = json.loads(answer.body)["errors"], caplog.records

    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert record.__dict__["error_id"] == told["extensions"]["id"]
    assert "foresaw" not in told["message"]
    assert record.exc_info
    assert isinstance(record.exc_info[1], LookupError)


@pytest.mark.parametrize("begins", [b"", b'{"query":'])
async def test_a_body_that_pauses_is_given_up(begins: bytes) -> None:
    async with asyncio.timeout(5):
        answer = await call(chunks=[begins], pauses=True)

    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream"])
async def test_a_form_that_is_not_served_is_refused(accept: str) -> None:
    answer = await call(QUERY, accept=accept)

    assert (answer.status, answer.code) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        ("text/event-stream", b"events"),
        ("text/event-stream, application/json", b"events"),
        ("application/json, text/event-stream", b'{"data":{"double":4}}'),
    ],
)
async def test_events_come_only_if_they_are_asked_for_first(accept: str, body: bytes) -> None:
    assert (await call(QUERY, offer=replace(OFFER, stream=stream), accept=accept)).body == body


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
async def test_unless_it_is_chosen_only_post_is_served(method: str) -> None:
    answer = await call(method=method, query_string="query={double(number:2)}")

    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")


BY_GET = replace(OFFER, has_get=True)


@pytest.mark.parametrize(
    ("method", "query_string", "status", "allow"),
    [
        ("GET", "query=%7Bdouble(number:2)%7D", 200, None),
        ("GET", "query=mutation%7Bforget%7D", 405, "POST"),
        ("GET", "", 400, None),
        ("HEAD", "query=%7Bdouble(number:2)%7D", 405, "GET, POST"),
        ("PUT", "", 405, "GET, POST"),
    ],
)
async def test_by_get_there_are_queries_only(method: str, query_string: str, status: int, allow: str | None) -> None:
    answer = await call(offer=BY_GET, method=method, query_string=query_string)

    assert (answer.status, answer.headers.get("allow")) == (status, allow)
    assert b"forget" not in answer.body


async def test_people_with_a_browser_see_the_page_and_programs_do_not() -> None:
    page = PlainTextResponse("page")
    shown = await call(offer=replace(OFFER, page=page), method="GET", accept="*/*")
    typed = await call(offer=replace(OFFER, page=page), method="GET", accept="application/json")
    html = await call(offer=replace(BY_GET, page=page), method="GET", accept="text/html,*/*;q=0.8")
    asked = await call(offer=replace(BY_GET, page=page), method="GET", query_string="query=%7Bdouble(number:2)%7D")

    assert [shown.body, html.body, asked.body] == [b"page", b"page", b'{"data":{"double":4}}']
    assert (typed.status, typed.code) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("length", ["65537", "999999999999999999999999", "-1", "+5", "many"])
async def test_a_body_that_is_announced_as_too_long_is_not_read(length: str) -> None:
    answer = await call(QUERY, content_length=length)

    assert (answer.status, answer.code, answer.is_read) == (413, "BODY_TOO_LARGE", False)


@pytest.mark.parametrize(
    ("chunks", "status", "code"),
    [
        ([b" " * 40_000, b" " * 40_000], 413, "BODY_TOO_LARGE"),
        ([b" " * 70_000], 413, "BODY_TOO_LARGE"),
        ([b'{"query":', b'"{ double(number: 2) }"}'], 400, "BAD_REQUEST"),
    ],
    ids=["in pieces", "at once", "broken off"],
)
async def test_a_body_of_unknown_length_is_read_to_the_limit(chunks: list[bytes], status: int, code: str) -> None:
    answer = await call(chunks=chunks)

    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        ({"query": "{ a }"}, Asked("{ a }")),
        ({"query": "{ a }", "variables": None, "operationName": None, "extensions": None}, Asked("{ a }")),
        ({"query": "{ a }", "variables": {"b": 1}, "operationName": "C"}, Asked("{ a }", None, {"b": 1}, "C")),
        ({"documentId": SHA256}, Asked(None, SHA256)),
        ({"documentId": f"sha256:{SHA256}"}, Asked(None, SHA256)),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": SHA256}}}, Asked(None, SHA256)),
        ({"query": "{ a }", "extensions": {"other": 1}}, Asked("{ a }")),
    ],
)
def test_what_is_asked_for(found: dict[str, Any], asked: Asked) -> None:
    assert asked_in(found) == asked


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"query": None},
        {"query": ["{ a }"]},
        {"query": "{ a }", "variables": "b"},
        {"query": "{ a }", "operationName": 0},
        {"query": "{ a }", "extensions": []},
        {"documentId": 5},
        {"documentId": "a" * 200},
        {"documentId": ""},
        {"extensions": {"persistedQuery": {"sha256Hash": 5}}},
    ],
)
def test_what_asks_for_nothing_is_refused(found: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        asked_in(found)

    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("query_string", "asked"),
    [
        ("query=%7B+a+%7D&x=y", Asked("{ a }")),
        (f"documentId={SHA256}&operationName=A", Asked(None, SHA256, None, "A")),
        ("query=a&variables=%7B%22%C3%B1%22%3A1%7D", Asked("a", None, {"ñ": 1})),
    ],
)
def test_what_an_address_asks_for(query_string: str, asked: Asked) -> None:
    assert read_query_string(query_string.encode()) == asked


@pytest.mark.parametrize(
    ("query_string", "status"),
    [
        ("query=a&variables=1", 400),
        ("query=a&variables=%7B%22a%22%3A1%2C%22a%22%3A2%7D", 400),
        ("query=a&query=b", 400),
        ("query=%FF", 400),
        ("query=a&" + "x=y&" * 20, 400),
        ("query=" + "a" * 70_000, 414),
        ("", 400),
    ],
)
def test_an_address_that_is_in_no_order_is_refused(query_string: str, status: int) -> None:
    with pytest.raises(Refused) as refused:
        read_query_string(query_string.encode())

    assert refused.value.status == status
