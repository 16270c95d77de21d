"""What people are told when the store of files cannot be used for now, and what those hear who look after it."""

from __future__ import annotations

import logging

from files.store import StoreFull, StoreUnavailable
from rules.refusals import Refusal, TooManyRequests

logger = logging.getLogger(__name__)

TRY_AGAIN_SECONDS = 60


class StoreAway(TooManyRequests):
    """Files can be neither kept nor read at this moment; nothing of what was asked was done."""

    code = "STORE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "En este momento no se pueden guardar ni leer archivos. Lo que ya presentó está a salvo; "
            "vuelva a intentar en unos minutos.",
            retry_after_seconds=TRY_AGAIN_SECONDS,
        )


class NoRoom(TooManyRequests):
    """There is no room for another file; nothing of it was kept."""

    code = "NO_ROOM"

    def __init__(self) -> None:
        super().__init__(
            "No queda espacio para guardar más archivos y el suyo no se guardó. Vuelva a adjuntarlo más tarde o "
            "comuníquese con la mesa de partes.",
            retry_after_seconds=TRY_AGAIN_SECONDS,
        )


def refusal_of(error: Refusal | StoreUnavailable) -> Refusal:
    """Return what people are told; of a store that cannot be used the reason is logged, for it must be mended."""
    if isinstance(error, Refusal):
        return error
    logger.error("The store cannot be used: %s", error.strerror, extra={"action": "store_unavailable"})
    return NoRoom() if isinstance(error, StoreFull) else StoreAway()
