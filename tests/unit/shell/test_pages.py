"""GraphiQL asks nobody else, its examples are documents that the schema knows, and its files are upstream's own."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from graphql import GraphQLSchema, parse, validate

from mesadepartes.graphiql import FOLDER, OURS, VENDOR, vendored
from mesadepartes.page import Frame
from mesadepartes.web_files import PagesSite
from resolvers.root import build_schema

OWN = ("reference.html", "frame.html", "verified.html", "status.html")
ROOT = Path(__file__).parents[3]


def test_the_examples_are_valid() -> None:
    examples = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
    schema: GraphQLSchema = build_schema()._schema  # pyright: ignore[reportPrivateUsage] - Strawberry has no other way

    found = [(each["query"], validate(schema, parse(each["query"]))) for each in examples]

    assert len(examples) == 24
    assert found == [(query, []) for query, _ in found]
    assert all(isinstance(json.loads(each["variables"] or "{}"), dict) for each in examples)


def test_the_page_goes_on_with_each_token_that_a_session_gets() -> None:
    schema: GraphQLSchema = build_schema()._schema  # pyright: ignore[reportPrivateUsage] - Strawberry has no other way
    assert schema.mutation_type is not None
    text = (FOLDER / "page.js").read_text(encoding="utf-8")
    named = re.search(r"GIVE_TOKENS = (\[.*?\]);", text)
    examples = (FOLDER / "examples.json").read_text(encoding="utf-8")

    successes = {name: f"{name[0].upper()}{name[1:]}Success" for name in schema.mutation_type.fields}
    giving = {name for name, success in successes.items() if {"token", "user"} <= _fields_of(schema, success)}

    assert named is not None
    assert set(json.loads(named[1])) == giving
    assert all(f"{name}(input: $input)" in examples for name in giving)


def _fields_of(schema: GraphQLSchema, name: str) -> set[str]:
    return set(getattr(schema.get_type(name), "fields", ()))


def test_the_pages_load_nothing_from_elsewhere() -> None:
    pages = [FOLDER / "page.html", FOLDER / "page.js", FOLDER / "page.css", *(FOLDER / ".." / own for own in OWN)]

    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href|fetch)\s*[=(]\s*["'](?:https?:)?//|@import|url\(""", text), page


def test_all_that_the_page_names_is_served() -> None:
    text = (FOLDER / "page.html").read_text(encoding="utf-8") + (FOLDER / "page.js").read_text(encoding="utf-8")

    assert set(re.findall(r"/graphiql/([\w.\-@/]+)", text)) == {*OURS, *vendored()}


def test_the_page_has_no_inline_script() -> None:
    text = (FOLDER / "page.html").read_text(encoding="utf-8")

    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|javascript:", text)


def test_vendored_files_are_upstreams_own() -> None:
    rows = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))
    for row in rows:
        assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"], row["file"]

    assert {row["file"] for row in rows} | {"VENDOR.json"} == {file.name for file in VENDOR.iterdir()}


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    vendor = "mesadepartes/pages/graphiql/vendor"
    for each in (vendor, "web/vendor"):
        shutil.copytree(ROOT / each, tmp_path / each)
    (tmp_path / "scripts").mkdir()
    copied = shutil.copy(ROOT / "scripts" / "vendor", tmp_path / "scripts")

    before = subprocess.run([sys.executable, copied, "--check"], capture_output=True, text=True, check=False)
    with (tmp_path / vendor / "graphiql.min.js").open("ab") as file:
        file.write(b"\n")
    after = subprocess.run([sys.executable, copied, "--check"], capture_output=True, text=True, check=False)

    assert (before.returncode, before.stderr) == (0, "")
    assert (after.returncode, after.stderr) == (1, "Changed or missing: graphiql.min.js\n")


def test_a_page_of_the_server_loads_our_style_and_nothing_else() -> None:
    frame = Frame("Entidad <b>", PagesSite("https://mesa.example").look)

    page = frame.answer("Título & más", "<p>{{title}}</p><script>let a;</script><form></form>", status_code=409)

    text = bytes(page.body).decode()
    assert page.status_code == 409
    assert "<h1>Título &amp; más</h1>" in text
    assert "<small>Entidad &lt;b&gt;</small>" in text
    assert "<p>{{title}}</p>" in text
    assert re.search(r'<link rel="stylesheet" href="/w/[0-9a-f]{16}/css/pages.css">', text)
    assert "<style" not in text
    assert re.fullmatch(
        r"default-src 'none'; script-src 'sha256-[^']+'; style-src 'self'; font-src 'self'; img-src data:; "
        r"connect-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        page.headers["content-security-policy"],
    )
