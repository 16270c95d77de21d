import logging, json, time
import orjson, pytest
from resolvers.engine.execution import Asked, Execution, QUERIES
from resolvers.root import build_execution, build_schema
from resolvers.refusing import ERRORS
from resolvers.context import Context
from rules.access import Role
from benchmarks.graphql_page import DOCUMENT
from tests.database.asking import file
from tests.api import make_feed

MORE = """{ tramites { totalCount { count isExact } edges { cursor foundIn { page } node { __typename id lookupKey statusLabel organization { ruc name } contact { email mobile }
 filingRule { policy calendarVersion skipped { day reason } } missing observationPoints filedOn correctBy office { id isOpenForFiling } owner { userId fullName role } versions { number at act }
 receipts { id url sha256 kind issuedAt } notices { id kind label reason maskedAddress state } notes { text author { fullName } } answerFiles { id } datesExplained { sentAt filing { filedOn rule { policy text } opensAt } correction { source } }
 attachments { url pages pagesProblem findings { code message } malwareName sha256 erasedAt } all: attachments(allVersions: true) { version position } history { text act actorRole fromStatus } } } pageInfo { startCursor hasPreviousPage } } }"""
INBOX = """{ inbox { totalCount { count } edges { node { number owner { fullName } } } } }"""

async def test_try(api, counter, database, caplog):
    caplog.set_level(logging.DEBUG, logger="resolvers.engine.plans")
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL", given_names="Eva", identity_number="40000001")
    for _ in range(3):
        t = (await file(maria, counter))["tramite"]
    await clerk.mutate("addNote", id=t["id"], text="Ojo")
    plain = Execution(build_schema(), ERRORS)
    compiled = build_execution()
    for who in (maria, clerk):
        for doc, variables in ((DOCUMENT, {"first": 2}), (MORE, None), (INBOX, None), ("query($n: String!) { tramite(number: $n) { id subject } }", {"n": t["number"]})):
            ctx = lambda: Context(counter.tools, make_feed(database), f"Bearer {who.token}")
            caplog.clear()
            a = await plain.answer(Asked(doc, variables=variables), ctx(), kinds=QUERIES)
            b = await compiled.answer(Asked(doc, variables=variables), ctx(), kinds=QUERIES)
            print([r.getMessage() for r in caplog.records if "plan" in r.name])
            if a.body != b.body:
                x, y = orjson.loads(a.body), orjson.loads(b.body)
                print("DIFF", json.dumps(x, indent=1)[:3000], json.dumps(y, indent=1)[:3000])
            else:
                print("SAME", len(a.body))
    assert 0
