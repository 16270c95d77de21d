"""A PNG or a JPEG, judged from what it says of itself: no point of it is drawn."""

from __future__ import annotations

import mmap
from typing import BinaryIO, Final

from files.sieve import ends, jpeg, marks, png
from files.sieve.mapped import mapped
from files.sieve.picture_facts import PictureFacts
from rules.verdicts import Finding, Judgement, in_order

MOST_PIXELS: Final = 100_000_000
LONGEST_SIDE: Final = 30_000


def look(file: BinaryIO, size: int) -> Judgement:
    """Return what is found of a picture."""
    with mapped(file, size) as data:
        is_png = data[: len(marks.PNG[0])] == marks.PNG[0]
        facts = png.facts_of(data) if is_png else jpeg.facts_of(data)
        found = facts.found | _of_size(facts) | _of_rest(data, facts)
    return Judgement("png" if is_png else "jpg", findings=in_order(found))


def _of_size(facts: PictureFacts) -> set[Finding]:
    is_huge = facts.width * facts.height > MOST_PIXELS or max(facts.width, facts.height) > LONGEST_SIDE
    return {Finding.HUGE_PICTURE} if is_huge else set()


def _of_rest(data: mmap.mmap, facts: PictureFacts) -> set[Finding]:
    """
    Look at what the picture does not need.

    Telephones write films, further pictures and notes of their own behind a photograph: these are nothing to tell.
    """
    end = facts.end if facts.end is not None else len(data)
    is_disguised = (
        data.find(marks.PDF, 0, marks.PDF_WITHIN_BYTES + len(marks.PDF)) >= 0
        or ends.ends_as_zip(data, end)
        or ends.is_foreign(data[end : end + 8192], to_pictures=True)
        or ends.has_hidden(data, end)
        or any(ends.has_script(text) for text in facts.texts)
    )
    return {Finding.DISGUISED} if is_disguised else set()
