"""The source that the counter gives: all of the project's files, and nothing that lies beside or among them."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tomllib
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette

from actions.tools import SOURCE_PATH
from mesadepartes import source_archive
from mesadepartes.source_archive import NAME, PACKAGES, ROOT, TooLarge, archive_of, source_route, sources_of

if TYPE_CHECKING:
    from pathlib import Path

HOLD_SETTINGS = {".npmrc"}
"""Files in which machines keep passwords: never given, though ours have none."""

OURS = ("LICENSE", "pyproject.toml", "web/app/main.js", "mesadepartes/__main__.py", "scripts/check", "tests/api.py")
NOT_OURS = (
    ".env", ".git/config", ".mesa/secrets/secret-key", ".venv/bin/python.py", "mailboxes.toml", "notes.md",
    "other/module.py", "web/.env", "web/seal-key.pem", "web/app/main.js.orig", "web/node_modules/x/index.js",
    "mesadepartes/__pycache__/cli.pyc", "mesadepartes/dump.sql", "tests/.secrets/key.txt", "docs/build/index.html",
    "mesadepartes/key", "data/mail/outbox/1.eml", "web/data/mail/outbox/1.eml",
)  # fmt: skip


def planted(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, encoding="utf-8")
    return root


def names_in(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        assert all(each.isfile() for each in opened)
        return [each.name.removeprefix(f"{NAME}/") for each in opened]


def test_only_the_projects_own_files_get_in(tmp_path: Path) -> None:
    planted(tmp_path, *OURS, *NOT_OURS)
    (tmp_path / "web" / "secret.txt").symlink_to(tmp_path / ".env")
    (tmp_path / "docs" / "away").symlink_to(tmp_path / "other", target_is_directory=True)

    archive = archive_of(tmp_path, private=[tmp_path / "web" / "data"])

    assert names_in(archive) == sorted(OURS)
    assert archive == archive_of(tmp_path, private=[tmp_path / "web" / "data"])


def test_where_it_is_installed_what_lies_beside_its_packages_is_of_others(tmp_path: Path) -> None:
    planted(tmp_path, "web/app/main.js", "mesadepartes/cli.py", "tests/theirs.py", "docs/theirs.md", "README.md")

    assert sources_of(tmp_path) == ["mesadepartes/cli.py", "web/app/main.js"]


def test_all_that_is_kept_in_the_repository_gets_in() -> None:
    told = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    if not any(told):
        pytest.skip("no repository")
    kept = {each for each in told if each and (ROOT / each).exists()}

    left_out = kept - set(sources_of(ROOT))

    assert {each.rsplit("/", 1)[-1] for each in left_out} <= HOLD_SETTINGS
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(packed["packages"]) == set(PACKAGES)


def test_more_than_there_can_be_is_not_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(tmp_path, *OURS)
    monkeypatch.setattr(source_archive, "MOST_BYTES", 20)

    with pytest.raises(TooLarge):
        archive_of(tmp_path)


async def test_it_is_made_once_and_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_archive, "ROOT", planted(tmp_path, *OURS))
    site = Starlette(routes=[source_route()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://x") as http:
        first = await http.get(SOURCE_PATH)
        planted(tmp_path, "web/app/later.js")
        second = await http.get(SOURCE_PATH)
        again = await http.get(SOURCE_PATH, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-type"] == "application/gzip"
    assert names_in(first.content) == sorted(OURS)
    assert second.content == first.content
    assert (again.status_code, again.content) == (304, b"")
