"""Links to one file that need no session of their own: good for minutes, for one viewer, while their session lives."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from reading.access import viewer_of_session
from reading.files import find_attachment
from rules.refusals import NotFound

if TYPE_CHECKING:
    from actions.tools import Tools
    from models.tramites import Attachment
    from reading.access import Viewer

FILE_LINK_LIFE: Final = timedelta(minutes=10)
_CLAIM: Final = struct.Struct("!16sQ")  # the session, and the second in which the link ends
LONGEST_KEY: Final = 200


class FileLinkExpired(NotFound):
    """The link is past its time, its session has ended, or it is none of ours: all are answered alike."""

    code = "FILE_LINK_EXPIRED"

    def __init__(self) -> None:
        super().__init__(
            "Este enlace ya no sirve: dura unos minutos y termina con la sesión. Vuelva a abrir el archivo desde la "
            "página de su trámite."
        )


@dataclass(frozen=True, slots=True)
class FileLink:
    """A link to a file: what stands after `?key=`, and until when it is good."""

    file: Attachment
    key: str
    expires_at: datetime


async def link_to_file(tools: Tools, viewer: Viewer, attachment_id: UUID) -> FileLink:
    """
    Return a link to a file that the viewer may see; nothing is kept, and what is fetched by it is noted then.

    Raises:
        NoSuchFile: there is none that they may see.
        FileNoLongerKept: it is past its time.
    """
    return make_link(tools, viewer, await find_attachment(viewer, attachment_id))


def make_link(tools: Tools, viewer: Viewer, file: Attachment) -> FileLink:
    """Return a link to a file that was found for *viewer*."""
    expires_at = (tools.clock() + FILE_LINK_LIFE).replace(microsecond=0)
    claim = _CLAIM.pack(viewer.session_id.bytes, int(expires_at.timestamp()))
    said = base64.urlsafe_b64encode(claim).decode().rstrip("=")
    return FileLink(file, f"{said}.{_signature(tools, viewer, file.id, said)}", expires_at)


async def viewer_of_link(tools: Tools, key: str, attachment_id: UUID) -> Viewer:
    """
    Return whose link to that file it is, with the rights that they have now; that their session is in use is not noted.

    The key of another file, or of a session that has ended or changed its token since, is none. What they may see is
    still to be judged.

    Raises:
        FileLinkExpired: it is not good, for whatever reason.
    """
    said, _, signature = key[:LONGEST_KEY].partition(".")
    session_id, expires_at = _claimed(said)
    if expires_at <= tools.clock():
        raise FileLinkExpired
    viewer = await viewer_of_session(session_id, at=tools.clock())
    if viewer is None or not hmac.compare_digest(
        signature.encode(), _signature(tools, viewer, attachment_id, said).encode()
    ):
        raise FileLinkExpired
    return viewer


def _claimed(said: str) -> tuple[UUID, datetime]:
    try:
        session, ends = _CLAIM.unpack(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        return UUID(bytes=session), datetime.fromtimestamp(ends, UTC)
    except (ValueError, binascii.Error, struct.error, OverflowError, OSError):
        raise FileLinkExpired from None


def _signature(tools: Tools, viewer: Viewer, attachment_id: UUID, said: str) -> str:
    """Sign what the link says with what it does not say: the file, and the token that the session has."""
    bound = f"file-link.{attachment_id}.{viewer.user_id}.{viewer.token_hash.hex()}.{said}"
    return tools.security_check.sign(bound).rstrip("=")
