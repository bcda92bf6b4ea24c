"""Stages that make candidates by hand: the stream is told by a small file in place of a catalogue.

``{"delay": 0.01, "reject_every": 4, "repeat_every": 7, "fail_at": 30, "padding": 1000,
"raise_at": [4], "stiff_every": 3, "die_at": {"7": 2}}``

``die_at``: the process ends at candidate 7 the first two times; they are counted in files beside
the plan.
"""

import asyncio
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.run.workshop import Aims
from schemas.canonical import content_hash, derive_seed
from schemas.check import EnvironmentFactory
from schemas.errors import InputError, ProviderError
from schemas.message import AssistantMessage, UserMessage
from schemas.record import JsonObject
from schemas.tool import Catalog
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, TurnLabel, Verdict
from tests.trajectories import GOOD, TOOLS, Shop

FINE = Verdict(check="structure", version=1, level="structure", label="good")
POOR = Verdict(
    check="text", version=1, level="text", label="bad",
    reasons=(Reason(code="too_short", message=1, path="text", explanation="says too little"),),
)  # fmt: skip
EDGE = {
    "source": "search_products", "target": "place_order", "key": 0,
    "result_path": "products[].product_id", "parameter": "product_id", "score": 0.9,
    "method": "name",
}  # fmt: skip


@dataclass(frozen=True)
class Hand:
    """A workshop of one conversation with ever new names."""

    seed: int
    plan: dict[str, Any]

    @property
    def catalog(self) -> Catalog:
        return Catalog(tools=TOOLS)

    @property
    def fingerprint(self) -> str:
        return content_hash([self.seed, self.plan.get("stream", 0)])

    @property
    def aims(self) -> Aims:
        shares = {"fault": 0.5, "clarify": 0.5, "compare": 0.9}
        return Aims(
            shares=shares, asked=("fault", "compare"), needs={"compare": "a list"},
            lacking=("compare",), possible={"tools": ("never_used",)},
        )  # fmt: skip

    @property
    def models(self) -> None:
        return None

    @property
    def activity(self) -> None:
        return None

    @property
    def left_out(self) -> dict[str, tuple[str, ...]]:
        return {"small": ("seed",)} if self.plan.get("picky") else {}

    @property
    def shown(self) -> dict[str, tuple[str, ...]]:
        return {"small": ("tools",)} if self.plan.get("picky") else {}

    async def candidate(self, index: int) -> Trajectory:
        # later ones are often finished first
        await asyncio.sleep(self.plan.get("delay", 0) * (1 + derive_seed("slow", index) % 5))
        if index == self.plan.get("fail_at"):
            raise ProviderError("the endpoint refused the key")
        if str(index) in self.plan.get("die_at", {}):
            deaths = Path(self.plan["folder"]) / f"deaths-{index}"
            before = deaths.read_text() if deaths.exists() else ""
            if len(before) < self.plan["die_at"][str(index)]:
                deaths.write_text(f"{before}†")
                os.kill(os.getpid(), signal.SIGKILL)
        if index in self.plan.get("raise_at", ()):
            raise KeyError(f"no field of candidate {index}")
        repeated = index and index % self.plan.get("repeat_every", index + 1) == 0
        name = f"customer {self.seed}-{index - 1 if repeated else index}"
        poor = index % self.plan.get("reject_every", index + 2) == self.plan.get("reject_at", 1)
        said = said_by(name + "!" * self.plan.get("padding", 0), index, POOR if poor else FINE)
        if (index + 1) % self.plan.get("stiff_every", index + 2):
            return said
        task = said.task.model_copy(update={"stiff": ("unnameable_row",)})
        return said.model_copy(update={"task": task})

    def size(self, index: int) -> int:
        return 1 + index % 3

    def graph_json(self) -> JsonObject:
        nodes = [{"id": tool.wire_name} for tool in TOOLS]
        return {"directed": True, "multigraph": True, "nodes": nodes, "edges": [EDGE]}

    async def close(self) -> None:
        return None


def said_by(name: str, index: int, verdict: Verdict) -> Trajectory:
    first = GOOD.messages[1]
    assert isinstance(first, UserMessage)
    own = first.model_copy(update={"text": f"{first.text} I am {name}."})
    return GOOD.model_copy(
        update={
            "index": index,
            "seed": derive_seed("hand", index),
            "task": GOOD.task.model_copy(update={"domain": f"shop of {name}"}),
            "messages": (GOOD.messages[0], own, *GOOD.messages[2:]),
            "verdicts": (verdict,),
            "labels": tuple(
                TurnLabel(message=message.index, label="good", train=message.act != "retry")
                for message in GOOD.messages
                if isinstance(message, AssistantMessage)
            ),
        }
    )


def open_workshop(settings: Settings) -> Hand:
    plan: dict[str, Any] = {}
    for path in settings.tools:
        if not path.exists():
            raise InputError("does not exist", file=str(path))
        plan |= json.loads(path.read_text()) | {"folder": str(path.parent)}
    return Hand(settings.seed, plan)


def environments(catalog: Catalog, folder: Path | None = None) -> EnvironmentFactory:
    assert catalog.tools == TOOLS
    return Shop
