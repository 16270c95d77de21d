"""The life cycle of a trámite: one table of steps, who takes them, where they lead. Nothing else compares statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

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
    """
    transition = TRANSITIONS.get((facts.status, step))
    if transition is None:
        raise StepNotOpen(facts, step, role)
    if role not in transition.roles:
        raise StepNotAllowed(facts, step, role)
    if step is Step.OBSERVE and facts.observed_before:
        raise ObservedBefore(facts, role)
    if step is Step.RECEIVE and facts.is_received:
        raise ReceivedBefore(facts, role)
    return transition.to


def steps_open_to(facts: Facts, role: Role) -> frozenset[Step]:
    """Return the steps that `next_status` would accept from *role* now."""
    return frozenset(
        step
        for (status, step), transition in TRANSITIONS.items()
        if status is facts.status and role in transition.roles and not _was_done(facts, step)
    )


def _was_done(facts: Facts, step: Step) -> bool:
    """Say whether a step that is taken once was taken already."""
    return (step is Step.OBSERVE and facts.observed_before) or (step is Step.RECEIVE and facts.is_received)


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
