"""Uploads: a file is announced, arrives in pieces, and is then in the store under its hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tortoise.connection import get_connections

from actions.client_keys import claim
from actions.contents import abandon_contents, record_content
from actions.counter_policy import policy_of
from actions.judging import judged_soon
from actions.transaction import tx
from files.store import ContentMissing
from models.files import Upload
from reading.judgements import SAID, judgement_from
from rules import files
from rules.refusals import Conflict, NotFound, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from files.store import StoredContent
    from reading.access import Viewer
    from rules.counter_policy import CounterPolicy
    from rules.file_rules import FileRules
    from rules.verdicts import Judgement

UPLOAD_LIFE = timedelta(hours=24)


ROOM_LOCK = 7_242_009
"""Advisory lock under which it is judged whether there is room for another upload."""

ROOM = """
SELECT count(*) FILTER (WHERE owner_id = $1) AS own_count,
    coalesce(sum(size_bytes) FILTER (WHERE owner_id = $1), 0)::bigint AS own_bytes,
    coalesce(sum(size_bytes), 0)::bigint AS all_bytes,
    (SELECT coalesce(sum(size_bytes), 0)::bigint FROM contents WHERE sha256 IN (
        SELECT content_id FROM uploads WHERE owner_id = $1 AND used_at IS NULL AND expires_at <= $2 AND created_at > $3
    ) AND NOT EXISTS (SELECT FROM attachments WHERE content_id = sha256)) AS given_up_bytes
FROM uploads WHERE used_at IS NULL AND expires_at > $2
"""
"""What a person gave up counts for a day: its bytes are still there. The same bytes sent again are there only once."""

EXPIRE = """
WITH gone AS (
    DELETE FROM uploads WHERE id IN (
        SELECT id FROM uploads WHERE used_at IS NULL AND expires_at <= $1 AND created_at <= $3
        ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, content_id
), abandoned AS (
    UPDATE contents SET abandoned_at = $2 WHERE sha256 IN (SELECT content_id FROM gone)
)
SELECT id FROM gone
"""
GRACE = timedelta(hours=1)
"""So long after it has expired nobody can be completing an upload any more."""

FOUND = ", ".join(f"c.{column}" for column in SAID)

ARRIVED = f"""
SELECT u.id, u.name, u.size_bytes, u.content_id, {FOUND}
FROM uploads u JOIN contents c ON c.sha256 = u.content_id WHERE u.id = ANY($1::uuid[]) AND u.owner_id = $2
"""  # noqa: S608 - our own words

TAKE = f"""
WITH taken AS (
    UPDATE uploads SET used_at = $3 WHERE id IN (
        SELECT id FROM uploads WHERE id = ANY($1::uuid[]) AND owner_id = $2 AND used_at IS NULL AND expires_at > $3
        ORDER BY id FOR UPDATE
    )
    RETURNING id, name, size_bytes, content_id
)
SELECT t.*, {FOUND} FROM taken t LEFT JOIN contents c ON c.sha256 = t.content_id
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class Taken:
    """An upload that has arrived whole."""

    id: UUID
    name: str
    size_bytes: int
    content_id: str
    judgement: Judgement

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Taken:
        """Return what a row says."""
        return cls(row["id"], row["name"], row["size_bytes"], row["content_id"], judgement_from(row))


class NoSuchUpload(NotFound):
    """The upload is unknown, somebody else's, used already, or too old."""

    code = "UPLOAD_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "Esa carga no existe, ya venció o ya se presentó. Si no la presentó, vuelva a adjuntar el archivo."
        )


class TooManyUploads(TooManyRequests):
    """A person has too many files under way, or too large ones."""

    code = "TOO_MANY_UPLOADS"

    def __init__(self, most: int, most_bytes: int) -> None:
        super().__init__(
            f"Puede tener hasta {most} archivos cargados sin presentar, que pesen en total "
            f"{most_bytes // files.MEGABYTE} MB. Presente o descarte los que tiene, o espere 24 horas."
        )


