"""The source of what runs here, as an archive (AGPL-3.0, section 13): the project's files, never what lies beside."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from actions.tools import SOURCE_PATH

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from starlette.requests import Request

ROOT = Path(__file__).resolve().parent.parent
NAME = "mesa-de-partes-digital"
PACKAGES = (
    "actions", "delivery", "files", "intake", "mesadepartes", "migrations", "models", "reading", "receipts",
    "resolvers", "rules", "schema", "seals", "transfers", "web",
)  # fmt: skip
BESIDE = (".ci", "benchmarks", "docs", "scripts", "tests")
ROOT_FILES = (
    ".gitattributes", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
    "pyproject.toml", "requirements-clients.in", "requirements-clients.lock", "requirements-dev.lock",
    "requirements.lock",
)  # fmt: skip
SUFFIXES = frozenset(
    {
        ".cmap", ".css", ".eml", ".graphql", ".html", ".icc", ".js", ".json", ".lua", ".md", ".mjs", ".pdf", ".png",
        ".py", ".svg", ".toml", ".ts", ".ttf", ".txt", ".typ", ".wav", ".woff2", ".xml",
    }
)  # fmt: skip
WITHOUT_SUFFIX = frozenset({".ci", "scripts"})
"""Folders whose programs have names without a suffix."""

LEFT_OUT = frozenset({"__pycache__", "build", "dist", "node_modules"})
OTHERS = frozenset({"tests/data/mail/.gitattributes", "tests/data/mail/localhost.pem"})
"""Files that their name alone would leave out: the key is one for tests, which everybody has."""

LARGEST_FILE = 8 * 2**20
MOST_BYTES = 64 * 2**20
CHUNK_BYTES = 2**16


class TooLarge(Exception):
    """More lies there than a release of ours can be."""


def source_route(private: Sequence[Path] = ()) -> Route:
    """Return the route of the archive, which is made when first asked for; nothing below *private* gets in."""
    made: bytes | None = None
    making = asyncio.Lock()

    async def answer(request: Request) -> Response:
        nonlocal made
        async with making:
            try:
                made = made or await asyncio.to_thread(archive_of, ROOT, private)
            except TooLarge as error:
                return JSONResponse({"errors": [{"message": str(error)}]}, status_code=503)
        headers = {"etag": f'"{hashlib.sha256(made).hexdigest()[:24]}"', "cache-control": "no-cache"}
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        headers["content-disposition"] = f'attachment; filename="{NAME}.tar.gz"'
        headers["content-length"] = str(len(made))
        return StreamingResponse(_pieces(made), media_type="application/gzip", headers=headers)

    return Route(SOURCE_PATH, answer)


async def _pieces(whole: bytes) -> AsyncGenerator[bytes]:
    """Yield the archive little by little: a slow line holds no copy of it."""
    for at in range(0, len(whole), CHUNK_BYTES):
        yield whole[at : at + CHUNK_BYTES]


def archive_of(root: Path, private: Sequence[Path] = ()) -> bytes:
    """
    Return the files of the project at *root* as a .tar.gz; of the same files, the same bytes.

    Raises:
        TooLarge: if they are more than they can be.
    """
    packed = io.BytesIO()
    squeezed = gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6, mtime=0)
    with squeezed as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        taken = 0
        for path in sources_of(root, private):
            content = (root / path).read_bytes()
            taken += len(content)
            if taken > MOST_BYTES:
                raise TooLarge("El código fuente es demasiado grande para darlo aquí.")
            entry = tarfile.TarInfo(f"{NAME}/{path}")
            entry.size, entry.mode = len(content), 0o755 if os.access(root / path, os.X_OK) else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def sources_of(root: Path, private: Sequence[Path] = ()) -> list[str]:
    """Return the paths of the project's own files; where it is installed, its packages alone are there."""
    is_clone = (root / "pyproject.toml").is_file()
    closed = [each.resolve() for each in private]
    found = [each for name in (*PACKAGES, *(BESIDE if is_clone else ())) for each in _below(root, name, closed)]
    found += [name for name in ROOT_FILES if is_clone and _is_file(root / name)]
    return sorted(found)


def _below(root: Path, folder: str, closed: Sequence[Path]) -> Iterator[str]:
    """Yield the files of a folder and of those in it; no link is followed, which may lead out."""
    place = root / folder
    if place.is_symlink() or not place.is_dir() or place.resolve() in closed:
        return
    for each in place.iterdir():
        path = f"{folder}/{each.name}"
        if path in OTHERS or (_is_file(each) and _is_ours(folder, each.name)):
            yield path
        elif not each.name.startswith(".") and each.name not in LEFT_OUT:
            yield from _below(root, path, closed)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST_FILE


def _is_ours(folder: str, name: str) -> bool:
    if name.startswith("."):
        return False
    return Path(name).suffix in SUFFIXES or name.startswith("LICENSE") or ("." not in name and folder in WITHOUT_SUFFIX)
