"""Staff for a test of their own, hired as anybody is: invited, with a second factor, and the code of the mail."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from mesadepartes.clock import now
from mesadepartes.development import ADMINISTRATOR
from rules.access import Role
from rules.second_factors import code_of, step_at
from tests.browser.newcomers import code_for, registered
from tests.journeys.stack import PATIENCE_SECONDS
from tests.journeys.visitors import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from mesadepartes.development import TrialPerson
    from tests.journeys.stack import Stack


async def hired(counter: Stack, given_names: str, *, office: str = "SEDE-CENTRAL") -> TrialPerson:
    """Return a clerk who has just begun."""
    person = await registered(counter, given_names)
    async with counter.signed_in(ADMINISTRATOR) as administrator:
        given: dict[str, Any] = {
            "email": person.email,
            "role": "CLERK",
            "officeCodes": [office],
            "clientKey": str(uuid4()),
        }
        await Visitor(administrator.http).do("inviteStaff", "invitation { id }", **given)
    async with _visitor(counter) as visitor:
        identity: dict[str, Any] = {"identityKind": "DNI", "identityNumber": person.dni}
        signed = await visitor.do("signIn", "token", proves=True, **identity, password=person.password)
        visitor.http.headers["authorization"] = f"Bearer {signed['token']}"
        seed = (await visitor.do("beginSecondFactor", "seed", currentPassword=person.password))["seed"]
        enrolled = await visitor.do("confirmSecondFactor", "token", code=code_of(seed, step_at(now()) - 1))
        visitor.http.headers["authorization"] = f"Bearer {enrolled['token']}"
        await visitor.do("acceptInvitation", "token", code=await code_for(counter, person.email, "Invitación"))
    return replace(person, role=Role.CLERK, seed=seed)


@asynccontextmanager
async def _visitor(counter: Stack) -> AsyncGenerator[Visitor]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{counter.http_port}", timeout=PATIENCE_SECONDS) as http:
        yield Visitor(http)