class NoRoomForUploads(TooManyRequests):
    """All people together have as many bytes under way as there is room for."""

    code = "NO_ROOM_FOR_UPLOADS"

    def __init__(self) -> None:
        super().__init__("En este momento no se pueden recibir más archivos. Vuelva a intentar en unos minutos.")


class UploadIncomplete(Conflict):
    """The upload has not arrived whole."""

    code = "UPLOAD_INCOMPLETE"

    def __init__(self) -> None:
        super().__init__("El archivo todavía no terminó de cargarse. Espere a que llegue completo y vuelva a enviar.")


async def open_upload(
    tools: Tools, viewer: Viewer, *, name: str, size_bytes: int, client_key: UUID | None = None
) -> Upload:
    """
    Announce a file of *size_bytes*; its bytes may follow for 24 hours.

    Raises:
        InvalidInput: the name, the kind or the size is not one that is taken now in any role.
        TooManyUploads: this person has as many files, or bytes, waiting to be filed as may be.
        NoRoomForUploads: all people together have.
        KeyReused: the client key was used for another file.
        NoSuchUpload: the key was used for this file, which expired since.
    """
    now, policy = tools.clock(), await policy_of(tools)
    clean_name = _announced(policy.files, name, size_bytes)
    new_id, asked = uuid4(), {"act": "openUpload", "name": clean_name, "sizeBytes": size_bytes}
    async with tx() as connection:
        if earlier := await claim(connection, viewer, client_key, makes_id=new_id, at=now, asked=asked):
            return await _opened(viewer, earlier)
        await _check_room(connection, tools, viewer, size_bytes, policy=policy)
        return await Upload.create(
            id=new_id,
            owner_id=viewer.user_id,
            name=clean_name,
            size_bytes=size_bytes,
            created_at=now,
            expires_at=now + UPLOAD_LIFE,
        )


async def _opened(viewer: Viewer, upload_id: UUID) -> Upload:
    upload = await Upload.get_or_none(id=upload_id, owner_id=viewer.user_id)
    if upload is None:
        raise NoSuchUpload
    return upload


async def _check_room(
    connection: TransactionWrapper, tools: Tools, viewer: Viewer, size_bytes: int, *, policy: CounterPolicy
) -> None:
    """Judge, under a lock, so that several at once cannot all find the last room."""
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ROOM_LOCK])
    now = tools.clock()
    [room] = await connection.execute_query_dict(ROOM, [viewer.user_id, now, now - UPLOAD_LIFE])
    own_bytes = room["own_bytes"] + room["given_up_bytes"] + size_bytes
    if room["own_count"] >= policy.uploads_each or own_bytes > policy.unfiled_bytes_each:
        raise TooManyUploads(policy.uploads_each, policy.unfiled_bytes_each)
    if room["all_bytes"] + size_bytes > tools.limits.unfiled_bytes_in_all:
        raise NoRoomForUploads


def _announced(rules: FileRules, name: str, size_bytes: int) -> str:
    try:
        return rules.check_announced(name, size_bytes=size_bytes)
    except files.FileKindNotAllowed as refusal:
        raise refusal.at("name") from None
    except (files.FileEmpty, files.FileTooLarge) as refusal:
        raise refusal.at("sizeBytes") from None


async def own_upload(tools: Tools, viewer: Viewer, upload_id: UUID) -> Upload:
    """
    Return an upload of the viewer's that may still receive bytes or be filed.

    Raises:
        NoSuchUpload: it is unknown, somebody else's, used already, or too old.
    """
    upload = await Upload.get_or_none(
        id=upload_id, owner_id=viewer.user_id, used_at__isnull=True, expires_at__gt=tools.clock()
    )
    if upload is None:
        raise NoSuchUpload
    return upload


