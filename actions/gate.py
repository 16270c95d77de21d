"""
The gate before everything that strangers may try: counts attempts, and asks for the security check.

Attempts are counted in PostgreSQL, so that all processes count together, each by statements of their own before any
other work: a refused action takes nothing back, and a hundred attempts in one request are a hundred. (The library
`limits` has no PostgreSQL storage.) Addresses and accounts are kept as keyed hashes only. What only reads may be read
by the statement that counts: `admitted_reads`.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from actions.transaction import database
from rules.throttling import DOORS, FORGOTTEN_AFTER, Backoff, Client, ProofMissing, Rate, TooManyAttempts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from rules.throttling import Door, DoorRule

COUNT = """
INSERT INTO throttles AS t (key, free_at, failures)
SELECT {key}::bytea, {now}::timestamptz + {interval}::interval, 1 {who}
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN t.free_at <= {now}::timestamptz - {rest}::interval THEN 1 ELSE t.failures + 1 END,
    free_at = greatest(t.free_at, {now}::timestamptz) + {interval}::interval
WHERE t.free_at <= {now}::timestamptz + {tolerance}::interval
RETURNING failures
"""
"""
Generic cell rate algorithm: `free_at` is when the even pace is reached again; it may lie ahead by the tolerance.

`failures` are attempts since the last success, or since a day of rest.
"""

PACE = COUNT.format(now="$1", rest="$2", key="$3", interval="$4", tolerance="$5", who="")
ADMIT = """
SELECT EXISTS (SELECT FROM of_address) AS is_paced, EXISTS (SELECT FROM of_everybody) AS is_admitted
"""

KNOCK = """
INSERT INTO throttles AS t (key, free_at, failures) VALUES ($1, $2, 1)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN t.free_at <= $2::timestamptz - $3::interval THEN 1 ELSE t.failures + 1 END,
    free_at = greatest(t.free_at, $2::timestamptz) + CASE
        WHEN t.free_at <= $2::timestamptz - $3::interval OR t.failures + 1 < $4 THEN interval '0'
        ELSE least(power(2, least(t.failures + 1 - $4, 20)) * interval '1 second', $5::interval) END
WHERE t.free_at <= $2::timestamptz OR t.failures < $4
RETURNING failures
"""
"""
`failures` are attempts since the last success; from the fifth on each makes the next one wait twice as long.

Until then `free_at` is no pause, only when the last attempt was by the clock of whoever counted it, which may be ahead.
"""

FREE_AT = "SELECT free_at FROM throttles WHERE key = $1"
FORGIVE = "DELETE FROM throttles WHERE key = ANY($1::bytea[]) RETURNING 1"
GIVE_BACK = "UPDATE throttles SET free_at = free_at - $2::interval, failures = 0 WHERE key = $1 RETURNING 1"
FORGET = """
WITH rested AS (SELECT key FROM throttles WHERE free_at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED)
DELETE FROM throttles t USING rested WHERE t.key = rested.key RETURNING 1
"""
"""It waits for nobody: whoever counts locks two counters, the one of an address before that of everybody."""

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
    attempt = attempt_of(tools, door, client)
    rule, now = attempt.rule, attempt.now
    if rule.needs_proof and tools.security_check.is_required:
        await pace(attempt.address, rule.address, now)
        if not proof:
            raise ProofMissing
        await tools.security_check.check(proof, now)
        await pace(attempt.everybody, rule.everybody, now)
    else:
        [counted] = await database().execute_query_dict(counting(1) + ADMIT, attempt.values)
        await attempt.check(counted)
    match rule.account:
        case Rate() if account is not None:
            await pace(_key(tools, door, "account", account), rule.account, now)
        case Backoff() if account is not None:
            return await _try_account(rule, _counters(tools, door, client, account), now)
        case _:
            pass
    return 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a door, and under which keys it is counted: that of its address, and that of everybody."""

    rule: DoorRule
    now: datetime
    address: bytes
    everybody: bytes

    @property
    def values(self) -> list[object]:
        """The values of `counting`."""
        here, together = self.rule.address, self.rule.everybody
        paces = [self.address, here.interval, here.tolerance, self.everybody, together.interval, together.tolerance]
        return [self.now, FORGOTTEN_AFTER, *paces]

    async def check(self, counted: Mapping[str, Any]) -> None:
        """
        Look at what the statement told that has counted it.

        Raises:
            TooManyAttempts: it was refused.
        """
        if not counted["is_paced"]:
            await _refuse(self.address, self.rule.address, self.now)
        if not counted["is_admitted"]:
            await _refuse(self.everybody, self.rule.everybody, self.now)


