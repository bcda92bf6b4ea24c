"""Records survive their journey through JSON, stay as they are, and take in nothing unknown."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.canonical import canonical_json
from schemas.graph import ChainStep, Feed, Gap, ToolChain
from schemas.message import (
    ArgumentSource,
    AssistantMessage,
    Call,
    Fault,
    FromContext,
    FromDefault,
    FromResult,
    FromUser,
    Message,
    Source,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from schemas.record import Record
from schemas.task import Fact, GoldCall, Origin, Persona, SamplerNote, Task, TaskTurn
from schemas.tool import ToolSource, ToolSpec
from schemas.trajectory import Roles, Trajectory
from schemas.twists import Noted, Revision
from schemas.verdict import Reason, TurnLabel, Verdict
from tests.studio import take, takes

text = st.text(max_size=8)
number = st.integers(0, 99)
scalar = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
anything = st.recursive(
    st.none() | scalar, lambda x: st.lists(x, max_size=2) | st.dictionaries(text, x, max_size=2)
)
objects = st.dictionaries(text, anything, max_size=2)
wire_names = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=2).map(tuple)


sources: st.SearchStrategy[Source] = st.one_of(
    st.builds(FromUser, message=number, span=text, rule=text),
    st.builds(FromResult, message=number, path=text),
    st.builds(FromContext, span=text, rule=text),
    st.builds(FromDefault),
)
argument_sources = st.builds(ArgumentSource, path=text, source=sources)
faults = st.none() | st.builds(Fault)
calls = st.builds(
    Call, id=text, name=text, arguments=objects, raw=st.none() | text,
    provenance=some(argument_sources),
)  # fmt: skip
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(SystemMessage, role=st.just("system")),
    st.builds(UserMessage, role=st.just("user")),
    st.builds(AssistantMessage, role=st.just("assistant"), calls=some(calls)),
    st.builds(ToolMessage, role=st.just("tool"), fault=faults),
)
gaps = st.builds(
    Gap, turn=number, step=st.none() | number, parameter=st.none() | text, tool=st.none() | text
)
chains = st.builds(
    ToolChain, gaps=some(gaps), implicit=some(number), operators=some(text),
    turns=some(some(number)),
    steps=some(st.builds(ChainStep, tool=text, feeds=some(st.builds(Feed, step=number)))),
)  # fmt: skip
gold_calls = st.builds(
    GoldCall, arguments=objects, origins=some(st.builds(Origin)), fault=faults
)  # fmt: skip
twists = st.builds(Revision, first=scalar) | st.builds(Noted)
turns = st.builds(TaskTurn, calls=some(gold_calls), twists=some(twists))
tasks = st.builds(
    Task, tools=some(text), persona=st.builds(Persona), turns=some(turns), chain=chains,
    known=some(st.builds(Fact, value=scalar)), operators=some(text),
    sampler=st.builds(SamplerNote),
)  # fmt: skip
tools = st.builds(
    ToolSpec, wire_name=wire_names, parameters=objects, returns=st.none() | objects,
    source=st.builds(ToolSource), inferred=some(text), repairs=some(text),
    renamed=st.dictionaries(text, text, max_size=2),
)  # fmt: skip
verdicts = st.builds(
    Verdict, reasons=some(st.builds(Reason)), confidence=st.none() | st.floats(0, 1)
)
trajectories = st.builds(
    Trajectory, schema_version=st.just(1), roles=st.builds(Roles), task=tasks, tools=some(tools),
    messages=some(messages), verdicts=some(verdicts),
    labels=some(st.builds(TurnLabel, reasons=some(text))),
)  # fmt: skip
records = st.one_of(argument_sources, calls, messages, chains, tasks, tools, verdicts, trajectories)


def kinds(kind: type[Record] = Record) -> list[type[Record]]:
    """Every record that the schemas define."""
    found = [kind] if kind is not Record else []
    for below in kind.__subclasses__():
        found += kinds(below)
    return [known for known in found if known.__module__.startswith("schemas.")]


for kind in kinds():
    kind.model_rebuild()  # what has to be given is read from signatures, which are made with it


def exact(value: Any) -> Any:
    """A value with the types of its scalars: ``1`` is not ``1.0`` and not ``True`` here."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    return type(value).__name__, value


def returns_from_json(record: Record) -> None:
    back = type(record).model_validate_json(record.model_dump_json())
    assert back == record
    assert exact(back.model_dump()) == exact(record.model_dump())
    again = type(record).model_validate(json.loads(json.dumps(record.model_dump(mode="json"))))
    assert again == record


