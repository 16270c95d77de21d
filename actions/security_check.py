"""
The security check (casilla de seguridad): something that costs a program more than a person.

Either a proof of work (ALTCHA's, solved by the browser by itself) or, for browsers that cannot, a code of six digits to
be read from a picture or heard. What is asked is signed and not kept; what was answered is remembered until it expires.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import altcha

from actions.transaction import database
from rules.throttling import ProofExpired, ProofWrong

ALGORITHM: Final = "PBKDF2/SHA-256"
ITERATIONS: Final = 5_000
"""What one derivation costs: some two milliseconds here, up to thirty on an old phone."""

LIFE: Final = timedelta(minutes=10)
LONGEST_PROOF: Final = 4_000
CODE_DIGITS: Final = 6
CODE_MARK: Final = "code"

UNREADABLE: Final = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, OSError)
"""What reading a stranger's text may raise: no JSON, no number, a number or an instant beyond what can be held."""

SPEND = """
INSERT INTO spent_challenges (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1
"""
FORGET = """
DELETE FROM spent_challenges WHERE digest IN (SELECT digest FROM spent_challenges WHERE expires_at <= $1 LIMIT 1000)
RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class CodeChallenge:
    """A code to be read or heard; `token` goes back with what was read, as `token.digits`."""

    token: str
    digits: str


@dataclass(frozen=True)
class SecurityCheck:
    """
    Makes challenges and judges answers. All processes share *key*.

    *work* is how many derivations a proof takes at most, half of it at least. While not *is_required* no door asks.
    """

    key: bytes
    work: int = 150
    is_required: bool = True

    def make_challenge(self, now: datetime) -> str:
        """Return a challenge as JSON, in the form of ALTCHA's version 2; it is good for ten minutes."""
        challenge = altcha.create_challenge(
            ALGORITHM,
            ITERATIONS,
            counter=self.work // 2 + secrets.randbelow(self.work // 2 + 1),
            data={"expires": int((now + LIFE).timestamp())},
            hmac_secret=self._secret("challenge"),
            hmac_key_secret=self._secret("answer"),
        )
        return json.dumps(challenge.to_dict(), separators=(",", ":"))

    def make_code(self, now: datetime) -> CodeChallenge:
        """Return a code of six digits, good for ten minutes and one try."""
        digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        nonce, expires = secrets.token_hex(12), int((now + LIFE).timestamp())
        token = f"{CODE_MARK}-{nonce}-{expires}-{self._seal('code', nonce, expires, digits)}"
        # The seal over all of it can be judged without the digits: of what is not ours, nothing is remembered.
        return CodeChallenge(f"{token}-{self._seal('token', token)}", digits)

    async def check(self, proof: str, now: datetime) -> None:
        """
        Judge an answer; it is spent thereby, right or wrong.

        Raises:
            ProofWrong: it answers no challenge of ours.
            ProofExpired: it comes too late, or again.
        """
        if len(proof) > LONGEST_PROOF:
            raise ProofWrong
        expires_at, digest = self._judge(proof)
        if expires_at <= now:
            raise ProofExpired
        if not await database().execute_query_dict(SPEND, [digest, expires_at]):
            raise ProofExpired
        if proof.startswith(CODE_MARK) and not self._is_read(proof):
            raise ProofWrong

    def _judge(self, proof: str) -> tuple[datetime, bytes]:
        try:
            return self._judge_code(proof) if proof.startswith(CODE_MARK) else self._judge_work(proof)
        except UNREADABLE:
            raise ProofWrong from None

    def _judge_work(self, proof: str) -> tuple[datetime, bytes]:
        payload = altcha.Payload.from_base64(proof)
        known: Any = payload.challenge.parameters.data
        expires_at = datetime.fromtimestamp(int(known["expires"]), UTC)
        result = altcha.verify_solution(payload, self._secret("challenge"), hmac_key_secret=self._secret("answer"))
        if not result.verified or payload.challenge.signature is None:
            raise ProofWrong
        return expires_at, hashlib.sha256(payload.challenge.signature.encode()).digest()

    def _judge_code(self, proof: str) -> tuple[datetime, bytes]:
        token, seal = proof.partition(".")[0].rsplit("-", 1)
        if not hmac.compare_digest(seal.encode(), self._seal("token", token).encode()):
            raise ProofWrong
        _, nonce, expires, _ = token.split("-")
        return datetime.fromtimestamp(int(expires), UTC), hashlib.sha256(nonce.encode()).digest()

    def _is_read(self, proof: str) -> bool:
        token, _, digits = proof.partition(".")
        _, nonce, expires, seal, _ = token.split("-")
        return hmac.compare_digest(seal, self._seal("code", nonce, expires, "".join(digits.split())))

    def _seal(self, purpose: str, *parts: object) -> str:
        text = ".".join(str(part) for part in parts)
        return hmac.new(self._secret(purpose), text.encode(), hashlib.sha256).hexdigest()

    def _secret(self, purpose: str) -> bytes:
        return hmac.new(self.key, purpose.encode(), hashlib.sha256).digest()

    def sign(self, text: str) -> str:
        """Return the signature of a text that comes back from a stranger."""
        return base64.urlsafe_b64encode(hmac.new(self._secret("sign"), text.encode(), hashlib.sha256).digest()).decode()

    def blind(self, text: str) -> bytes:
        """Return what stands for a text, such as an address, where the text itself must not be kept."""
        return hmac.new(self._secret("blind"), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16]


def solve(challenge: str) -> str:
    """Return the proof of a challenge that `make_challenge` made; takes what it is meant to take."""
    asked = altcha.Challenge.from_dict(json.loads(challenge))
    solution = altcha.solve_challenge(asked)
    assert solution is not None, "it is found long before the time is up"
    return altcha.Payload(asked, solution).to_base64()


async def forget_spent_challenges(now: datetime) -> int:
    """Forget answers that have expired, at most a thousand; return how many."""
    return len(await database().execute_query_dict(FORGET, [now]))
