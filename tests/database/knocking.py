"""What tests of the gate share: people who try doors, and proofs of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.counter import PASSWORD

if TYPE_CHECKING:
    from actions.accounts import Registration
    from tests.api import Api
    from tests.counter import Counter


async def registered(counter: Counter) -> Registration:
    """Register somebody; return what they typed."""
    form = counter.registration()
    await counter.register(identity_number=form.identity_number, email=form.email)
    return form


async def sign_in(api: Api, number: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
    """Try to sign in by the API."""
    given = {"identityKind": "DNI", "identityNumber": number, "password": password, **more}
    return await api.mutate("signIn", "token", **given)
