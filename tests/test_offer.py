"""What an assistant is offered: needed, near and random tools, and never what is asked in vain."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.dialogue.acts import opening_act
from generators.embedding import HashEmbedder, Vectors, WordEmbedder
from generators.language.phrase import chat_intents, chat_lines
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_words
from generators.operators import make_mix
from generators.sampling.structure import Structure
from generators.studio import Studio, open_studio
from generators.tasks.clock import start_of
from generators.tasks.draw_task import draw_task
from generators.tasks.offered_tools import Shelf, list_vain_wishes, may_miss, serves, wish_of
from schemas.task import Task, TaskTurn
from schemas.twists import SmallTalk, Withheld, find_twists
from tests.studio import SEED, own_catalog, own_studio

WORLD = own_studio().world
NAMES = tuple(tool.wire_name for tool in own_catalog().tools)
SHELF = Shelf(WORLD, NAMES, WordEmbedder())
few = settings(max_examples=40, deadline=None)
needed_tools = st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True)


@few
@given(needed_tools, st.integers(0, 2**40))
def test_fifteen_are_needed_or_near_and_five_are_any(needed: list[str], seed: int) -> None:
    offered = SHELF.offer(needed, Random(seed))
    assert len(offered) == len(set(offered)) == 20
    assert set(needed) < set(offered)
    nearest = sorted(
        (name for name in NAMES if name not in needed),
        key=lambda name: -round(max(SHELF.likeness(name, other) for other in needed), 4),
    )
    assert set(nearest[: 13 - len(needed)]) <= set(offered)  # two less, for ties
    assert SHELF.offer(needed, Random(seed)) == offered


def test_the_place_of_a_tool_tells_nothing() -> None:
    places = [SHELF.offer(["pay_fine"], Random(n)).index("pay_fine") for n in range(400)]
    assert min(places) == 0
    assert max(places) == 19
    assert 8 < sum(places) / len(places) < 11


def test_sizes_can_be_chosen_and_small_catalogues_are_offered_whole() -> None:
    assert len(Shelf(WORLD, NAMES, HashEmbedder(), 3, 5).offer(["pay_fine"], Random(1))) == 5
    few_names = NAMES[:7]
    offered = Shelf(WORLD, few_names, HashEmbedder()).offer([few_names[2]], Random(1))
    assert sorted(offered) == sorted(few_names)
    many = list(NAMES[:30])
    assert sorted(SHELF.offer(many, Random(1))) == sorted(many)


def test_what_is_barred_is_not_offered() -> None:
    offered = SHELF.offer(["pay_fine"], Random(1), lambda name: name.startswith("list"))
    assert len(offered) == 20
    assert not [name for name in offered if name.startswith("list")]


class Counting(HashEmbedder):
    """Counts how often it is asked."""

    asked = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        vectors: Vectors = np.asarray(super().embed(texts))
        return vectors


def test_the_vectors_are_made_once() -> None:
    embedder = Counting()
    shelf = Shelf(WORLD, NAMES, embedder)
    for seed in range(5):
        shelf.offer(["pay_fine"], Random(seed))
    assert embedder.asked == 1


def tasks_of(studio: Studio, seed: int, count: int) -> list[Task]:
    """Tasks of the first chains of a seed, all in one world: it is seeded once."""
    bench, start = studio.bench, start_of(studio.world, SEED)
    chains = map(studio.stream(seed).draw, range(count))
    return [draw_task(bench, place, chain, start=start) for place, chain in enumerate(chains)]


@cache
def vain_tasks() -> tuple[Task, ...]:
    """Tasks in which something is asked for in vain, by the mix or by a gap of the chain."""
    studio = open_studio(
        own_catalog(), WordEmbedder(), make_mix(unsupported=0.8),
        structure=Structure(split=0.6, compose=0.4),
    )  # fmt: skip
    tasks = tasks_of(studio, 1, 20)
    return tuple(task for task in tasks if any(turn.outcome == "refuse" for turn in task.turns))


def test_no_offered_tool_serves_what_is_asked_for_in_vain() -> None:
    wishes = {wish_of(model): name for name, model in WORLD.models.items() if model.writes}
    found = 0
    for task in vain_tasks():
        for turn in task.turns:
            if turn.outcome == "refuse" and not turn.calls and turn.intent in wishes:
                missing = wishes[turn.intent]
                assert missing not in task.tools
                assert not [name for name in task.tools if serves(SHELF, name, missing)]
                found += 1
    assert found


def test_what_is_wished_in_vain_suits_the_things_that_it_is_about() -> None:
    said = " ".join(list_vain_wishes(["category", "tenant"], set()))
    assert "categories into a spreadsheet" in said
    for odd in ("sister", "post", "Polish", "map", "chart"):
        assert odd not in said
    wished = " ".join(list_vain_wishes(["playlist", "holiday booking"], {"spreadsheet"}))
    assert "let my sister see the playlists" in wished
    assert "holiday bookings sent by post" in wished
    assert "spreadsheet" not in wished
    assert "on a map" in " ".join(list_vain_wishes(["hotel"], set()))
    odd = " ".join(list_vain_wishes(["reservation", "git branch", "file"], set()))
    assert "on a map" not in odd
    assert "Polish" not in odd
    assert not list_vain_wishes(["customer"], set())


def test_nobody_wants_people_drawn_translated_or_copied() -> None:
    people = {plural(one) for one in load_words("inference", "people")}
    wishes = [turn.intent for task in vain_tasks() for turn in task.turns
              if turn.outcome == "refuse" and not turn.calls]  # fmt: skip
    outside = [wish for wish in wishes if re.search(r"\bthe (?:list of )?\w+", wish)]
    assert outside
    assert not [wish for wish in wishes if re.search(rf"\bthe (?:{'|'.join(people)})\b", wish)]


def test_a_missing_function_of_the_chain_is_asked_for_and_not_offered() -> None:
    found = 0
    for task in vain_tasks():
        for gap in task.chain.gaps:
            if gap.kind == "missing_function":
                assert gap.tool not in task.tools
                wish = wish_of(WORLD.models[gap.tool or ""])
                assert wish in [turn.intent for turn in task.turns if turn.outcome == "refuse"]
                found += 1
    assert found


def test_what_does_the_same_work_is_told_from_what_does_not() -> None:
    assert serves(SHELF, "cancel_order", "cancel_order")
    assert serves(SHELF, "update_customer", "update_customer")
    assert serves(SHELF, "change_delivery_address", "cancel_order")
    assert not serves(SHELF, "get_order", "cancel_order")
    assert not serves(SHELF, "pay_fine", "cancel_order")
    assert may_miss(SHELF, "pay_fine", ["list_orders", "cancel_order"])
    assert not may_miss(SHELF, "pay_fine", ["pay_fine"])


def test_a_missing_parameter_is_held_back_and_implicit_calls_are_used() -> None:
    studio = replace(own_studio(), structure=Structure(split=1, compose=0.7, insert=0.4))
    held = hidden = 0
    for task in tasks_of(studio, 4, 10):
        calls = [(turn, call) for turn in task.turns for call in turn.calls]
        for gap in task.chain.gaps:
            if gap.kind == "missing_parameter":
                leaves = {
                    (one.call, one.path)
                    for turn in task.turns
                    for one in find_twists(turn, Withheld)
                }
                tool = task.chain.steps[gap.step or 0].tool
                assert any(
                    (n, gap.parameter) in leaves
                    for n, (_, call) in enumerate(calls)
                    if call.tool == tool
                )
                held += 1
        for step in task.chain.implicit:
            tool = task.chain.steps[step].tool
            for n, (turn, call) in enumerate(calls):
                own = [o for t, c in calls for o in c.origins if t is turn and o.call == n]
                if call.tool == tool and own:
                    hidden += 1
    assert held
    assert hidden


@pytest.mark.parametrize("intent", chat_intents())
def test_small_talk_is_answered_in_kind(intent: str) -> None:
    turn = TaskTurn(intent=intent, twists=(SmallTalk(),))
    assert opening_act(turn) == "chat"
    for seed in range(12):
        said, answered = chat_lines(intent, Random(seed))
        assert said
        assert not answered.endswith("?")
