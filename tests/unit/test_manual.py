"""docs/manual.md keeps its word: every requirement is there once, and the tests that it names exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| S(\d+) \|.*\|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def manual() -> str:
    return (ROOT / "docs" / "manual.md").read_text(encoding="utf-8")


def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_requirement_is_there_once_and_in_order() -> None:
    assert [int(number) for number in ROW.findall(manual())] == list(range(1, 47))


def test_every_requirement_names_a_test_that_exists() -> None:
    for row in ROW.finditer(manual()):
        named = NAMED.findall(row.group())
        assert named, row.group()
        for path, name in named:
            assert name in names_in(path), f"{path}::{name}"
