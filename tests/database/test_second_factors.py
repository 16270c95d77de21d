"""The second factor: enrolled and shown through the API, each code once, never lost by a recovery."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from actions.seals import reseal_second_factors
from actions.vault import SealBroken, Vault
from models.people import Session, User
from models.register import Entry
from models.second_factors import RecoveryCode, SecondFactor
from rules.access import Role
from rules.notices import NoticeKind
from rules.second_factors import code_of, step_at
from tests.api import Api
from tests.counter import PASSWORD, SEED, Counter
from tests.people import NEW_PASSWORD, mailed_code, mails

if TYPE_CHECKING:
    pass

ME = "{ me { role appointedRole offices { code } secondFactor { isEnrolled isPassed isRequired recoveryCodesLeft } } }"
SHORT = "gato mio 9"
KEY = "a key for tests that is long enough"


def code_at(counter: Counter, *, steps: int = 0, seed: str = SEED) -> str:
    return code_of(seed, step_at(counter.clock()) + steps)


async def password_only(counter: Counter, known: Api, password: str = PASSWORD) -> Api:
    """Sign somebody in by their password alone."""
    number = (await User.get(id=known.viewer.user_id)).identity_number
    answer = await Api(known.http).mutate(
        "signIn",
        "token awaitsSecondFactor user { id }",
        identityKind="DNI",
        identityNumber=number,
        password=password,
    )
    assert answer["awaitsSecondFactor"] is (answer["user"] is None)
    return Api(known.http, answer["token"], known.viewer)


async def show(api: Api, code: str) -> dict[str, Any]:
    return await api.mutate("passSecondFactor", "token user { role } expiresAt", code=code)


async def enrol(counter: Counter, api: Api) -> tuple[Api, str, list[str]]:
    offer = await api.mutate("beginSecondFactor", "seed uri qr expiresAt", currentPassword=PASSWORD)
    code = code_at(counter, seed=offer["seed"])
    done = await api.mutate("confirmSecondFactor", "token recoveryCodes user { secondFactor { isPassed } }", code=code)
    assert done["user"] == {"secondFactor": {"isPassed": True}}
    return Api(api.http, done["token"], api.viewer), offer["seed"], done["recoveryCodes"]


async def test_an_applicant_enrols_and_is_asked_for_it_from_then_on(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    elsewhere = await api.signed_in_again(counter, maria)

    offer = await maria.mutate("beginSecondFactor", "seed uri qr expiresAt", currentPassword=PASSWORD)
    before = (await maria.data(ME))["me"]["secondFactor"]
    enrolled, _, codes = await enrol(counter, maria)

    assert len(offer["seed"]) == 32
    assert offer["uri"].startswith("otpauth://totp/")
    assert offer["qr"].startswith("data:image/svg+xml")
    assert before["isEnrolled"] is False
    assert len(set(codes)) == 10
    assert not await maria.is_known(), "the token was changed"
    assert not await elsewhere.is_known(), "other sessions have ended"
    assert (await enrolled.data(ME))["me"]["secondFactor"] == {
        "isEnrolled": True,
        "isPassed": True,
        "isRequired": False,
        "recoveryCodesLeft": 10,
    }
    assert ("SECOND_FACTOR_SET", (await User.get()).email) in await mails()


async def test_with_the_password_alone_nothing_is_seen_and_nothing_done(counter: Counter, api: Api) -> None:
    maria, _, _ = await enrol(counter, await api.signed_in(counter))
    filed = await counter.file(maria.viewer)
    seen = await maria.data("query($n: String!) { tramite(number: $n) { attachments { url } } }", n=filed.number)
    url = urlsplit(seen["tramite"]["attachments"][0]["url"]).path

    half = await password_only(counter, maria)

    assert (await half.data("{ awaitsSecondFactor }"))["awaitsSecondFactor"] is True
    assert not await half.is_known()
    refused = await half.answer("{ tramites { edges { node { number } } } }")
    assert refused["errors"][0]["extensions"]["code"] == "SECOND_FACTOR_MISSING"
    for name, given in (
        ("beginSecondFactor", {"currentPassword": PASSWORD}),
        ("confirmSecondFactor", {"code": "123456"}),
        ("renewRecoveryCodes", {"code": "123456"}),
        ("changePassword", {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}),
        ("voidTramite", {"id": str(filed.id)}),
        ("openUpload", {"name": "a.pdf", "sizeBytes": 10}),
    ):
        assert (await half.mutate(name, **given))["code"] == "SECOND_FACTOR_MISSING", name
    for person, status in ((maria, 200), (half, 401)):
        response = await api.http.get(url, headers={"authorization": f"Bearer {person.token}"})
        assert response.status_code == status


async def test_a_code_lifts_the_session_once_and_changes_its_token(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    first, second = await password_only(counter, clerk), await password_only(counter, clerk)
    code = code_at(counter)

    passed = await show(first, code)
    replayed = await show(second, code)

    assert passed["user"] == {"role": "CLERK"}
    assert passed["token"] != first.token
    assert replayed["code"] == "WRONG_SECOND_FACTOR"
    assert not await first.is_known()
    assert (await Api(api.http, passed["token"]).data(ME))["me"] == {
        "role": "CLERK",
        "appointedRole": "CLERK",
        "offices": [{"code": "PUNO"}],
        "secondFactor": {"isEnrolled": True, "isPassed": True, "isRequired": True, "recoveryCodesLeft": 0},
    }
    counter.clock.advance(seconds=30)
    assert (await show(second, code_at(counter)))["__typename"] == "PassSecondFactorSuccess"


async def test_of_two_who_show_one_code_at_once_one_is_let_in(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    sessions = [await password_only(counter, clerk) for _ in range(4)]

    answers = await asyncio.gather(*[show(each, code_at(counter)) for each in sessions])

    assert sorted(each["__typename"] for each in answers) == ["InvalidInput"] * 3 + ["PassSecondFactorSuccess"]


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_wrong_by_one_step(counter: Counter, api: Api, steps: int, is_right: bool) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")

    answer = await show(await password_only(counter, clerk), code_at(counter, steps=steps))

    assert (answer["__typename"] == "PassSecondFactorSuccess") is is_right


async def test_an_earlier_code_is_worth_nothing_after_a_later_one(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await show(await password_only(counter, clerk), code_at(counter, steps=1))

    earlier = await show(await password_only(counter, clerk), code_at(counter))

    assert earlier["code"] == "WRONG_SECOND_FACTOR"


async def test_wrong_codes_make_further_ones_wait_whatever_the_device_and_the_person_is_told(
    counter: Counter, api: Api
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    half = await password_only(counter, clerk)

    wrong = [(await show(half, "000000" if code_at(counter) != "000000" else "111111"))["code"] for _ in range(6)]
    other = await show(await password_only(counter, clerk), code_at(counter))

    assert wrong == ["WRONG_SECOND_FACTOR"] * 5 + ["TOO_MANY_ATTEMPTS"]
    assert other["code"] == "TOO_MANY_ATTEMPTS", "another session and device of the same account"
    assert [kind for kind, _ in await mails()].count("SECOND_FACTOR_FAILURES") == 1
    counter.clock.advance(minutes=1)
    assert (await show(half, code_at(counter)))["__typename"] == "PassSecondFactorSuccess", "never locked for good"


async def test_a_recovery_code_stands_in_once_and_the_person_is_told(counter: Counter, api: Api) -> None:
    maria, _, codes = await enrol(counter, await api.signed_in(counter))
    sessions = [await password_only(counter, maria) for _ in range(3)]

    answers = await asyncio.gather(*[show(each, codes[0].lower()) for each in sessions[:2]])
    again = await show(sessions[2], codes[0])

    assert sorted(each["__typename"] for each in answers) == ["InvalidInput", "PassSecondFactorSuccess"]
    assert again["code"] == "WRONG_SECOND_FACTOR"
    assert await RecoveryCode.all().count() == 9
    assert [kind for kind, _ in await mails()].count("RECOVERY_CODE_USED") == 1
    assert await Entry.filter(act="RECOVERY_CODE_USED").count() == 1


async def test_new_recovery_codes_make_the_old_ones_worthless(counter: Counter, api: Api) -> None:
    maria, seed, old = await enrol(counter, await api.signed_in(counter))
    counter.clock.advance(seconds=30)

    by_recovery_code = await maria.mutate("renewRecoveryCodes", "recoveryCodes", code=old[0])
    renewed = await maria.mutate("renewRecoveryCodes", "recoveryCodes", code=code_at(counter, seed=seed))

    half = await password_only(counter, maria)
    assert by_recovery_code["code"] == "MALFORMED_SECOND_FACTOR_CODE"
    assert (await show(half, old[1]))["code"] == "WRONG_SECOND_FACTOR"
    assert (await show(half, renewed["recoveryCodes"][1]))["__typename"] == "PassSecondFactorSuccess"


async def test_neither_seeds_nor_recovery_codes_are_kept_in_clear(counter: Counter, api: Api) -> None:
    _, seed, codes = await enrol(counter, await api.signed_in(counter))
    other = await counter.register()
    factor = await SecondFactor.get(user_id=(await User.all().order_by("created_at").first()).id)  # type: ignore[union-attr]

    assert factor.seed is not None
    assert seed not in factor.seed
    assert counter.tools.vault.open(factor.seed, about=factor.user_id) == seed
    with pytest.raises(SealBroken):
        counter.tools.vault.open(factor.seed, about=other.user_id)
    with pytest.raises(SealBroken):
        Vault("some other key of at least that length").open(factor.seed, about=factor.user_id)
    kept = [bytes(row.code_hash) for row in await RecoveryCode.all()]
    assert not any(code.replace("-", "").encode() in kept for code in codes)


async def test_a_new_telephone_needs_the_old_one_or_a_recovery_code(counter: Counter, api: Api) -> None:
    maria, _, codes = await enrol(counter, await api.signed_in(counter))

    without = await maria.mutate("beginSecondFactor", currentPassword=PASSWORD)
    wrong = await maria.mutate("beginSecondFactor", currentPassword=PASSWORD, code="A" * 24)
    offer = await maria.mutate("beginSecondFactor", "seed", currentPassword=PASSWORD, code=codes[0])
    counter.clock.advance(seconds=30)
    done = await maria.mutate("confirmSecondFactor", "token", code=code_at(counter, seed=offer["seed"]))

    assert without["code"] == "MALFORMED_SECOND_FACTOR_CODE"
    assert wrong["code"] == "WRONG_SECOND_FACTOR"
    assert done["__typename"] == "ConfirmSecondFactorSuccess"
    old = await show(await password_only(counter, maria), codes[1])
    assert old["code"] == "WRONG_SECOND_FACTOR"


async def test_an_offer_is_confirmed_in_half_an_hour_or_not_at_all(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    nothing = await maria.mutate("confirmSecondFactor", code="123456")
    offer = await maria.mutate("beginSecondFactor", "seed", currentPassword=PASSWORD)
    counter.clock.advance(minutes=30)

    late = await maria.mutate("confirmSecondFactor", code=code_at(counter, seed=offer["seed"]))

    assert [nothing["code"], late["code"]] == ["NOTHING_OFFERED"] * 2
    assert await SecondFactor.filter(confirmed_at__isnull=False).count() == 0


async def test_a_recovered_password_does_not_take_the_second_factor_away(counter: Counter, api: Api) -> None:
    maria, seed, _ = await enrol(counter, await api.signed_in(counter))
    identity = {"identityKind": "DNI", "identityNumber": (await User.get()).identity_number}
    used = code_at(counter, seed=seed)

    await api.mutate("requestRecovery", **identity)
    code = await mailed_code(NoticeKind.RECOVERY_CODE)
    too_short = await api.mutate("resetPassword", **identity, code=code, newPassword="gato m")
    reset = await api.mutate("resetPassword", **identity, code=code, newPassword=SHORT)

    assert too_short["code"] == "WEAK_PASSWORD"
    assert reset["__typename"] == "ResetPasswordSuccess", "eight characters are enough with a second factor"
    half = await password_only(counter, maria, SHORT)
    assert not await half.is_known()
    assert (await show(half, used))["code"] == "WRONG_SECOND_FACTOR", "a code used before the recovery"
    counter.clock.advance(seconds=30)
    assert (await show(half, code_at(counter, seed=seed)))["__typename"] == "PassSecondFactorSuccess"


async def test_without_a_second_factor_eight_characters_are_too_few_whatever_is_known(
    counter: Counter, api: Api
) -> None:
    await api.signed_in(counter)
    identity = {"identityKind": "DNI", "identityNumber": (await User.get()).identity_number}
    await api.mutate("requestRecovery", **identity)

    code = await mailed_code(NoticeKind.RECOVERY_CODE)
    reset = await api.mutate("resetPassword", **identity, code=code, newPassword=SHORT)

    assert reset["code"] == "WEAK_PASSWORD"


@pytest.mark.parametrize(
    ("role", "has_factor", "length"),
    [(Role.APPLICANT, False, 15), (Role.APPLICANT, True, 8), (Role.CLERK, True, 12), (Role.CLERK, False, 15)],
)
async def test_what_a_password_must_be_hangs_on_role_and_second_factor(
    counter: Counter, api: Api, role: Role, has_factor: bool, length: int
) -> None:
    person = await api.signed_in(counter, role=role)
    if role is Role.APPLICANT and has_factor:
        person, _, _ = await enrol(counter, person)
    if not has_factor:
        await SecondFactor.all().delete()

    answer = await person.data("{ passwordPolicy { minLength } }")

    assert answer["passwordPolicy"]["minLength"] == length


async def test_keys_are_changed_without_anybody_noticing(counter: Counter, api: Api) -> None:
    _, seed, _ = await enrol(counter, await api.signed_in(counter))
    old = counter.tools.vault
    both = Vault("a new key for tests that is long enough", KEY)
    object.__setattr__(counter.tools, "vault", both)

    done = [await reseal_second_factors(counter.tools) for _ in range(2)]

    factor = await SecondFactor.get()
    assert factor.seed is not None
    assert done == [1, 0]
    assert Vault("a new key for tests that is long enough").open(factor.seed, about=factor.user_id) == seed
    with pytest.raises(SealBroken):
        old.open(factor.seed, about=factor.user_id)


async def test_a_seed_whose_key_was_lost_keeps_no_other_from_being_sealed_anew(counter: Counter, api: Api) -> None:
    people = [await enrol(counter, await api.signed_in(counter)) for _ in range(3)]
    lost, kept = Vault("a key that somebody lost, long enough"), counter.tools.vault
    for factor in await SecondFactor.all().order_by("id").limit(2):
        sealed = lost.seal("JBSWY3DPEHPK3PXP", about=factor.user_id, nonce=b"n" * 12)
        await SecondFactor.filter(id=factor.id).update(seed=sealed)
    object.__setattr__(counter.tools, "vault", Vault("a new key for tests that is long enough", KEY))

    done = [await reseal_second_factors(counter.tools) for _ in range(2)]

    assert (len(people), done) == (3, [1, 0])
    object.__setattr__(counter.tools, "vault", kept)


async def test_a_session_that_ended_meanwhile_is_not_lifted_and_the_code_stays_good(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    half = await password_only(counter, clerk)
    await Session.all().update(ended_at=counter.clock())

    late = await show(half, code_at(counter))

    assert late["code"] == "NOT_SIGNED_IN"
    fresh = await password_only(counter, clerk)
    assert (await show(fresh, code_at(counter)))["__typename"] == "PassSecondFactorSuccess"


async def test_whoever_has_no_second_factor_has_none_to_show(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)

    answers = [await show(maria, code) for code in ("123456", "A" * 24, "12345", "")]

    assert [each["code"] for each in answers] == ["SECOND_FACTOR_NEEDED"] * 2 + ["MALFORMED_SECOND_FACTOR_CODE"] * 2
