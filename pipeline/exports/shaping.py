"""What is done to conversations on their way out: by choice, or because a target needs it.

Each step takes a conversation and gives one; none knows a format.
"""

import random
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Batches, Beside, Masked
from schemas.canonical import derive_seed
from schemas.masks import find_trained
from schemas.record import JsonObject
from schemas.tool import ToolSpec


class RefusedError(Exception):
    """A conversation cannot be had in the shape that is asked for; the text says why."""


def join_running(chat: Chat) -> Chat:
    """What the assistant says in two messages running is one, and trained on if both are."""
    messages: list[Said] = []
    for said in chat.messages:
        last = messages[-1] if messages else None
        if last and last.role == said.role == "assistant" and not last.calls:
            messages[-1] = said._replace(
                text="\n\n".join(filter(None, (last.text, said.text))),
                reasoning="\n\n".join(filter(None, (last.reasoning, said.reasoning))),
                train=last.train and said.train,
                label=said.label if last.label == "good" else last.label,
            )
        else:
            messages.append(said)
    if len(messages) == len(chat.messages):
        return chat
    return replace(chat, messages=tuple(messages))


def narrow(chat: Chat, rules: Sequence[str]) -> Chat:
    """With only those messages learned from that the labels and all rules keep."""
    trained = find_trained(chat.record(), rules)
    return replace(
        chat,
        messages=tuple(
            said._replace(train=said.place in trained) if said.role == "assistant" else said
            for said in chat.messages
        ),
    )


def learn_from(chat: Chat, places: Collection[int]) -> Chat:
    """With only those messages learned from that stand at these places of the record."""
    kept = (said._replace(train=said.train and said.place in places) for said in chat.messages)
    return replace(chat, messages=tuple(kept))


def drop_reasoning(chat: Chat) -> Chat:
    """Without what models thought."""
    if not any(said.reasoning for said in chat.messages):
        return chat
    return replace(chat, messages=tuple(said._replace(reasoning="") for said in chat.messages))


def show_times(chat: Chat) -> Chat:
    """Time stamps before what users say and tools answer: the assistant's words stay its own."""
    return replace(
        chat,
        messages=tuple(
            said._replace(text=f"[{said.at}] {said.text}")
            if said.role in ("user", "tool")
            else said
            for said in chat.messages
        ),
    )


def shape_batches(chat: Chat, batches: Batches) -> Chat:
    """Several calls in one message: each in a message of its own, its result behind it."""
    if batches == "keep" or not any(len(said.calls) > 1 for said in chat.messages):
        return chat
    if batches == "refuse":
        raise RefusedError("several calls stand in one message")
    messages: list[Said] = []
    waiting: dict[str, Said] = {}
    for said in chat.messages:
        if said.role == "tool" and said.call_id in waiting:
            messages += (waiting.pop(said.call_id), said)
            continue
        if len(said.calls) > 1:
            first = said._replace(calls=said.calls[:1])
            alone = (said._replace(text="", reasoning="", calls=(one,)) for one in said.calls[1:])
            waiting = {one.calls[0].id: one for one in (first, *alone)}
        else:
            messages.append(said)
    if waiting:
        raise RefusedError("a call of several has no result")
    return replace(chat, messages=tuple(messages))


def shape_text_beside(chat: Chat, beside: Beside) -> Chat:
    """Text in a message that calls."""
    if beside == "keep" or not any(said.calls and said.text for said in chat.messages):
        return chat
    if beside == "refuse":
        raise RefusedError("text stands beside a call")
    return replace(
        chat,
        messages=tuple(said._replace(text="") if said.calls else said for said in chat.messages),
    )


def shape_masked(chat: Chat, masked: Masked) -> Chat:
    """For a target that trains on every message of the assistant's."""
    bad = next((n for n in chat.decisions if not chat.messages[n].train), None)
    if bad is None:
        return chat
    if masked == "refuse":
        raise RefusedError("a message is masked, and this target trains on all (--masked cut)")
    last = max((n for n in chat.decisions if n < bad and not chat.messages[n].calls), default=None)
    if last is None:
        raise RefusedError("nothing that is whole stands before the first masked message")
    return replace(chat, messages=chat.messages[: last + 1])


