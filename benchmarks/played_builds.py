"""Builds of which a model plays every role: what a scripted build has said, behind an endpoint."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.lines import CannotRun
from benchmarks.program import ACCEPTED, Ran, build, records, start
from pipeline.chat.loopback import Answer, Recorded, Response, load_recorded
from schemas.canonical import content_hash
from schemas.record import JsonObject

Called = tuple[str, JsonObject]
"""Name and arguments of a call."""
SEED = 11
ENDED = (0, 3)
"""Codes of a build that came to its end: all accepted, or all candidates decided."""


class Log:
    """What an endpoint was asked: hash of the request → how often it has answered it."""

    def __init__(self, answer: Answer, delay: float = 0.0, moments: Random | None = None) -> None:
        """``delay``: seconds before each answer; with ``moments``, about so many, at random."""
        self.answered: Counter[str] = Counter()
        self._answer, self._delay, self._moments = answer, delay, moments

    def __call__(self, request: JsonObject) -> JsonObject | Response:
        """Answer, and note it."""
        self.answered[content_hash(request, 24)] += 1
        answer = self._answer(request)
        if self._delay and not isinstance(answer, Response):
            moments = self._moments
            delay = moments.uniform(0, 2 * self._delay) if moments else self._delay
            return Response(body=json.dumps(answer).encode(), delay=delay)
        return answer

    @property
    def again(self) -> int:
        """Answers that were not the first to their request."""
        return self.answered.total() - len(self.answered)


class Played(NamedTuple):
    """What a scripted build has said."""

    brain: Recorded
    calls: dict[int, list[Called]]
    """Candidate → its calls: those that are wanted."""
    opening: str
    """What the user of the sixth says first."""


def record(folder: Path, n: int, seed: int = SEED) -> Played:
    """Make a scripted build, and what plays it back. Raises CannotRun."""
    out = folder / f"scripted-{seed}-{n}"
    if not (out / ACCEPTED).exists():
        ran = build(folder, out, n, "--seed", seed)
        if ran.code != 0:
            raise CannotRun(f"the scripted build ended with {ran.told}")
    calls, said = {}, []
    for one in records(out / ACCEPTED):
        calls[one["index"]] = calls_of(one)
        said += [next(message["text"] for message in one["messages"] if message["role"] == "user")]
    return Played(load_recorded(out), calls, said[min(5, len(said) - 1)])


def calls_of(one: JsonObject) -> list[Called]:
    """The calls of a conversation, in order."""
    calls = [call for message in one["messages"] for call in message.get("calls") or ()]
    return [(call["name"], call["arguments"]) for call in calls]


def command(
    folder: Path, name: str, n: int, address: str, seed: int = SEED, **known: object
) -> tuple[Path, list[object]]:
    """The folder ``name`` of a build through an endpoint, and the arguments that make it."""
    config, out = folder / f"{name}.json", folder / name
    settings = {"model": "recorded", "base_url": address, "complete_world": False,
                "max_candidates": n} | known  # fmt: skip
    config.write_text(json.dumps(settings))
    told = ["build", "--quiet", "--out", out, "-n", n, "--seed", seed, "--config", config]
    return out, told


def play(
    folder: Path, name: str, n: int, address: str, seed: int = SEED, **known: object
) -> tuple[Ran, Path]:
    """Build through an endpoint; how it ended, and where it lies."""
    out, told = command(folder, name, n, address, seed, **known)
    return start(folder, *told).end(), out
