"""
The gate before everything that strangers may try: counts attempts, and asks for the security check.

Attempts are counted in PostgreSQL, so that all processes count together, each in a statement of its own before any
other work: a refused action takes nothing back, and a hundred attempts in one request are a hundred. (The library
`limits` has no PostgreSQL storage.) Addresses and accounts are kept as keyed hashes only.
"""

from __future__ import annotations

import hmac
import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING

from actions.transaction import database
from rules.throttling import DOORS, Backoff, ProofMissing, Rate, TooManyAttempts

if TYPE_CHECKING:
    from datetime import datetime

    from actions.tools import Tools
    from rules.throttling import Client, Door

PACE = """
INSERT INTO throttles AS t (key, free_at, failures) VALUES ($1, $2::timestamptz + $3::interval, 0)
ON CONFLICT (key) DO UPDATE SET free_at = greatest(t.free_at, $2::timestamptz) + $3::interval
WHERE t.free_at <= $2::timestamptz + $4::interval
RETURNING 1
"""
"""Generic cell rate algorithm: `free_at` is when the even pace is reached again; it may lie ahead by the tolerance."""

KNOCK = """
INSERT INTO throttles AS t (key, free_at, failures) VALUES ($1, $2, 1)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN t.free_at <= $2::timestamptz - $3::interval THEN 1 ELSE t.failures + 1 END,
    free_at = $2::timestamptz + CASE
        WHEN t.free_at <= $2::timestamptz - $3::interval OR t.failures + 1 < $4 THEN interval '0'
        ELSE least(power(2, least(t.failures + 1 - $4, 20)) * interval '1 second', $5::interval) END
WHERE t.free_at <= $2::timestamptz
RETURNING failures
"""
"""`failures` are attempts since the last success; from the fifth on each makes the next one wait twice as long."""

FREE_AT = "SELECT free_at FROM throttles WHERE key = $1"
FORGIVE = "DELETE FROM throttles WHERE key = $1 RETURNING 1"
FORGET = """
DELETE FROM throttles WHERE key IN (SELECT key FROM throttles WHERE free_at <= $1 LIMIT 1000) RETURNING 1
"""
REST = timedelta(days=2)
"""So long after its last attempt nothing of a counter matters any more."""


async def admit(
    tools: Tools, door: Door, client: Client, *, account: str | None = None, proof: str | None = None
) -> int:
    """
    Let an attempt through, counted; return which one in a row it is at this account, 0 where that is not counted.

    *account* is any stable text that names the account that is tried, there or not. In this order, so that whoever has
    not done the check takes no room from everybody: the address, the check, everybody, the account.

    Raises:
        TooManyAttempts: from this address, at this account, or by everybody together; says how long to wait.
        ProofMissing, ProofWrong, ProofExpired: the door asks for the security check.
    """
    rule, now = DOORS[door], tools.clock()
    await pace(_key(tools, door, "address", network_of(client.address)), rule.address, now)
    if rule.needs_proof and tools.security_check.is_required:
        if not proof:
            raise ProofMissing
        await tools.security_check.check(proof, now)
    await pace(_key(tools, door, "everybody", ""), rule.everybody, now)
    match rule.account:
        case Rate() if account is not None:
            await pace(_key(tools, door, "account", account), rule.account, now)
        case Backoff() if account is not None:
            return await _knock(account_key(tools, door, client, account), rule.account, now)
        case _:
            pass
    return 0


async def forgive(tools: Tools, door: Door, client: Client, *, account: str) -> None:
    """Forget the attempts at an account, for one has succeeded."""
    await database().execute_query_dict(FORGIVE, [account_key(tools, door, client, account)])


def device_of(tools: Tools, account: str) -> str:
    """
    Return what a browser keeps that has signed in to *account*.

    Whoever shows it is counted apart from strangers, who so cannot make the holder wait (OWASP's device cookies).
    """
    nonce = tools.random_bytes(9).hex()
    return f"{nonce}.{tools.security_check.sign(f'device.{nonce}.{account}')}"


def account_key(tools: Tools, door: Door, client: Client, account: str) -> bytes:
    """Return under which key the attempts of *client* at *account* are counted."""
    nonce, _, signature = (client.device or "").partition(".")
    expected = tools.security_check.sign(f"device.{nonce}.{account}")
    is_known = bool(nonce) and hmac.compare_digest(signature.encode(), expected.encode())
    return _key(tools, door, f"device.{nonce}" if is_known else "account", account)


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 in which an IPv6 address lies."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    if parsed.version == 4 or mapped:
        return str(mapped or parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _key(tools: Tools, door: Door, kind: str, name: str) -> bytes:
    return tools.security_check.blind(f"{door.value}.{kind}.{name}")


async def pace(key: bytes, rate: Rate, now: datetime) -> None:
    """
    Count one attempt under *key*.

    Raises:
        TooManyAttempts: it comes sooner than *rate* allows.
    """
    if not await database().execute_query_dict(PACE, [key, now, rate.interval, rate.tolerance]):
        raise TooManyAttempts(await _free_at(key, now) - rate.tolerance - now)


async def _knock(key: bytes, backoff: Backoff, now: datetime) -> int:
    values = [key, now, backoff.forgotten_after, backoff.quick, backoff.longest]
    rows = await database().execute_query_dict(KNOCK, values)
    if not rows:
        raise TooManyAttempts(await _free_at(key, now) - now)
    return int(rows[0]["failures"])


async def _free_at(key: bytes, now: datetime) -> datetime:
    rows = await database().execute_query_dict(FREE_AT, [key])
    return rows[0]["free_at"] if rows else now


async def forget_throttles(tools: Tools) -> int:
    """Forget counters that nothing hangs on any more, at most a thousand; return how many."""
    return len(await database().execute_query_dict(FORGET, [tools.clock() - REST]))
