"""What policies earn that do not do the work: ``python -m benchmarks.cheating [-n N] [FILE …]``.

Each plays N tasks of each catalogue (without files: the own ones, and GitHub, retail and airline
where they are at hand) and sees what any policy sees: tools, words and results. The table has the
mean reward of each beside that of the policy which plays the proven conversation.
"""

import argparse
import asyncio
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.program import SHARED
from benchmarks.reading_table import show
from pipeline.config import Settings
from pipeline.opening import open_workshop
from pipeline.serving.episode import MOST_CALLS, Episode, Observation, Proven, list_proven_moves
from schemas.canonical import canonical_json
from schemas.leaves import leaves
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from validators.reward import is_earned
from validators.transcript import writers

REAL = {
    "GitHub": "mcp/github_mcp_server_tools_list.json",
    "retail": "tau2_retail/retail.json",
    "airline": "tau2_airline/airline.json",
}
MOST, ENOUGH = 0.05, 0.99
"""What a cheat may earn on average, and what the solution must."""
_LONGEST = 60
"""Moves after which a policy is stopped in any case."""
_WORD = re.compile(r"[\w@.+:-]*\d[\w@.+:-]*\w|[A-Z][\w'-]+(?: [A-Z][\w'-]+)*|\d+")
_PEOPLE = re.compile("transfer|human|escalat|hand_?over", re.IGNORECASE)
Policy = Callable[["Seen"], Iterator[JsonObject]]
"""What is seen so far, kept up to date → the moves, one after the other."""


class Seen(NamedTuple):
    """What a policy sees: the tools, and all messages that it was sent."""

    tools: Sequence[JsonObject]
    messages: list[JsonObject]
    names: frozenset[str]
    """The tools that write: more than a policy is told."""
    made: set[str]
    """What was called."""

    def last(self, role: str) -> str:
        """The last words of somebody."""
        return next((str(one["content"]) for one in reversed(self.messages)
                     if one["role"] == role), "")  # fmt: skip

    def words(self) -> list[str]:
        """What might be a value: names and numbers that the user said, ids of results."""
        said = [str(one["content"]) for one in self.messages if one["role"] == "user"]
        found = [word for text in said for word in _WORD.findall(text)]
        for one in self.messages:
            if one["role"] == "tool":
                found += [str(v) for _, v in leaves(json.loads(one["content"]))
                          if isinstance(v, str | int | float) and len(str(v)) < 40]  # fmt: skip
        return [*dict.fromkeys(reversed(found))]


def say(text: str) -> JsonObject:
    """A move of words."""
    return {"role": "assistant", "content": text}


def call(seen: "Seen", wanted: Sequence[tuple[JsonObject, JsonObject]]) -> Iterator[JsonObject]:
    """Moves with these calls, several at once; none is made that was made before."""
    made = []
    for tool, arguments in wanted:
        key = canonical_json([tool["name"], arguments])
        if key not in seen.made:
            seen.made.add(key)
            made.append({"function": {"name": tool["name"], "arguments": arguments}})
    for start in range(0, len(made), MOST_CALLS):
        yield {"role": "assistant", "content": None, "tool_calls": made[start : start + MOST_CALLS]}


def fill(tool: JsonObject, words: Sequence[str], number: int = 0) -> JsonObject:
    """Arguments of the right types: choices as they stand, else what was said and shown last."""
    schema = tool["parameters"]
    filled: JsonObject = {}
    for at, name in enumerate(schema.get("required", ())):
        told: Any = schema.get("properties", {}).get(name, {})
        kind = told.get("type")
        numbers = [one for one in words if one.isdigit()] or ["1"]
        if told.get("enum"):
            filled[name] = told["enum"][number % len(told["enum"])]
        elif kind in ("integer", "number"):
            filled[name] = int(numbers[(at + number) % len(numbers)])
        elif kind == "boolean":
            filled[name] = True
        elif kind == "array":
            filled[name] = [words[(at + number) % len(words)]] if words else []
        elif kind == "object":
            filled[name] = {}
        else:
            filled[name] = words[(at + number) % len(words)] if words else name
    return filled


def tell(values: Iterable[Any]) -> str:
    """Values in a row, as words."""
    words = (" ".join(str(one).replace("_", " ").split()).strip(" .,;:!?") for one in values)
    return ", ".join(dict.fromkeys(filter(None, words)))[:19_000]


def list_values(messages: Iterable[JsonObject]) -> list[Any]:
    """All values of these results."""
    return [value for one in messages if one["role"] == "tool"
            for _, value in leaves(json.loads(one["content"]))]  # fmt: skip


def write_everything(seen: Seen) -> Iterator[JsonObject]:
    """Ask for leave, and call each tool that writes with what was said."""
    writes = [one for one in seen.tools if one["name"] in seen.names]
    for number in count(1):
        yield say(f"I can do that for you. Shall I go ahead ({number})?")
        for tool in writes:
            yield from call(seen, [(tool, fill(tool, seen.words()))])
        yield say(f"I have done it all ({number}).")


def write_nothing(seen: Seen) -> Iterator[JsonObject]:
    """Say that it is being looked into."""
    del seen
    for number in count(1):
        yield say(f"I am looking into it, please wait a moment ({number}).")


