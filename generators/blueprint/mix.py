"""How often each operator is tried."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """How often each operator is tried, as a probability per conversation."""

    clarify: float = 0.5
    vague: float = 0.3
    unknown: float = 0.25
    revise: float = 0.3
    twin: float = 0.3
    """Per call that can have one."""
    fault: float = 0.25
    fuzzy: float = 0.5
    compare: float = 0.9
    ellipsis: float = 0.45
    recall: float = 0.15
    stale: float = 0.12
    delayed: float = 0.3
    lasting: float = 0.3
    """Share of the faults that last, where a call can do without."""
    permit: float = 0.12
    forbid: float = 0.1
    unanswerable: float = 0.08
    transfer: float = 0.06
    hurry: float = 0.08
    inject: float = 0.06
    formatted: float = 0.12
    recombine: float = 0.1
    unsupported: float = 0.16
    confirm_all: float = 0.6
    """Otherwise only what cannot be undone is confirmed."""
