"""The life cycle of a trámite: one table of steps, who takes them, where they lead. Nothing else compares statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import assert_never

from rules.access import Role
from rules.refusals import NotAllowed, WrongStep


class TramiteStatus(StrEnum):
    """Where a trámite stands."""

    PENDING = "PENDING"
    OBSERVED = "OBSERVED"
    REFERRED = "REFERRED"
    RESOLVED = "RESOLVED"
    VOIDED = "VOIDED"
    LAPSED = "LAPSED"

    @property
    def label(self) -> str:
        """The Spanish word for people."""
        return _STATUS_LABELS[self]


class Step(StrEnum):
    """What can be done to a trámite."""

    FILE = "FILE"
    UPDATE = "UPDATE"
    COMPLETE = "COMPLETE"
    VOID = "VOID"
    OBSERVE = "OBSERVE"
    CORRECT = "CORRECT"
    LAPSE = "LAPSE"
    RECEIVE = "RECEIVE"
    REFER = "REFER"
    RESOLVE = "RESOLVE"
    CORRECT_FOLIOS = "CORRECT_FOLIOS"
    REOPEN = "REOPEN"

    @property
    def label(self) -> str:
        """The Spanish verb for people."""
        return _STEP_LABELS[self]


_STATUS_LABELS: Mapping[TramiteStatus, str] = {
    TramiteStatus.PENDING: "pendiente de validación",
    TramiteStatus.OBSERVED: "observado",
    TramiteStatus.REFERRED: "derivado",
    TramiteStatus.RESOLVED: "atendido",
    TramiteStatus.VOIDED: "anulado",
    TramiteStatus.LAPSED: "tenido por no presentado",
}

_STEP_LABELS: Mapping[Step, str] = {
    Step.FILE: "presentar",
    Step.UPDATE: "actualizar",
    Step.COMPLETE: "completar",
    Step.VOID: "anular",
    Step.OBSERVE: "observar",
    Step.CORRECT: "subsanar",
    Step.LAPSE: "tener por no presentado",
    Step.RECEIVE: "recepcionar",
    Step.REFER: "derivar",
    Step.RESOLVE: "atender",
    Step.CORRECT_FOLIOS: "corregir los folios",
    Step.REOPEN: "reabrir",
}


_DOERS: Mapping[Role, str] = {
    Role.APPLICANT: "a quien lo presentó",
    Role.CLERK: "al personal de mesa de partes",
    Role.SUPERVISOR: "al supervisor",
    Role.SYSTEM: "al propio sistema",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the life cycle must know of a trámite; `status` is None while it is not filed yet."""

    status: TramiteStatus | None
    observed_before: bool = False
    is_received: bool = False
    is_validated: bool = False
    """Whether it was ever referred or answered, so that the cargo de recepción attests what it said then."""
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """Who may take a step, and the status it leads to."""

    roles: frozenset[Role]
    to: TramiteStatus


_APPLICANT = frozenset({Role.APPLICANT})
_FILERS = frozenset({Role.APPLICANT, Role.SYSTEM})
_DESK = frozenset({Role.CLERK, Role.SUPERVISOR})
_SUPERVISOR = frozenset({Role.SUPERVISOR})
_SYSTEM = frozenset({Role.SYSTEM})

TRANSITIONS: Mapping[tuple[TramiteStatus | None, Step], Transition] = {
    (None, Step.FILE): Transition(_FILERS, TramiteStatus.PENDING),
    (TramiteStatus.PENDING, Step.UPDATE): Transition(_APPLICANT, TramiteStatus.PENDING),
    (TramiteStatus.PENDING, Step.COMPLETE): Transition(_APPLICANT, TramiteStatus.PENDING),
    (TramiteStatus.PENDING, Step.VOID): Transition(_APPLICANT, TramiteStatus.VOIDED),
    (TramiteStatus.PENDING, Step.RECEIVE): Transition(_DESK, TramiteStatus.PENDING),
    (TramiteStatus.PENDING, Step.OBSERVE): Transition(_DESK, TramiteStatus.OBSERVED),
    (TramiteStatus.OBSERVED, Step.CORRECT): Transition(_APPLICANT, TramiteStatus.PENDING),
    (TramiteStatus.OBSERVED, Step.LAPSE): Transition(_SYSTEM, TramiteStatus.LAPSED),
    (TramiteStatus.PENDING, Step.REFER): Transition(_DESK, TramiteStatus.REFERRED),
    (TramiteStatus.REFERRED, Step.REFER): Transition(_DESK, TramiteStatus.REFERRED),
    (TramiteStatus.PENDING, Step.RESOLVE): Transition(_DESK, TramiteStatus.RESOLVED),
    (TramiteStatus.REFERRED, Step.RESOLVE): Transition(_DESK, TramiteStatus.RESOLVED),
    (TramiteStatus.PENDING, Step.CORRECT_FOLIOS): Transition(_DESK, TramiteStatus.PENDING),
    (TramiteStatus.REFERRED, Step.CORRECT_FOLIOS): Transition(_DESK, TramiteStatus.REFERRED),
    (TramiteStatus.RESOLVED, Step.REOPEN): Transition(_SUPERVISOR, TramiteStatus.PENDING),
    (TramiteStatus.LAPSED, Step.REOPEN): Transition(_SUPERVISOR, TramiteStatus.PENDING),
}


