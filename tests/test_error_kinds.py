"""Every kind of mistake: placed where it is meant, real in its consequences, caught by its code."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from data import resource
from generators.errors import KINDS
from generators.errors.draft import Draft, Kind
from generators.errors.ground import Ground
from generators.errors.kinds import arguments, asking, calls, untrue_words
from generators.errors.make import Made, make_mistake
from generators.lexicon.tables import read_phrases
from pipeline.dataset import Dataset
from pipeline.opening import environments
from pipeline.run.calibration import blame_first
from pipeline.run.output_folder import read_catalog
from schemas.check import EnvironmentFactory
from schemas.leaves import set_value
from schemas.message import ArgumentSource, AssistantMessage, FromResult
from schemas.reasons import BY_CODE
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.commands import OWN, toolweave
from validators.checks import examine
from validators.replay import certify

JUDGED = {"over_asking", "needless_call"}
"""Kinds that only a judge can decide."""
RARE = {"blind_repeat", "skipped_look"}
"""… and kinds for which a few conversations may have no place."""
_EACH = 4
FAULTS = {"fault": 0.4, "lasting": 0.3, "formatted": 0.2, "forbid": 0.2, "aside": 0.1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean")
    config = folder / "mix.yaml"
    config.write_text("mix: " + str(FAULTS))
    tools = [word for name in ("library", "travel")
             for word in ("--tools", resource("catalogs").joinpath(f"{name}.json"))]  # fmt: skip
    given = ("-n", 16, "--seed", 11, "--config", config, "--out", folder / "o", "--quiet")
    ran = toolweave("build", *tools, *given, stages=OWN)
    assert ran.code == 0
    return folder / "o"


@pytest.fixture(scope="module")
def world(folder: Path) -> EnvironmentFactory:
    return environments(read_catalog(folder), folder)


@pytest.fixture(scope="module")
def clean(folder: Path) -> list[Trajectory]:
    return [*Dataset.open(folder)]


def make(kind: Kind, clean: list[Trajectory], world: EnvironmentFactory) -> list[Made]:
    """The first few that find a place."""
    tried = (make_mistake(Ground(one, world), kind, seed=3) for one in clean)
    return [*islice(filter(None, tried), _EACH)]


@pytest.fixture(scope="module")
def mistakes(clean: list[Trajectory], world: EnvironmentFactory) -> Callable[[Kind], list[Made]]:
    """The first few of a kind, made once for all that look at them."""
    return cache(lambda kind: make(kind, clean, world))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_caught_by_its_code_where_it_stands(
    kind: Kind,
    mistakes: Callable[[Kind], list[Made]],
    clean: list[Trajectory],
    world: EnvironmentFactory,
) -> None:
    found = mistakes(kind)
    assert found or kind.name in RARE
    by_id = {one.id: one for one in clean}
    right = 0
    for made in found:
        mistake, twin = made.mistake, made.twin
        source = by_id[mistake.trajectory]
        assert twin.messages[: mistake.decision] == source.messages[: mistake.decision]
        assert isinstance(source.messages[mistake.decision], AssistantMessage)
        assert twin.messages[mistake.decision] == mistake.wrong[0]
        assert mistake.wrong[0] != source.messages[mistake.decision]
        examined = examine(twin.model_copy(update={"slips": ()}), world)
        assert mistake.code is None or mistake.code in BY_CODE
        assert (mistake.code is None) == (kind.name in JUDGED)
        assert mistake.code is None or mistake.code in examined.reasons or not examined.accepted
        assert examined.accepted == (kind.name in JUDGED)
        right += blame_first(examined) == mistake.blame
    assert right >= len(found) - 1 or kind.name in JUDGED


def test_to_look_first_is_no_mistake_after_a_call_that_failed(
    clean: list[Trajectory], world: EnvironmentFactory
) -> None:
    after, wrong_tool = 0, next(kind for kind in KINDS if kind.name == "wrong_tool")
    for one in clean:
        ground = Ground(one, world)
        for seed in range(3):
            for draft in wrong_tool.drafts(ground, Random(seed)):
                (call,) = draft.calls
                step = next(step for step in ground.steps if step.position == draft.decision)
                assert draft.code == "unexpected_write" or not ground.failed_before(step), call
        after += any(ground.failed_before(step) for step in ground.steps)
    assert after


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_follows_is_what_the_tools_really_answer(
    kind: Kind, mistakes: Callable[[Kind], list[Made]], world: EnvironmentFactory
) -> None:
    for made in mistakes(kind):
        assert certify(made.twin, world).holds
        assert made.recovery is None or certify(made.recovery, world).holds


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_recovery_is_accepted_with_the_mistake_masked_and_nothing_else(
    kind: Kind,
    mistakes: Callable[[Kind], list[Made]],
    clean: list[Trajectory],
    world: EnvironmentFactory,
) -> None:
    by_id = {one.id: one for one in clean}
    for made in mistakes(kind):
        if made.recovery is None:
            continue
        examined = examine(made.recovery, world)
        assert examined.accepted, examined.reasons
        source = by_id[made.mistake.trajectory]
        masked = [one.message for one in examined.labels if not one.train]
        before = [one.message for one in source.labels if not one.train]
        assert made.mistake.blame in masked
        assert len(masked) == len(before) + 1
        assert made.recovery.final_state == source.final_state
        assert made.recovery.id not in {source.id, made.twin.id}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_diagnosis_does_not_give_the_answer_away(
    kind: Kind, mistakes: Callable[[Kind], list[Made]], clean: list[Trajectory]
) -> None:
    by_id = {one.id: one for one in clean}
    for made in mistakes(kind):
        right = by_id[made.mistake.trajectory].messages[made.mistake.decision]
        assert isinstance(right, AssistantMessage)
        values = {str(v) for call in right.calls for v in call.arguments.values()}
        told = made.mistake.diagnosis
        assert told
        assert "{" not in told
        assert not any(len(value) > 3 and value in told for value in values)


def test_the_same_seed_makes_the_same_mistake(
    clean: list[Trajectory], world: EnvironmentFactory
) -> None:
    for kind in KINDS[:6]:
        assert make(kind, clean, world) == make(kind, clean, world)


def test_names_are_told_apart() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_a_value_is_set_at_a_path_and_nowhere_else() -> None:
    before = {"a": [{"b": 1}, {"b": 2}], "c": 3}
    assert set_value(before, "a[1].b", 9) == {"a": [{"b": 1}, {"b": 9}], "c": 3}
    assert before == {"a": [{"b": 1}, {"b": 2}], "c": 3}


def test_where_every_number_was_heard_none_is_made_up(
    clean: list[Trajectory], world: EnvironmentFactory
) -> None:
    for kind in (untrue_words.UNSUPPORTED, untrue_words.MISREAD):
        assert any([*kind.drafts(Ground(one, world), Random(1))] for one in clean)
        for one in clean:
            ground = Ground(one, world)
            vars(ground)["words"] = " ".join(map(str, range(1000)))
            assert not [*kind.drafts(ground, Random(1))]


def test_a_rival_is_what_no_call_wants(clean: list[Trajectory], world: EnvironmentFactory) -> None:
    found = 0
    for one in clean:
        ground = Ground(one, world)
        for step in ground.drawn(Random(1)):
            for _, changed in calls.call_rivals(ground, Random(1), step):
                found += 1
                assert not any(gold.is_made_by(step.call.name, changed, step.tool)
                               for gold in one.task.calls)  # fmt: skip
    assert found > 10


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        ({"orders": [{"id": "A"}, {"id": "B"}, {"id": "C"}], "name": "D"}, "orders[1].id"),
        ({"order_ids": ["A", "B", "C"], "names": ["D"]}, "order_ids[1]"),
    ],
)
def test_another_of_the_same_list_is_a_rival(
    shown: JsonObject, path: str, clean: list[Trajectory], world: EnvironmentFactory
) -> None:
    step = Ground(clean[0], world).steps[0]
    answer = step.answer.model_copy(update={"content": json.dumps(shown)})
    ground = Ground(clean[0].model_copy(update={"messages": (answer,)}), world)
    given = ArgumentSource(path="id", source=FromResult(message=0, path=path))
    call = step.call.model_copy(update={"arguments": {"id": "B"}, "provenance": (given,)})
    found = calls.call_rivals(ground, Random(1), replace(step, call=call, position=1))
    assert sorted(arguments["id"] for _, arguments in found) == ["A", "C"]


@pytest.mark.parametrize(("vain", "found"), [(0, True), (3, True), (20, False)])
def test_where_the_tools_answer_otherwise_the_next_place_is_tried(
    vain: int, found: bool, clean: list[Trajectory], world: EnvironmentFactory
) -> None:
    def place(ground: Ground, rng: Random) -> Iterator[Draft]:
        for draft in calls.REPEATED_WRITE.drafts(ground, rng):
            yield from [replace(draft, succeeds=False)] * vain
            yield draft

    kind = replace(calls.REPEATED_WRITE, drafts=place)
    (made,) = islice(filter(None, (make_mistake(Ground(one, world), calls.REPEATED_WRITE, 3)
                                   for one in clean)), 1)  # fmt: skip
    ground = Ground(next(one for one in clean if one.id == made.mistake.trajectory), world)
    assert make_mistake(ground, kind, 3) == (made if found else None)


@pytest.mark.parametrize("value", ["9999-12-31", {}, [], None])
def test_what_has_no_other_value_stays(value: object) -> None:
    assert arguments.change_value(value, {}, Random(1)) == value


@pytest.mark.parametrize(
    ("bounds", "least", "most"),
    [
        ({"maximum": 0}, 0, 0),
        ({"maximum": 0.5}, 0, 0),
        ({"maximum": -3}, -3, -3),
        ({"minimum": 7}, 7, 57),
        ({"maximum": 20}, 1, 20),
    ],
)
def test_a_number_is_made_up_within_its_bounds(
    bounds: dict[str, Any], least: int, most: int
) -> None:
    (value,) = arguments.list_values({"type": "number"} | bounds, Random(1))
    assert least <= value <= most
    narrow = {"type": "number", "minimum": 0.2, "maximum": 0.5}
    assert arguments.list_values(narrow, Random(1)) == []


def test_a_parameter_is_asked_for_by_what_people_call_it() -> None:
    assert asking._call_parameter("nonfree_baggages") == "number of bags paid for"
    assert asking._call_parameter("departure_date") == "departure date"


def test_the_words_of_mistakes_are_those_of_kinds() -> None:
    words = read_phrases("mistakes")
    assert {*words} <= {kind.name for kind in KINDS}
    assert {part for parts in words.values() for part in parts} == {
        "said", "answer", "answer_look", "notice",
    }  # fmt: skip
    assert all(ways for parts in words.values() for ways in parts.values())
    assert {kind.name for kind in KINDS if kind.notice} == {
        name for name, parts in words.items() if "notice" in parts
    }
