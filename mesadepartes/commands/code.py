"""`mesadepartes code`: what a telephone would show, for programs that sign in, and for trying."""

from __future__ import annotations

import sys

import click


@click.command("code")
@click.argument("seed")
def command(seed: str) -> None:
    """
    Print the code of now of the second factor whose SEED (base32) is given; - reads it from standard input.

    Each code is good once, for about a minute; who needs another waits for the next step of 30 seconds.
    """
    from mesadepartes.clock import now
    from rules.second_factors import code_of, step_at

    try:
        given = sys.stdin.readline().strip() if seed == "-" else seed
        click.echo(code_of(given, step_at(now())))
    except ValueError:
        raise click.ClickException("This is no seed: at least 23 letters A to Z and digits 2 to 7.") from None
