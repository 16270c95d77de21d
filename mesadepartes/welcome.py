"""What `run` says when the counter serves."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from mesadepartes.development import (
    ADMINISTRATOR,
    APPLICANT,
    AUDITOR,
    AUTHORITY_FILE,
    CLERK,
    LOCAL,
    PRESUMED,
    SEAL_FOLDER,
    SUPERVISOR,
    TrialPerson,
)

if TYPE_CHECKING:
    from mesadepartes.settings import Settings


def welcome(settings: Settings) -> str:
    """Return where to go, and as whom."""
    outbox = os.path.relpath(settings.data / "mail" / "outbox")
    authority = os.path.relpath(settings.data / SEAL_FOLDER / AUTHORITY_FILE)
    lines = [
        "",
        "La mesa de partes está en marcha. Ctrl-C la detiene; los datos quedan en "
        + os.path.relpath(settings.data)
        + ".",
        "",
        f"  Páginas            {settings.public_url}/",
        f"  GraphQL            {settings.public_url}/graphql",
        f"  Referencia         {settings.public_url}/api",
        f"  Correo de ingreso  {settings.mail_address}  (SMTP en {LOCAL}:{settings.smtp_port})",
        f"                     {_mailing(settings)}{_python()} -m mesadepartes mail ARCHIVO.eml",
        f"  Correos enviados   {outbox}",
        f"  Sello              de PRUEBA, sin valor legal; lo comprueba quien confía en {authority}",
        "",
        "  Para probar, solo en este modo:",
        f"    ciudadana        {_person(APPLICANT)}",
        f"    mesa de partes   {_person(CLERK)}",
        f"    supervisora      {_person(SUPERVISOR)}",
        f"    administrador    {_person(ADMINISTRATOR)}",
        f"    auditora         {_person(AUDITOR)}",
        "",
        "  El personal ingresa en dos pasos: contraseña y código de su celular. El de ahora, que sirve una vez:",
        f"    mesa de partes   {_code(CLERK)}",
        f"    supervisora      {_code(SUPERVISOR)}",
        f"    administrador    {_code(ADMINISTRATOR)}",
        f"    auditora         {_code(AUDITOR)}",
        "",
    ]
    if settings.http_host not in (LOCAL, "localhost", "::1"):
        lines += ["  ATENCIÓN: otras máquinas llegan a este puerto y estas contraseñas son públicas.", ""]
    return "\n".join(lines)


def _mailing(settings: Settings) -> str:
    """Return what `mail` must be told: the port, if it is not the one that is presumed."""
    usual = f"{settings.smtp_port}" == PRESUMED["MESA_SMTP_PORT"]
    return "" if usual else f"MESA_SMTP_PORT={settings.smtp_port} "


def _python() -> str:
    """Return how to call the Python that runs this, as briefly as can be."""
    relative = os.path.relpath(sys.executable)
    return sys.executable if relative.startswith("..") else relative


def _person(person: TrialPerson) -> str:
    return f"DNI {person.dni}   contraseña: {person.password}"


def _code(person: TrialPerson) -> str:
    return f"{_python()} -m mesadepartes code {person.seed}"
