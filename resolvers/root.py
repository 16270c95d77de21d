"""The schema: all roots together, and the ASGI application that serves it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import cache, partial
from typing import Any

import strawberry
from graphql import GraphQLError, NoSchemaIntrospectionCustomRule
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp
from strawberry.types import ExecutionContext

from actions.tools import Tools
from reading.feed import Feed
from resolvers.accounts import AccountMutation, AccountQuery
from resolvers.administration import AdministrationMutation, AdministrationQuery
from resolvers.authorization import is_ruled
from resolvers.catalogue import CatalogueQuery
from resolvers.completions import CompletionMutation, CompletionQuery
from resolvers.confirming import ConfirmingMutation
from resolvers.context import Context, context_of, greet, holder_anew
from resolvers.desk import DeskMutation
from resolvers.engine.execution import Execution, Trust
from resolvers.engine.hosting import Host, House
from resolvers.engine.http import Doorkeeper, GraphQLDoor, Header, Offer
from resolvers.engine.hub import Hub
from resolvers.engine.places import Places
from resolvers.engine.plans.planning import Plans
from resolvers.engine.ruling import shut_unruled
from resolvers.engine.sockets import SocketDoor
from resolvers.engine.streams import StreamDoor
from resolvers.engine.terms import Terms
from resolvers.feed import Register, Subscription
from resolvers.file_views import FileViewMutation, FileViewQuery
from resolvers.filings import FilingMutation, FilingQuery
from resolvers.finding import FindingQuery
from resolvers.guarding import guard
from resolvers.mailboxes import MailboxQuery
from resolvers.mails import MailMutation, MailQuery
from resolvers.nodes import NodeQuery
from resolvers.notices import NoticeMutation
from resolvers.owners import OwnerMutation, OwnerQuery
from resolvers.paging import sign_cursors
from resolvers.people import PeopleMutation, PeopleQuery
from resolvers.personal_data import PersonalDataMutation, PersonalDataQuery
from resolvers.planned import PLANNING
from resolvers.receipt_log import ReceiptLogQuery
from resolvers.receipts import ReceiptMutation
from resolvers.refusing import ERRORS, HANDLERS
from resolvers.register import RegisterQuery
from resolvers.reports import ReportQuery
from resolvers.requests import RequestMutation, RequestQuery
from resolvers.searches import SearchMutation, SearchQuery
from resolvers.second_factors import SecondFactorMutation, SecondFactorQuery
from resolvers.service_tokens import ServiceTokenMutation, ServiceTokenQuery
from resolvers.sessions import SessionMutation, SessionQuery
from resolvers.staff import StaffMutation, StaffQuery
from resolvers.tasks import TaskMutation, TaskQuery
from resolvers.taxpayers import TaxpayerQuery
from resolvers.templates import TemplateMutation, TemplateQuery
from resolvers.terms import make_terms
from resolvers.texts import TextMutation, TextQuery
from resolvers.tramites import TramiteMutation, TramiteQuery
from resolvers.uploads import MOST_BYTES, MOST_FILES, UploadMutation, give_up_unused, keeper_of
from resolvers.verification import VerificationQuery
from rules.sessions import origin_of
from schema.scalars import config


@strawberry.type(description="What can be asked.")
class Query(
    PeopleQuery,
    AccountQuery,
    RequestQuery,
    CatalogueQuery,
    TaxpayerQuery,
    TramiteQuery,
    VerificationQuery,
    FilingQuery,
    SessionQuery,
    FindingQuery,
    SearchQuery,
    TaskQuery,
    MailQuery,
    AdministrationQuery,
    ReportQuery,
    OwnerQuery,
    TemplateQuery,
    RegisterQuery,
    PersonalDataQuery,
    SecondFactorQuery,
    StaffQuery,
    MailboxQuery,
    CompletionQuery,
    ReceiptLogQuery,
    TextQuery,
    FileViewQuery,
    ServiceTokenQuery,
    NodeQuery,
):
    """What can be asked."""


@strawberry.type(description="What can be done. Each answers with its success or with a refusal.")
class Mutation(
    PeopleMutation,
    AccountMutation,
    RequestMutation,
    UploadMutation,
    TramiteMutation,
    FilingMutation,
    SessionMutation,
    NoticeMutation,
    TaskMutation,
    MailMutation,
    AdministrationMutation,
    DeskMutation,
    OwnerMutation,
    TemplateMutation,
    SearchMutation,
    PersonalDataMutation,
    SecondFactorMutation,
    StaffMutation,
    CompletionMutation,
    ConfirmingMutation,
    ReceiptMutation,
    TextMutation,
    FileViewMutation,
    ServiceTokenMutation,
):
    """What can be done."""


guard(Query, Mutation, Subscription)
sign_cursors(Query)


class Schema(strawberry.Schema):
    """The schema. What nobody ruled is shut; errors are logged where they are presented, once."""

    def __init__(self, query: type, mutation: type, subscription: type, **options: Any) -> None:
        super().__init__(query, mutation, subscription, **options)
        shut_unruled(self._schema, is_ruled)

    def process_errors(self, errors: Iterable[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing here."""


