"""`mesadepartes staff`: what is done about the staff at the machine itself, where nobody can yet, or any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.variables import Part
from rules.people import IdentityKind
from rules.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from actions.accounts import Registration
    from actions.tools import Tools
    from models.catalogue import Office
    from models.people import User
    from rules.staff import StaffState

KINDS = click.Choice([kind.value for kind in IdentityKind])
kind_option = click.option("--kind", type=KINDS, default="DNI", show_default=True, help="Kind of identity document.")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("staff")
def command() -> None:
    """Make the first administrator, list the staff, or help who lost the telephone. All else is in the API."""


@command.command("create-administrator")
@click.argument("number")
@kind_option
@click.option("--another", is_flag=True, help="Although somebody administers already.")
@click.option("--given-names", help="For somebody who has no account yet; with the next ones.")
@click.option("--first-surname")
@click.option("--second-surname", default="")
@click.option("--birth-date", type=DAY)
@click.option("--email", help="Their address; it is taken as proved.")
@click.option("--mobile")
def create_administrator(number: str, kind: str, *, another: bool, **personal: object) -> None:
    """
    Let the person whose identity document has NUMBER administer.

    Whoever has an account keeps it, password and all. For others one is opened; the password is asked for. They act as
    administrator once they have enrolled a second factor.
    """
    form = _registration(kind, number, personal) if personal["email"] else None

    async def make(tools: Tools) -> str:
        from actions.administrators import make_administrator
        from rules.people import clean_identity

        identity = clean_identity(IdentityKind(kind), number)
        await make_administrator(tools, identity, form, may_be_another=another)
        return "Done. They sign in, enrol a second factor (beginSecondFactor), and administer from then on."

    run_with_tools(make)


def _registration(kind: str, number: str, personal: dict[str, object]) -> Registration:
    from datetime import datetime

    from actions.accounts import Registration

    missing = [name for name in ("given_names", "first_surname", "birth_date", "mobile") if not personal[name]]
    if missing:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise click.UsageError(f"A new account needs also {options}")
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    born = personal["birth_date"]
    assert isinstance(born, datetime)
    texts = {name: str(value) for name, value in personal.items() if name != "birth_date"}
    return Registration(
        identity_kind=IdentityKind(kind), identity_number=number, birth_date=born.date(), password=password, **texts
    )


@command.command("reset-second-factor")
@click.argument("number")
@kind_option
@click.option("--reason", required=True, help="Why; kept in the register.")
def reset_second_factor(number: str, kind: str, reason: str) -> None:
    """
    Take the second factor, and the password with it, from the person whose identity document has NUMBER.

    For the only administrator who lost telephone and recovery codes; administrators do it for others by the API.
    """

    async def reset(tools: Tools) -> str:
        from actions.administrators import reset_at_machine
        from rules.people import clean_identity

        await reset_at_machine(tools, clean_identity(IdentityKind(kind), number), reason=reason)
        return "Done. They recover the account by e-mail (requestRecovery), and enrol anew."

    run_with_tools(reset)


@command.command("list")
def list_staff() -> None:
    """Say who is staff: role, whether they have a second factor or left, document, name and offices."""

    async def told(_tools: Tools) -> str:
        from reading.people import offices_of
        from reading.staff import all_members, state_of

        members = await all_members()
        offices = await offices_of([member.id for member in members])
        rows = [_row(member, state_of(member), offices.get(member.id, [])) for member in members]
        return "\n".join(rows) or "Nobody is staff yet: create-administrator makes the first one."

    run_with_tools(told)


def _row(member: User, state: StaffState, offices: list[Office]) -> str:
    serves = f" ({', '.join(office.code for office in offices)})" if offices else ""
    identity = f"{member.identity_kind.value} {member.identity_number:<12}"
    return f"{member.role.value:<14} {state.value:<22} {identity} {member.full_name}{serves}"


def run_with_tools(work: Callable[[Tools], Awaitable[str]], *, log_as: str = "staff") -> None:
    """Do *work* with the tools of the web part, and print what it says, or in one line why it is refused."""
    settings = settings_for(Part.WEB, log_as=log_as)

    async def done() -> None:
        from mesadepartes.wiring import opened

        async with opened(settings, pool_size=2) as tools:
            try:
                click.echo(await work(tools))
            except Refusal as refusal:
                others = getattr(refusal, "others", ())
                raise click.ClickException(" ".join(each.message for each in (refusal, *others))) from None

    run_on_database(done())
