"""Solvability: a drawn task is proven, and each way of spoiling it is found by its code."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from generators.tasks.clock import Setting
from generators.tasks.feeding import scalars
from generators.tasks.needed_reads import HOLDS_FOR, Step, idle_reads
from generators.tasks.plan import TurnPlan
from generators.tasks.proof import flaws, misplaced, outdated
from generators.world.infer import infer_world
from schemas.brief import Brief
from schemas.canonical import written_json
from schemas.environment import Change
from schemas.message import Fault
from schemas.task import Acceptance, GoldCall, MustSay, Origin, Task, TaskTurn
from schemas.twists import Condition, Reference, find_twists
from tests.studio import own_studio, takes
from tests.test_wishes import TEXT, tool


def codes(task: Task) -> list[str]:
    setting = Setting(
        own_studio().backend, task.environment_seed, datetime.fromisoformat(task.clock)
    )
    return [flaw.code for flaw in flaws(setting, task)]


def tasks(count: int = 40) -> list[Task]:
    return [made.trajectory.task for made in takes(count)]


def with_call(task: Task, number: int, **changes: Any) -> Task:
    turns, at = [], 0
    for turn in task.turns:
        calls = [
            call.model_copy(update=changes) if at + place == number else call
            for place, call in enumerate(turn.calls)
        ]
        at += len(turn.calls)
        turns.append(turn.model_copy(update={"calls": tuple(calls)}))
    return task.model_copy(update={"turns": tuple(turns)})


def writes(task: Task) -> list[int]:
    models = own_studio().world.models
    return [number for number, call in enumerate(task.calls) if models[call.tool].writes]


def sources(task: Task) -> list[int]:
    return [o.call for call in task.calls for o in call.origins if o.call is not None]


@pytest.fixture(scope="module")
def task() -> Task:
    """One with a write, and a call that another one needs."""
    return next(one for one in tasks() if writes(one) and sources(one))


def test_every_drawn_task_is_proven() -> None:
    assert [codes(task) for task in tasks(12)] == [[]] * 12


def altered_result(task: Task) -> Task:
    call = task.calls[0]
    return with_call(task, 0, result=json.dumps({"was": call.result}))


def unknown_row(task: Task) -> Task:
    number = next(n for n, call in enumerate(task.calls) if any(o.call is not None for o in
                                                                 call.origins))  # fmt: skip
    call = task.calls[number]
    path = next(o.path for o in call.origins if o.call is not None)
    top = path.partition("[")[0].partition(".")[0]
    wrong: Any = ["nobody"] if isinstance(call.arguments[top], list) else "nobody"
    return with_call(task, number, arguments={**call.arguments, top: wrong})


def other_end(task: Task) -> Task:
    return task.model_copy(update={"final_state": "0" * 16})


def lasting_fault(task: Task) -> Task:
    return with_call(task, sources(task)[0], fault=Fault(kind="timeout", transient=False))


def unsaid(task: Task) -> Task:
    must = MustSay(turn=0, call=0, path="no.such.path", value="never")
    return task.model_copy(update={"acceptance": Acceptance(must_say=(must,))})


def anybody(task: Task) -> Task:
    first = task.turns[0]
    described = Reference(call=0, path="x", table="shop/product", conditions=())
    turn = first.model_copy(update={"twists": (described,)})
    return task.model_copy(update={"turns": (turn, *task.turns[1:])})


def nobody(task: Task) -> Task:
    spoilt = anybody(task)
    (reference,) = find_twists(spoilt.turns[0], Reference)
    nothing = (Condition(field="name", value="no such thing"),)
    turn = spoilt.turns[0].model_copy(
        update={"twists": (reference.model_copy(update={"conditions": nothing}),)}
    )
    return spoilt.model_copy(update={"turns": (turn, *spoilt.turns[1:])})


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("gold_result_differs", altered_result),
        ("unnameable_row", altered_result),
        ("gold_call_fails", unknown_row),
        ("final_state_differs", other_end),
        ("fault_blocks_goal", lasting_fault),
        ("unsaid_value", unsaid),
        ("ambiguous_reference", anybody),
        ("ambiguous_reference", nobody),
    ],
)
def test_a_spoilt_task_is_found_out(task: Task, code: str, spoil: Callable[[Task], Task]) -> None:
    assert code in codes(spoil(task))


def in_turns(*calls: list[int], elapsed: int = 0) -> list[tuple[TurnPlan, list[int]]]:
    """Turns with these calls, the last one after so many seconds."""
    turns = [(TurnPlan(tuple(own)), own) for own in calls]
    return [*turns[:-1], (TurnPlan(tuple(calls[-1]), elapsed=elapsed), calls[-1])]


def test_a_read_that_is_made_twice_is_unnecessary_unless_hours_have_passed() -> None:
    step = Step({"id": 1}, (), scalars({"id": 1, "name": "Ada"}), True)
    assert idle_reads([step], in_turns([0])) == ()
    assert idle_reads([step, step], in_turns([0], [1])) == (1,)
    assert idle_reads([step, step], in_turns([0], [1], elapsed=HOLDS_FOR)) == (1,)
    assert idle_reads([step, step], in_turns([0], [1], elapsed=HOLDS_FOR + 1)) == ()


def test_a_read_that_alone_tells_an_argument_is_needed_though_it_tells_nothing_new() -> None:
    listed = Step({}, (), scalars({"rows": [{"id": 7, "name": "Ada"}]}), True)
    fed = Origin(path="id", kind="result", call=0, result_path="rows[0].id")
    got = Step({"id": 7}, (fed,), scalars({"id": 7, "name": "Ada"}), True)
    used = Origin(path="id", kind="result", call=1, result_path="id")
    write = Step({"id": 7}, (used,), scalars({"ok": True}), False)
    assert idle_reads([listed, got, write], in_turns([0, 1], [2])) == (1,)
    alone = Step({"name": "Ada"}, (), scalars({"id": 7, "name": "Ada"}), True)
    origin = Origin(path="id", kind="result", call=0, result_path="id")
    assert (
        idle_reads(
            [alone, Step({"id": 7}, (origin,), scalars({"ok": True}), False)], in_turns([0, 1])
        )
        == ()
    )


def test_what_is_taken_from_one_row_must_stand_together_elsewhere() -> None:
    """An owner and a repository of another owner name no repository, whoever has shown them."""

    def found(*rows: tuple[str, str]) -> Step:
        listed = [{"owner": owner, "repo": repo} for owner, repo in rows]
        return Step({}, (), scalars({"rows": listed}), True)

    names = ("owner", "repo")
    used = tuple(
        Origin(path=name, kind="result", call=1, result_path=f"rows[0].{name}") for name in names
    )
    write = Step({"owner": "ada", "repo": "beacon"}, used, scalars({"ok": True}), False)
    read = found(("ada", "beacon"))
    assert (
        idle_reads([found(("ada", "atlas"), ("bo", "beacon")), read, write], in_turns([0, 1, 2]))
        == ()
    )
    assert idle_reads(
        [found(("bo", "atlas"), ("ada", "beacon")), read, write], in_turns([0, 1, 2])
    ) == (1,)


def test_a_write_that_another_one_undoes_is_unnecessary(task: Task) -> None:
    environment = own_studio().environment(task)
    events = environment.rows("calendar/event")
    event = next(row["event_id"] for row in events if row["status"] != "cancelled")
    calls = []
    for guest in ("ada@example.org", "bo@example.org"):
        arguments = {"event_id": event, "guest_emails": [guest]}
        outcome = environment.call("change_guest_list", arguments)
        assert not outcome.is_error
        result = written_json(outcome.content)
        told = tuple(Origin(path=path, kind="user") for path in ("event_id", "guest_emails[0]"))
        calls.append(GoldCall(tool="change_guest_list", arguments=arguments, origins=told,
                              result=result))  # fmt: skip
    bare = {"final_state": environment.state_hash(), "acceptance": Acceptance(),
            "brief": Brief(), "known": (), "formats": ()}  # fmt: skip

    def found(*made: GoldCall) -> int:
        turn = TaskTurn(intent="invite, and think again", calls=made)
        return codes(task.model_copy(update={"turns": (turn,), **bare})).count("unnecessary_write")

    assert found(*calls) == 1
    assert found(calls[1]) == 0


BOOKED = {"bookings": [{"booking_id": "b1", "flight_id": "f1", "status": "confirmed"}]}


def booking(**changes: Any) -> dict[str, Any]:
    return {"booking_id": "b1", "flight_id": "f1", "status": "confirmed", **changes}


@pytest.mark.parametrize(
    ("field", "before", "after", "found"),
    [
        ("flight_id", booking(), booking(flight_id="f2"), True),
        ("booking_id", booking(), booking(flight_id="f2"), False),
        ("flight_id", booking(), booking(status="cancelled"), False),
        ("flight_id", booking(booking_id="b2"), booking(booking_id="b2", flight_id="f2"), False),
        ("flight_id", booking(), None, False),
    ],
)
def test_a_value_of_a_row_that_was_changed_since_is_outdated(
    field: str, before: dict[str, Any], after: dict[str, Any] | None, found: bool
) -> None:
    source = Origin(path="x", kind="result", call=0, result_path=f"bookings[0].{field}")
    calls = (
        GoldCall(tool="find_bookings", arguments={}, origins=(), result=written_json(BOOKED)),
        GoldCall(tool="move_booking", arguments={}, origins=(), result="{}"),
        GoldCall(tool="book_flight", arguments={"x": 1}, origins=(source,), result="{}"),
    )
    changed = Change(table="travel/booking", key="b1", before=before, after=after)
    world = own_studio().world
    flawed = list(outdated(world, calls, [BOOKED, {}, {}], {1: (changed,)}))
    assert [flaw.code for flaw in flawed] == ["outdated_value"] * found
    assert list(outdated(world, calls, [BOOKED, {}, {}], {2: (changed,)})) == []


def test_who_was_renamed_is_no_longer_known_by_the_old_name() -> None:
    world, member = own_studio().world, {"member_id": "m1", "full_name": "Ada Berg"}
    assert world.entities["library/member"].fields["full_name"].semantic == "person_name"
    source = Origin(path="member_id", kind="result", call=0, result_path="members[0].member_id")
    calls = tuple(
        GoldCall(tool=tool, arguments={}, origins=origins, result="{}")
        for tool, origins in (("find_members", ()), ("update_member", ()), ("renew", (source,)))
    )
    renamed = {**member, "full_name": "Ada Holm"}
    change = Change(table="library/member", key="m1", before=member, after=renamed)
    flawed = outdated(world, calls, [{"members": [member]}, {}, {}], {1: (change,)})
    assert [flaw.call for flaw in flawed] == [2]


@pytest.mark.parametrize(("store", "found"), [("s1", 0), ("s2", 1)])
def test_a_row_is_fetched_from_where_it_was_found(store: str, found: int) -> None:
    shown = {"file_id": TEXT, "store_id": TEXT, "filename": TEXT}
    listed = {"files": {"type": "array", "items": {"type": "object", "properties": shown}}}
    world = infer_world([
        tool("list_files", "List the files of a store.", {"store_id": TEXT}, listed),
        tool("get_file", "Get a file.", {"store_id": TEXT, "file_id": TEXT}, shown),
    ])  # fmt: skip
    source = Origin(path="file_id", kind="result", call=0, result_path="files[0].file_id")
    calls = (
        GoldCall(tool="list_files", arguments={"store_id": "s1"}, origins=(), result="{}"),
        GoldCall(tool="get_file", arguments={"store_id": store, "file_id": "f1"},
                 origins=(source,), result="{}"),
    )  # fmt: skip
    assert [flaw.code for flaw in misplaced(world, calls)] == ["misplaced_row"] * found
