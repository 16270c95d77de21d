"""`mesadepartes service-token`: by which programs read, made and revoked at the machine itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from mesadepartes.commands.staff import KINDS, run_with_tools
from rules.people import IdentityKind
from rules.service_tokens import DEFAULT_LIFE, LONGEST_LIFE, Scope

if TYPE_CHECKING:
    from actions.tools import Tools
    from models.service_tokens import ServiceToken


@click.group("service-token")
def command() -> None:
    """Make, list and revoke the tokens by which programs read (tokens de servicio); it is in the API too."""


@command.command("create")
@click.argument("name")
@click.option("--administrator", required=True, help="Identity document of the administrator who answers for it.")
@click.option("--kind", type=KINDS, default="DNI", show_default=True, help="Kind of that document.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=[Scope.STATUS.value],
    show_default=True,
    help="What it lets read; several may be given.",
)
@click.option("--office", "offices", multiple=True, help="Code of an office whose trámites it lets read.")
@click.option("--all-offices", is_flag=True, help="Those of all offices.")
@click.option(
    "--days", type=click.IntRange(1, LONGEST_LIFE.days), default=DEFAULT_LIFE.days, show_default=True, help="It holds."
)
def create(
    name: str,
    administrator: str,
    kind: str,
    scopes: tuple[str, ...],
    offices: tuple[str, ...],
    *,
    all_offices: bool,
    days: int,
) -> None:
    """Make the service token NAME and print it, this once, alone on standard output."""

    async def make(tools: Tools) -> str:
        from actions.service_tokens import TokenForm, create_at_machine
        from rules.people import clean_identity

        form = TokenForm(
            name=name, scopes=[Scope(each) for each in scopes], office_codes=offices, all_offices=all_offices, days=days
        )
        made = await create_at_machine(tools, clean_identity(IdentityKind(kind), administrator), form)
        click.echo(f"It holds until {made.row.expires_at:%Y-%m-%d}; nobody can print it again.", err=True)
        return made.token or ""

    run_with_tools(make, log_as="service-token")


@command.command("list")
def list_tokens() -> None:
    """Say which there are: state, last use, id, the end of its text, scopes, offices and name."""

    async def told(tools: Tools) -> str:
        from reading.service_tokens import all_tokens, is_live

        rows = await all_tokens()
        lines = [_line(row, is_live=is_live(row, row.made_by, at=tools.clock())) for row in rows]
        return "\n".join(lines) or "There are none."

    run_with_tools(told, log_as="service-token")


def _line(row: ServiceToken, *, is_live: bool) -> str:
    used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never"
    reads = f"{','.join(row.scopes)} of {','.join(row.offices) or 'all offices'}"
    return f"{'good' if is_live else 'over':<5} used {used:<17} {row.id} …{row.ending}  {reads}  {row.name}"


@command.command("revoke")
@click.argument("token_id", metavar="ID", type=UUID)
def revoke(token_id: UUID) -> None:
    """Revoke the service token of this ID: from now on it is good for nothing."""

    async def done(tools: Tools) -> str:
        from actions.service_tokens import revoke_at_machine

        return f"Revoked: {(await revoke_at_machine(tools, token_id)).name}"

    run_with_tools(done, log_as="service-token")
