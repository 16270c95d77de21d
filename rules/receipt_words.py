"""
The Spanish of a receipt. A sentence changed here is a new layout: see `rules.receipts.LAYOUT`.

But for those of `next_steps` and `limits`: they are frozen in the facts of each receipt, which says for ever what held
when it was issued.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from rules.catalogue import AttachmentRole, ReceiptKind
from rules.corrections import WORKING_DAYS
from rules.lifecycle import TramiteStatus
from rules.receipts import FoliosCount, Identification
from rules.workdays import day_of, in_lima

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from rules.receipts import FileFacts, ReceiptFacts
    from rules.words import Labelled

SUBTITLES = {
    ReceiptKind.SUBMISSION: "Documento ingresado por la mesa de partes digital",
    ReceiptKind.RECEPTION: "Cargo electrónico de presentación de documentos",
    ReceiptKind.VOIDING: "Trámite anulado a pedido de quien lo presentó",
}
COMPLETION_SUBTITLE = "Completa el trámite presentado el {filed_on}, que conserva esa fecha"
CORRECTION_SUBTITLE = "Subsanación ingresada por la mesa de partes digital"
ACTS = {
    ReceiptKind.RECEPTION: "Recepcionado",
    ReceiptKind.VOIDING: "Anulado",
    ReceiptKind.COMPLETION: "Completado",
}
LIMITS = {
    ReceiptKind.SUBMISSION: (
        "Esta constancia acredita que los archivos detallados se presentaron en la fecha y hora indicadas, y se emite "
        "como cargo de presentación (artículo 125 del TUO de la Ley N.º 27444). No es una aprobación: no significa que "
        "el pedido proceda, que los documentos estén completos o que su contenido haya sido revisado."
    ),
    ReceiptKind.RECEPTION: (
        "Este cargo acredita que la entidad recibió los archivos detallados (artículo 125 del TUO de la Ley N.º "
        "27444). No es una aprobación: no significa que el pedido proceda ni que la entidad esté conforme con su "
        "contenido."
    ),
    ReceiptKind.VOIDING: (
        "Esta constancia acredita que el trámite se anuló a pedido de quien lo presentó. El número no se vuelve a usar "
        "y los archivos detallados no siguen curso. No impide presentar de nuevo el mismo pedido."
    ),
    ReceiptKind.COMPLETION: (
        "Esta constancia acredita que los archivos detallados se entregaron en la fecha y hora indicadas para "
        "completar el trámite, que conserva su fecha de presentación, y se emite como cargo de presentación (artículo "
        "125 del TUO de la Ley N.º 27444). No es una aprobación: no significa que el pedido proceda ni que los "
        "documentos estén completos."
    ),
}
CORRECTION_LIMITS = (
    "Esta constancia acredita que la subsanación, con los archivos detallados, se presentó en la fecha y hora "
    "indicadas, y se emite como cargo de presentación (artículo 125 del TUO de la Ley N.º 27444). No es una "
    "aprobación: no significa que la observación esté levantada ni que el pedido proceda. Lo presentado antes se "
    "conserva."
)
NEXT_STEPS = {
    ReceiptKind.SUBMISSION: (
        "Mesa de partes revisará su documento. Si algo falta, se lo observará por única vez y tendrá {days} "
        "para subsanarlo (artículo 136 del TUO de la Ley N.º 27444). Consulte el estado con su número de trámite."
    ),
    ReceiptKind.RECEPTION: "El documento pasa a la dependencia indicada. Consulte el estado con su número de trámite.",
    ReceiptKind.VOIDING: "No tiene que hacer nada más. Si anuló por error, presente un nuevo documento.",
    ReceiptKind.COMPLETION: (
        "Lo que entregó es parte del trámite desde ahora. Mesa de partes lo revisará; si algo falta todavía, se lo "
        "observará por única vez y tendrá {days} para subsanarlo (artículo 136 del TUO de la Ley N.º 27444)."
    ),
}
CORRECTION_NEXT_STEPS = (
    "El trámite vuelve a estar pendiente de validación y mesa de partes revisará lo que subsanó. No se lo observará "
    "otra vez. Consulte el estado con su número de trámite."
)
ANSWERED_NEXT_STEPS = (
    "Su documento ya fue atendido: la respuesta está en su trámite. Véala con su cuenta, o consulte el estado con su "
    "número de trámite."
)
COMPLETE_FIRST = (
    "Su documento ya fue recibido, pero le falta lo que se indica arriba. Mesa de partes lo revisará y, si lo "
    "necesita, se lo pedirá por única vez: tendrá {days} para entregarlo (artículo 136 del TUO de la Ley "
    "N.º 27444)."
)
WARNING = "EMITIDO CON UN CERTIFICADO DE PRUEBA: SIN VALOR LEGAL"
_DAYS_IN_WORDS = {2: "dos", 3: "tres", 4: "cuatro", 5: "cinco"}
POLICIES = {
    "A": (
        "Lo enviado a cualquier hora de un día hábil cuenta ese día; en día inhábil, el siguiente día hábil "
        "(Ley N.º 27444, art. 123, modificado por la Ley N.º 31465)."
    ),
    "B": (
        "Lo enviado un día hábil hasta la hora de cierre cuenta ese día; después, el siguiente día hábil "
        "(D.S. N.º 029-2021-PCM, art. 46, modificado por el D.S. N.º 075-2023-PCM)."
    ),
}
IDENTIFICATIONS = {
    Identification.DECLARED: "identidad declarada",
    Identification.MAIL_SENDER: "remitente declarado en el correo",
    Identification.MAIL_UNPROVEN: "remitente declarado en el correo, sin comprobar",
    Identification.MAIL_PROVEN: "remitente del correo, comprobado",
    Identification.MAIL_CONFIRMED: "remitente del correo, confirmado por enlace",
    Identification.MAIL_ACCOUNT: "identidad declarada; presentado por correo",
    Identification.VERIFIED: "identidad verificada por la entidad",
}
COUNTS = {
    FoliosCount.DECLARED: "declarados por quien presenta",
    FoliosCount.COUNTED: "contados por el sistema",
    FoliosCount.CLERK: "contados por mesa de partes",
}


def next_steps(
    kind: ReceiptKind,
    *,
    missing: bool,
    is_correction: bool = False,
    status: TramiteStatus = TramiteStatus.PENDING,
    correction_days: int = WORKING_DAYS,
) -> str:
    """
    Return what happens after the act that led to *status*, for the facts' `next_steps`.

    *correction_days* are the working days to correct by the policy of the act.
    """
    if is_correction:
        return CORRECTION_NEXT_STEPS
    if kind is ReceiptKind.RECEPTION and status is TramiteStatus.RESOLVED:
        return ANSWERED_NEXT_STEPS
    said = COMPLETE_FIRST if missing and kind is ReceiptKind.SUBMISSION else NEXT_STEPS[kind]
    return said.format(days=f"{_DAYS_IN_WORDS.get(correction_days, correction_days)} días hábiles")


def limits(kind: ReceiptKind, *, is_correction: bool = False) -> str:
    """Return what the receipt proves and what it does not mean, for the facts' `limits`."""
    return CORRECTION_LIMITS if is_correction else LIMITS[kind]


