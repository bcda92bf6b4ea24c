"""Checks that every argument has exactly one source, and that the source gives the argument.

`Evidence` tests one recorded source; the check of order asks it too. Of a model's argument without
a source, `follows` says whether it follows from what was known all the same: options that only say
how much is shown, what can be worked out, what the assistant proposed and the user took, and the
synonyms of a choice. Else it is suspected.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import data
from schemas.check import CheckContext
from schemas.demand import fixed_values
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.message import (
    AssistantMessage,
    FromContext,
    FromResult,
    FromUser,
    Message,
    Source,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from schemas.reading import read_words, says, stands_between, stands_in, tells
from schemas.reasons import reason
from schemas.record import JsonObject
from schemas.task import FormatInstruction
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.derived import Derived
from validators.transcript import Exchange, equal, exchanges, knows_acts, results, writers

_ANYWHERE = re.compile("")
_WORD_BEGINS = re.compile(r"(?<!\w)(?<!\d[.,:])")
_WORD_ENDS = re.compile(r"(?!\w)")
# "12" may be read out of "12th", but not out of "12.5".
_NUMBER_ENDS = re.compile(r"(?![\d_])(?![.,:]\d)")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@code_check("provenance", level="provenance")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find arguments that neither the user nor a result nor the policy nor the schema gave."""
    evidence, modelled = Evidence(context.trajectory), not knows_acts(context.trajectory)
    for exchange in exchanges(context.trajectory.messages):
        values = dict(leaves(exchange.call.arguments)) if exchange.call.arguments else {}
        counts = Counter(given.path for given in exchange.call.provenance)
        found = [
            ("ungrounded_argument", path, f"nothing gives {value!r}")
            for path, value in values.items()
            if not counts[path]
        ]
        for path, count in counts.items():
            if path not in values:
                found.append(("source_without_argument", path, ""))
            elif count > 1:
                found.append(("source_duplicate", path, f"{count} sources"))
        for given in exchange.call.provenance:
            if given.path in values:
                value = values[given.path]
                code = evidence.fault(exchange, given.path, value, given.source)
                if code:
                    found.append((code, given.path, f"{value!r} from {given.source!r}"))
        for code, path, explanation in found:
            unsourced = modelled and code == "ungrounded_argument"
            if unsourced and follows(context.trajectory, exchange, path, values[path]):
                continue
            place = f"{exchange.place}.arguments.{path}"
            yield reason(code, exchange.message, place, explanation, suspect=unsourced)


@dataclass(frozen=True)
class Evidence:
    """Everything that the calls of a trajectory can draw on."""

    trajectory: Trajectory

    @cached_property
    def results(self) -> dict[int, Any]:
        """Position of a tool message → its parsed content."""
        return results(self.trajectory.messages)

    @cached_property
    def clock(self) -> datetime:
        """The task's present moment."""
        return datetime.fromisoformat(self.trajectory.task.clock)

    @cached_property
    def parameters(self) -> dict[str, JsonObject]:
        """Wire name → schema of the parameters."""
        return {tool.wire_name: tool.parameters for tool in self.trajectory.tools}

    @staticmethod
    def names(exchange: Exchange, path: str) -> bool:
        """Whether any source is told for an argument."""
        return any(given.path == path for given in exchange.call.provenance)

    def fault(self, exchange: Exchange, path: str, value: Any, source: Source) -> str | None:
        """Find the reason code of what is wrong with a source; None where it holds."""
        # Words are read in a format only where the parameter's description asks for it.
        if isinstance(source, FromUser | FromContext) and not (
            source.rule not in FORMAT_OF
            or FormatInstruction(tool=exchange.call.name, parameter=path, rule=source.rule)
            in self.trajectory.task.formats
        ):
            return "source_misread"
        if isinstance(source, FromUser | FromResult) and source.message >= exchange.message:
            return "source_from_future"
        if isinstance(source, FromUser):
            return self._find_words_fault(self._at(source.message), "user", value, source)
        if isinstance(source, FromContext):
            first = self.trajectory.messages[0]
            return self._find_words_fault(first, "system", value, source)
        if isinstance(source, FromResult):
            message = self._at(source.message)
            if not isinstance(message, ToolMessage):
                return "source_wrong_role"
            if message.is_error:
                return "source_from_error"
            try:
                found = value_at(self.results[source.message], source.path)
            except KeyError:  # no such path, or not JSON at all
                return "source_missing_path"
            return None if equal(found, value) else "source_value_differs"
        steps = [name or int(number) for name, number in _STEP.findall(path)]
        defaults = _defaults(self.parameters.get(exchange.call.name, {}), steps)
        return None if any(equal(one, value) for one in defaults) else "source_no_default"

    def _find_words_fault(
        self, message: Message | None, role: str, value: Any, source: FromUser | FromContext
    ) -> str | None:
        if message is None or message.role != role or isinstance(message, ToolMessage):
            return "source_wrong_role"
        if not contains(message.text, source.span, source.rule):
            return "source_missing_span"
        return None if says(source.rule, source.span, value, self.clock) else "source_misread"

    def _at(self, position: int) -> Message | None:
        messages = self.trajectory.messages
        return messages[position] if 0 <= position < len(messages) else None


def contains(text: str, span: str, rule: str) -> bool:
    """Whether the span stands in the text as whole words: "Oak" does not stand in "Oakland"."""
    if not span.strip():
        return False
    before = _WORD_BEGINS if span[0].isalnum() else _ANYWHERE
    after = _WORD_ENDS if span[-1].isalnum() else _ANYWHERE
    if rule == "number" and span[-1].isdigit():
        after = _NUMBER_ENDS
    return stands_between(span, text, before, after)


