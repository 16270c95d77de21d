"""Files seen without being opened (vista previa): what of one is shown to whom, noted before it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import reads
from actions.file_links import FileLink, make_link
from files.outlines import Asked, Outline
from files.pictures import DrawingProblem
from files.views import NotDrawn, ViewsFull
from reading.files import find_attachment
from reading.judgements import judgement_of
from rules.access import Role
from rules.file_views import (
    LAST_PAGE,
    MOST_AT_ONCE,
    MOST_CHARACTERS_AT_ONCE,
    FileInfected,
    NoPictures,
    NoSuchPage,
    PageLocked,
    PageNotShown,
    PartOutOfBounds,
    ViewsBusy,
    check_shown,
)

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.tramites import Attachment
    from reading.access import Viewer
    from rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a file is wanted: so many pages or members after so many, and the text after so many characters."""

    first: int
    after: int = 0
    text_after: int = 0

    def check(self) -> None:
        """
        Raises:
            PartOutOfBounds: too many at once, or none that could be.
        """
        for name, value, least, most in (
            ("first", self.first, 1, MOST_AT_ONCE),
            ("after", self.after, 0, 2**31 - 1),
            ("textAfter", self.text_after, 0, 2**31 - 1),
        ):
            if not least <= value <= most:
                raise PartOutOfBounds(name, least, most)


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as somebody sees it: its outline or why there is none, and the link by which pictures are fetched."""

    file: Attachment
    link: FileLink
    part: Part
    outline: Outline | None = None
    reason: Refusal | None = None

    @property
    def pages(self) -> range:
        """Numbers of the pages that are wanted."""
        count = min(self.outline.count, LAST_PAGE) if self.outline else 0
        return range(min(self.part.after, count) + 1, min(self.part.after + self.part.first, count) + 1)


async def see_file(tools: Tools, viewer: Viewer, attachment_id: UUID, part: Part) -> SeenFile:
    """
    Return what is shown of a file that the viewer may see; that they look is noted unless its trámite is their own.

    Raises:
        NoSuchFile: there is none that they may see.
        FileNoLongerKept: it is past its time.
        PartOutOfBounds: too much is wanted at once.
        ViewsBusy: others are looking at files.
    """
    part.check()
    file = await find_attachment(viewer, attachment_id)
    await reads.note_file(tools, viewer, file, shown="outline")
    link = make_link(tools, viewer, file)
    try:
        check_shown(judgement_of(file.content))
        outline = await _outline(tools, viewer, file.content_id, part)
    except FileInfected as infected:
        return SeenFile(file, link, part, reason=infected)
    except NotDrawn as error:
        return SeenFile(file, link, part, reason=refusal_of(error.problem))
    reason = _reason(outline)
    return SeenFile(file, link, part, None if reason else outline, reason)


def refusal_of(problem: DrawingProblem | None) -> Refusal:
    """Return how it is told that there is no picture of a page."""
    match problem:
        case DrawingProblem.NO_SUCH_PAGE:
            return NoSuchPage()
        case DrawingProblem.LOCKED:
            return PageLocked()
        case DrawingProblem.OTHER_KIND:
            return NoPictures()
        case _:
            return PageNotShown()


async def _outline(tools: Tools, viewer: Viewer, sha256: str, part: Part) -> Outline:
    try:
        asked = Asked(part.first, part.after, MOST_CHARACTERS_AT_ONCE, part.text_after)
        return await tools.views.outline(sha256, asked, is_staff=viewer.role is not Role.APPLICANT)
    except ViewsFull:
        raise ViewsBusy from None


def _reason(outline: Outline) -> Refusal | None:
    if outline.is_locked:
        return PageLocked()
    if outline.is_damaged:
        return PageNotShown()
    return None if outline.kind else NoPictures()
