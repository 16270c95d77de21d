"""The pages' files: one table of addresses, no words in code, nothing that is asked of others, cached for good."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import brotli
import httpx
import pytest
from starlette.applications import Starlette

from mesadepartes.web_files import FOLDER, PagesSite, WebFiles, descriptions, imports_of, pages_of, policy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = WebFiles()
OURS = {
    path: served.content.decode()
    for path, served in FILES.served.items()
    if path.startswith("app/") and not path.endswith(".gen.js")
}
CATALOGUES = {path: served.content.decode() for path, served in FILES.served.items() if path.startswith("texts/es-PE")}
KEY = re.compile(r"^  '((?:[^'\\]|\\.)+)': ", re.MULTILINE)
LETTERS = re.compile(r"[^\W\d_]{2,}")
PUBLIC_URL = "https://mesa.example:8443/tramites"
NAMES_OF_LANGUAGES = {"Español", "Runasimi"}
LONGEST_LINE, MOST_LINES = 160, 250


def client() -> httpx.AsyncClient:
    """Return a browser without a network."""
    site = Starlette(routes=PagesSite(PUBLIC_URL).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://x")


def words_in(code: str) -> Iterator[str]:
    """Yield what the templates of a module say themselves: text between tags, and attributes that are read."""
    for template in templates_in(code):
        for text in re.findall(r">([^<>]*)<", f">{template}<"):
            yield from LETTERS.findall(re.sub(r"&\w+;", "", text))
        yield from (said for _, said in re.findall(r'\b(aria-label|alt|title|placeholder)="([^"]*)"', template) if said)


def templates_in(code: str) -> Iterator[str]:
    """Yield the markup of each html`…`, with what is filled in taken out."""
    for found in re.finditer(r"html`", code):
        yield _template(code, found.end())[0]


def _template(code: str, at: int) -> tuple[str, int]:
    """Return the text of the template that begins there, without what is filled in, and where it ends."""
    markup, depth = list[str](), 0
    while depth or code[at] != "`":
        if code[at] == "`":
            at = _template(code, at + 1)[1]
        elif depth:
            depth, at = depth + {"{": 1, "}": -1}.get(code[at], 0), at + 1
        elif code.startswith("${", at):
            depth, at = 1, at + 2
        else:
            markup.append(code[at])
            at += 1
    return "".join(markup), at + 1


@pytest.mark.parametrize("path", OURS)
def test_no_module_says_words_of_its_own(path: str) -> None:
    assert set(words_in(OURS[path])) <= NAMES_OF_LANGUAGES


def test_words_in_a_module_are_found() -> None:
    assert list(words_in("html`<p>${t('a')} Hola</p><img alt=\"Foto\" />`")) == ["Hola", "Foto"]
    assert list(words_in("html`<p>${a ? html`<b>${t('x')}</b>` : null}</p>`")) == []


@pytest.mark.parametrize("path", OURS)
def test_a_module_can_be_read_at_a_glance(path: str) -> None:
    lines = OURS[path].splitlines()
    long = {at: len(line) for at, line in enumerate(lines, 1) if len(line) > LONGEST_LINE}

    assert long == {}
    assert len(lines) <= MOST_LINES


def test_every_key_has_a_sentence_and_every_sentence_is_used() -> None:
    keys = {key for text in CATALOGUES.values() for key in KEY.findall(text)}
    code = "\n".join(OURS.values())
    fixed = set(re.findall(r"\bt\('([^']+)'", code))
    begun = set(re.findall(r"`([a-z][\w./-]*[./])\$\{", code))

    lacking = {key for key in fixed if key not in keys and f"{key}.one" not in keys}
    idle = {
        key
        for key in keys
        if not any(f"'{each}'" in code for each in (key, key.removesuffix(".one"), key.removesuffix(".other")))
        and not key.startswith(tuple(begun))
        and not _is_ended_later(key, code)
    }

    assert lacking == set()
    assert idle == set()


def test_every_operation_is_sent_by_some_page() -> None:
    code = "\n".join(OURS.values())
    calls = FILES.served["app/api.gen.js"].content.decode() + FILES.served["app/session.gen.js"].content.decode()
    operations = re.findall(r"^export const (\w+)", calls, re.MULTILINE)

    assert len(operations) > 90
    assert [name for name in operations if len(re.findall(rf"\b{name}\b", code)) < 2] == []


def _is_ended_later(key: str, code: str) -> bool:
    """Return whether a template makes the key by its end: `${…}.title`."""
    return any(f"}}{key[at:]}`" in code for at in range(len(key)) if key[at] == ".")


def test_a_page_is_served_at_each_address_of_the_table_with_all_that_it_needs_at_once() -> None:
    for address, module in FILES.addresses().items():
        document = FILES.document(address).content.decode()
        assert f'<link rel="modulepreload" href="{FILES.prefix}/{module}">' in document, address
        assert f'<link rel="modulepreload" href="{FILES.prefix}/vendor/preact.js">' in document, address
        assert "{{" not in document, address


def test_the_first_question_is_on_its_way_before_the_rest_and_brings_little_with_it() -> None:
    document = FILES.document("/ingresar").content.decode()
    named = re.findall(r'(?:href|src)="/w/[0-9a-f]+/([^"]+)"', document)

    assert named[:3] == ["css/pages.css", "app/api.js", "app/session.gen.js"]
    assert f'<script type="module" src="{FILES.prefix}/app/api.js" async></script>' in document
    assert "app/api.gen.js" not in named
    assert not any(name.endswith(".woff2") for name in named)


def test_the_table_of_pages_is_read() -> None:
    table = "  ['/', 'anyone', () => import('./pages/a.js')],\n  ['/t/:n', 'CLERK', () => import('./desk/b.js')],\n"

    assert pages_of(table) == {"/": "app/pages/a.js", "/t/{n}": "app/desk/b.js"}
    assert len(FILES.addresses()) == FILES.served["app/main.js"].content.count(b"=> import('./")


def test_imports_are_followed_and_those_for_later_are_not() -> None:
    code = "import { a } from '../base.js';\nimport {\n  b,\n} from './c.js';\nconst d = () => import('./e.js');\n"

    assert imports_of("app/parts/x.js", f"{code}import './f.js';\n") == [
        "app/base.js",
        "app/parts/c.js",
        "app/parts/f.js",
    ]


def test_modules_ask_nobody_else_and_name_only_files_that_are_there() -> None:
    for path, served in FILES.served.items():
        if path.endswith(".js"):
            assert set(imports_of(path, served.content.decode())) <= set(FILES.served), path
    for path, code in OURS.items():
        assert not re.search(r"""["'`](?:https?:)?//[a-z]""", code), path
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function|document\.write", code), (
            path
        )
        named = re.findall(r"from '([^']+)'", code)
        assert path == "app/base.js" or not any("/vendor/" in name for name in named), path