@cache
def build_schema() -> Schema:
    """
    Return the executable schema; a process builds it once, for that takes longer than many requests.

    It has no extensions of Strawberry's: what they would do is done by `Execution`, once for each document.
    """
    return Schema(Query, Mutation, Subscription, config=config(), exception_handlers=HANDLERS)


@cache
def build_execution(
    *, has_introspection: bool = True, terms: Terms | None = None, trust: Trust | None = None, has_plans: bool = True
) -> Execution:
    """
    Return what runs operations; its documents are parsed, judged and kept once for a process.

    Without plans everything is read plainly.
    """
    rules = [] if has_introspection else [NoSchemaIntrospectionCustomRule]
    terms = terms or make_terms(shows_schema=has_introspection)
    plans = Plans(build_schema(), PLANNING) if has_plans else None
    return Execution(build_schema(), ERRORS, rules=rules, terms=terms, plans=plans, trust=trust)


def print_sdl() -> str:
    """Return the schema as text, as it is committed in `schema/schema.graphql`."""
    return build_schema().as_str() + "\n"


def build_hub(tools: Tools, feed: Feed) -> Hub:
    """Return what serves those who follow; it must run for as long as the door is open."""
    register = Register(tools, feed)
    return Hub(register, patience=register.patience())


def build_door(
    tools: Tools,
    hub: Hub,
    *,
    patience: timedelta,
    has_introspection: bool = False,
    has_get: bool = False,
    page: ASGIApp | None = None,
    terms: Terms | None = None,
    trust: Trust | None = None,
    has_plans: bool = True,
    headers: Sequence[Header] = (),
) -> GraphQLDoor:
    """
    Return the ASGI application that serves the schema; *page* is what people see who come with a browser.

    All other answers have the given *headers* too.
    Whoever follows, and takes nothing of what they are sent for as long as *patience*, is cut off.
    """
    execution = build_execution(has_introspection=has_introspection, terms=terms, trust=trust, has_plans=has_plans)
    context = partial(context_of, tools=tools)
    house = House(execution, hub, Places(), _host(tools, context, patience))
    streams = StreamDoor(house, headers)
    offer = Offer(SocketDoor(house), stream=streams.stream, has_get=has_get, page=page, headers=headers)
    return GraphQLDoor(execution, _doorkeeper(context), offer)


def _host(tools: Tools, context: Callable[[HTTPConnection], Context], patience: timedelta) -> Host:
    return Host(
        context=context,
        greet=greet,
        holder=holder_anew,
        allowed_origins=frozenset({origin_of(tools.institution.public_url)}),
        patience=patience,
    )


def _doorkeeper(context: Callable[[HTTPConnection], Context]) -> Doorkeeper:
    return Doorkeeper(
        context=context,
        headers=Context.answer_headers,
        keeper=keeper_of,
        clear=give_up_unused,
        most_files=MOST_FILES,
        most_bytes=MOST_BYTES,
    )