def subtitle(facts: ReceiptFacts) -> str:
    """Return what stands below the title."""
    if facts.kind is ReceiptKind.COMPLETION:
        return COMPLETION_SUBTITLE.format(filed_on=say_day(facts.filed_on))
    return CORRECTION_SUBTITLE if facts.is_correction else SUBTITLES[facts.kind]


def act_row(facts: ReceiptFacts) -> list[tuple[str, str]]:
    """Return when what the receipt proves was done, with its label; nothing for a first submission."""
    if facts.acted_at is None:
        return []
    return [(_act(facts), f"{say_sent_day(facts.acted_at)} {say_hour(facts.acted_at)}")]


def _act(facts: ReceiptFacts) -> str:
    if facts.acted_at is None:
        return "Enviado"
    return "Subsanado" if facts.is_correction else ACTS[facts.kind]


def key_facts(facts: ReceiptFacts) -> list[tuple[str, str]]:
    """Return what is to be found at a glance: the number, the day and hour of the act, the legal date."""
    return [
        ("N.º DE TRÁMITE", facts.number),
        (_act(facts).upper(), say_sent_day(facts.done_at)),
        ("HORA (UTC-05:00)", say_hour(facts.done_at)),
        ("SE TIENE POR PRESENTADO", say_day(facts.filed_on)),
    ]


def say_issued(facts: ReceiptFacts) -> str:
    """Return when the receipt itself was issued, which those of the first layout do not say."""
    if facts.issued_at is None:
        return ""
    issued = "Emitido" if facts.kind is ReceiptKind.RECEPTION else "Emitida"
    return f"{issued} el {say_sent_day(facts.issued_at)} a las {say_hour(facts.issued_at)}"