async def test_files_are_packed_and_kept_for_good_and_the_document_is_asked_about() -> None:
    async with client() as http:
        page = await http.get("/")
        again = await http.get("/", headers={"if-none-match": page.headers["etag"]})
        address = f"{FILES.prefix}/app/main.js"
        plain = await http.get(address, headers={"accept-encoding": "identity"})
        raw = {coding: await anext(_raw(http, address, coding)) for coding in ("br", "gzip")}

        assert page.headers["content-security-policy"] == policy_of(PUBLIC_URL)
        assert page.headers["cache-control"] == "no-cache"
        assert (again.status_code, again.content) == (304, b"")
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert brotli.decompress(raw["br"]) == gzip.decompress(raw["gzip"]) == plain.content
        assert (await http.get("/w/0000000000000000/app/main.js")).status_code == 404
        # What is kept for good has one address: a part of the digest is none.
        for version in (FILES.prefix[3:-1], "w"):
            assert (await http.get(f"/w/{version}/app/main.js")).status_code == 404
        assert (await http.get(f"{FILES.prefix}/operations/trusted.json")).status_code == 404


def test_the_policy_names_the_socket_of_the_address_for_browsers_that_do_not_take_it_for_part_of_self() -> None:
    assert "; connect-src 'self' wss://mesa.example:8443; " in policy_of(PUBLIC_URL)
    assert "; connect-src 'self' ws://127.0.0.1:8000; " in policy_of("http://127.0.0.1:8000")
    assert "unsafe" not in policy_of(PUBLIC_URL)
    assert "*" not in policy_of(PUBLIC_URL)


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("BR ; Q=0.000, gzip;q=0", None),
        ("br;q=0.001", "br"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("*;q=0", None),
        ("gzip;q=1, *;q=0", "gzip"),
        ("br;q=much, gzip", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_files_are_packed_only_as_is_accepted(asked: str, coding: str | None) -> None:
    async with client() as http:
        answer = await http.get(f"{FILES.prefix}/app/base.js", headers={"accept-encoding": asked})

    assert answer.headers.get("content-encoding") == coding
    assert answer.text == OURS["app/base.js"]


async def test_search_engines_find_the_public_pages_described_and_no_others() -> None:
    async with client() as http:
        robots = (await http.get("/robots.txt")).text.splitlines()
        found = {address: (await http.get(address)).text for address in FILES.addresses() if "{" not in address}

    described = descriptions()
    assert set(described) < set(FILES.addresses())
    assert robots[0] == "User-agent: *"
    assert {f"Allow: {address}$" for address in described} <= set(robots)
    assert "Disallow: /" in robots
    for address, text in found.items():
        assert ('<meta name="robots" content="noindex">' in text) == (address not in described), address
        assert ('<meta name="description" content="' in text) == (address in described), address
    assert len({each["title"] for each in described.values()}) == len(described)
    assert all(50 <= len(each["description"]) <= 160 for each in described.values())


async def _raw(http: httpx.AsyncClient, address: str, coding: str):
    async with http.stream("GET", address, headers={"accept-encoding": coding}) as response:
        assert response.headers["content-encoding"] == coding
        yield b"".join([chunk async for chunk in response.aiter_raw()])


def test_no_page_needs_more_requests_at_first_than_it_may() -> None:
    # The document, the style and the font, what it imports, and one question to the API.
    needed = {address: FILES.document(address).content.count(b"modulepreload") + 4 for address in FILES.addresses()}

    assert needed["/"] <= 20
    assert needed["/ingresar"] <= 20


def test_the_document_has_no_script_and_no_style_of_its_own() -> None:
    text = (FOLDER / "index.html").read_text(encoding="utf-8")

    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|javascript:", text)


@pytest.mark.parametrize(
    ("host", "moved"),
    [
        ("localhost:8000", "http://127.0.0.1:8000/consulta?a=1"),
        ("127.0.0.1:8000", None),
        ("localhost:5173", None),  # a development server, which asks for its own page
        ("mesa.example:8000", None),
        ("localhost", None),
    ],
)
async def test_a_page_for_trying_is_at_one_name_of_the_machine_only(host: str, moved: str | None) -> None:
    # To the API, a page at another would be somebody else's: its cookie counts for nothing.
    site = Starlette(routes=PagesSite("http://127.0.0.1:8000", follows_edits=True).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url=f"http://{host}") as http:
        answer = await http.get("/consulta?a=1")

    assert answer.headers.get("location") == moved
    assert answer.status_code == (307 if moved else 200)
