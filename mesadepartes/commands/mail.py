"""`mesadepartes mail FILE.eml`: a mail into the counter of `run`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mesadepartes.development import development_settings
from mesadepartes.variables import WrongSettings

if TYPE_CHECKING:
    from mesadepartes.settings import Settings

SECONDS = 60.0


@click.command("mail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Hand the message in FILE to the development mail server, as a citizen's mail program would."""
    try:
        settings = development_settings(os.environ)
    except WrongSettings as wrong:
        raise click.ClickException(str(wrong)) from None
    asyncio.run(_hand_over(settings, file.read_bytes()))
    click.echo(f"El servidor de correo de prueba recibió {file.name} para {settings.mail_address}.")
    click.echo("En unos segundos será un trámite: véalo en la bandeja, con la persona de mesa de partes,")
    click.echo("y la constancia para quien lo envió entre los correos enviados, en la carpeta que dice «make run».")


async def _hand_over(settings: Settings, content: bytes) -> None:
    import aiosmtplib

    assert settings.smtp_host is not None
    assert settings.mail_address is not None
    try:
        async with aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=False,
            start_tls=False,
            timeout=SECONDS,
            local_hostname="localhost",
        ) as client:
            await client.sendmail(sender_of(content), [settings.mail_address], content)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise click.ClickException(
            f"El servidor de correo de prueba ({settings.smtp_host}:{settings.smtp_port}) no recibió "
            f"el mensaje: {error}\n"
            "¿Está en marcha? Se inicia con: make run\n"
            "Si usa otro puerto, dígalo aquí también, como lo muestra «make run»: MESA_SMTP_PORT=…"
        ) from None


def sender_of(content: bytes) -> str:
    """Return the one address in From, read as the intake will read it, for the envelope; empty without one."""
    from intake.addresses import read_claims
    from intake.headers import read_fields

    values = read_fields(content, 0, len(content)).values("from")
    claims = [claim for value in values for claim in read_claims(value)]
    return (claims[0].valid_address() if len(claims) == 1 else None) or ""
