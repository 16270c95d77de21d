"""graphql-inspector, written by others, finds no change that would break a client of the released schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.clients import programs

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = programs.HERE.parents[1] / "schema"


async def broken(released: Path, current: Path) -> list[str]:
    """Return what breaks, in the inspector's words."""
    found: list[str] = json.loads(await programs.run(programs.node(), "inspector.mjs", released, current))
    return found


@pytest.mark.asyncio
async def test_the_schema_breaks_no_client_of_the_released_one() -> None:
    assert await broken(SCHEMA / "released.graphql", SCHEMA / "schema.graphql") == []


@pytest.mark.asyncio
async def test_a_field_that_goes_unannounced_is_found(tmp_path: Path) -> None:
    (tmp_path / "old.graphql").write_text("type Query { a: Int, b: Int }")
    (tmp_path / "new.graphql").write_text("type Query { a: Int }")

    assert await broken(tmp_path / "old.graphql", tmp_path / "new.graphql") == [
        "Field 'b' was removed from object type 'Query'"
    ]