def say(word: Labelled) -> str:
    """Return the Spanish word of a code of the rules, to stand alone."""
    return word.label[:1].upper() + word.label[1:]


def say_day(day: date) -> str:
    """Return a day as Peruvians write it."""
    return f"{day:%d/%m/%Y}"


def say_hour(instant: datetime) -> str:
    """Return the hour in Lima."""
    return f"{in_lima(instant):%H:%M:%S}"


def say_sent_day(instant: datetime) -> str:
    """Return the day in Lima."""
    return say_day(day_of(instant))


def say_size(size_bytes: int) -> str:
    """Return a size for reading; the exact one stands beside the digest."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    kilobytes = size_bytes / 1024
    return f"{kilobytes:.1f} KB" if kilobytes < 1023.95 else f"{kilobytes / 1024:.1f} MB"


def files(facts: ReceiptFacts) -> list[tuple[FileFacts, str]]:
    """
    Return each file with its role, pages and size.

    What is added brings some of the annexes, which keep the numbers that they have in the trámite.
    """
    annexes = count(1)
    told: list[tuple[FileFacts, str]] = []
    for file in facts.files:
        annex = next(annexes) if file.role is AttachmentRole.ANNEX else 0
        role = f"Anexo {file.ordinal - 1 if facts.is_addition else annex}" if annex else "Principal"
        told.append((file, " · ".join([role, *_pages(file.pages), say_size(file.size_bytes)])))
    return told


def _pages(pages: int | None) -> list[str]:
    return [] if pages is None else ["1 página" if pages == 1 else f"{pages} páginas"]


def say_exact_size(size_bytes: int) -> str:
    """Return the exact size, in groups of three digits."""
    return f"{size_bytes:,} bytes".replace(",", " ")


def rows(facts: ReceiptFacts) -> list[tuple[str, str]]:
    """Return the labels and values of «Datos de la presentación», in their order; not what `key_facts` tells."""
    return [
        ("Dirigido a", facts.office),
        ("Medio de presentación", say(facts.channel)),
        ("Presentado por", facts.applicant or "no indicado"),
        ("Documento de identidad", _identity(facts)),
        *([("Persona jurídica", _organization(facts))] if facts.organization or facts.ruc else []),
        ("Correo / teléfono", _joined(facts.email, facts.mobile) or "no indicados"),
        ("Tipo y n.º de documento", _document(facts)),
        ("Asunto", facts.subject or "no indicado"),
        ("Folios / archivos", _folios(facts)),
        *(
            [("Enviado", f"{say_sent_day(facts.sent_at)} {say_hour(facts.sent_at)} (UTC-05:00)")]
            if facts.acted_at
            else []
        ),
        ("Fecha de presentación", _filing(facts)),
        *([("Lo que subsana", facts.correction)] if facts.correction else []),
        ("Estado", say(facts.status)),
    ]


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _document(facts: ReceiptFacts) -> str:
    kind = say(facts.document_kind) if facts.document_kind else "tipo no indicado"
    return f"{kind} · {facts.document_number or 'SN'}"


def _identity(facts: ReceiptFacts) -> str:
    document = " ".join(part for part in (facts.identity_kind, facts.identity_number) if part)
    return f"{document or 'no indicado'} ({IDENTIFICATIONS[facts.identified_by]})"


def _organization(facts: ReceiptFacts) -> str:
    return _joined(facts.organization, f"RUC {facts.ruc}" if facts.ruc else None)


def _folios(facts: ReceiptFacts) -> str:
    files = "1 archivo" if len(facts.files) == 1 else f"{len(facts.files)} archivos"
    if facts.folios is None:
        return f"folios no declarados · {files}"
    folios = "1 folio" if facts.folios == 1 else f"{facts.folios} folios"
    return f"{folios}, {COUNTS[facts.folios_count]} · {files}"


def _filing(facts: ReceiptFacts) -> str:
    why = explain_date(facts.filing_policy, [(day.on, day.reason) for day in facts.skipped_days])
    return f"{say_day(facts.filed_on)}. {why} Calendario {facts.calendar_version}."


def explain_date(policy: str, skipped: Iterable[tuple[date, str]]) -> str:
    """Return the rule that gave a legal date, and the days that it passed over, each with its reason."""
    rule = POLICIES.get(policy, f"Según la regla {policy}.")
    listed = ", ".join(f"{say_day(day)} ({reason})" for day, reason in skipped)
    return f"{rule} No se cuentan: {listed}." if listed else rule
