"""Multipart requests (graphql-multipart-request-spec): files stream to their keeper; their ids become variables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from resolvers.engine.multipart import BadMultipart, Part, PartReader
from resolvers.engine.strict_json import BadJson, read_object

FIELD_BYTES = 64 * 1024

VariablePath: TypeAlias = tuple[str, ...]
Keep: TypeAlias = Callable[[VariablePath, str, AsyncIterator[bytes]], Awaitable[str]]
"""Keeps a file (where its id will stand, its name, its bytes) and returns the id."""


class BadUploadRequest(Exception):
    """The parts do not make a GraphQL multipart request."""


@dataclass(frozen=True)
class UploadRequest:
    """The operation of a multipart request and where its files belong."""

    operation: dict[str, Any]
    places: dict[str, VariablePath]


async def read_upload_request(parts: PartReader, keep: Keep, *, most_files: int) -> dict[str, Any]:
    """
    Return the operation of a multipart request, with the id of each kept file in the place that the map gives it.

    How many files there will be is known, and judged, before the first is kept.

    Raises:
        BadUploadRequest: parts are missing, malformed, in another order than operations, map, files; or too many.
    """
    try:
        operation = read_object(await _field(parts, "operations"))
        places = _places(read_object(await _field(parts, "map")), most_files)
        _check_free(operation, places)
        await _keep_files(parts, UploadRequest(operation, places), keep)
    except (BadJson, BadMultipart) as error:
        raise BadUploadRequest(str(error)) from error
    return operation


async def _field(parts: PartReader, name: str) -> bytes:
    part = await parts.next_part()
    if part is None or part.name != name:
        raise BadUploadRequest(f"the part {name} is missing or out of order")
    return await parts.read(FIELD_BYTES)


def _places(found: dict[str, Any], most_files: int) -> dict[str, VariablePath]:
    if not 1 <= len(found) <= most_files:
        raise BadUploadRequest(f"from 1 to {most_files} files are taken at once")
    return {name: _path(paths) for name, paths in found.items()}


def _path(paths: object) -> VariablePath:
    match paths:
        case [str(path)] if path.startswith("variables.") and path.count(".") < 10:
            return tuple(path.split("."))
        case _:
            raise BadUploadRequest("the map must give each file one place in the variables")


def _check_free(operation: dict[str, Any], places: dict[str, VariablePath]) -> None:
    if len(set(places.values())) != len(places):
        raise BadUploadRequest("two files are mapped to one place")
    for path in places.values():
        holder, last = _holder(operation, path)
        if holder[last] is not None:
            raise BadUploadRequest("a place for a file is not null")


def _holder(operation: dict[str, Any], path: VariablePath) -> tuple[Any, str | int]:
    """Return the object or list in which the place lies, and the place's name or index in it."""
    holder: Any = operation
    try:
        for step in path[:-1]:
            holder = holder[_index(holder, step)]
        last = _index(holder, path[-1])
        holder[last]  # the place must exist
    except (KeyError, IndexError, TypeError, ValueError):
        raise BadUploadRequest("the map names a place that the operation does not have") from None
    return holder, last


def _index(holder: Any, step: str) -> str | int:
    if not isinstance(holder, list):
        return step
    if not step.isdecimal() or not step.isascii():
        raise ValueError(step)
    return int(step)


async def _keep_files(parts: PartReader, request: UploadRequest, keep: Keep) -> None:
    missing = dict(request.places)
    while missing:
        part = await _file(parts)
        path = missing.pop(part.name, None)
        if path is None:
            raise BadUploadRequest("a part is not in the map, or comes twice")
        holder, last = _holder(request.operation, path)
        holder[last] = await keep(path, part.file_name or "", parts.chunks())


async def _file(parts: PartReader) -> Part:
    part = await parts.next_part()
    if part is None or part.file_name is None:
        raise BadUploadRequest("a file is missing")
    return part
