"""How often each operator is tried."""

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Mix:
    """How often each operator is tried, as a probability per conversation."""

    clarify: Share = 0.5
    vague: Share = 0.3
    unknown: Share = 0.25
    revise: Share = 0.3
    twin: Share = 0.3
    """Per call that can have one."""
    fault: Share = 0.25
    fuzzy: Share = 0.5
    compare: Share = 0.9
    ellipsis: Share = 0.45
    recall: Share = 0.15
    stale: Share = 0.12
    delayed: Share = 0.3
    lasting: Share = 0.3
    """Share of the faults that last, where a call can do without."""
    permit: Share = 0.12
    forbid: Share = 0.1
    unanswerable: Share = 0.5
    transfer: Share = 0.06
    hurry: Share = 0.08
    inject: Share = 0.06
    formatted: Share = 0.6
    recombine: Share = 0.15
    unsupported: Share = 0.16
    confirm_all: Share = 0.6
    """Otherwise only what cannot be undone is confirmed."""
