"""What a mail lacked or could not hand in, as its sender reads it in the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rules.words import fit_text

if TYPE_CHECKING:
    from rules.refusals import InvalidInput

NO_MAIN: Final = "Falta el documento principal: envíe un archivo en formato PDF de hasta 20 MB."
NO_SUBJECT: Final = "Falta el asunto: su correo llegó sin él."
FORWARDED: Final = (
    "El correo que adjuntó no se abrió. Si contiene documentos, envíelos adjuntos directamente a un correo nuevo."
)
UNREADABLE: Final = (
    "No se pudo abrir su correo, que se conserva tal como llegó. Envíe sus documentos en un correo nuevo, o "
    "entréguelos en la mesa de partes."
)
SOURCE_ONLY: Final = "Este correo no se puede abrir. Así comienza, tal como llegó:"
WITHOUT_SUBJECT: Final = "(sin asunto)"
UNKNOWN_SENDER: Final = "Remitente no identificado"

_NAME_LENGTH: Final = 80


def left_out(name: str, refusal: InvalidInput) -> str:
    """Say that a file of the mail is not part of what was filed, and why."""
    return f"El archivo «{fit_text(name, max_length=_NAME_LENGTH)}» no se incluyó. {refusal.message}"


def more_left_out(count: int) -> str:
    """Say that there is more of the same than is worth listing."""
    return f"Otros {count} archivos tampoco se incluyeron."
