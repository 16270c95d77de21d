"""Shapes load each asked relation once for all rows, and put the pieces back in their places."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from resolvers.engine.shapes import Arguments, Computed, Shape, Together, ToMany, ToOne, Wanted, wanted_of


@dataclass
class Scene:
    """Remembers each load."""

    loads: list[tuple[str, set[Any]]] = field(default_factory=list[tuple[str, set[Any]]])


async def load_offices(ids: Collection[int], scene: Scene) -> dict[int, Any]:
    scene.loads.append(("offices", set(ids)))
    return {each: SimpleNamespace(id=each, name=f"office {each}") for each in ids}


async def load_files(ids: Collection[int], arguments: Sequence[Arguments], scene: Scene) -> dict[int, list[Any]]:
    scene.loads.append(("files", set(ids)))
    most = max(given.get("last", 1) for given in arguments)
    return {each: [SimpleNamespace(name=f"{each}/{n}") for n in range(most)] for each in ids if each != 3}


def shout(row: Any, _scene: Scene) -> str:
    return row.name.upper()


async def count_names(rows: Sequence[Any], scene: Scene) -> dict[int, int]:
    scene.loads.append(("lengths", {row.id for row in rows}))
    return {row.id: len(row.name) for row in rows}


OFFICE = Shape(dict, columns=("id", "name"))
FILE = Shape(dict, columns=("name",))
TRAMITE = Shape(
    dict,
    columns=("id", "name"),
    computed={"loud_name": Computed(("name",), shout)},
    together={"length": Together(("name",), count_names)},
    relations={
        "office": ToOne("office_id", load_offices, OFFICE),
        "files": ToMany(load_files, FILE, attribute="found"),
    },
)
ROWS = [
    SimpleNamespace(id=1, name="one", office_id=7),
    SimpleNamespace(id=2, name="two", office_id=7),
    SimpleNamespace(id=3, name="three", office_id=None),
]


def one(name: str, *below: Selection, **arguments: Any) -> SelectedField:
    return SelectedField(name=name, directives={}, arguments=arguments, selections=list(below))


async def test_what_is_not_asked_for_is_not_loaded() -> None:
    scene = Scene()

    shown = await TRAMITE.show(ROWS[:1], Wanted(), scene)

    assert shown == [{"id": 1, "name": "one", "loud_name": None, "length": None, "office": None, "found": None}]
    assert scene.loads == []


async def test_each_relation_is_loaded_once_for_all_rows() -> None:
    scene = Scene()
    wanted = wanted_of([one("office", one("name")), one("files", one("name"), last=2), one("loudName")])

    shown = await TRAMITE.show(ROWS, wanted, scene)

    assert scene.loads == [("offices", {7}), ("files", {1, 2, 3})]
    assert [each["office"] and each["office"]["name"] for each in shown] == ["office 7", "office 7", None]
    assert [[file["name"] for file in each["found"]] for each in shown] == [["1/0", "1/1"], ["2/0", "2/1"], []]
    assert [each["loud_name"] for each in shown] == ["ONE", "TWO", "THREE"]


async def test_what_is_made_together_is_made_once_for_all_rows() -> None:
    scene = Scene()

    shown = await TRAMITE.show(ROWS, wanted_of([one("length")]), scene)

    assert scene.loads == [("lengths", {1, 2, 3})]
    assert [each["length"] for each in shown] == [3, 3, 5]


async def test_no_rows_load_nothing() -> None:
    scene = Scene()

    assert await TRAMITE.show([], wanted_of([one("office", one("name")), one("length")]), scene) == []
    assert scene.loads == []


def test_wanted_merges_aliases_and_fragments() -> None:
    spread = FragmentSpread(name="F", type_condition="T", directives={}, selections=[one("files", one("name"), last=5)])
    inline = InlineFragment(type_condition=None, directives={}, selections=[one("office", one("name"))])
    other = SelectedField(name="files", alias="few", directives={}, arguments={"last": 2}, selections=[one("size")])

    wanted = wanted_of([one("node", spread, inline, other)])

    node = wanted.at("node")
    assert set(node.fields) == {"files", "office"}
    assert node.fields["files"].arguments == [{"last": 5}, {"last": 2}]
    assert set(node.at("files").fields) == {"name", "size"}
    assert node.at("office", "name").fields == {}
    assert wanted.at("nowhere", "at", "all") == Wanted()
