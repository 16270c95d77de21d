"""The pages' modules fit the types that they name, and those of the API: TypeScript looks, and writes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.clients import programs

TYPES = programs.HERE / "types"
WEB = programs.HERE.parents[1] / "web"
SLIP = """// @ts-check
import { OneDraft } from './api.gen.js';
import { ask } from './api.js';
ask(OneDraft, { number: 1 });
"""


async def checked(folder: Path) -> None:
    """Check the modules beside the types of what is vendored, which upstream's own files do not tell."""
    shutil.copytree(TYPES, folder, dirs_exist_ok=True)
    for part in ("app", "texts"):
        shutil.copytree(WEB / part, folder / part, dirs_exist_ok=True)
    await programs.run(programs.node(), programs.HERE / "node_modules" / "typescript" / "bin" / "tsc", folder=folder)


async def test_the_modules_fit_their_types(tmp_path: Path) -> None:
    await checked(tmp_path)


async def test_a_slip_is_found(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "slip.js").write_text(SLIP)

    with pytest.raises(AssertionError, match=r"app/slip\.js\(4,\d+\): error TS"):
        await checked(tmp_path)


def test_every_module_is_checked() -> None:
    modules = [each for each in (WEB / "app").rglob("*.js") if not each.name.endswith(".gen.js")]
    heads = {each.name: each.read_text(encoding="utf-8").splitlines()[:5] for each in modules}

    assert [name for name, head in heads.items() if "// @ts-check" not in head] == []
