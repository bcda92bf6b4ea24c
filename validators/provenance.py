"""Checks that every argument has exactly one source, and that the source gives the argument."""

from collections import Counter
from collections.abc import Iterator

from schemas.check import CheckContext
from schemas.leaves import leaves
from schemas.reasons import reason
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.sources import Evidence
from validators.transcript import Exchange, exchanges


@code_check("provenance", level="provenance")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find arguments that neither the user nor a result nor the policy nor the schema gave."""
    evidence = Evidence(context.trajectory)
    for exchange in exchanges(context.trajectory.messages):
        values = dict(leaves(exchange.call.arguments)) if exchange.call.arguments else {}
        counts = Counter(given.path for given in exchange.call.provenance)
        for path, value in values.items():
            if not counts[path]:
                yield _reason("ungrounded_argument", exchange, path, f"nothing gives {value!r}")
        for path, count in counts.items():
            if path not in values:
                yield _reason("source_without_argument", exchange, path, "")
            elif count > 1:
                yield _reason("source_duplicate", exchange, path, f"{count} sources")
        for given in exchange.call.provenance:
            if given.path in values:
                value = values[given.path]
                code = evidence.fault(exchange, given.path, value, given.source)
                if code:
                    yield _reason(code, exchange, given.path, f"{value!r} from {given.source!r}")


def _reason(code: str, exchange: Exchange, path: str, explanation: str) -> Reason:
    return reason(code, exchange.message, f"{exchange.place}.arguments.{path}", explanation)
