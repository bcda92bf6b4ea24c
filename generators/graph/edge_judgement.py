"""A model's opinion of the edges: whether the value suits, and whether anyone goes that way.

After ToolMind (arXiv 2511.15718), which has candidates scored 0 to 9, and Magnet (arXiv
2503.07826), which bounds the neighbours of a tool that are asked about. One request for each
consumer. An edge of which no verdict can be read is *unknown* and is not kept, nor is one that was
never asked about; a provider's failure is no verdict, its ProviderError passes through.
"""

import json
from collections.abc import Sequence
from typing import Any

from data.prompts import SHIPPED, Prompts
from generators.graph.tool_graph import ToolGraph
from generators.graph.value_kinds import description_of
from generators.world.model import World
from schemas.awaiting import await_all
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatRequest, object_shape
from schemas.errors import RefusedRequestError
from schemas.graph import Edge, Judgement

KEEP_FROM = 5
"""Score from which an edge is kept: "possible, though unusual"."""
MOST_NEIGHBOURS = 30
"""Candidates of one consumer that are asked about, the likeliest first."""
_TRIES = 2


async def judge_edges(
    graph: ToolGraph,
    world: World,
    chat: ChatModel,
    seed: int,
    *,
    keep_from: int = KEEP_FROM,
    most_neighbours: int = MOST_NEIGHBOURS,
    prompts: Prompts = SHIPPED,
) -> ToolGraph:
    """Keep the edges that a model scores ``keep_from`` (0 to 9) or more, with its judgement.

    All consumers are asked about at once; how many requests are open is the model's business.
    Raises ProviderError.
    """
    by_consumer: dict[str, list[Edge]] = {}
    for edge in sorted(
        graph.edges, key=lambda e: (-e.score, e.producer, e.result_path, e.parameter)
    ):
        by_consumer.setdefault(edge.consumer, []).append(edge)
    asked = [by_consumer[consumer][:most_neighbours] for consumer in sorted(by_consumer)]
    answers = await await_all(_judge_consumer(world, chat, seed, few, prompts) for few in asked)
    judged = [edge for edges in answers for edge in edges]
    kept = [edge for edge in judged if edge.judgement and edge.judgement.score >= keep_from]
    return ToolGraph(graph.tools, kept)


async def _judge_consumer(
    world: World, chat: ChatModel, seed: int, edges: Sequence[Edge], prompts: Prompts
) -> list[Edge]:
    """Edges of one consumer, with a judgement where one could be read."""
    consumer = world.models[edges[0].consumer]
    candidates = [
        {
            "edge": edge,
            "producer": world.models[edge.producer].tool,
            "given": _describe_leaf(world.models[edge.producer].returns, edge.result_path),
            "wanted": description_of(consumer.parameter(edge.parameter).schema),
        }
        for edge in edges
    ]
    material = prompts.render("judge_edges.j2", consumer=consumer.tool, candidates=candidates)
    verdicts: dict[int, Judgement] = {}
    verdict = object_shape({
        "candidate": {"type": "integer", "enum": [*range(1, len(edges) + 1)]},
        "score": {"type": "integer", "enum": [*range(10)]},
        "reason": {"type": "string"},
    })  # fmt: skip
    for attempt in range(_TRIES):
        request = ChatRequest(
            role="judge",
            messages=({"role": "user", "content": material},),
            seed=derive_seed(seed, "edges", consumer.name, attempt),
            temperature=0.0,
            json_object=True,
            shape=object_shape({"verdicts": {"type": "array", "items": verdict}}),
        )
        try:
            reply = await chat.complete(request)
        except RefusedRequestError:  # what was not judged is unknown
            continue
        verdicts = read_verdicts(reply.text, len(edges), chat.name) | verdicts
        if len(verdicts) == len(edges):
            break
    return [
        edge.model_copy(update={"judgement": verdicts.get(number)})
        for number, edge in enumerate(edges, 1)
    ]


def _describe_leaf(schema: Any, path: str) -> str:
    """What a result's schema says of the value at a path; empty where it says nothing."""
    told = ""
    for name in path.replace("[]", ".[]").split("."):
        if not isinstance(schema, dict):
            return told
        schema = schema.get("items") if name == "[]" else schema.get("properties", {}).get(name)
        if isinstance(schema, dict):
            told = str(schema.get("description", told if name == "[]" else ""))
    return told


def read_verdicts(text: str, count: int, model: str) -> dict[int, Judgement]:
    """Read the verdicts of an answer, by number from 1 to ``count``.

    What is missing, said twice or out of bounds is left out: unknown, never an opinion.
    """
    try:
        entries = json.loads(text)["verdicts"]
    except (ValueError, KeyError, TypeError):
        return {}
    found: dict[int, Judgement] = {}
    twice: set[int] = set()
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        number, score, reason = (entry.get(key) for key in ("candidate", "score", "reason"))
        if type(number) is not int or type(score) is not int or not isinstance(reason, str):
            continue
        if 1 <= number <= count and 0 <= score <= 9 and reason:
            twice |= {number} & found.keys()
            found[number] = Judgement(score=score, reason=reason, model=model)
    return {number: judgement for number, judgement in found.items() if number not in twice}