def mask_names(chat: Chat, seed: int) -> Chat:
    """Tools under tokens that tell nothing (Hammer): what they do is read from descriptions.

    Their names in descriptions, of parameters too, in the system message and in what tools answer
    follow. A name that is a plain word is left where it stands in a text: it may mean the word.
    """
    rng = random.Random(derive_seed("masked names", seed, chat.name))
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    names: dict[str, str] = {}
    while len(names) < len(chat.tools):
        token = "fn_" + "".join(rng.choices(letters, k=6))
        if token not in names.values():
            names[chat.tools[len(names)].wire_name] = token
    telling = [name for name in names if re.search(r"[_\d-]|[a-z][A-Z]", name)]
    anywhere = "|".join(map(re.escape, sorted(telling, key=len, reverse=True)))
    found = re.compile(rf"(?<![\w-])(?:{anywhere})(?![\w-])") if anywhere else None

    def follow(text: str) -> str:
        return found.sub(lambda one: names[one.group()], text) if found else text

    tools = tuple(
        one.model_copy(
            update={
                "wire_name": names[one.wire_name],
                "description": follow(one.description),
                "parameters": _retold(one.parameters, follow),
            }
        )
        for one in chat.tools
    )
    messages = tuple(
        said._replace(
            text=follow(said.text) if said.role in ("system", "tool") else said.text,
            name=names.get(said.name, said.name),
            calls=tuple(one._replace(name=names.get(one.name, one.name)) for one in said.calls),
        )
        for said in chat.messages
    )
    return replace(chat, tools=tools, messages=messages)


_VALUES = frozenset({"enum", "const", "default", "examples", "required", "pattern"})
"""Keywords of a schema under which stand values and names, not words about them."""
_WORDS = frozenset({"description", "title", "$comment"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords under which each key is a name of the schema's own."""


def _retold(schema: Any, follow: Callable[[str], str]) -> Any:
    """A schema with other words about what is in it."""
    if isinstance(schema, list):
        return [_retold(one, follow) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made: JsonObject = {}
    for key, value in schema.items():
        if key in _WORDS and isinstance(value, str):
            made[key] = follow(value)
        elif key in _NAMED and isinstance(value, dict):
            made[key] = {name: _retold(one, follow) for name, one in value.items()}
        else:
            made[key] = value if key in _VALUES else _retold(value, follow)
    return made


@lru_cache(maxsize=64)
def _strangers(known: "Known", domain: str) -> tuple[ToolSpec, ...]:
    return tuple(one for one in known.tools if one.domain != domain)


class Known:
    """All tools of a catalogue; the same object for the same catalogue."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self.tools = tuple(tools)


def add_distractors(chat: Chat, known: Known, count: int, seed: int) -> Chat:
    """Offer tools of other domains, too; where a wish was declined, one of them might serve it."""
    offered = {one.wire_name for one in chat.tools}
    strange = [one for one in _strangers(known, chat.domain) if one.wire_name not in offered]
    if not strange or any(one.outcome in ("refuse", "transfer") for one in chat.task().turns):
        return chat
    rng = random.Random(derive_seed("distractors", seed, chat.name))
    tools = [*chat.tools, *rng.sample(strange, min(count, len(strange)))]
    rng.shuffle(tools)
    return replace(chat, tools=tuple(tools))


_REQUESTS = ("request", "partial_request", "vague_request")
_NO_TOOL = (
    "I'm sorry, but none of the tools that I have here can do that.",
    "I can't help with that here: I have no tool for it.",
    "None of my tools covers that, so I can't do it for you.",
    "That's beyond what my tools can do, I'm afraid.",
)


def make_irrelevant(chat: Chat, known: Known, seed: int) -> Chat | None:
    """The first request, with tools that have nothing to do with it, and an honest no.

    None where there are no tools of another domain, or what is said first is no request. The
    system message speaks of the service and is left out.
    """
    strange = _strangers(known, chat.domain)
    opening = chat.opening
    if not strange or not opening or opening[-1].act not in _REQUESTS:
        return None
    asked = opening[-1]
    rng = random.Random(derive_seed("irrelevant", seed, chat.name))
    tools = rng.sample(strange, min(len(chat.tools), len(strange)))
    no = Said("assistant", rng.choice(_NO_TOOL), True, "good", at=asked.at)
    return replace(chat, tools=tuple(tools), messages=(asked, no), part="irrelevant")


def happens(share: float, *names: object) -> bool:
    """Whether it is one of such a share of cases: always the same ones of a seed."""
    return share > 0 and derive_seed(*names) % 1_000_000 < share * 1_000_000
