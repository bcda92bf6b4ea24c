"""What a target model fails is drawn more often: bounded, and the same bytes for the same seed."""

from collections import Counter
from pathlib import Path

import pytest

from generators.embedding import HashEmbedder
from generators.graph.tool_graph import build_graph
from generators.operators import USUAL_MIX
from generators.sampling.sampler import Focus, Link
from generators.sampling.stream import ChainStream
from generators.sampling.structure import Structure
from generators.sampling.walk_samplers import RandomWalkSampler
from pipeline.config import Settings, load_settings
from pipeline.probing.summary import summarise
from pipeline.probing.weights import weigh, weigh_mix, weigh_structure, write_weights
from schemas.attempt import Attempt
from schemas.errors import InputError
from schemas.message import AssistantMessage
from schemas.weights import MOST, Weights
from tests.commands import OWN, contents, manifest, toolweave
from tests.studio import take
from tests.worlds import shop

FAILING = 3
"""Of the takes, so many are failed each time, the others never."""


def summary() -> Weights:
    played = [take(index).trajectory for index in range(12)]
    attempts = [
        Attempt(trajectory=one.id, index=one.index, number=number, seed=0, model="m",
                passed=place >= FAILING)
        for place, one in enumerate(played) for number in range(4)
    ]  # fmt: skip
    return weigh(summarise("m", attempts, played))


def test_what_fails_weighs_more_and_nothing_more_than_so_much() -> None:
    found = summary()
    failed = {call.tool for index in range(FAILING) for call in take(index).trajectory.task.calls}
    well = {call.tool for index in range(FAILING, 12)
            for call in take(index).trajectory.task.calls}  # fmt: skip
    assert failed - well <= {*found.tools}
    assert not {*found.tools} & (well - failed)
    every = [*found.tools.values(), *found.operators.values(), *found.structure.values()]
    assert all(1 < weight <= MOST for weight in every)
    assert {*found.operators} <= {*USUAL_MIX}
    assert {*found.structure} <= {*Structure.model_fields}


def test_tools_weigh_by_their_moves_where_moves_were_tried() -> None:
    played = take(0).trajectory
    calls = {at: message.calls[0].name for at, message in enumerate(played.messages)
             if isinstance(message, AssistantMessage) and message.calls}  # fmt: skip
    hard = min(calls.values())
    attempts = [
        Attempt(trajectory=played.id, index=played.index, decision=at, number=number, seed=0,
                model="m", passed=name != hard)
        for at, name in calls.items() for number in range(8)
    ]  # fmt: skip
    assert len({*calls.values()}) > 1
    assert {*weigh(summarise("m", attempts, [played])).tools} == {hard}


def test_what_never_fails_weighs_nothing() -> None:
    played = take(0).trajectory
    attempt = Attempt(trajectory=played.id, index=played.index, number=0, seed=0, model="m",
                      passed=True)  # fmt: skip
    assert weigh(summarise("m", [attempt], [played])) == Weights(model="m")


def test_a_file_of_weights_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = summary()
    write_weights(tmp_path / "w.yaml", found)
    assert load_settings(None, {"weights": tmp_path / "w.yaml"}).weights == found
    (tmp_path / "w.yaml").write_text("tools: {get_it: 30}\n")
    with pytest.raises(InputError, match=r"weights.tools.get_it: input should be less than"):
        load_settings(None, {"weights": tmp_path / "w.yaml"})
    with pytest.raises(InputError, match=r"cannot be read"):
        load_settings(None, {"weights": tmp_path / "none.yaml"})


def test_shares_are_raised_by_their_weights_and_not_to_all() -> None:
    heavy = {"stale": 1.5, "fault": 3.0, "recall": 3.0}
    weights = Weights(operators=heavy, structure={"multi_hop": 3.0})
    mix = weigh_mix({"fault": 0.3, "recall": 0.8}, weights)
    stale = round(1.5 * USUAL_MIX["stale"], 4)
    assert mix == {"stale": stale, "fault": 0.5, "recall": 0.8}
    assert weigh_mix({"fault": 0.5}, None) == {"fault": 0.5}
    assert weigh_structure(Structure(), weights).multi_hop == 1.0
    with pytest.raises(InputError, match=r"no operator 'fuzz'"):
        weigh_mix({}, Weights(operators={"fuzz": 2.0}))
    with pytest.raises(InputError, match=r"no share 'hops'"):
        weigh_structure(Structure(), Weights(structure={"hops": 2.0}))


def test_in_a_block_each_tool_has_as_many_turns_as_it_weighs() -> None:
    world = shop()
    sampler = RandomWalkSampler(world, build_graph(world, HashEmbedder()))
    heavy = sampler.usable[0]

    def turns(focus: Focus) -> int:
        return 3 if heavy == (focus.consumer if isinstance(focus, Link) else focus) else 1

    foci: list[Focus] = [*sampler.usable, *sampler.links]
    stream = ChainStream(sampler, 1, turns=turns, kind_of=str)
    size = sum(map(turns, foci))
    kinds = Counter(stream.find_turn(index).kind for index in range(size))
    plain = Counter(focus.consumer if isinstance(focus, Link) else focus for focus in foci)
    assert kinds == {tool: count * (3 if tool == heavy else 1) for tool, count in plain.items()}


def test_a_build_with_weights_tells_them_and_makes_the_same_bytes_again(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    write_weights(file, Weights(model="m", operators={"fuzzy": 3.0}, tools={"lend_book": 3.0}))
    catalogue = Path(__file__).parents[1] / "data" / "catalogs" / "library.json"
    asked = ("build", "--tools", catalogue, "-n", 3, "--seed", 2, "--weights", file, "--quiet")
    made = []
    for name in ("one", "two"):
        out = tmp_path / name
        assert toolweave(*asked, "--out", out, stages=OWN).code == 0
        made.append(contents(out)["trajectories.jsonl"])
    assert made[0] == made[1]
    settings = manifest(tmp_path / "one")["settings"]
    assert isinstance(settings, dict)
    told = settings["weights"]
    assert told["operators"] == {"fuzzy": 3.0}
    assert Settings.model_validate({"weights": told}).weights == Weights.model_validate(told)
