"""Why a mail waits for a person, or had its outcome, in plain Spanish: what it means, and what a clerk should do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.mail import MailOutcome
from rules.verdicts import Finding, code_of

_READ: Final = "Ábralo como texto, compruebe que el pedido y sus archivos se entienden, y libérelo o rechácelo."
_ASK: Final = "Respóndale a quien lo envió para que lo envíe de nuevo desde otro programa, o libérelo con lo que se ve."
_UNLOCK: Final = "Respóndale a quien lo envió que lo envíe sin cifrar ni contraseña; mientras tanto no lo rechace."

_KEEP_OUT: Final = (
    "No lo abra en su equipo: respóndale a quien lo envió que lo envíe de otra forma, o libérelo y el archivo ingresa "
    "con su fecha, señalado."
)

_BROUGHT: Final[Mapping[Finding, str]] = {
    Finding.DAMAGED: "dañado o incompleto",
    Finding.EMPTY: "que no contiene nada",
    Finding.ENCRYPTED: "con clave de apertura",
    Finding.RESTRICTED: "protegido contra impresión o copia",
    Finding.OTHER_KIND: "cuyo contenido no es de la clase que dice su nombre",
    Finding.DISGUISED: "que es dos cosas a la vez",
    Finding.BOMB: "que ocuparía un tamaño desmedido al abrirse",
    Finding.TOO_COMPLEX: "demasiado complejo para revisarlo por completo",
    Finding.TOO_MANY_PAGES: "con demasiadas páginas",
    Finding.HUGE_PICTURE: "con una imagen demasiado grande para mostrarla",
    Finding.JAVASCRIPT: "con un programa dentro (JavaScript)",
    Finding.LAUNCH: "que intenta abrir otro programa",
    Finding.AUTOMATIC_ACTION: "que hace algo por sí solo al abrirse",
    Finding.EXTERNAL_CONTENT: "que depende de contenido que está en otro lugar",
    Finding.MULTIMEDIA: "con sonido, video u objetos en tres dimensiones",
    Finding.EMBEDDED_FILES: "con otros archivos dentro",
    Finding.FORM: "que es un formulario cuyos campos aún pueden cambiarse",
    Finding.DYNAMIC_FORM: "que es un formulario dinámico (XFA)",
    Finding.MACROS: "con macros (programas)",
    Finding.DATA_EXCHANGE: "que pide datos o programas de otros (DDE)",
    Finding.EMBEDDED_OBJECTS: "con objetos de otros programas dentro",
    Finding.CONTROLS: "con controles activos (ActiveX)",
    Finding.TOO_MANY_MEMBERS: "comprimido con demasiados archivos dentro",
    Finding.OVERLAPPING: "comprimido que está construido para engañar",
    Finding.NESTED_ARCHIVE: "comprimido con otros comprimidos dentro",
    Finding.ESCAPING_NAME: "comprimido que escribe fuera de su carpeta",
    Finding.LINK: "comprimido con enlaces en vez de archivos",
    Finding.PROGRAM: "que contiene un programa",
    Finding.PART_OF_SEVERAL: "que es solo una parte de varias",
    Finding.MALWARE: "en el que el antivirus encontró un programa dañino",
}

_ADVICE: Final = (_READ, _ASK, _UNLOCK, _KEEP_OUT)

HELD: Final[Mapping[str, str]] = {
    **{code_of(each): f"Trae un archivo {what}, y así no se recibe. {_KEEP_OUT}" for each, what in _BROUGHT.items()},
    "TWO_FROM": f"Dice venir de dos personas distintas, así que no se sabe quién lo envió. {_READ}",
    "TWO_CONTENT_TYPES": f"Declara dos veces de qué tipo es su contenido y cada programa lo muestra distinto. {_READ}",
    "TWO_ENCODINGS": f"Declara dos formas de leer sus archivos, que podrían salir distintos. {_READ}",
    "TWO_BOUNDARIES": f"Declara dos veces dónde se separan sus partes, que podrían salir distintas. {_READ}",
    "NO_BOUNDARY": f"No dice dónde se separan sus partes, así que no se ve qué archivos trae. {_ASK}",
    "REPEATED_BOUNDARY": f"Usa la misma separación para partes distintas, que podrían salir mezcladas. {_READ}",
    "BROKEN_DELIMITER": f"La separación entre sus partes está dañada y alguna puede faltar. {_READ}",
    "NUL_IN_HEADER": f"Su encabezado tiene caracteres que los programas leen de forma distinta. {_READ}",
    "BARE_CR_IN_HEADER": f"Su encabezado tiene cortes de línea que los programas leen de forma distinta. {_READ}",
    "BROKEN_HEADER": f"Su encabezado está dañado y puede faltarle el asunto o quién lo envió. {_READ}",
    "HEADER_TOO_LONG": f"Su encabezado es más largo de lo que escribe una persona y solo se leyó en parte. {_READ}",
    "TOO_MANY_FIELDS": f"Su encabezado tiene más datos de los que escribe una persona. {_READ}",
    "TOO_MANY_PARTS": f"Trae más partes de las que se pueden leer y algún archivo puede faltar. {_ASK}",
    "TOO_DEEP": f"Trae correos dentro de correos, más de los que se pueden leer, y algún archivo puede faltar. {_ASK}",
    "HIDDEN_CONTENT": f"Trae contenido escondido fuera de sus partes, que la mayoría de programas no muestra. {_READ}",
    "ENCODED_CONTAINER": f"Sus partes están codificadas de una forma que no se permite y pueden faltar. {_READ}",
    "UNKNOWN_ENCODING": f"Un archivo viene codificado de una forma desconocida y no se puede abrir. {_ASK}",
    "DAMAGED_TNEF": f"Trae un archivo winmail.dat dañado, que no se pudo abrir hasta el final. {_ASK}",
    "FRAGMENT": "Es solo una parte de un envío partido en varios correos. Busque los demás y respóndale a quien lo "
    "envió que mande el documento completo en uno solo.",
    "CONTENT_ELSEWHERE": "No trae el documento, solo una referencia para buscarlo en otro sitio. No abra el enlace: "
    "respóndale a quien lo envió que adjunte el documento.",
    "ENCRYPTED": f"Está cifrado y no se puede leer sin la clave. {_UNLOCK}",
    "SIGNED_OPAQUE": f"Su firma digital envuelve todo el contenido y aquí no se puede abrir. {_UNLOCK}",
    "LOCKED_FILE": f"Trae un archivo que pide contraseña. {_UNLOCK}",
    "READS_AUTOMATIC": "Parece escrito por un sistema automático, como un aviso de ausencia o una invitación de "
    f"calendario, y podría ser de una persona. {_READ}",
    "FAILED": "No se pudo leer: algo en él hace fallar al programa. No lo abra en su equipo: avise a soporte. Si sabe "
    "quién lo envió, pídale que lo envíe de nuevo; si lo libera, ingresa sin archivos, con su fecha.",
    "TOO_LARGE": "Pesa más de lo que se puede recibir, así que solo se leyó su encabezado, y parece enviado por un "
    "sistema automático. Si es de una persona, libérelo: ingresa con su fecha y sin archivos.",
    "NOT_GIVEN": "El servidor de correo no pudo entregar el original y envió este aviso en su lugar. Busque el "
    "original en el buzón con otro programa; si lo encuentra, pida que se ingrese, y rechace este.",
    "OWN_MAIL": "Dice venir de esta misma mesa de partes, lo que cualquiera puede escribir, y trae un documento. "
    "Compruebe quién lo envió de verdad; si es un pedido, libérelo, y si no, rechácelo.",
}
"""By the code of a reason for which a mail is kept in quarantine."""

TOLD: Final[Mapping[str, str]] = {
    "OWN_MAIL": "Lo envió esta misma mesa de partes. No hay nada que hacer.",
    "BOUNCE": "Avisa que un correo nuestro no llegó; el aviso quedó marcado como no entregado. Si hace falta, "
    "comuníquese con la persona por otro medio.",
    "NULL_RETURN_PATH": "Lo envió un sistema automático y no trae documentos. No hay nada que hacer.",
    "AUTO_SUBMITTED": "Es una respuesta automática, como las de vacaciones, y no trae documentos. No hay nada que "
    "hacer.",
    "BULK": "Es un envío masivo sin documentos. No hay nada que hacer.",
    "MAILING_LIST": "Viene de una lista de correo y no trae documentos. No hay nada que hacer.",
    "ROBOT_ADDRESS": "Viene de una dirección que nadie atiende y no trae documentos. No hay nada que hacer.",
    "EMPTY": "Llegó vacío: sin asunto, texto ni archivos. A quien lo envió se le dijo por qué no se registró.",
    "STATUS": "Pregunta por el estado de un trámite y se le respondió automáticamente. No hay nada que hacer.",
    "TOO_LARGE": "Pesa más de lo que se puede recibir: ingresó con su fecha y sin archivos, que se completan con el "
    "enlace que recibió quien lo envió, o en la mesa de partes.",
}
"""By the code of a reason for any other outcome."""

UNTOLD: Final = f"No se puede leer de una sola manera. {_READ}"


def say_mail_reason(outcome: MailOutcome, reason: str | None) -> str | None:
    """
    Return what the *reason* of a mail means and what to do about it; None without a reason.

    Of several codes each is told; one that is not known, as it was cut off, is passed over.
    """
    if reason is None:
        return None
    codes = reason.split(", ")
    tables = (HELD,) if outcome is MailOutcome.QUARANTINED else (TOLD, HELD)
    said = [next((table[code] for table in tables if code in table), None) for code in codes]
    return _joined([each for each in said if each]) or UNTOLD


def _joined(sentences: list[str]) -> str:
    """Return sentences as one text that says what is to be done once, the last time."""
    kept = list[str]()
    for place, sentence in enumerate(sentences):
        later = "".join(sentences[place + 1 :])
        advice = next((each for each in _ADVICE if sentence.endswith(each) and each in later), "")
        kept.append(sentence.removesuffix(advice).strip())
    return " ".join(kept)