class StepNotOpen(WrongStep):
    """The table has no such step from this status."""

    code = "STEP_NOT_OPEN"

    def __init__(self, facts: Facts, step: Step, role: Role) -> None:
        stands = "aún no se ha presentado" if facts.status is None else f"está «{facts.status.label}»"
        super().__init__(f"El trámite {stands}, por eso no se puede {step.label}. {_what_can_be_done(facts, role)}")


class ObservedBefore(WrongStep):
    """A trámite is observed once, with all that is wrong (TUO Ley 27444, art. 136)."""

    code = "OBSERVED_BEFORE"

    def __init__(self, facts: Facts, role: Role) -> None:
        super().__init__(
            "El trámite ya fue observado una vez y la ley no permite observarlo de nuevo. "
            f"{_what_can_be_done(facts, role)}"
        )


class ReceivedBefore(WrongStep):
    """A trámite is received at the desk once."""

    code = "RECEIVED_BEFORE"

    def __init__(self, facts: Facts, role: Role) -> None:
        super().__init__(f"El trámite ya fue recepcionado. {_what_can_be_done(facts, role)}")


class ValidatedBefore(WrongStep):
    """What was validated once is its applicant's no more to change or withdraw, though it was reopened."""

    code = "VALIDATED_BEFORE"

    def __init__(self, facts: Facts, step: Step, role: Role) -> None:
        super().__init__(
            f"La entidad ya validó este documento y emitió su cargo de recepción, por eso no se puede {step.label}. "
            f"Si desea desistir o cambiar algo, presente un escrito que lo diga. {_what_can_be_done(facts, role)}"
        )


class TramiteErased(WrongStep):
    """What a trámite told was erased when its time to be kept was over; nothing begins on it again."""

    code = "TRAMITE_ERASED"

    def __init__(self) -> None:
        super().__init__(
            "Lo que contenía este trámite ya se borró, porque terminó el plazo para conservarlo. No se puede volver a "
            "trabajar en él: si hace falta, que se presente un documento nuevo."
        )


class StepNotAllowed(NotAllowed):
    """The step is open, but not for this role."""

    code = "STEP_NOT_ALLOWED"

    def __init__(self, facts: Facts, step: Step, role: Role) -> None:
        doers = " o ".join(sorted(_DOERS[doer] for doer in TRANSITIONS[facts.status, step].roles))
        super().__init__(f"Este paso ({step.label}) le corresponde {doers}. {_what_can_be_done(facts, role)}")


def next_status(facts: Facts, step: Step, role: Role) -> TramiteStatus:
    """
    Return the status that *step* leads to, taken in *role*.

    Raises:
        StepNotOpen: the table has no such step from this status.
        StepNotAllowed: it has, but not for *role*.
        ObservedBefore, ReceivedBefore: it would be a second observation, or reception.
        ValidatedBefore, TramiteErased: what they say.
    """
    transition = TRANSITIONS.get((facts.status, step))
    if transition is None:
        raise StepNotOpen(facts, step, role)
    if role not in transition.roles:
        raise StepNotAllowed(facts, step, role)
    bar = _bar(facts, step)
    match bar:
        case None:
            return transition.to
        case Bar.OBSERVED:
            raise ObservedBefore(facts, role)
        case Bar.RECEIVED:
            raise ReceivedBefore(facts, role)
        case Bar.VALIDATED:
            raise ValidatedBefore(facts, step, role)
        case Bar.ERASED:
            raise TramiteErased
        case _:
            assert_never(bar)


def steps_open_to(facts: Facts, role: Role) -> frozenset[Step]:
    """Return the steps that `next_status` would accept from *role* now."""
    return frozenset(
        step
        for (status, step), transition in TRANSITIONS.items()
        if status is facts.status and role in transition.roles and _bar(facts, step) is None
    )


class Bar(Enum):
    """Why a step that the table has cannot be taken: what was done to the trámite before."""

    OBSERVED = auto()
    RECEIVED = auto()
    VALIDATED = auto()
    ERASED = auto()


def _bar(facts: Facts, step: Step) -> Bar | None:
    """Return what stands in the way of a step besides the status."""
    bars = {
        Step.OBSERVE: (facts.observed_before, Bar.OBSERVED),
        Step.RECEIVE: (facts.is_received, Bar.RECEIVED),
        Step.UPDATE: (facts.is_validated, Bar.VALIDATED),
        Step.COMPLETE: (facts.is_validated, Bar.VALIDATED),
        Step.VOID: (facts.is_validated, Bar.VALIDATED),
        Step.REOPEN: (facts.is_erased, Bar.ERASED),
    }
    stands, bar = bars.get(step, (False, None))
    return bar if stands else None


def was_taken(status: TramiteStatus, step: Step) -> bool:
    """Say whether only *step* leads to *status*, so that asking for it again asks for nothing."""
    leading = {taken for (_, taken), transition in TRANSITIONS.items() if transition.to is status}
    return leading == {step}


def _what_can_be_done(facts: Facts, role: Role) -> str:
    steps = steps_open_to(facts, role)
    verbs = [step.label for step in Step if step in steps]
    if not verbs:
        return "Por ahora usted no tiene nada más que hacer en él."
    listed = verbs[0] if len(verbs) == 1 else f"{', '.join(verbs[:-1])} o {verbs[-1]}"
    return f"Lo que usted puede hacer ahora: {listed}."
