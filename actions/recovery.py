"""Recover an account by e-mail: a code to the address on record, and with it a new password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import codes, gate, notices, passwords
from actions.addresses import IdentityForm
from actions.transaction import tx
from models.people import User
from rules import people
from rules.codes import CodePurpose, WrongCode, clean_code
from rules.passwords import Standing, WeakPassword, clean_password, words_about
from rules.refusals import Checks
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from actions.tools import Tools
    from rules.people import Identity


@dataclass(frozen=True, kw_only=True)
class PasswordReset(IdentityForm):
    """What a person fills in who received a code, as typed."""

    code: str
    new_password: str


async def request_recovery(tools: Tools, form: IdentityForm, *, client: Client) -> None:
    """
    Send a code to the address on record, if the identity has an account and none was sent too short ago.

    Never says which. The code is made and hashed before anybody looks, and the same statements are committed for an
    identity without an account, so that the time tells no more than the answer.

    Raises:
        InvalidIdentity: what was typed can be none.
        TooManyRequests: too many tries, or too many codes wait to be made.
    """
    checks = Checks()
    identity = people.take_identity(checks, form.identity_kind, form.identity_number)
    checks.refuse_any()
    assert identity is not None
    await gate.admit(tools, Door.RECOVER_BY_EMAIL, client, account=str(identity), proof=form.proof)
    code = await codes.make_code(tools)
    async with tx() as connection:
        _, user = await codes.subject_of(identity)
        if user is not None:
            await codes.send_code(connection, tools, code, CodePurpose.RECOVER, user=user, address=user.email)
        else:
            await codes.seem_to_send(connection, tools, code, CodePurpose.RECOVER, identity=identity)
    tools.wake(notices.NOTICES)


async def reset_password(tools: Tools, form: PasswordReset, *, client: Client) -> None:
    """
    Give an account a new password, by the code that was sent to its address; nobody is signed in by it.

    All sessions end, the person is told by mail, and need not wait for what others tried to sign in with. The new
    password is judged by what was typed first, and by what is known of the person only once the code was found right;
    refused then, it leaves the code to be tried again.

    Raises:
        InvalidIdentity, MalformedCode: what was typed can be none.
        WeakPassword: the new password is none that the counter takes.
        WrongCode: the code is another or holds no more, or there is no such account: all answered alike.
        TooManyRequests: too many tries, or too many passwords and codes wait to be hashed.
    """
    identity, digits = _cleaned(form)
    await gate.admit(tools, Door.RESET_PASSWORD, client, account=str(identity), proof=form.proof)
    subject_id, user = await codes.subject_of(identity)
    tried = await codes.try_code(tools, CodePurpose.RECOVER, subject_id=subject_id, digits=digits)
    if user is None:
        raise WrongCode
    try:
        cleaned = await passwords.clean_password_of(tools, user, form.new_password)
    except WeakPassword as refusal:
        raise refusal.at("newPassword") from None
    new_hash = await tools.hasher.hash(cleaned)
    async with tx() as connection:
        account = await User.filter(id=subject_id).select_for_update(no_key=True).get()
        await codes.take_code(connection, tried)
        if account.email != tried.address:
            raise WrongCode
        await gate.start_afresh(connection, tools, Door.SIGN_IN, client, account=str(identity))
        await passwords.set_password(connection, tools, account, new_hash=new_hash)
    tools.wake(notices.NOTICES)


def _cleaned(form: PasswordReset) -> tuple[Identity, str]:
    checks = Checks()
    identity = people.take_identity(checks, form.identity_kind, form.identity_number)
    digits = checks.take("code", clean_code, form.code)
    known = words_about(others=[identity.number] if identity else [])
    # Whether the account has a second factor, and so may have a short password, is not told before the code is right.
    shortest = Standing.TWO_FACTORS
    checks.take("newPassword", lambda text: clean_password(text, known, standing=shortest), form.new_password)
    checks.refuse_any()
    assert identity is not None
    assert digits is not None
    return identity, digits