def attempt_of(tools: Tools, door: Door, client: Client) -> Attempt:
    """Return an attempt that is made now."""
    address = _key(tools, door, "address", network_of(client.address))
    return Attempt(DOORS[door], tools.clock(), address, _key(tools, door, "everybody", ""))


@cache
def counting(first: int) -> str:
    """
    Return the beginning of a statement that counts an `Attempt`, whose values are *first* and those after it.

    `of_address` and `of_everybody` then have a row if it came in time. It is counted for everybody if it is for its
    address: who comes too often takes no room from others.
    """
    now, rest, address, *here, everybody, interval, tolerance = (f"${first + place}" for place in range(8))
    alone = COUNT.format(now=now, rest=rest, key=address, interval=here[0], tolerance=here[1], who="")
    who = "FROM of_address"
    together = COUNT.format(now=now, rest=rest, key=everybody, interval=interval, tolerance=tolerance, who=who)
    return f"WITH of_address AS ({alone}), of_everybody AS ({together})"


async def forgive(tools: Tools, door: Door, client: Client, *, account: str) -> None:
    """Forget the attempts at an account, for one has succeeded; those from elsewhere keep their pauses."""
    counters, everywhere = _counters(tools, door, client, account), DOORS[door].account_everywhere
    await database().execute_query_dict(FORGIVE, [[counters.own]])
    if counters.everywhere and everywhere:
        await database().execute_query_dict(GIVE_BACK, [counters.everywhere, everywhere.interval])


async def start_afresh(
    connection: TransactionWrapper, tools: Tools, door: Door, client: Client, *, account: str
) -> None:
    """Forget, within a transaction, also what all networks together tried at an account: its holder was here."""
    device = _counters(tools, door, client, account)
    network = _counters(tools, door, Client(client.address), account)
    keys = {device.own, network.own, network.everywhere} - {None}
    await connection.execute_query_dict(FORGIVE, [list(keys)])


def device_of(tools: Tools, account: str) -> str:
    """
    Return what a browser keeps that has signed in to *account*.

    Whoever shows it is counted apart from strangers, who so cannot make the holder wait (OWASP's device cookies).
    """
    nonce = tools.random_bytes(9).hex()
    return f"{nonce}.{tools.security_check.sign(f'device.{nonce}.{account}')}"


@dataclass(frozen=True, slots=True)
class _Counters:
    """Under which keys an attempt at an account is counted; *everywhere* where all networks together have a pace."""

    own: bytes
    everywhere: bytes | None = None


def _counters(tools: Tools, door: Door, client: Client, account: str) -> _Counters:
    nonce, _, signature = (client.device or "").partition(".")
    expected = tools.security_check.sign(f"device.{nonce}.{account}")
    if nonce and hmac.compare_digest(signature.encode(), expected.encode()):
        return _Counters(_key(tools, door, f"device.{nonce}", account))
    everywhere = _key(tools, door, "account", account)
    if DOORS[door].account_everywhere is None:
        return _Counters(everywhere)
    return _Counters(_key(tools, door, f"network.{network_of(client.address)}", account), everywhere)


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


async def pace(key: bytes, rate: Rate, now: datetime) -> int:
    """
    Count one attempt under *key*; return which one in a row it is.

    Raises:
        TooManyAttempts: it comes sooner than *rate* allows.
    """
    rows = await database().execute_query_dict(PACE, [now, FORGOTTEN_AFTER, key, rate.interval, rate.tolerance])
    if not rows:
        await _refuse(key, rate, now)
    return int(rows[0]["failures"])


async def _refuse(key: bytes, rate: Rate, now: datetime) -> NoReturn:
    raise TooManyAttempts(await _free_at(key, now) - rate.tolerance - now)


async def _try_account(rule: DoorRule, counters: _Counters, now: datetime) -> int:
    assert isinstance(rule.account, Backoff)
    if counters.everywhere is None or rule.account_everywhere is None:
        return await _knock(counters.own, rule.account, now)
    # Looked at before anything is counted: waiting for others must not make the pauses of this network longer.
    wait = await _free_at(counters.everywhere, now) - rule.account_everywhere.tolerance - now
    if wait > timedelta():
        raise TooManyAttempts(wait)
    await _knock(counters.own, rule.account, now)
    return await pace(counters.everywhere, rule.account_everywhere, now)


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
