"""The API's HTTP: what is no strict request is refused early, with JSON, and never with a 5xx."""

from __future__ import annotations

import hashlib
import json
import re
import time
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from mesadepartes.site import sdl
from models.files import Upload
from models.tramites import Attachment, Tramite
from rules.files import MEGABYTE
from tests.api import Api, filing, in_process, make_feed
from tests.counter import PDF

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.counter import Counter
    from tests.servers.postgres import Database

FILE = """
mutation File($input: FileTramiteInput!) { fileTramite(input: $input) {
    __typename ... on Refusal { code message path }
    ... on FileTramiteSuccess { tramite { number attachments { role name sha256 sizeBytes } } } } }
"""


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"query": "{me{id}}"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{me{id}}"}', "application/jsonp", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{me{id}}"}', "application/json; charset=latin-1", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{me{id}}"}', "", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"{", "application/json", 400, "BAD_REQUEST"),
        (b"[]", "application/json", 400, "BAD_REQUEST"),
        (b'[{"query": "{me{id}}"}]', "application/json", 400, "BAD_REQUEST"),
        (b"{}", "application/json", 400, "BAD_REQUEST"),
        (b'{"query": null}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": 1}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": ""}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "variables": []}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "operationName": 1}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "operationName": "Nada"}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "subscription {statusChanges{cursor}}"}', "application/json", 400, "BAD_REQUEST"),
        (b'\xef\xbb\xbf{"query": "{me{id}}"}', "application/json", 400, "BAD_REQUEST"),
        ('{"query": "{me{id}}"}'.encode("utf-16"), "application/json", 400, "BAD_REQUEST"),
        ('{"query": "# ñ\\n{me{id}}"}'.encode("latin-1"), "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "query": "{me{id}}"}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "variables": {"a": NaN}}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "variables": {"a": "\\u0000"}}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "variables": {"a": "\\ud800"}}', "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "{me{id}}", "variables": {"a": ' + b"9" * 5000 + b"}}", "application/json", 400, "BAD_REQUEST"),
        (b'{"a":' * 30_000 + b"1" + b"}" * 30_000, "application/json", 413, "BODY_TOO_LARGE"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400, "BAD_REQUEST"),
        (b"[" * 60_000, "application/json", 400, "BAD_REQUEST"),
        (b'{"query": "' + b" " * 70_000 + b'"}', "application/json", 413, "BODY_TOO_LARGE"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else None,
)
async def test_what_is_no_strict_request_is_refused(
    api: Api, body: bytes, content_type: str, status: int, code: str
) -> None:
    response = await api.http.post("/graphql", content=body, headers={"content-type": content_type})

    assert (response.status_code, response.headers["content-type"]) == (status, "application/json; charset=utf-8")
    assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_a_compressed_body_is_refused_for_what_it_is(api: Api) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    response = await api.http.post("/graphql", content=b"\x1f\x8b", headers=headers)

    assert (response.status_code, "Content-Encoding" in response.text) == (415, True)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_is_served(api: Api, method: str) -> None:
    response = await api.http.request(method, "/graphql?query={me{id}}")

    assert response.status_code == 405


async def test_get_shows_graphiql_and_runs_nothing(api: Api) -> None:
    response = await api.http.get("/graphql", params={"query": "{ offices { code } }"})

    assert response.headers["content-type"].startswith("text/html")
    assert "script-src 'self';" in response.headers["content-security-policy"]
    assert "SEDE-CENTRAL" not in response.text


async def test_graphiql_is_served_whole_and_kept_by_the_browser(api: Api) -> None:
    page = (await api.http.get("/graphql")).text
    named = re.findall(r'(?:src|href)="(/graphiql/[^"]+)"', page)
    answers = {path: await api.http.get(path) for path in named}

    assert len(answers) == 6
    for path, answer in answers.items():
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        assert (answer.status_code, answer.headers["content-type"]) == (200, f"{kind}; charset=utf-8"), path
        assert ("immutable" in answer.headers["cache-control"]) == ("@" in path), path
    assert sum(len(answer.content) for answer in answers.values()) > 4_000_000


async def test_without_graphiql_neither_page_nor_files_nor_introspection(counter: Counter, database: Database) -> None:
    feed = make_feed(database)
    async with in_process(counter, feed, has_explorer=False) as api:
        statuses = [(await api.http.get(path)).status_code for path in ("/graphql", "/graphiql/page.js")]
        answer = await api.http.post("/graphql", json={"query": "{ __schema { types { name } } }"})

    assert statuses == [405, 404]
    assert answer.json().get("data") is None


def fragments(levels: int) -> str:
    spreads = "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(levels))
    return f"{{ ...F0 }} {spreads} fragment F{levels} on Query {{ me {{ id }} }}"


@pytest.mark.parametrize(
    "document",
    [
        fragments(40),
        "{" + "".join(f"a{n}: me {{ id }} " for n in range(31)) + "}",
        "{ me { " + "id " * 501 + "} }",
        "{ me { id " + "@include(if: true) " * 21 + "} }",
        "{" + "".join("... on Query { me { id } } " for _ in range(300)) + "}",
        "{ " + "me { id } " * 11 + "}",
        "{ __schema { types { " + "ofType: fields { type { " * 10 + "name" + "} }" * 10 + "} } }",
        "{ me { " + "id " * 2_100 + "} }",
        "{a" * 20_000,
    ],
    ids=["fragments", "aliases", "fields", "directives", "inline", "roots", "depth", "tokens", "nesting"],
)
async def test_a_document_that_is_too_large_is_refused_before_it_costs_anything(api: Api, document: str) -> None:
    began = time.process_time()
    answer = await api.answer(document)

    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] in ("OPERATION_TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED")
    assert time.process_time() - began < 2, "linear, not exponential"


@pytest.mark.parametrize(
    "document",
    ['{ tramite(number: "a\\u0000b") { id } }', '{ openingHours(officeCode: "\\u0000") { isOpen } }'],
)
async def test_nul_never_reaches_the_database(api: Api, counter: Counter, document: str) -> None:
    maria = await api.signed_in(counter)

    answer = (await maria.post(document)).json()

    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_at_most_three_errors_are_told_and_none_repeats_much_of_the_request(api: Api) -> None:
    many = await api.answer("{ a b c d e f }")
    long = await api.answer("{ " + "x" * 20_000 + " }")

    assert len(many["errors"]) == 3
    assert len(json.dumps(long)) < 1_000


@pytest.mark.parametrize(
    ("authorization", "codes"),
    [
        ("Bearer nada", ["NOT_SIGNED_IN"]),
        ("bearer \xf1", ["NOT_SIGNED_IN"]),
        (f"Bearer mps_{'a' * 43}", ["SERVICE_TOKEN_NOT_GOOD"]),
        ("Bearer", []),
        ("Basic YTpi", []),
        ("", []),
    ],
)
@pytest.mark.parametrize("asked", ["me { id }", 'node(id: "0b6a2a8e-5d0c-4c55-9c5b-0f6f5a0f3c11") { id }'])
async def test_a_token_that_is_nobodys_is_told_to_be(
    api: Api, authorization: str, codes: list[str], asked: str
) -> None:
    """Else a program would take what is shown to strangers for all there is."""
    response = await api.http.post(
        "/graphql", json={"query": f"{{ {asked} }}"}, headers=[(b"authorization", authorization.encode("latin-1"))]
    )

    answer = response.json()
    assert answer["data"] == {asked.split(" ")[0].split("(")[0]: None}
    assert [each["extensions"]["code"] for each in answer.get("errors", ())] == codes


async def test_answers_carry_the_security_headers(api: Api) -> None:
    for response in (
        await api.http.post("/graphql", json={"query": "{ me { id } }"}),
        await api.http.get("/estado"),
        await api.http.get("/nada"),
        await api.http.get("/healthz"),
    ):
        headers = response.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "server" not in headers


async def test_the_source_is_given_here_or_published_elsewhere(api: Api, counter: Counter, database: Database) -> None:
    asked = {"query": "{ institution { sourceUrl } }"}
    here = (await api.http.post("/graphql", json=asked)).json()["data"]["institution"]["sourceUrl"]
    published = replace(counter.tools.institution, source_url="https://codigo.example.pe/mesa")
    counter.tools = replace(counter.tools, institution=published)
    async with in_process(counter, make_feed(database)) as other:
        there = (await other.http.post("/graphql", json=asked)).json()["data"]["institution"]["sourceUrl"]
        archive = await other.http.get("/codigo/fuente.tar.gz")

    assert here == "https://mesa.example.pe/codigo/fuente.tar.gz"
    assert there == "https://codigo.example.pe/mesa"
    assert archive.status_code == 404


async def test_who_asks_for_an_unknown_address_is_told_so_by_a_page_and_programs_by_data(api: Api) -> None:
    seen = await api.http.get("/nada", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    told = await api.http.get("/nada", headers={"accept": "*/*"})
    wrong = await api.http.put("/estado", headers={"accept": "text/html"})

    assert (seen.status_code, seen.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "/app/main.js" in seen.text
    assert '<meta name="robots" content="noindex">' in seen.text
    assert (told.status_code, told.json()["errors"][0]["extensions"]["code"]) == (404, "HTTP_ERROR")
    assert wrong.status_code == 405


async def test_the_reference_of_the_api_is_a_page_without_scripts(api: Api) -> None:
    response = await api.http.get("/api")

    assert response.headers["cache-control"] == "public, max-age=300"
    assert "script-src 'none'" in response.headers["content-security-policy"]
    assert '<dt id="Tramite.number">' in response.text
    assert "Instituto Nacional Penitenciario" in response.text
    assert "{{" not in response.text
    assert (await api.http.get("/api/schema.graphql")).text == sdl()


def parts(operations: Any, places: Any, *files: tuple[str, str, bytes]) -> tuple[bytes, str]:
    boundary = uuid4().hex
    fields = [("operations", json.dumps(operations).encode()), ("map", json.dumps(places).encode())]
    body = b""
    for name, value in fields:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
    for name, file_name, data in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
        body += f"--{boundary}\r\n{head}\r\nContent-Type: application/pdf\r\n\r\n".encode() + data + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


async def chunked(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


async def send(api: Api, body: bytes, content_type: str, **headers: str) -> Any:
    return await api.http.post(
        "/graphql",
        content=chunked(body),
        headers={"content-type": content_type, "authorization": f"Bearer {api.token}", **headers},
    )


PREFLIGHT = {"x-mesa-client": "tests"}


def operation(annexes: int = 0) -> dict[str, Any]:
    return {"query": FILE, "variables": {"input": filing(None, mainUpload=None, annexUploads=[None] * annexes)}}


async def test_a_multipart_request_files_with_its_files(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    main, annex = PDF + bytes(3 * MEGABYTE), b"\x89PNG\r\n\x1a\n" + b"\r\n--x" * 1000
    body, kind = parts(
        operation(1),
        {"0": ["variables.input.mainUpload"], "1": ["variables.input.annexUploads.0"]},
        ("0", "Solicitud ñandú.pdf", main),
        ("1", "foto.png", annex),
    )

    response = await send(maria, body, kind, **PREFLIGHT)

    answer = response.json()["data"]["fileTramite"]
    assert answer["__typename"] == "FileTramiteSuccess", answer
    assert answer["tramite"]["attachments"] == [
        {
            "role": "MAIN",
            "name": "Solicitud ñandú.pdf",
            "sha256": hashlib.sha256(main).hexdigest(),
            "sizeBytes": len(main),
        },
        {"role": "ANNEX", "name": "foto.png", "sha256": hashlib.sha256(annex).hexdigest(), "sizeBytes": len(annex)},
    ]
    stored = b"".join([chunk async for chunk in counter.tools.store.read(hashlib.sha256(main).hexdigest())])
    assert stored == main
    assert await Attachment.all().count() == 2


async def test_files_that_nothing_was_made_of_do_not_count_as_waiting(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    good = operation()
    bad = {**good, "variables": {"input": {**good["variables"]["input"], "subject": ""}}}
    place = {"0": ["variables.input.mainUpload"]}

    typenames = [
        (await send(maria, *parts(asked, place, ("0", "a.pdf", PDF)), **PREFLIGHT)).json()["data"]["fileTramite"]
        for asked in (bad, good, good)
    ]

    assert [answer["__typename"] for answer in typenames] == ["InvalidInput", *["FileTramiteSuccess"] * 2]
    assert typenames[1] == typenames[2]
    assert await Upload.filter(used_at__isnull=True, expires_at__gt=counter.clock()).count() == 0


async def test_a_large_file_is_never_held_in_memory(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    head, _, tail = parts(operation(), {"0": ["variables.input.mainUpload"]}, ("0", "a.pdf", PDF + b"@"))[0].partition(
        b"@"
    )
    kind = "multipart/form-data; boundary=" + head[2:34].decode()

    async def body() -> AsyncIterator[bytes]:
        yield head
        for _ in range(19 * 16):
            yield bytes(MEGABYTE // 16)
        yield tail

    tracemalloc.start()
    response = await maria.http.post(
        "/graphql",
        content=body(),
        headers={"content-type": kind, "authorization": f"Bearer {maria.token}", **PREFLIGHT},
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    [file] = response.json()["data"]["fileTramite"]["tramite"]["attachments"]
    assert file["sizeBytes"] == len(PDF) + 19 * MEGABYTE
    assert peak < 8 * MEGABYTE


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("solicitud.exe", b"MZ", "FILE_KIND_NOT_ALLOWED"),
        ("solicitud.pdf", b"", "FILE_EMPTY"),
        ("solicitud.pdf", b"MZ not a PDF", "FILE_CONTENT_MISMATCH"),
        ("solicitud.pdf", PDF + bytes(31 * MEGABYTE), "FILE_TOO_LARGE"),
        ("solicitud.pdf", PDF + bytes(21 * MEGABYTE), "FILE_TOO_LARGE"),
    ],
    ids=["kind", "empty", "content", "too-large-for-any-place", "too-large-for-its-place"],
)
async def test_a_file_that_is_not_taken_is_refused_at_its_field(
    api: Api, counter: Counter, name: str, data: bytes, code: str
) -> None:
    maria = await api.signed_in(counter)
    body, kind = parts(operation(), {"0": ["variables.input.mainUpload"]}, ("0", name, data))

    answer = (await send(maria, body, kind, **PREFLIGHT)).json()["data"]["fileTramite"]

    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, ["input", "mainUpload"])
    assert await Tramite.all().count() == 0
    assert await Upload.filter(content_id__isnull=True).count() == 0, "nothing is left half open"


async def test_a_multipart_request_needs_a_session_and_a_header_that_no_form_sends(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    body, kind = parts(operation(), {"0": ["variables.input.mainUpload"]}, ("0", "a.pdf", PDF))

    without_header = await send(maria, body, kind)
    without_session = await send(api, body, kind, **PREFLIGHT)

    assert (without_header.status_code, without_session.status_code) == (403, 401)
    assert await Upload.all().count() == 0


@pytest.mark.parametrize(
    ("places", "files"),
    [
        ({str(n): [f"variables.input.annexUploads.{n}"] for n in range(7)}, []),
        ({}, []),
        ({"0": ["variables.input.mainUpload"]}, []),
        ({"0": ["variables.input.subject"]}, [("0", "a.pdf", PDF)]),
        ({"0": ["query"]}, [("0", "a.pdf", PDF)]),
        ({"0": ["variables.input.nothing"]}, [("0", "a.pdf", PDF)]),
        ({"0": ["variables.input.annexUploads.-1"]}, [("0", "a.pdf", PDF)]),
        ({"0": ["variables.input.mainUpload", "variables.input.annexUploads.0"]}, [("0", "a.pdf", PDF)]),
        ({"0": ["variables.input.mainUpload"], "1": ["variables.input.mainUpload"]}, [("0", "a.pdf", PDF)]),
        ({"0": "variables.input.mainUpload"}, [("0", "a.pdf", PDF)]),
        ({"0": ["variables.input.mainUpload"]}, [("1", "a.pdf", PDF)]),
    ],
)
async def test_a_multipart_request_that_does_not_add_up_keeps_nothing(
    api: Api, counter: Counter, places: Any, files: list[tuple[str, str, bytes]]
) -> None:
    maria = await api.signed_in(counter)
    body, kind = parts(operation(1), places, *files)

    response = await send(maria, body, kind, **PREFLIGHT)

    assert response.status_code == 400
    assert await Upload.all().count() == 0


@pytest.mark.parametrize("length", [1, 60, 200, 700, -40])
async def test_a_multipart_body_that_breaks_off_files_nothing(api: Api, counter: Counter, length: int) -> None:
    maria = await api.signed_in(counter)
    body, kind = parts(operation(), {"0": ["variables.input.mainUpload"]}, ("0", "a.pdf", PDF))

    response = await send(maria, body[:length], kind, **PREFLIGHT)

    assert response.status_code == 400
    assert await Tramite.all().count() == 0