def _defaults(schema: Any, steps: list[str | int]) -> Iterator[Any]:
    """Every value that a schema gives for the leaf at the end of the steps."""
    if not isinstance(schema, dict):
        return
    choices = schema.get("enum", ())
    for value in [*fixed_values(schema), *(choices if len(choices) == 1 else ())]:
        try:
            for step in steps:
                value = value[step]
        except (KeyError, IndexError, TypeError):
            continue
        yield value
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(key, ()):
            yield from _defaults(branch, steps)
    if steps and isinstance(steps[0], int):
        yield from _defaults(schema.get("items"), steps[1:])
    elif steps:
        properties = schema.get("properties", {})
        inner = properties.get(steps[0]) or schema.get("additionalProperties")
        yield from _defaults(inner, steps[1:])


_MOST_SHOWN = 100
"""Rows of a page, where the schema sets no bound of its own."""
_QUALIFIER = re.compile(r"(?<!\S)[a-z_]+:([\w./-]+)")
"""A condition of a search: ``state:open``."""
_TAKING = ("affirm", "choose", "correct", "inform")
"""Acts by which a user may take what was proposed."""


def follows(trajectory: Trajectory, exchange: Exchange, path: str, value: Any) -> bool:
    """Whether an argument follows from what was known when its call was made."""
    before = trajectory.messages[: exchange.message]
    clock = datetime.fromisoformat(trajectory.task.clock)
    known = {one.wire_name: one.properties for one in trajectory.tools}
    schema = known.get(exchange.call.name, {}).get(re.sub(r"\[\d+\]", "", path), {})
    items = schema.get("items") if "[" in path else None
    schema = items if isinstance(items, dict) else schema
    looks = exchange.call.name not in writers(trajectory)
    return (
        (looks and _is_option(path, value, schema))
        or _is_taken(before, value, clock)
        or (value in schema.get("enum", ()) and _is_synonym(trajectory.task.said, before, value))
        or (looks and _is_narrowed(before, value))
        # Which of a tool's deeds it is, is what the call is for; whether it is wanted, is not asked
        # here.
        or (
            path in data.table("lexicon/inference.yaml")["methods"]
            and value in schema.get("enum", ())
        )
        or _is_joined(before, value, schema)
        or _is_worked_out(before, value, clock)
    )


def _is_option(path: str, value: Any, schema: JsonObject) -> bool:
    """Whether it only says how many rows are shown, or from where on, within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    paging = data.table("lexicon/paging.yaml")
    name = read_words(path, datetime.min)
    sized, counted = name in paging["sizes"], name in (*paging["numbers"], *paging["offsets"])
    said = str(schema.get("description", ""))
    sized = sized or any(re.search(one, said, re.IGNORECASE) for one in paging["told_sizes"])
    least, most = schema.get("minimum", 0), schema.get("maximum", _MOST_SHOWN)
    return (sized or counted) and least <= value <= most


def _is_taken(before: Sequence[Message], value: Any, clock: datetime) -> bool:
    """Whether the assistant has proposed it, and the user has taken it."""
    proposed = False
    for message in before:
        if isinstance(message, AssistantMessage) and not proposed:
            known = isinstance(value, str | int | float)
            proposed = known and not isinstance(value, bool) and tells(message.text, value, clock)
        elif isinstance(message, UserMessage) and proposed and message.act in _TAKING:
            return message.act in ("affirm", "choose") or tells(message.text, value, clock)
    return False


def _is_synonym(told: Mapping[str, tuple[str, ...]], before: Sequence[Message], value: Any) -> bool:
    """Whether the user has said a choice in other words: "kids' doctor", "bookings"."""
    said = " ".join(one.text for one in before if isinstance(one, UserMessage)).casefold()
    said = read_words(said.replace("’", "'"), datetime.min)
    words = read_words(str(value), datetime.min)
    known = data.table("lexicon/choices.yaml").get(words, ())
    forms = (f"{words}s", words.removesuffix("s"), words.replace(" ", ""))  # of one, or of several
    return any(stands_in(one, said) for one in (*told.get(str(value), ()), *known, *forms))


def _is_narrowed(before: Sequence[Message], value: Any) -> bool:
    """Whether words that were said are looked for, with qualifiers that were: ``lamp is:open``."""
    if not isinstance(value, str) or not _QUALIFIER.search(value):
        return False
    said = " ".join(one.text for one in before if isinstance(one, UserMessage))
    plain = read_words(_QUALIFIER.sub(" ", value), datetime.min)
    parts = [*_QUALIFIER.findall(value), *([plain] if plain else [])]
    return all(stands_in(read_words(one, datetime.min), read_words(said, datetime.min))
               for one in parts)  # fmt: skip


def _is_joined(before: Sequence[Message], value: Any, schema: JsonObject) -> bool:
    """Whether it joins values that were said or shown by commas, as its description asks for."""
    asked = "comma" in str(schema.get("description", "")).casefold()
    parts = value.split(",") if isinstance(value, str) and asked else []
    shown = {str(one) for result in results(before).values() for _, one in leaves(result)}
    said = read_words(
        " ".join(one.text for one in before if isinstance(one, UserMessage)), datetime.min
    )
    return len(parts) > 1 and all(
        one.strip() in shown or stands_in(read_words(one, datetime.min), said) for one in parts
    )


def _is_worked_out(before: Sequence[Message], value: Any, clock: datetime) -> bool:
    """Whether it is a sum, a difference, the end of a span, a day so many days away."""
    derived = Derived(clock)
    values = results(before)
    for position, message in enumerate(before):
        if isinstance(message, ToolMessage):
            derived.learn(values.get(position))
        elif not isinstance(message, AssistantMessage):
            derived.listen(message.text, rule=isinstance(message, SystemMessage))
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return derived.has_number(value)
    return isinstance(value, str) and derived.has_moment(value)
