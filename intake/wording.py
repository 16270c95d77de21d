"""What a mail lacked or could not hand in, as its sender reads it in the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rules.mail_missing import NO_MAIN, NO_SUBJECT, ONLY_LINKS, TOO_LARGE, UNKNOWN_SENDER, WITHOUT_SUBJECT
from rules.words import fit_text

if TYPE_CHECKING:
    from rules.refusals import InvalidInput

__all__ = [
    "EMPTY",
    "FORWARDED",
    "NO_MAIN",
    "NO_SUBJECT",
    "ONLY_LINKS",
    "STATUS_ELSEWHERE",
    "TOO_LARGE",
    "UNKNOWN_SENDER",
    "WITHOUT_SUBJECT",
    "left_out",
    "more_left_out",
]

FORWARDED: Final = (
    "El correo que adjuntó no se abrió. Si contiene documentos, envíelos adjuntos directamente a un correo nuevo."
)

EMPTY: Final = (
    "Su correo llegó vacío: sin asunto, sin texto y sin archivos. Escriba qué presenta y adjunte su documento en PDF."
)
STATUS_ELSEWHERE: Final = (
    "No podemos decirle por correo el estado de un trámite, porque no consta que este correo venga de quien lo "
    "presentó. Consúltelo en nuestra página con el número y la clave que figuran en su constancia de envío."
)
UNREADABLE: Final = (
    "No se pudo abrir su correo, que se conserva tal como llegó. Envíe sus documentos en un correo nuevo, o "
    "entréguelos en la mesa de partes."
)
SOURCE_ONLY: Final = "Este correo no se puede abrir. Así comienza, tal como llegó:"

_NAME_LENGTH: Final = 80


def left_out(name: str, refusal: InvalidInput) -> str:
    """Say that a file of the mail is not part of what was filed, and why."""
    return f"El archivo «{fit_text(name, max_length=_NAME_LENGTH)}» no se incluyó. {refusal.message}"


def more_left_out(count: int) -> str:
    """Say that there is more of the same than is worth listing."""
    return f"Otros {count} archivos tampoco se incluyeron."
