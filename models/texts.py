"""The text of contents, by which files are found."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.texts import TextProblem, TextState

if TYPE_CHECKING:
    from models.files import Content


class ContentText(Model):
    """
    How far the text of a content has been taken out; a row that is pending is the queue.

    All words of it, once it is done, are in the column `words`, which the application reads by SQL alone.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    content: fields.OneToOneRelation[Content] = fields.OneToOneField(
        "mesa.Content", related_name="text", on_delete=fields.CASCADE
    )
    content_id: str
    state = enum_column(TextState, max_length=20)
    problem = enum_column(TextProblem, max_length=20, null=True)
    # None for what has no pages, and until they are known.
    pages = fields.IntField(null=True)
    pages_done = fields.IntField(default=0, db_default=0)
    pages_without_text = fields.IntField(default=0, db_default=0)
    # How many of those a machine has recognized text on; up to which page it has tried, None before it began.
    pages_recognized = fields.IntField(default=0, db_default=0)
    recognized_to = fields.IntField(null=True)
    # When there was nothing left for it to try.
    recognized_at: dt.datetime | None = fields.DatetimeField(null=True)
    characters = fields.IntField(default=0, db_default=0)
    is_cut = fields.BooleanField(default=False, db_default=False)
    # How often it was begun since it last went on.
    attempts = fields.SmallIntField(default=0, db_default=0)
    try_after = fields.DatetimeField()
    lease_holder = fields.UUIDField(null=True)
    leased_until: dt.datetime | None = fields.DatetimeField(null=True)
    done_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "content_texts"


class ContentTextPiece(Model):
    """A page with text, or a part of a long one; of what has no pages, parts of page 0. Its words are in `words`."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    text_of: fields.ForeignKeyRelation[ContentText] = fields.ForeignKeyField(
        "mesa.ContentText", related_name="pieces", on_delete=fields.CASCADE
    )
    text_of_id: uuid.UUID
    page = fields.IntField()
    part = fields.IntField()
    text = fields.TextField()
    # By a machine that looked at the page's picture.
    is_recognized = fields.BooleanField(default=False, db_default=False)

    class Meta(Model.Meta):
        table = "content_text_pieces"
        unique_together = (("text_of", "page", "part"),)
