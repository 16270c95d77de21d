"""One way to make receipts, in a process of its own, which makes as many as it is told and says what each has cost."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.receipt_samples import sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.receipts import ReceiptFacts

    Prepare = Callable[[ReceiptFacts], Callable[[], bytes]]

OURS_P256, OURS_RSA, UNSEALED = "ours, sealed with P-256", "ours, sealed with RSA-2048", "ours, not sealed"
TYPST, FLOOR = "typst, not sealed", "least that must be done"
BORB, BORB_SIGNED, PYHANKO = "borb as it comes, not sealed", "borb as it comes, and pyHanko", "pyHanko alone"

MAKERS: dict[str, tuple[str, Callable[[Any], Prepare]]] = {
    OURS_P256: ("receipt_ours", lambda ours: ours.engine(ours.P256)),
    OURS_RSA: ("receipt_ours", lambda ours: ours.engine(ours.RSA)),
    UNSEALED: ("receipt_ours", lambda ours: ours.unsealed_engine()),
    FLOOR: ("receipt_ours", lambda ours: ours.floor()),
    TYPST: ("receipt_typst", lambda typst: typst.engine()),
    BORB: ("receipt_borb", lambda borb: borb.engine()),
    BORB_SIGNED: ("receipt_pyhanko", lambda pyhanko: pyhanko.signing(_engine_of("receipt_borb"))),
    PYHANKO: ("receipt_pyhanko", lambda pyhanko: pyhanko.signing_only(_engine_of("receipt_typst"))),
}


def _engine_of(name: str) -> Callable[[], Prepare]:
    return import_module(f"benchmarks.{name}").engine


def serve(name: str) -> None:
    """Answer each order, `{"kind", "start", "count"}`, with the median of what a receipt cost, in CPU seconds."""
    module, begin = MAKERS[name]
    prepare = begin(import_module(f"benchmarks.{module}"))
    for line in sys.stdin:
        order = json.loads(line)
        costs, size = list[float](), 0
        for place in range(order["start"], order["start"] + order["count"]):
            make = prepare(sample(order["kind"], place))
            began = time.process_time()
            made = make()
            costs.append(time.process_time() - began)
            size = len(made)
        print(json.dumps({"seconds": median(costs), "bytes": size}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
