"""Files seen without being opened, as the API shows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reading.judgements import judgement_of
from resolvers.shapes.files import said
from rules.file_views import LARGE_WIDTH, READING_WIDTH, THUMBNAIL_WIDTH
from rules.verdicts import findings_for, fitness_of
from schema.file_views import (
    ArchiveContent,
    ArchiveMember,
    FileView,
    NothingShown,
    OfficeContent,
    OfficeProperties,
    PagePictures,
    PagesContent,
)

if TYPE_CHECKING:
    from actions.file_views import SeenFile
    from files.outlines import Properties
    from resolvers.context import Scene
    from schema.file_views import FileContent


async def show_file(seen: SeenFile, scene: Scene) -> FileView:
    """Return a seen file as the API shows it."""
    findings = findings_for(seen.file.name, judgement_of(seen.file.content))
    return FileView(
        attachment_id=seen.file.id,
        name=seen.file.name,
        size_bytes=seen.file.size_bytes,
        findings=said(findings),
        fitness=fitness_of(findings, await scene.refused()),
        content=_content(seen, scene),
        expires_at=seen.link.expires_at,
    )


def _content(seen: SeenFile, scene: Scene) -> FileContent:
    outline = seen.outline
    if outline is None:
        assert seen.reason is not None
        return NothingShown(code=seen.reason.code, message=seen.reason.message)
    match outline.kind:
        case "office":
            properties, text = _properties(outline.properties), outline.text
            return OfficeContent(properties=properties, text=text, characters=outline.count, is_cut=outline.is_cut)
        case "archive":
            members = [ArchiveMember(**asdict(member)) for member in outline.members]
            return ArchiveContent(count=outline.count, members=members)
        case _:
            return PagesContent(count=outline.count, pages=[_pictures(seen, page, scene) for page in seen.pages])


def _pictures(seen: SeenFile, page: int, scene: Scene) -> PagePictures:
    address = f"{scene.url('files', seen.file.id)}/pages/{page}.webp?key={seen.link.key}&width="
    return PagePictures(
        page=page,
        thumbnail_url=f"{address}{THUMBNAIL_WIDTH}",
        url=f"{address}{READING_WIDTH}",
        large_url=f"{address}{LARGE_WIDTH}",
    )


def _properties(said: Properties) -> OfficeProperties:
    values: dict[str, Any] = asdict(said)
    for name in ("created_at", "modified_at"):
        values[name] = dt.datetime.fromisoformat(values[name]) if values[name] else None
    values["sheets"] = list(said.sheets)
    return OfficeProperties(**values)
