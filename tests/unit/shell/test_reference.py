"""The page of the API names everything that the schema has, once, and leads to all that it names."""

from __future__ import annotations

from html.parser import HTMLParser

from graphql import GraphQLUnionType, build_schema

from mesadepartes.reference import write_reference
from tests.sdl import published_schema

SCHEMA = published_schema()
PAGE = write_reference(SCHEMA)


class Tags(HTMLParser):
    """Collects ids, links and what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.ids, self.links, self.open, self.unclosed = list[str](), set[str](), list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links |= {value or "" for name, value in attrs if name == "href"}

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            self.unclosed.append(tag)


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_every_type_field_argument_and_value_has_one_place() -> None:
    expected = set[str]()
    for name, kind in SCHEMA.type_map.items():
        if name.startswith("__"):
            continue
        expected.add(name)
        for part, field in (getattr(kind, "fields", None) or getattr(kind, "values", {})).items():
            expected |= {f"{name}.{part}", *(f"{name}.{part}.{argument}" for argument in getattr(field, "args", {}))}
    ids = read(PAGE).ids

    assert len(ids) == len(set(ids))
    assert expected - set(ids) == set()


def test_it_leads_to_all_that_it_names_and_is_well_formed() -> None:
    tags = read(PAGE)

    assert {link[1:] for link in tags.links if link.startswith("#")} - set(tags.ids) == set()
    assert (tags.open, tags.unclosed) == ([], [])


def test_its_contents_list_every_operation() -> None:
    contents = read(PAGE[: PAGE.index("</nav>")]).links

    assert {"#Query.tramites", "#Mutation.fileTramite", "#Subscription.statusChanges", "#Tramite"} <= contents


SMALL = """
"Roots."
type Query {
  "A `thing`, <b>."
  a("How." x: Int = 20): [S!] @deprecated(reason: "2027: no.")
}
scalar S
"""


def test_it_tells_descriptions_defaults_answers_codes_and_deprecations() -> None:
    page = write_reference(build_schema(SMALL))

    assert '<code>a</code>: [<a href="#S">S</a>!]' in page
    assert "A <code>thing</code>, &lt;b&gt;." in page
    assert '<code>x</code>: <a href="#Int">Int</a> = <code>20</code>' in page
    assert "Deprecated since 2027: no." in page
    assert '<p>Answers with <a href="#AddNoteSuccess">' in PAGE


def test_every_refusal_of_a_union_tells_its_codes() -> None:
    unions = [kind for kind in SCHEMA.type_map.values() if isinstance(kind, GraphQLUnionType)]
    refusals = {member.name for kind in unions for member in kind.types if member.interfaces}

    assert {name for name in refusals if f'<dt id="{name}-' not in PAGE} == set()
    assert '<dt id="Conflict-CLIENT_KEY_REUSED">' in PAGE
