"""Reports as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.reports import COUNTED_ACTS
from schema import reports as api

if TYPE_CHECKING:
    from reading.reports import Report, Wanted
    from rules.reports import Line


def report(wanted: Wanted, found: Report) -> api.Report:
    """Return a report."""
    return api.Report(
        from_on=wanted.period.from_on,
        to_on=wanted.period.to_on,
        waiting_on=found.waiting_on,
        group_by=found.group,
        lines=[_line(line) for line in found.lines],
    )


def _line(line: Line) -> api.ReportLine:
    return api.ReportLine(
        key=line.key,
        label=line.label,
        waiting=line.waiting,
        late=line.late,
        times=[
            api.ReportTime(
                step=step,
                times=time.times,
                median_seconds=time.median_seconds,
                ninth_decile_seconds=time.ninth_decile_seconds,
            )
            for step, time in line.steps.items()
        ],
        **{act.value.lower(): line.acts.get(act, 0) for act in COUNTED_ACTS},
    )
