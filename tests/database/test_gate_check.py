"""The security check (casilla de seguridad): work or a code, good once."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from typing import TYPE_CHECKING, Any

import altcha
import asyncpg
import pytest
from PIL import Image

from actions.code_studio import MOST_WAITING, CodeStudio
from actions.security_check import SecurityCheck, forget_spent_challenges, solve
from rules.refusals import TooManyRequests
from rules.throttling import (
    DOORS,
    Door,
)
from tests.counter import PASSWORD
from tests.database.knocking import sign_in

if TYPE_CHECKING:
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

CHECK = "{ securityCheck { isRequired challenge } }"


CODE = "{ securityCode { token picture sound } }"


@pytest.fixture
def guarded(counter: Counter) -> Counter:
    """Return a counter that asks for the security check."""
    object.__setattr__(counter.tools, "security_check", SecurityCheck(b"another key for tests", work=4))
    return counter


async def proof(api: Api) -> str:
    return solve((await api.data(CHECK))["securityCheck"]["challenge"])


async def test_a_solved_check_opens_the_door_once(guarded: Counter, api: Api) -> None:
    form = guarded.registration()
    object.__setattr__(guarded.tools.security_check, "is_required", False)
    await guarded.register(identity_number=form.identity_number, email=form.email)
    object.__setattr__(guarded.tools.security_check, "is_required", True)
    answer = await proof(api)

    without = await sign_in(api, form.identity_number)
    first = await sign_in(api, form.identity_number, proof=answer)
    again = await sign_in(api, form.identity_number, proof=answer)

    assert (without["code"], without["path"]) == ("SECURITY_CHECK_MISSING", ["input", "proof"])
    assert first["__typename"] == "SignInSuccess"
    assert again["code"] == "SECURITY_CHECK_EXPIRED"


async def test_an_answer_is_good_once_also_when_it_comes_twice_at_once(guarded: Counter, api: Api) -> None:
    answer = await proof(api)

    answers = await asyncio.gather(*(sign_in(api, "10000009", proof=answer) for _ in range(5)))

    assert sorted(each["code"] for each in answers) == ["SECURITY_CHECK_EXPIRED"] * 4 + ["WRONG_CREDENTIALS"]


def forged(challenge: str, **changes: Any) -> str:
    asked = json.loads(challenge)
    asked["parameters"] |= changes
    made = altcha.Challenge.from_dict(asked)
    return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()  # pyright: ignore[reportArgumentType]


async def test_a_check_that_is_not_ours_or_too_easy_is_refused(guarded: Counter, api: Api) -> None:
    foreign = solve(SecurityCheck(b"somebody else's key", work=4).make_challenge(guarded.clock()))
    ours = (await api.data(CHECK))["securityCheck"]["challenge"]
    unsolved = altcha.Payload(
        altcha.Challenge.from_dict(json.loads(ours)), altcha.Solution(counter=1, derived_key="00" * 32)
    ).to_base64()
    easier = forged(ours, keyPrefix="", cost=1)
    later = forged(ours, data={"expires": 9_999_999_999})
    for wrong in (
        foreign,
        unsolved,
        easier,
        later,
        "",
        "x",
        "e30=",
        base64.b64encode(b"[" * 3_000).decode(),
        "A" * 9_999,
    ):
        answer = await sign_in(api, "10000009", proof=wrong)
        assert answer["code"] in ("SECURITY_CHECK_WRONG", "SECURITY_CHECK_MISSING"), wrong[:40]


async def test_a_check_expires(guarded: Counter, api: Api) -> None:
    answer = await proof(api)
    guarded.clock.advance(minutes=10)

    assert (await sign_in(api, "10000009", proof=answer))["code"] == "SECURITY_CHECK_EXPIRED"


async def test_answers_that_expired_are_forgotten(guarded: Counter, api: Api, database: Database) -> None:
    await sign_in(api, "10000009", proof=await proof(api))
    assert await forget_spent_challenges(guarded.clock()) == 0
    guarded.clock.advance(minutes=10)

    assert await forget_spent_challenges(guarded.clock()) == 1


async def test_a_code_can_be_seen_and_heard_and_is_good_for_one_try(guarded: Counter, api: Api) -> None:
    shown = (await api.data(CODE))["securityCode"]
    picture = Image.open(io.BytesIO(base64.b64decode(shown["picture"])))
    with wave.open(io.BytesIO(base64.b64decode(shown["sound"]))) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    code = guarded.tools.security_check.make_code(guarded.clock())
    other = guarded.tools.security_check.make_code(guarded.clock())
    wrong = f"{other.token}.{(int(other.digits) + 1) % 10**6:06d}"

    right = await sign_in(api, "10000009", proof=f"{code.token}.{code.digits[:3]} {code.digits[3:]}")
    again = await sign_in(api, "10000009", proof=f"{code.token}.{code.digits}")
    misread = await sign_in(api, "10000009", proof=wrong)
    second_try = await sign_in(api, "10000009", proof=f"{other.token}.{other.digits}")

    assert (picture.format, picture.size[0] > 100, seconds > 5) == ("PNG", True, True)
    assert (right["code"], again["code"]) == ("WRONG_CREDENTIALS", "SECURITY_CHECK_EXPIRED")
    assert (misread["code"], second_try["code"]) == ("SECURITY_CHECK_WRONG", "SECURITY_CHECK_EXPIRED")


async def test_a_code_is_drawn_and_spoken_once_however_often_it_is_asked_for(api: Api) -> None:
    shown = (await api.data("{ securityCode { a: picture b: picture c: sound d: sound } }"))["securityCode"]

    assert (shown["a"], shown["c"]) == (shown["b"], shown["d"])


async def test_codes_are_given_out_more_slowly_than_checks(api: Api) -> None:
    burst = DOORS[Door.SECURITY_CODE].address.burst

    answers = [await api.answer("{ securityCode { token } }") for _ in range(burst + 1)]

    assert all("errors" not in answer for answer in answers[:-1])
    assert answers[-1]["errors"][0]["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
    assert (await api.data(CHECK))["securityCheck"]["challenge"]


async def test_codes_wait_to_be_drawn_in_a_short_queue() -> None:
    studio = CodeStudio()

    drawn = await asyncio.gather(*(studio.draw("123456") for _ in range(MOST_WAITING + 2)), return_exceptions=True)
    later = await studio.draw("123456")
    studio.close()

    assert [isinstance(each, bytes) for each in drawn] == [True] * MOST_WAITING + [False] * 2
    assert [each.code for each in drawn if isinstance(each, TooManyRequests)] == ["BUSY"] * 2
    assert later.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "proof", ["code", "code-", "code-a-b-c", "code-aa-99999999999-x.1", "code-a-1-b.1", "code-ñ-9-9.9"]
)
async def test_a_malformed_code_is_refused(guarded: Counter, api: Api, proof: str) -> None:
    answer = await sign_in(api, "10000009", proof=proof)

    assert answer["code"] in ("SECURITY_CHECK_WRONG", "SECURITY_CHECK_EXPIRED")


HOSTILE_CODES = [
    "code-a-999999999999-b.1",
    "code-a-253402300800-b.1",
    "code-a-9999999999-ñ.1",
    "code-a-9999999999-ñandú.ñ",
    "code-a-٩٩٩٩٩٩٩٩٩٩-b.1",
]


WORK = '{"challenge": {"parameters": %s, "signature": %s}, "solution": {"counter": 1, "derivedKey": "00"}}'


PARAMETERS = '{"algorithm": "PBKDF2/SHA-256", "nonce": "00", "salt": "00", "cost": 1, "data": {"expires": %s}}'


HOSTILE_WORK = [
    *(WORK % (PARAMETERS % number, '"00"') for number in ("1e400", "-1e400", "NaN", "9" * 300, "1e300", '"9"', "null")),
    WORK % (PARAMETERS.replace('"cost": 1', '"cost": 1e400') % 9, '"00"'),
    WORK % (PARAMETERS.replace('"cost": 1', '"cost": 1, "expiresAt": 1e400') % 9, '"00"'),
    WORK % (PARAMETERS % 9, '"ñ"'),
    WORK % (PARAMETERS % 9, '"\\ud800"'),
    WORK % (PARAMETERS % 9, "1e400"),
    WORK % ("[]", '"00"'),
    WORK % ("{}", '"00"'),
    '{"challenge": [], "solution": []}',
    '{"challenge": 1e400}',
    "1e400",
    "9" * 2_000,
    "null",
]


async def test_a_hostile_proof_is_answered_as_a_wrong_one(guarded: Counter, api: Api) -> None:
    hostile = [*HOSTILE_CODES, *(base64.b64encode(each.encode()).decode() for each in HOSTILE_WORK), "ñ"]

    answers = [(each, (await sign_in(api, "10000009", proof=each))["code"]) for each in hostile]

    assert answers == [(each, "SECURITY_CHECK_WRONG") for each in hostile]


async def test_a_code_that_is_not_ours_leaves_nothing_behind(guarded: Counter, api: Api, database: Database) -> None:
    code = guarded.tools.security_check.make_code(guarded.clock())
    mark, nonce, expires, *seals = code.token.split("-")
    later, longest = str(int(expires) + 1), "9" * 10
    forged = [
        "-".join([mark, *parts])
        for parts in (
            [nonce, later, *seals],
            [nonce, longest, *seals],
            ["0" * 24, expires, *seals],
            ["a", longest, "b"],
        )
    ]
    connection = await asyncpg.connect(database.owner_url)

    answers = [(await sign_in(api, "10000009", proof=f"{token}.{code.digits}"))["code"] for token in forged]

    assert answers == ["SECURITY_CHECK_WRONG"] * 4
    assert await connection.fetchval("SELECT count(*) FROM spent_challenges") == 0
    await connection.close()
    assert (await sign_in(api, "10000009", proof=f"{code.token}.{code.digits}"))["code"] == "WRONG_CREDENTIALS"


async def test_registration_and_recovery_ask_for_the_check_too(guarded: Counter, api: Api) -> None:
    who = {"identityKind": "DNI", "identityNumber": "10000009"}
    registration = {
        **who, "givenNames": "Ana", "firstSurname": "Ríos", "birthDate": "1990-01-01", "email": "ana@example.pe",
        "mobile": "987654321", "password": PASSWORD,
    }  # fmt: skip

    answers = [await api.mutate("register", **registration), await api.mutate("requestRecovery", **who)]

    assert [answer["code"] for answer in answers] == ["SECURITY_CHECK_MISSING"] * 2
