"""Faults that a plan draws: every kind that fits, once or for good, and the goal within reach."""

from collections import Counter
from datetime import datetime
from functools import cache
from importlib.resources import as_file

import data
from generators.embedding import HashEmbedder
from generators.importers import read_catalog
from generators.operators import USUAL_MIX
from generators.sandbox.errors_and_faults import DEGRADED, first_rows
from generators.studio import open_studio
from generators.tasks.clock import Setting
from generators.tasks.proof import flaws
from schemas.task import Task
from schemas.tool import Catalog
from tests.studio import draw, own_studio
from tests.test_kin_rows import NUMBER, tool

COUNT = 60


@cache
def faulted() -> tuple[Task, ...]:
    return draw(COUNT, fault=1, lasting=0.4)


@cache
def faulted_for_good() -> tuple[Task, ...]:
    return draw(36, fault=1, lasting=0.9)


@cache
def failed_at_the_clinic() -> tuple[Task, ...]:
    """Where new rows are often made in a turn of their own, and a list would show them."""
    with as_file(data.resource("catalogs")) as folder:
        studio = open_studio(read_catalog([folder / "clinic.json"]), HashEmbedder())
    return draw(14, studio, **dict.fromkeys(USUAL_MIX, 0.0) | {"fault": 1.0, "lasting": 1.0})


def setting_of(task: Task) -> Setting:
    clock = datetime.fromisoformat(task.clock)
    return Setting(own_studio().backend, task.environment_seed, clock)


def test_kinds_are_drawn_where_they_fit() -> None:
    kinds: Counter[tuple[str, bool]] = Counter()
    for task in (*faulted(), *faulted_for_good()):
        for call in task.calls:
            if call.fault:
                kinds[call.fault.kind, call.fault.transient] += 1
                reads = own_studio().world.models[call.tool].operation in ("get", "list")
                assert reads or call.fault.kind not in DEGRADED
                assert call.fault.transient or call.fault.kind not in DEGRADED
    lasting = {kind for kind, transient in kinds if not transient}
    assert {"timeout", "rate_limited", "server_error", "permission_denied"} <= lasting
    assert {"empty", "partial", "stale"} <= {kind for kind, once in kinds if once}


def test_a_desk_is_permitted_to_do_what_it_serves_people_with() -> None:
    faults = [call.fault for task in failed_at_the_clinic() for call in task.calls if call.fault]
    assert any(not one.transient for one in faults)
    assert "permission_denied" not in {one.kind for one in faults}


def test_who_may_not_do_a_thing_does_nothing_else_of_the_kind() -> None:
    models, denied = own_studio().world.models, 0
    for task in faulted_for_good():
        for number, call in enumerate(task.calls):
            if call.fault is None or call.fault.kind != "permission_denied":
                continue
            denied += 1
            model = models[call.tool]
            others = [models[one.tool] for n, one in enumerate(task.calls) if n != number]
            kin = [one for one in others if one.entity == model.entity]
            assert not any(one.writes or not model.writes for one in kin)
    assert denied


def test_nothing_is_sent_twice_that_might_be_done_twice() -> None:
    """Where nobody knows what became of a create, a list shows it, or there is none to look in."""
    looks = 0
    for task in (*faulted_for_good(), *failed_at_the_clinic()):
        for number, call in enumerate(task.calls):
            if call.fault is None or call.fault.kind not in ("timeout", "server_error"):
                continue
            assert call.repeatable or call.lost
            model = own_studio().world.models[call.tool]
            if model.writes and call.lost:
                look = task.calls[number + 1 : number + 2]
                looked = bool(look) and look[0].looks
                readers = own_studio().world.models.values()
                assert looked or not any(
                    one.entity == model.entity and not one.writes for one in readers
                )
                looks += looked
    assert looks


def test_what_fails_for_good_ends_its_turn_as_failed_and_feeds_nothing() -> None:
    count = 0
    for task in faulted():
        lost = {n for n, c in enumerate(task.calls) if c.fault and not c.fault.transient}
        assert not any(origin.call in lost for call in task.calls for origin in call.origins)
        failing = [turn for turn in task.turns if turn.outcome == "fail"]
        assert len(failing) == len(lost)
        assert ("lasting" in task.operators) == bool(lost)
        count += len(lost)
    assert count >= 12


def test_a_failed_turn_without_a_lasting_fault_is_a_flaw_and_the_other_way_round() -> None:
    task = next(task for task in faulted() if "lasting" in task.operators)
    assert list(flaws(setting_of(task), task)) == []
    turns = tuple(turn.model_copy(update={"outcome": "complete"}) for turn in task.turns)
    wrong = task.model_copy(update={"turns": turns})
    assert "outcome_does_not_fit" in {flaw.code for flaw in flaws(setting_of(task), wrong)}


def test_where_nothing_is_loaded_yet_nothing_is_shown_beside_it_either() -> None:
    graph = {"nodes": [1, 2], "edges": [3, 4, 5], "count": 3, "name": "notes"}
    assert first_rows(graph, 0) == {"nodes": [], "edges": [], "count": 0, "name": "notes"}
    assert first_rows(graph, 1) == {"nodes": [1, 2], "edges": [3], "count": 1, "name": "notes"}


def test_nobody_is_refused_a_sum_for_want_of_a_calculator() -> None:
    pair = {"first_number": NUMBER, "second_number": NUMBER}
    total = {"type": "object", "properties": {"result": NUMBER}, "required": ["result"]}
    tools = (tool("add_numbers", pair, total), tool("multiply_numbers", pair, total))
    studio = open_studio(Catalog(tools=tools), HashEmbedder())
    failing = dict.fromkeys(USUAL_MIX, 0.0) | {"fault": 1.0, "lasting": 1.0}
    faults = [call.fault for task in draw(10, studio, **failing) for call in task.calls]
    assert any(faults)
    assert all(one is None or one.transient for one in faults)
