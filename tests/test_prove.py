"""Short samples of decisions, and how what a model writes of them is scored."""

import json
from collections import Counter

from benchmarks.prove import read_call, score
from benchmarks.short_samples import LONGEST, list_samples, shuffle_arguments, write_call
from schemas.canonical import canonical_json
from schemas.message import AssistantMessage, Call
from schemas.record import JsonObject
from tests.studio import take


def samples() -> list[JsonObject]:
    return [one for index in range(16) for one in list_samples(take(index).trajectory)]


def test_a_sample_ends_before_the_call_that_it_wants() -> None:
    found = samples()
    assert len(found) > 6
    for one in found:
        roles = [message["role"] for message in one["messages"]]
        assert roles == ["system", *["user", "assistant"] * (len(roles) // 2)][: len(roles)]
        assert roles[-1] == "user"
        assert f"{one['tool']}(" in one["messages"][0]["content"]
        assert sum(len(message["content"]) for message in one["messages"]) <= LONGEST
    index, place = 0, 0
    for message in take(index).trajectory.messages:
        place += isinstance(message, AssistantMessage) and len(message.calls) == 1
    assert len([*list_samples(take(index).trajectory)]) <= place


def test_shuffled_arguments_are_those_of_another_call_of_the_tool() -> None:
    plain = samples()
    other = shuffle_arguments(plain, 1)
    many = Counter(one["tool"] for one in plain)
    known = {(one["tool"], canonical_json(one["arguments"])) for one in plain}
    for one, two in zip(plain, other, strict=True):
        assert (one["messages"], one["tool"]) == (two["messages"], two["tool"])
        assert canonical_json(one["arguments"]) != canonical_json(two["arguments"])
        told = json.loads(two["target"].removeprefix("<tool_call>").removesuffix("</tool_call>"))
        assert told == {"name": two["tool"], "arguments": two["arguments"]}
        if many[one["tool"]] > len(plain) // 4:
            assert (two["tool"], canonical_json(two["arguments"])) in known
    assert shuffle_arguments(plain, 1) == other


def test_tool_and_arguments_are_scored_apart_and_a_default_is_as_good_left_out() -> None:
    sample = {"id": "a", "tool": "pay", "arguments": {"id": "F1"}, "defaults": {"by": "card"}}
    told = {
        '{"name": "pay", "arguments": {"id": "F1"}}': (1, 1),
        '{"name": "pay", "arguments": {"by": "card", "id": "F1"}}': (1, 1),
        '{"name": "pay", "arguments": {"id": "F2"}}': (1, 0),
        '{"name": "list", "arguments": {"id": "F1"}}': (0, 0),
        '{"name": "pay", "arguments": {"id": "F1': (1, 0),
        '{"name": "pay", "arguments": "F1"}': (1, 0),
        "[]": (0, 0),
    }
    for said, (tool, whole) in told.items():
        answer = {"id": "a", "said": f"<tool_call>{said}</tool_call>"}
        found = score({"a": sample}, [answer])
        assert (found["tool"]["hits"], found["arguments"]["hits"]) == (tool, whole), said
        assert found["tool"]["of"] == 1
    call = Call(id="", name="pay", arguments={"id": "É1"})
    assert read_call(write_call(call)) == {"name": "pay", "arguments": {"id": "É1"}}
