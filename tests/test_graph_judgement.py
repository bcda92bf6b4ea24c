"""A model's opinion of edges fails closed; running them shows what is consumed."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder
from generators.graph.edge_judgement import judge_edges, read_verdicts
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.sampling.edge_trials import check_edges, spoil
from generators.world.infer import infer_world
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import ProviderError
from schemas.graph import Edge
from tests.test_graph import OWN
from tests.worlds import shop


class Opinion:
    """A model that answers as it is told, given how many candidates it was shown."""

    name = "opinion"

    def __init__(self, answer: Callable[[int], str]) -> None:
        self.answer = answer
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        material = str(request.messages[-1]["content"])
        return ChatReply(text=self.answer(material.count("\n   gives ")))


class Broken(Opinion):
    """An endpoint that fails."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        raise ProviderError("the endpoint is absent")


def verdicts(scores: Sequence[int]) -> str:
    entries = [{"candidate": n, "score": s, "reason": "because"} for n, s in enumerate(scores, 1)]
    return json.dumps({"verdicts": entries})


def judged(answer: Callable[[int], str], **options: Any) -> tuple[ToolGraph, Opinion]:
    graph, opinion = build_graph(shop(), HashEmbedder()), Opinion(answer)
    return asyncio.run(judge_edges(graph, shop(), opinion, 1, **options)), opinion


def test_edges_that_score_enough_are_kept_with_their_reason() -> None:
    graph = build_graph(shop(), HashEmbedder())
    kept, opinion = judged(lambda count: verdicts([5] * count))
    assert [e.model_copy(update={"judgement": None}) for e in kept.edges] == list(graph.edges)
    for edge in kept.edges:
        assert edge.judgement is not None
        assert (edge.judgement.score, edge.judgement.model) == (5, "opinion")
    assert len(opinion.requests) == len({edge.consumer for edge in graph.edges})
    assert not judged(lambda count: verdicts([4] * count))[0].edges


@pytest.mark.parametrize(
    "answer",
    [
        "", "yes", "[]", "{}", '{"verdicts": 9}', '{"verdicts": [9]}',
        '{"verdicts": [{"candidate": 1, "score": 10, "reason": "r"}]}',
        '{"verdicts": [{"candidate": 1, "score": "9", "reason": "r"}]}',
        '{"verdicts": [{"candidate": 1, "score": true, "reason": "r"}]}',
        '{"verdicts": [{"candidate": 1, "score": 9, "reason": ""}]}',
        '{"verdicts": [{"candidate": 1, "score": 9}]}',
        '{"verdicts": [{"candidate": 99, "score": 9, "reason": "r"}]}',
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_keeps_nothing(answer: str) -> None:
    assert not judged(lambda count: answer)[0].edges


def test_two_verdicts_of_one_candidate_are_none() -> None:
    entries = [{"candidate": 1, "score": s, "reason": "r"} for s in (9, 0)]
    assert read_verdicts(json.dumps({"verdicts": entries}), 1, "m") == {}


def test_the_edge_without_a_verdict_is_not_kept_beside_one_that_has() -> None:
    kept, _ = judged(lambda count: verdicts([9]))
    consumers = [edge.consumer for edge in kept.edges]
    assert consumers
    assert len(set(consumers)) == len(consumers)


def test_no_more_candidates_are_asked_about_than_the_bound() -> None:
    kept, opinion = judged(lambda count: verdicts([9] * count), most_neighbours=2)
    sizes = [str(r.messages[-1]["content"]).count("\n   gives ") for r in opinion.requests]
    assert max(sizes) == 2
    assert len(kept.edges) == sum(sizes)


def test_a_failing_endpoint_is_no_verdict() -> None:
    graph = build_graph(shop(), HashEmbedder())
    with pytest.raises(ProviderError, match="absent"):
        asyncio.run(judge_edges(graph, shop(), Broken(str), 1))


@settings(max_examples=60, deadline=None)
@given(st.text(), st.integers(0, 5))
def test_no_answer_breaks_the_reading(text: str, count: int) -> None:
    assert all(1 <= number <= count for number in read_verdicts(text, count, "m"))


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(), st.integers(), st.booleans(), st.dates().map(str)))
def test_a_spoilt_value_is_another_one_of_the_same_type(value: Any) -> None:
    found = list(spoil(value))
    assert found
    assert all(type(other) is type(value) for other in found)
    assert any(other != value for other in found)


def checked(edges: Sequence[Edge]) -> dict[tuple[str, str], bool | None]:
    from generators.importers import read_catalog

    world = infer_world(read_catalog([OWN / "travel.json"]).tools)
    graph = check_edges(ToolGraph(world.models, edges), world, 1)
    return {(edge.producer, edge.consumer): edge.consumed for edge in graph.edges}


def edge_of(producer: str, path: str, consumer: str, parameter: str) -> Edge:
    return Edge(
        producer=producer, result_path=path, consumer=consumer, parameter=parameter, score=1,
        method="identity",
    )  # fmt: skip


def test_an_id_that_finds_its_row_is_consumed_and_one_of_another_kind_is_not() -> None:
    found = checked(
        [
            edge_of("search_flights", "flights[].flight_id", "get_flight", "flight_id"),
            edge_of("search_hotels", "hotels[].hotel_id", "get_flight", "flight_id"),
            edge_of("search_flights", "flights[].absent", "book_flight", "flight_id"),
        ]
    )
    assert found["search_flights", "get_flight"] is True
    assert found["search_hotels", "get_flight"] is False
    assert found["search_flights", "book_flight"] is None


def test_checking_is_the_same_each_time() -> None:
    edges = [edge_of("search_flights", "flights[].flight_id", "book_flight", "flight_id")]
    assert checked(edges) == checked(edges)
