"""What a mail lacks as a filing, as its sender reads it; the rest is the counter's own words for what is not there."""

from __future__ import annotations

from typing import Final

NO_MAIN: Final = "Falta el documento principal: envíe un archivo en formato PDF de hasta 20 MB."
NO_SUBJECT: Final = "Falta el asunto: su correo llegó sin él."
ONLY_LINKS: Final = (
    "Falta el documento principal: su correo trae un enlace a archivos guardados en otro sitio (como Drive, OneDrive "
    "o WeTransfer), y de ahí no podemos tomarlos. Cargue el documento en PDF, de hasta 20 MB, con el enlace para "
    "completar, o envíelo adjunto en un correo nuevo."
)
TOO_LARGE: Final = (
    "Falta el documento principal: su correo pesa más de lo que se puede recibir por correo y sus archivos no se "
    "guardaron. Cárguelos por el enlace."
)
WITHOUT_SUBJECT: Final = "(sin asunto)"
UNKNOWN_SENDER: Final = "Remitente no identificado"


def still_missing(*, has_main: bool, has_subject: bool) -> tuple[str, ...]:
    """Return what a filing lacks after somebody has completed it."""
    return (*([] if has_main else [NO_MAIN]), *([] if has_subject else [NO_SUBJECT]))