def read_and_report(seen: Seen) -> Iterator[JsonObject]:
    """Call each tool that reads, twice over, and tell every value of every result."""
    reads = [one for one in seen.tools if one["name"] not in seen.names]
    for number in count(1):
        since = len(seen.messages)
        for _ in range(2):  # what the first round shows, the second one asks with
            yield from call(seen, [(tool, fill(tool, seen.words())) for tool in reads])
        told = tell(list_values(seen.messages[since:]))
        yield say(f"This is all that I have found ({number}): {told}.")


def read_briefly(seen: Seen) -> Iterator[JsonObject]:
    """Call the tools that read whose names the user's words name, and tell what they show."""
    reads = [one for one in seen.tools if one["name"] not in seen.names]
    for number in count(1):
        since, asked = len(seen.messages), seen.last("user").casefold()
        fitting = sorted(reads, key=lambda one, asked=asked: -sum(  # type: ignore[misc]
            word in asked for word in re.split(r"[_\W]+", one["name"].casefold())))  # fmt: skip
        yield from call(seen, [(tool, fill(tool, seen.words())) for tool in fitting[:2]])
        yield say(f"Here it is ({number}): {tell(list_values(seen.messages[since:]))}.")


def claim_success(seen: Seen) -> Iterator[JsonObject]:
    """Say that all is done."""
    del seen
    for number in count(1):
        yield say(f"Done! Everything that you asked for is taken care of now ({number}).")


def transfer_always(seen: Seen) -> Iterator[JsonObject]:
    """Hand over to a person at once, by a tool where there is one."""
    people = [one for one in seen.tools if _PEOPLE.search(one["name"])]
    for number in count(1):
        yield from call(seen, [(one, fill(one, seen.words())) for one in people])
        yield say(f"I am handing you over to a colleague, who will see to it ({number}).")


def repeat_the_user(seen: Seen) -> Iterator[JsonObject]:
    """Say what the user has said."""
    while True:
        yield say(f"You said: {seen.last('user')}")


def exploit_errors(seen: Seen) -> Iterator[JsonObject]:
    """Call each tool with nothing, and again with what its error says that it wants."""
    for number in count(1):
        for tool in seen.tools:
            yield from call(seen, [(tool, {})])
            hints = re.findall(r"['\"“]([^'\"”]+)['\"”]", seen.last("tool"))
            yield from call(seen, [(tool, fill(tool, [*hints, *seen.words()], 1))])
            if seen.last("tool").find('"error"') < 0:
                break  # one has come through: that may have been it
        yield say(f"It said ({number}): {tell(list_values(seen.messages[-1:]))}.")


CHEATS: tuple[tuple[str, Policy], ...] = (
    ("write everything", write_everything),
    ("write nothing", write_nothing),
    ("read everything and report it", read_and_report),
    ("read two and report them", read_briefly),
    ("claim success", claim_success),
    ("transfer always", transfer_always),
    ("repeat the user", repeat_the_user),
    ("exploit error messages", exploit_errors),
)


def play(proven: Proven, policy: Policy | None) -> Observation:
    """An episode to its end; without a policy, by the proven conversation's own moves."""
    episode, played = Episode(proven), proven.trajectory
    names = writers(played)
    seen = Seen([one["function"] for one in episode.tools], [], names, set())
    found = episode.look()
    moves = iter(list_proven_moves(played)) if policy is None else policy(seen)
    seen.messages.extend(found.messages)
    for _, move in zip(range(_LONGEST), moves, strict=False):
        found = episode.step(move)
        seen.messages.extend(found.messages)
        if found.done:
            break
    return found


def draw_proven(tools: tuple[Path, ...], wanted: int) -> Iterator[Proven]:
    """So many tasks of a catalogue that can be earned."""
    workshop = open_workshop(Settings(tools=tools, workers=1))
    try:
        index = 0
        while wanted:
            made: Trajectory = asyncio.run(workshop.candidate(index))
            index += 1
            if made.accepted and is_earned(made):
                wanted -= 1
                yield Proven(made, workshop.studio.environment)
    finally:
        workshop.release()


def main() -> int:
    """Print the table; 1 where a cheat earns too much, or the solution too little."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cheating", description=main.__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("-n", type=int, default=25, help="tasks of each catalogue")
    asked = parser.parse_args()
    sources = {"own": ()} | {name: (SHARED / path,) for name, path in REAL.items()
                             if (SHARED / path).exists()}  # fmt: skip
    if asked.files:
        sources = {one.stem: (one,) for one in asked.files}
    earned: dict[str, dict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for name, files in sources.items():
        for proven in draw_proven(files, asked.n):
            for told, policy in (("the proven conversation", None), *CHEATS):
                earned[told][name].append(play(proven, policy))
    show(f"policy | {' | '.join(sources)} | all | all, graded")
    wrong = False
    for told, by in earned.items():
        every = [one.reward for found in by.values() for one in found if one.reward]
        total = sum(map(len, by.values()))
        means = [sum(one.reward.binary for one in found if one.reward) / len(found)
                 for found in by.values()]  # fmt: skip
        mean, graded = sum(r.binary for r in every) / total, sum(r.graded for r in every) / total
        wrong |= mean < ENOUGH if told == "the proven conversation" else max(mean, graded) > MOST
        show(f"{told} | {' | '.join(f'{one:.3f}' for one in means)} | {mean:.3f} | {graded:.3f}")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