@settings(max_examples=30, deadline=None)
@given(records)
def test_any_record_comes_back_from_json_as_it_was(record: Record) -> None:
    returns_from_json(record)


def test_conversations_and_their_parts_come_back_from_json_as_they_were() -> None:
    message: TypeAdapter[Message] = TypeAdapter(Message)
    for made in takes(30):
        trajectory = made.trajectory
        for record in (trajectory, trajectory.task, trajectory.task.chain, *trajectory.messages):
            returns_from_json(record)
        for said in trajectory.messages:
            back = message.validate_json(said.model_dump_json())
            assert type(back) is type(said)
            assert back == said
        back_again = Trajectory.model_validate_json(trajectory.model_dump_json())
        assert back_again.id == trajectory.id
        assert back_again.task.id == trajectory.task.id
        assert canonical_json(back_again.model_dump(mode="json")) == canonical_json(
            trajectory.model_dump(mode="json")
        )


def test_every_kind_of_record_is_frozen_and_closed() -> None:
    known = kinds()
    assert len(known) >= 25
    for kind in known:
        assert kind.model_config.get("frozen") is True, kind
        assert kind.model_config.get("extra") == "forbid", kind


@given(records)
@settings(max_examples=30, deadline=None)
def test_a_record_takes_no_unknown_key_and_no_other_value(record: Record) -> None:
    written = record.model_dump(mode="json")
    with pytest.raises(ValidationError, match=r"unexpected|Extra inputs"):
        type(record).model_validate({**written, "unexpected": 1})
    for name in type(record).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(record, name, getattr(record, name))
    with pytest.raises(ValidationError):
        record.invented = 1  # type: ignore[attr-defined]


@given(tasks)
@settings(max_examples=20, deadline=None)
def test_the_identity_of_a_task_changes_with_whatever_it_holds(task: Task) -> None:
    assert task.model_copy().id == task.id
    for change in ({"clock": task.clock + "0"}, {"tools": (*task.tools, "x")}, {"known": (FACT,)}):
        if change != {"known": task.known}:
            assert task.model_copy(update=change).id != task.id


FACT = Fact(call=0, path="city", value="Oslo", semantic="city")


def test_the_identity_of_a_trajectory_is_that_of_task_seed_and_roles() -> None:
    one = take(0).trajectory
    assert one.model_copy(update={"index": 99, "messages": (), "final_state": ""}).id == one.id
    for change in (
        {"seed": one.seed + 1},
        {"roles": Roles(user="m")},
        {"task": take(1).trajectory.task},
    ):
        assert one.model_copy(update=change).id != one.id


FINE = Verdict(check="a", version=1, level="text", label="good")


@pytest.mark.parametrize(
    ("labels", "accepted"),
    [
        ((), False),
        (("good",), True),
        (("good", "good"), True),
        (("good", "unknown"), False),
        (("good", "recoverable"), False),
        (("bad", "good"), False),
    ],
)
def test_only_what_every_verdict_finds_good_is_accepted(
    labels: tuple[str, ...], accepted: bool
) -> None:
    found = tuple(
        FINE.model_copy(update={"label": label, "reasons": (Reason(code=label), Reason(code="x"))})
        for label in labels
    )
    judged = take(0).trajectory.model_copy(update={"verdicts": found})
    assert judged.accepted is accepted
    assert judged.reasons == tuple(dict.fromkeys(code for label in labels for code in (label, "x")))


def test_what_is_recoverable_names_a_message_that_is_masked() -> None:
    reasons = (Reason(code="a", message=4), Reason(code="b"))
    for kept, accepted in ((reasons[:1], True), (reasons, False), ((), False)):
        found = FINE.model_copy(update={"label": "recoverable", "reasons": kept})
        judged = take(0).trajectory.model_copy(update={"verdicts": (FINE, found)})
        assert judged.accepted is accepted


@pytest.mark.parametrize(
    "written",
    [
        {"role": "judge", "index": 0, "turn": 0, "timestamp": "", "text": "x"},
        {"role": "user", "index": 0, "turn": 0, "timestamp": "", "text": "x"},
        {"role": "user", "index": 0, "turn": 0, "timestamp": "", "text": "x", "act": "call"},
        {"role": "assistant", "index": 0, "turn": 0, "timestamp": "", "act": "request"},
        {"index": 0, "turn": 0, "timestamp": "", "text": "x"},
    ],
)
def test_a_message_that_is_none_is_refused(written: dict[str, Any]) -> None:
    message: TypeAdapter[Message] = TypeAdapter(Message)
    with pytest.raises(ValidationError):
        message.validate_python(written)
