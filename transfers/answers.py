"""How this door says no: a status, and JSON with the code and the Spanish sentence of the refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from actions.storing import NoRoom, StoreAway, refusal_of
from files.store import StoreUnavailable
from reading.files import FileNoLongerKept, ReceiptNoLongerKept
from rules.files import FileContentMismatch, FileTooLarge
from rules.mail_desk import MailNoLongerKept
from rules.refusals import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    TooManyRequests,
    WrongStep,
)
from transfers.ranges import RangeBeyondEnd

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    Endpoint = Callable[[Request], Awaitable[Response]]


class MalformedRequest(InvalidInput):
    """The request itself is wrong, not the file: a program's mistake."""

    code = "MALFORMED_REQUEST"


class EncodedBody(InvalidInput):
    """The bytes are compressed for the way; what is filed must be exactly what was sent."""

    code = "ENCODED_BODY"

    def __init__(self) -> None:
        super().__init__("Envíe los bytes del archivo tal como son, sin Content-Encoding.")


class LongerThanAnnounced(InvalidInput):
    """More bytes came than the upload was announced with."""

    code = "UPLOAD_TOO_LONG"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(
            f"El archivo tiene más bytes que los anunciados ({size_bytes}). Vuelva a adjuntarlo desde el comienzo."
        )


class OffsetMismatch(Conflict):
    """The bytes do not continue where the upload ends."""

    code = "UPLOAD_OFFSET_MISMATCH"

    def __init__(self, offset: int) -> None:
        super().__init__(f"La carga continúa en el byte {offset}. Envíe el archivo desde ahí.")
        self.offset = offset


class UploadInUse(Conflict):
    """Another connection is sending bytes of this upload."""

    code = "UPLOAD_BUSY"

    def __init__(self) -> None:
        super().__init__("Ese archivo ya se está cargando por otra conexión. Espere un minuto y continúe.")


class UploadStalled(Refusal):
    """The bytes came too slowly; those that came are kept."""

    code = "UPLOAD_STALLED"

    def __init__(self) -> None:
        super().__init__("La carga se detuvo demasiado tiempo. Lo que llegó se conserva: continúe desde ahí.")


class PressBusy(TooManyRequests):
    """Too many receipts are being made at this moment."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("Se están preparando muchas constancias en este momento. Vuelva a intentar en un minuto.")


class NotSealedYet(Refusal):
    """The receipt is issued, but the institution's seal cannot be used for now."""

    code = "RECEIPT_NOT_SEALED_YET"

    def __init__(self) -> None:
        super().__init__(
            "Esta constancia todavía no tiene el sello electrónico de la institución. Su trámite ya está registrado; "
            "vuelva a intentar en unos minutos."
        )


STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (MalformedRequest, 400),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (FileNoLongerKept, 410),
    (ReceiptNoLongerKept, 410),
    (MailNoLongerKept, 410),
    (NotFound, 404),
    (UploadStalled, 408),
    (Conflict, 409),
    (WrongStep, 409),
    (FileTooLarge, 413),
    (LongerThanAnnounced, 413),
    (FileContentMismatch, 415),
    (EncodedBody, 415),
    (RangeBeyondEnd, 416),
    (InvalidInput, 422),
    (StoreAway, 503),
    (NoRoom, 507),
    (TooManyRequests, 429),
    (NotSealedYet, 503),
)
"""The first family that fits decides."""


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status that says as much of a refusal as a status can."""
    return next(status for family, status in STATUSES if isinstance(refusal, family))


def refuse(refusal: Refusal) -> JSONResponse:
    """Return the answer that tells a refusal."""
    body: dict[str, object] = {"code": refusal.code, "message": refusal.message}
    headers: dict[str, str] = {}
    match refusal:
        case OffsetMismatch(offset=offset):
            body["offset"] = offset
            headers["upload-offset"] = str(offset)
        case RangeBeyondEnd(size_bytes=size_bytes):
            headers["content-range"] = f"bytes */{size_bytes}"
        case NotSignedIn():
            headers["www-authenticate"] = "Bearer"
        case TooManyRequests(retry_after_seconds=seconds):
            headers["retry-after"] = str(seconds or 60)
        case NotSealedYet():
            headers["retry-after"] = "60"
        case _:
            pass
    return JSONResponse(body, status_code=status_of(refusal), headers=headers)


def refusing(endpoint: Endpoint) -> Endpoint:
    """Return *endpoint* with its refusals told as answers."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (Refusal, StoreUnavailable) as error:
            return refuse(refusal_of(error))

    return answer
