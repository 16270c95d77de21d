"""Answers (atenciones): what staff say to an applicant, and the files that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from actions.attachments import NamedUpload, attach, take_files
from actions.counter_policy import policy_of
from reading.tramites import answers_of
from rules import files, words
from rules.refusals import Checks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.attachments import FiledFile
    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer


@dataclass(frozen=True)
class Answer:
    """An answer that may be given: its text, and the uploads that go with it."""

    text: str
    uploads: tuple[UUID, ...]

    @classmethod
    def of(cls, text: str, uploads: Sequence[UUID]) -> Self:
        """
        Return an answer as it is kept.

        Raises:
            InvalidInput: the text does not hold what it must, or there are more than five files.
        """
        checks = Checks()
        said = checks.take("text", words.clean_statement, text)
        checks.take("files", files.check_answer_count, len(uploads))
        checks.refuse_any()
        assert said is not None
        return cls(said, tuple(uploads))


async def attach_answer(
    connection: TransactionWrapper, tools: Tools, clerk: Viewer, tramite: Tramite, answer: Answer
) -> tuple[FiledFile, ...]:
    """
    Attach the files of an answer, within a transaction; those of an earlier answer stay beside them.

    Raises:
        InvalidInput: one cannot be taken, or is named twice.
        NoSuchUpload, UploadIncomplete: one is not there, or not whole.
    """
    if not answer.uploads:
        return ()
    earlier = (await answers_of([tramite.id])).get(tramite.id, [])
    named = [
        NamedUpload(upload, files.FIRST_ANSWER_PLACE + index, ("files", str(index)), is_answer=True)
        for index, upload in enumerate(answer.uploads)
    ]
    rules = (await policy_of(tools)).files
    received = await take_files(connection, tools, clerk, named, rules=rules)
    placed = [(each.position, file) for each, file in zip(named, received, strict=True)]
    await attach(tramite, placed, version=max((file.version for file in earlier), default=0) + 1)
    return received
