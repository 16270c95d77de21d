"""The people of a day at the desk: applicants register, staff are invited and accept, all through the product."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from actions.administrators import make_administrator
from rules.people import IdentityKind, clean_identity
from rules.second_factors import code_of, step_at
from tests.journeys.visitors import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime
    from email.message import EmailMessage

    from tests.journeys.whole_counter import WholeCounter

PASSWORD = "una frase larga y propia"
APPLICANTS = ("maria", "jose", "lucia")
STAFF = {
    "carmen": ("SUPERVISOR", ["SEDE-CENTRAL"]),
    "julio": ("CLERK", ["SEDE-CENTRAL", "CUSCO"]),
    "nelly": ("CLERK", ["CUSCO"]),
}
ADMINISTRATOR = "victor"
LONGEST_SITTING = timedelta(hours=8)


def address_of(name: str) -> str:
    """Return where somebody reads their mail."""
    return f"{name}@correo.example"


@dataclass
class Somebody(Visitor):
    """A person with an account."""

    counter: WholeCounter
    name: str
    dni: str
    seed: str | None = None
    sits_since: datetime | None = None

    @property
    def who(self) -> dict[str, Any]:
        """Their identity document."""
        return {"identityKind": "DNI", "identityNumber": self.dni}

    async def here(self) -> Somebody:
        """Sign in, unless they did so a short while ago."""
        if self.sits_since is None or self.counter.clock() - self.sits_since > LONGEST_SITTING:
            await self.sign_in()
        return self

    async def sign_in(self) -> None:
        """Begin a session: password, and the code of the telephone for who has one."""
        self._show((await self.do("signIn", "token", proves=True, **self.who, password=PASSWORD))["token"])
        if self.seed is not None:
            self._show((await self.do("passSecondFactor", "token", code=self.code()))["token"])
        self.sits_since = self.counter.clock()

    def code(self) -> str:
        """Return what their telephone shows now."""
        assert self.seed is not None
        return code_of(self.seed, step_at(self.counter.clock()))

    async def enrol(self) -> None:
        """Set up a second factor."""
        self.seed = (await self.do("beginSecondFactor", "seed", currentPassword=PASSWORD))["seed"]
        self._show((await self.do("confirmSecondFactor", "token", code=self.code()))["token"])

    async def accept(self) -> None:
        """Accept the invitation that was mailed."""
        code = await code_for(self.counter, self.name, "staff_invited")
        self._show((await self.do("acceptInvitation", "token", code=code))["token"])

    def _show(self, token: str) -> None:
        self.http.headers["authorization"] = f"Bearer {token}"


def kind_of(mail: EmailMessage) -> str:
    """Return what a mail of the counter tells of: its Message-ID says so."""
    return str(mail["Message-ID"]).strip("<> ").partition(".")[0]


async def code_for(counter: WholeCounter, name: str, kind: str) -> str:
    """Return the code in a mail to somebody: it stands alone on its line."""
    sent = await counter.sink.wait_for(
        lambda mail: mail.recipients == (address_of(name),) and kind_of(mail.message) == kind
    )
    body = sent.message.get_body(("plain",))
    assert body is not None
    found = re.search(r"^ {4}(\S+)\s*$", body.get_content(), re.MULTILINE)
    assert found, body.get_content()
    return found[1]


@asynccontextmanager
async def people_at(counter: WholeCounter) -> AsyncGenerator[dict[str, Somebody]]:
    """Yield everybody by their name: applicants who are registered, and staff who were invited and accepted."""
    async with AsyncExitStack() as stack:
        people = dict[str, Somebody]()
        for place, name in enumerate((*APPLICANTS, ADMINISTRATOR, *STAFF)):
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=counter.url, timeout=60))
            people[name] = Somebody(http, counter, name, str(40_000_001 + place))
            await register(people[name])
        await administer(people[ADMINISTRATOR])
        for name, (role, offices) in STAFF.items():
            await join(people[name], people[ADMINISTRATOR], role, offices)
        yield people


async def register(person: Somebody) -> None:
    """Open an account, and prove its address."""
    personal: dict[str, Any] = {"givenNames": person.name.title(), "firstSurname": "Ñahui", "secondSurname": "Quispe"}
    contact: dict[str, Any] = {"birthDate": "1990-02-28", "email": address_of(person.name), "mobile": "987654321"}
    await person.do("register", "isReceived", proves=True, **person.who, **personal, **contact, password=PASSWORD)
    await person.do(
        "verifyEmail", "__typename", **person.who, code=await code_for(person.counter, person.name, "verify_email")
    )


async def administer(person: Somebody) -> None:
    """Make the first administrator, as `staff create-administrator` does at the machine, but by the test's clock."""
    await make_administrator(person.counter.tools, clean_identity(IdentityKind.DNI, person.dni))
    await person.sign_in()
    await person.enrol()


async def join(person: Somebody, administrator: Somebody, role: str, offices: list[str]) -> None:
    """Be invited to the staff, and accept with a second factor."""
    invited: dict[str, Any] = {"email": address_of(person.name), "role": role, "officeCodes": offices}
    await administrator.do("inviteStaff", "invitation { id }", **invited)
    await person.sign_in()
    await person.enrol()
    await person.accept()
