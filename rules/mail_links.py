"""Links of one use that go with a receipt by mail: whoever holds one has the address that the mail went to."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from rules.refusals import Conflict, NotFound

LINK_LIFE: Final = timedelta(days=7)
"""A link holds this long: a mail may be tried for three days, and not everybody looks every day."""

LINKS_FORGOTTEN_AFTER: Final = timedelta(days=30)
"""After its end a link is told apart from one that never was for so long."""


class LinkPurpose(StrEnum):
    """What a link is good for: to say that a mail is one's own, or to complete what it lacked."""

    CONFIRM = "CONFIRM"
    COMPLETE = "COMPLETE"


class NoSuchLink(NotFound):
    """The link is incomplete, or none that this counter gave for this."""

    code = "LINK_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("El enlace no es correcto. Ábralo de nuevo, completo, desde el correo que recibió.")


class LinkUsed(Conflict):
    """The link was used before; it is good for once."""

    code = "LINK_USED"

    def __init__(self) -> None:
        super().__init__(
            "Este enlace ya se usó. Consulte el estado de su trámite con el número y la clave que figuran en el correo."
        )


class LinkExpired(Conflict):
    """The link was used too late."""

    code = "LINK_EXPIRED"

    def __init__(self) -> None:
        super().__init__(
            "Este enlace venció. Su documento fue recibido y conserva su fecha; para lo que falte, acérquese a la mesa "
            "de partes o escriba al mismo correo."
        )


class AlreadyOwned(Conflict):
    """The trámite belongs to an account already, another than the one that asks."""

    code = "TRAMITE_OWNED"

    def __init__(self) -> None:
        super().__init__("Este trámite ya está en una cuenta. Si no es la suya, acérquese a la mesa de partes.")