async def arrived(viewer: Viewer, upload_ids: list[UUID]) -> dict[UUID, Taken]:
    """Return those of the viewer's uploads that have arrived whole, whether used already or not."""
    rows = await get_connections().get("default").execute_query_dict(ARRIVED, [upload_ids, viewer.user_id])
    return {row["id"]: Taken.of(row) for row in rows}


def contents_of(upload_ids: list[UUID], found: Mapping[UUID, Taken]) -> list[str]:
    """
    Return what each upload holds, as name and SHA-256.

    So a request is known again when its files were sent again. What has not arrived stands for itself.
    """
    return [
        f"{found[upload_id].name} {found[upload_id].content_id}" if upload_id in found else str(upload_id)
        for upload_id in upload_ids
    ]


async def store_upload(tools: Tools, upload: Upload, path: Path, *, known: StoredContent | None = None) -> Upload:
    """
    Judge the bytes at *path*, which are all of *upload*, put them into the store, and record what they are.

    With *known*, what was found of them on their way there, nobody may write to them any more.
    """
    judgement = await judged_soon(tools, path)
    try:
        stored = await tools.store.put_file(path, known=known)
        return await complete_upload(tools, upload, stored, judgement=judgement)
    except ContentMissing:
        # The same bytes had been abandoned long ago, and were swept while these were on their way to be recorded.
        stored = await tools.store.put_file(path, known=known)
        return await complete_upload(tools, upload, stored, judgement=judgement)


async def complete_upload(tools: Tools, upload: Upload, stored: StoredContent, *, judgement: Judgement) -> Upload:
    """
    Record that all bytes of *upload* are durable in the store, and judged; doing it twice is no error.

    Raises:
        NoSuchUpload: it was too old, and is forgotten.
        ContentMissing: the bytes were swept since; `store_upload` puts them again.
    """
    async with tx():
        await record_content(tools, stored, judgement)
        is_there = await Upload.filter(id=upload.id).update(content_id=stored.sha256)
        if not is_there:
            await abandon_contents(tools, [stored.sha256])
    if not is_there:
        raise NoSuchUpload
    upload.content_id = stored.sha256
    return upload


async def give_up(tools: Tools, upload_ids: list[UUID]) -> None:
    """Let uploads expire now that nobody will file; they count for a day. Those that are used stay as they are."""
    async with tx():
        await Upload.filter(id__in=upload_ids, used_at__isnull=True).update(expires_at=tools.clock())


async def take_uploads(
    connection: TransactionWrapper, tools: Tools, viewer: Viewer, upload_ids: list[UUID]
) -> list[Taken]:
    """
    Lock the viewer's uploads, within a transaction, for use in one filing; mark them used.

    Raises:
        NoSuchUpload: one is unknown, somebody else's, used already, or too old; its path is its place in the list.
        UploadIncomplete: one has not arrived whole.
    """
    rows = await connection.execute_query_dict(TAKE, [upload_ids, viewer.user_id, tools.clock()])
    by_id = {row["id"]: row for row in rows}
    for place, upload_id in enumerate(upload_ids):
        if upload_id not in by_id:
            raise NoSuchUpload().at(str(place))
        if by_id[upload_id]["content_id"] is None:
            raise UploadIncomplete().at(str(place))
    return [Taken.of(by_id[upload_id]) for upload_id in upload_ids]


async def expire_uploads(tools: Tools) -> int:
    """
    Forget uploads that nobody filed in time, at most a hundred, and free what had arrived; return how many.

    What was given up is kept in mind for a day, for the quota. What had arrived whole may be held by others: it is
    abandoned, and looked at by `sweep_contents`.
    """
    now = tools.clock()
    async with tx() as connection:
        rows = await connection.execute_query_dict(EXPIRE, [now - GRACE, now, now - GRACE - UPLOAD_LIFE])
    for row in rows:
        await tools.staging.discard(row["id"])
    return len(rows)
