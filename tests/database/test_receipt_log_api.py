"""The log of receipts for anybody: what is shown of a receipt, its proof, the heads, and that they fit together."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from actions.receipt_heads import publish_heads
from actions.sealing import seal_outstanding
from models.receipt_log import LogHead
from models.receipts import Receipt
from rules import merkle
from rules.receipt_proofs import ReceiptProof, heads_from_bytes
from tests.api import Api
from tests.counter import INSTITUTION

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

CHECK = """query($code: String!) { receiptCheck(verificationCode: $code) {
    kind kindLabel verificationCode number entity officeName sentAt filedOn actedAt issuedAt
    files { ordinal sizeBytes sha256 } isErased sealHolder sha256 logIndex head { day size root } } }"""
PROOF = """query($code: String!) { receiptProof(verificationCode: $code) {
    log sha256 index day size path growth { firstSize secondSize path } } }"""
HEADS = """query($first: Int!, $after: String, $oldestFirst: Boolean!, $day: Date) {
    receiptLogHeads(first: $first, after: $after, oldestFirst: $oldestFirst, day: $day) {
        edges { cursor node { day log size root signature certificates madeAt timeStamp } }
        pageInfo { hasNextPage endCursor } } }"""
GROWTH = """query($first: Int!, $second: Int!) {
    receiptLogConsistency(firstSize: $first, secondSize: $second) { firstSize secondSize path } }"""

TUESDAY = datetime(2026, 3, 10, 5, 10, tzinfo=UTC)


async def receipts_of_days(counter: Counter, *counts: int) -> list[Receipt]:
    """File so many trámites on each day from the Monday on, seal them, and publish the head of each."""
    maria = await counter.register()
    for number, count in enumerate(counts):
        counter.clock.at = TUESDAY + timedelta(days=number, hours=-9)
        for _ in range(count):
            await counter.file(maria, subject="Asunto <reservado>")
        await seal_outstanding(counter.tools)
        counter.clock.at = TUESDAY + timedelta(days=number)
        assert await publish_heads(counter.tools) == 1
    return await Receipt.all().order_by("log_index")


async def test_a_check_shows_what_was_certified_and_nothing_of_anybody(api: Api, counter: Counter) -> None:
    [receipt] = await receipts_of_days(counter, 1)
    head = await LogHead.get()

    typed = receipt.verification_code.lower().replace("-", " ")
    answer = await api.data(CHECK, code=typed)

    [file] = receipt.facts["files"]
    assert answer["receiptCheck"] == {
        "kind": "SUBMISSION",
        "kindLabel": "Constancia de envío",
        "verificationCode": receipt.verification_code,
        "number": receipt.facts["number"],
        "entity": INSTITUTION.name,
        "officeName": "Sede Central",
        "sentAt": "2026-03-09T20:10:00+00:00",
        "filedOn": "2026-03-09",
        "actedAt": None,
        "issuedAt": "2026-03-09T20:10:00+00:00",
        "files": [{"ordinal": 1, "sizeBytes": file["size_bytes"], "sha256": file["sha256"]}],
        "isErased": False,
        "sealHolder": receipt.facts["seal"] and receipt.facts["seal"]["holder"],
        "sha256": receipt.content_id,
        "logIndex": 0,
        "head": {"day": "2026-03-09", "size": 1, "root": head.root.hex()},
    }
    for hidden in ("reservado", "Ñaupari", "example.pe", "10000001", "solicitud.pdf"):
        assert hidden not in str(answer)


async def test_before_it_is_sealed_and_before_its_day_is_over_there_is_no_place_and_no_proof(
    api: Api, counter: Counter
) -> None:
    tramite = await counter.file(await counter.register())
    code = (await Receipt.get(tramite_id=tramite.id)).verification_code
    unsealed, no_proof = await api.data(CHECK, code=code), await api.data(PROOF, code=code)
    await seal_outstanding(counter.tools)
    sealed, still_none = await api.data(CHECK, code=code), await api.data(PROOF, code=code)

    told = [unsealed["receiptCheck"], sealed["receiptCheck"]]
    assert [(each["sha256"] is None, each["logIndex"], each["head"]) for each in told] == [
        (True, None, None),
        (False, 0, None),
    ]
    assert no_proof["receiptProof"] is still_none["receiptProof"] is None
    file = await api.http.get(f"/verificar/{code}/prueba.json")
    assert (file.status_code, file.json()["code"]) == (404, "PROOF_NOT_YET")


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "x", "", "<script>", "ñ" * 500])
async def test_an_unknown_code_answers_null(api: Api, counter: Counter, code: str) -> None:
    assert (await api.data(CHECK, code=code))["receiptCheck"] is None
    assert (await api.data(PROOF, code=code))["receiptProof"] is None


async def test_an_unknown_code_has_no_proof_file(api: Api, counter: Counter) -> None:
    file = await api.http.get("/verificar/0000-0000-0000-0000/prueba.json")

    assert (file.status_code, file.json()["code"]) == (404, "NO_SUCH_RECEIPT")


async def test_what_was_erased_stays_proven(api: Api, counter: Counter) -> None:
    [receipt] = await receipts_of_days(counter, 1)
    await Receipt.all().update(erased_at=counter.clock(), facts_sha256="0" * 64)

    checked, proven = await api.data(CHECK, code=receipt.verification_code), await prove(api, receipt)

    told = checked["receiptCheck"]
    assert (told["isErased"], told["sha256"], told["logIndex"]) == (True, receipt.content_id, 0)
    assert proven["sha256"] == receipt.content_id


async def prove(api: Api, receipt: Receipt) -> dict[str, Any]:
    return (await api.data(PROOF, code=receipt.verification_code))["receiptProof"]


def hashes(path: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in path]


async def test_every_receipt_is_proven_in_its_day_and_in_all_days_since(api: Api, counter: Counter) -> None:
    receipts = await receipts_of_days(counter, 3, 0, 4, 1)
    heads = {str(head.day): head for head in await LogHead.all().order_by("day")}
    latest = heads["2026-03-12"]

    days = list[tuple[str, int]]()
    for index, receipt in enumerate(receipts):
        told = await prove(api, receipt)
        head = heads[told["day"]]
        days.append((told["day"], told["size"]))
        leaf = merkle.leaf_hash(bytes.fromhex(told["sha256"]))
        path, growth = hashes(told["path"]), told["growth"]
        assert (told["log"], told["index"], told["size"]) == (INSTITUTION.public_url, index, head.size)
        assert merkle.is_included(leaf, path, index=index, size=head.size, root=head.root)
        assert (growth["firstSize"], growth["secondSize"]) == (head.size, latest.size)
        assert merkle.is_consistent(
            hashes(growth["path"]),
            first=head.size,
            second=latest.size,
            first_root=head.root,
            second_root=latest.root,
        )
    assert days == [("2026-03-09", 3)] * 3 + [("2026-03-11", 7)] * 4 + [("2026-03-12", 8)]


async def test_a_receipt_that_the_head_of_its_day_lacks_is_not_proven(
    api: Api, counter: Counter, database: Database
) -> None:
    tramite = await counter.file(await counter.register())
    await seal_outstanding(counter.tools)
    connection = await asyncpg.connect(database.owner_url)
    head = "'https://x.pe', '2026-03-09', 0, receipt_log_root(0), 'x', 'x', '2026-03-10 12:00Z'"
    await connection.execute(f"SELECT receipt_log_publish({head})")
    await connection.close()
    code = (await Receipt.get(tramite_id=tramite.id)).verification_code

    assert (await api.data(PROOF, code=code))["receiptProof"] is None
    assert (await api.data(CHECK, code=code))["receiptCheck"]["head"] is None


async def test_all_heads_are_consistent_with_all_later_ones(api: Api, counter: Counter) -> None:
    await receipts_of_days(counter, 1, 2, 0, 3, 1)
    heads = await LogHead.all().order_by("day")

    for number, old in enumerate(heads):
        for new in heads[number:]:
            answer = await api.data(GROWTH, first=old.size, second=new.size)
            path = hashes(answer["receiptLogConsistency"]["path"])
            assert merkle.is_consistent(
                path, first=old.size, second=new.size, first_root=old.root, second_root=new.root
            )


@pytest.mark.parametrize(("first", "second"), [(2, 1), (0, 4), (-1, 1), (3, 4), (4, 4)])
async def test_sizes_that_are_not_published_have_no_proof(api: Api, counter: Counter, first: int, second: int) -> None:
    await receipts_of_days(counter, 3)
    await counter.file(await counter.register())
    await seal_outstanding(counter.tools)  # in the log, but in no head yet

    assert (await api.data(GROWTH, first=first, second=second))["receiptLogConsistency"] is None


async def test_without_a_head_nothing_is_consistent(api: Api, counter: Counter) -> None:
    assert (await api.data(GROWTH, first=0, second=0))["receiptLogConsistency"] is None


async def days_of(api: Api, **asked: Any) -> tuple[list[str], dict[str, Any]]:
    page = (await api.data(HEADS, **{"first": 2, "after": None, "oldestFirst": False, "day": None, **asked}))[
        "receiptLogHeads"
    ]
    return [edge["node"]["day"] for edge in page["edges"]], page["pageInfo"]


@pytest.mark.parametrize("is_oldest_first", [False, True])
async def test_heads_come_page_by_page(api: Api, counter: Counter, is_oldest_first: bool) -> None:
    counter.clock.at = TUESDAY + timedelta(days=4)
    await receipts_of_days_empty(counter, 5)

    days, after = list[str](), None
    while True:
        some, info = await days_of(api, after=after, oldestFirst=is_oldest_first)
        days += some
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break

    expected = [f"2026-03-{day:02}" for day in range(9, 14)]
    assert days == (expected if is_oldest_first else expected[::-1])


async def receipts_of_days_empty(counter: Counter, count: int) -> None:
    for number in range(count):
        counter.clock.at = TUESDAY + timedelta(days=number)
        assert await publish_heads(counter.tools) == 1


async def test_the_head_of_one_day_is_signed_as_told(api: Api, counter: Counter) -> None:
    await receipts_of_days(counter, 1, 1)

    answer = await api.data(HEADS, first=5, after=None, oldestFirst=False, day="2026-03-09")

    [edge] = answer["receiptLogHeads"]["edges"]
    head = edge["node"]
    signed = f"mesa de partes digital / registro de constancias\n{head['log']}\n2026-03-09\n1\n{head['root']}\n"
    signature = counter.tools.seal.sign(hashlib.sha256(signed.encode()).digest())
    assert base64.b64decode(head["signature"]) == signature
    assert (head["log"], head["timeStamp"]) == (INSTITUTION.public_url, None)
    assert head["certificates"].startswith("-----BEGIN CERTIFICATE-----")
    assert (await days_of(api, day="2026-03-20"))[0] == []


@pytest.mark.parametrize("asked", [{"first": 0}, {"first": 101}, {"after": "x"}, {"after": "WyJ4Il0"}])
async def test_a_page_is_bounded_and_a_cursor_must_be_ours(api: Api, counter: Counter, asked: dict[str, Any]) -> None:
    answer = await api.post(HEADS, **{"first": 2, "after": None, "oldestFirst": False, "day": None, **asked})

    assert answer.json()["errors"]


async def test_the_files_prove_the_same_and_are_kept_by_whoever_fetches_them(api: Api, counter: Counter) -> None:
    receipts = await receipts_of_days(counter, 3, 0, 2)

    for receipt in receipts:
        answer = await api.http.get(f"/verificar/{receipt.verification_code}/prueba.json")
        proof = ReceiptProof.from_bytes(answer.content)
        told = await prove(api, receipt)
        assert (proof.index, proof.sha256.hex(), proof.size) == (told["index"], told["sha256"], told["size"])
        assert (proof.day.isoformat(), [each.hex() for each in proof.path]) == (told["day"], told["path"])
        assert (proof.growths, answer.headers["cache-control"]) == ((), "public, max-age=86400")
    file = await api.http.get("/constancias/cabezas.json")
    heads = heads_from_bytes(file.content)
    assert [(head.head.day.day, head.head.size, head.after) for head in heads] == [(9, 3, None), (10, 3, 3), (11, 5, 3)]
    for old, new in pairwise(heads):
        assert new.growth is not None
        assert merkle.is_consistent(
            new.path,
            first=new.growth.first,
            second=new.head.size,
            first_root=old.head.root,
            second_root=new.head.root,
        )
    assert (await api.http.get("/constancias/cabezas/2026.json")).content == file.content
    again = await api.http.get("/constancias/cabezas.json", headers={"if-none-match": file.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_year_begins_where_the_one_before_ended_and_a_time_stamp_makes_a_new_file(
    api: Api, counter: Counter
) -> None:
    maria = await counter.register()
    counter.clock.at = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    await counter.file(maria)
    await seal_outstanding(counter.tools)
    counter.clock.at = datetime(2027, 1, 1, 15, 0, tzinfo=UTC)
    await publish_heads(counter.tools)
    await counter.file(maria)
    await seal_outstanding(counter.tools)
    counter.clock.at = datetime(2027, 1, 2, 15, 0, tzinfo=UTC)
    await publish_heads(counter.tools)

    old, new = [await api.http.get(f"/constancias/cabezas/{year}.json") for year in (2026, 2027)]
    [last], [first] = heads_from_bytes(old.content), heads_from_bytes(new.content)
    await stamp(counter)
    stamped = await api.http.get("/constancias/cabezas.json", headers={"if-none-match": new.headers["etag"]})

    assert (last.after, first.after, first.head.size) == (None, 1, 2)
    assert merkle.is_consistent(first.path, first=1, second=2, first_root=last.head.root, second_root=first.head.root)
    assert stamped.status_code == 200
    assert [head.timestamp for head in heads_from_bytes(stamped.content)] == [b"token"]


async def stamp(counter: Counter) -> None:
    from actions.receipt_heads import stamp_heads

    class Stamping:
        async def stamp(self, digest: bytes) -> bytes | None:
            return b"token"

    assert await stamp_heads(replace(counter.tools, stamps=Stamping())) == 2


@pytest.mark.parametrize("year", [1, 2025, 2027, 99999999999999999999])
async def test_a_year_without_heads_has_no_file(api: Api, counter: Counter, year: int) -> None:
    counter.clock.at = TUESDAY
    await publish_heads(counter.tools)

    file = await api.http.get(f"/constancias/cabezas/{year}.json")

    assert (file.status_code, file.json()["code"]) == (404, "NO_HEADS_OF_YEAR")


async def test_before_the_first_head_there_is_no_file_of_heads(api: Api, counter: Counter) -> None:
    assert (await api.http.get("/constancias/cabezas.json")).status_code == 404


async def test_the_certificates_are_those_of_now_and_of_earlier_heads_each_once(api: Api, counter: Counter) -> None:
    await receipts_of_days_empty(counter, 2)

    file = await api.http.get("/constancias/certificado.pem")

    assert file.text.count("BEGIN CERTIFICATE") == len(counter.tools.seal.certificates)
    assert file.text == (await LogHead.all())[0].certificates


@pytest.mark.parametrize(
    "path", ["/constancias/cabezas.json", "/constancias/certificado.pem", "/verificar/x/prueba.json"]
)
async def test_who_fetches_too_much_must_wait(api: Api, counter: Counter, path: str) -> None:
    codes = [(await api.http.get(path)).status_code for _ in range(61)]

    assert codes[-1] == 429


@pytest.mark.parametrize("query", [CHECK, PROOF])
async def test_who_tries_too_many_codes_must_wait(api: Api, counter: Counter, query: str) -> None:
    for _ in range(30):
        await api.data(query, code="AAAA-AAAA-AAAA-AAAA")

    answer = await api.post(query, code="AAAA-AAAA-AAAA-AAAA")

    assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
