"""`mesadepartes prove`: the security check for who types commands."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import click

QUERY = "{ securityCheck { challenge } }"
SECONDS = 30


@click.command("prove")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the counter is.")
def command(url: str) -> None:
    """Ask a counter for a security check, solve it, and print the proof: send it as `proof` when you sign in."""
    from actions.security_check import solve

    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("must begin with http:// or https://", param_hint="--url")
    asked = urllib.request.Request(  # noqa: S310 - the scheme is looked at above
        f"{url.rstrip('/')}/graphql", json.dumps({"query": QUERY}).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310 - as above
            challenge = json.load(answer)["data"]["securityCheck"]["challenge"]
    except (urllib.error.URLError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"No security check was had from {url}: {error}") from None
    click.echo(solve(challenge))
