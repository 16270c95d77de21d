"""How a person is told what is kept about them: names in Spanish, as they head the rows of the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rules.catalogue import DocumentKind
from rules.kept_kinds import RetentionKind
from rules.lifecycle import TramiteStatus
from rules.workdays import in_lima

NAMES: Final[Mapping[str, str]] = {
    "number": "Número de trámite",
    "status": "Estado",
    "sentAt": "Enviado",
    "filedOn": "Fecha de presentación",
    "documentKind": "Tipo de documento",
    "documentNumber": "Número de documento",
    "subject": "Asunto",
    "senderName": "Presentado por",
    "ruc": "RUC",
    "organization": "Persona jurídica",
    "email": "Correo",
    "mobile": "Celular",
    "observation": "Observación",
    "resolution": "Respuesta",
    "policy": "Política de privacidad aceptada",
    "sealedAt": "Sellado electrónicamente",
    "logIndex": "Lugar en el registro de constancias",
    "erasedAt": "Ya no se conserva desde",
    "identityKind": "Tipo de documento de identidad",
    "identityNumber": "Número de documento de identidad",
    "givenNames": "Nombres",
    "firstSurname": "Apellido paterno",
    "secondSurname": "Apellido materno",
    "birthDate": "Fecha de nacimiento",
    "emailVerifiedAt": "Correo confirmado",
    "role": "Cargo de quien lo hizo",
    "courtesy": "Recibe avisos de cortesía",
    "deactivatedAt": "De baja desde",
    "frozenAt": "Cuenta suspendida desde",
    "signedInAt": "Último ingreso",
    "password": "Contraseña (solo un resumen que no permite conocerla)",
    "secondFactorAt": "Verificación en dos pasos desde (la clave se guarda cifrada)",
    "recoveryCodes": "Códigos de respaldo (solo resúmenes que no permiten conocerlos)",
    "offices": "Dependencias",
    "device": "Equipo",
    "kind": "Forma de ingreso",
    "lastSeenAt": "Último uso",
    "expiresAt": "Vence",
    "endedAt": "Terminó",
    "purpose": "Para qué",
    "form": "Lo que llenó",
    "name": "Nombre del archivo",
    "sizeBytes": "Tamaño en bytes",
    "sha256": "Resumen SHA-256",
    "isSearchable": "Su texto se guarda para buscarlo",
    "clientKey": "Clave de envío",
    "receipt": "Clase de constancia",
    "code": "Código",
    "notice": "Clase de aviso",
    "state": "Situación",
    "finishedAt": "Terminado",
    "task": "Clase de tarea",
    "hasNote": "El personal anotó algo (es interno)",
    "dueAt": "Rige desde",
    "reason": "Motivo",
    "claim": "Reclamo",
    "statement": "Lo que dijo",
    "outcome": "Qué fue del correo",
    "answer": "Lo que se le respondió",
    "act": "Acto",
    "read": "Qué se consultó",
    "searchName": "Nombre de la búsqueda",
    "wanted": "Lo que se busca",
    "sequence": "Lugar en el registro",
}
FILES = "files"

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "status": {status.value: status.label for status in TramiteStatus},
    "documentKind": {kind.value: kind.label for kind in DocumentKind},
    "claim": {"AGAINST": "de otra persona, sobre su documento", "OWN": "suyo"},
}
_OWN_ROLE: Final = {"role": "Cargo"}
_OF_ONESELF: Final = frozenset({RetentionKind.ACCOUNT, RetentionKind.CODES})


def facts_of(kind: RetentionKind, said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what is said of one thing, name by name in the order of `NAMES`; what is not known is left out."""
    names = NAMES | _OWN_ROLE if kind in _OF_ONESELF else NAMES
    told = [(names[name], _say(name, said[name])) for name in names if said.get(name) not in (None, "")]
    files = [(f"Archivo {place}", _say_file(file)) for place, file in enumerate(said.get(FILES) or [], 1)]
    return (*told, *files)


def _say(name: str, value: object) -> str:
    if name in _WORDS:
        return _WORDS[name].get(str(value), str(value))
    match value:
        case bool():
            return "sí" if value else "no"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
        case str() if name.endswith("At"):
            return f"{in_lima(datetime.fromisoformat(value)):%d/%m/%Y %H:%M:%S} (hora de Lima)"
        case _:
            return str(value)


def _say_file(file: Mapping[str, Any]) -> str:
    gone = "; ya no se conserva" if file["erasedAt"] else ""
    return f"{file['name']}, {file['sizeBytes']} bytes, SHA-256 {file['sha256']}{gone}"
