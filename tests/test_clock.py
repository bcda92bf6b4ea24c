"""One clock runs through a conversation, its results and its rows, and a replay sees the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generators.importers.catalog_reader import NamedDocument, read_catalog
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.tasks.clock import move_on, next_time
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.environment import call_at, set_clock
from schemas.message import ToolMessage
from schemas.record import JsonObject
from tests.studio import Take, own_studio, takes, where
from tests.trajectories import GOOD, Shop
from validators.replay import certify

START = "2026-03-12T09:00:00+00:00"
TEXT: JsonObject = {"type": "string"}
MOMENT: JsonObject = {"type": "string", "format": "date-time"}
NOTE = {"note_id": TEXT, "text": TEXT, "created_at": MOMENT, "updated_at": MOMENT}


def _tool(name: str, given: Sequence[str], required: Sequence[str]) -> JsonObject:
    return {
        "name": name,
        "description": name.replace("_", " "),
        "inputSchema": {
            "type": "object", "properties": {one: NOTE[one] for one in given},
            "required": [*required],
        },
        "outputSchema": {"type": "object", "properties": NOTE, "required": [*NOTE]},
    }  # fmt: skip


def _notes() -> World:
    tools = [
        _tool("create_note", ["text"], ["text"]),
        _tool("update_note", ["note_id", "text"], ["note_id", "text"]),
        _tool("get_note", ["note_id"], ["note_id"]),
    ]
    document = NamedDocument("notes.json", {"tools": tools})
    return infer_world(read_catalog((), documents=[document]).tools)


WORLD = _notes()
WAITS = st.lists(st.tuples(st.booleans(), st.integers(0, 3_000)), min_size=1, max_size=6)


@given(WAITS, st.integers(0, 9))
def test_what_is_made_or_changed_bears_the_time_of_its_call(
    waits: list[tuple[bool, int]], seed: int
) -> None:
    def play() -> list[Any]:
        sandbox, now, told, rng = Sandbox(WORLD, seed, START), START, [], Random(seed)
        for creates, seconds in waits:
            now = move_on(now, seconds)
            set_clock(sandbox, now)
            name = "create_note" if creates else "update_note"
            arguments = propose_arguments(sandbox, name, rng)
            assert arguments is not None
            row = call_at(sandbox, now, name, arguments).content
            told.append(row)
            changed = datetime.fromisoformat(row["updated_at"].replace("Z", "+00:00"))
            made = datetime.fromisoformat(row["created_at"].replace("Z", "+00:00"))
            assert changed == datetime.fromisoformat(now)
            assert made <= changed
            assert not creates or made == changed
            seen = call_at(sandbox, move_on(now, 9), "get_note", {"note_id": row["note_id"]})
            assert seen.content == row
        return [*told, sandbox.state_hash()]

    assert play() == play()


def test_a_call_without_a_time_is_made_when_the_world_begins() -> None:
    sandbox = Sandbox(WORLD, 1, START)
    row = call_at(sandbox, "", "create_note", {"text": "milk"}).content
    assert row["created_at"] == START.replace("+00:00", "Z")


@given(st.integers(0, 99), st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20))
def test_the_next_call_comes_seconds_or_minutes_later_always_alike(
    pace: int, calls: list[tuple[bool, bool]]
) -> None:
    at = START
    for opens, writes in calls:
        then = next_time(at, pace, opens=opens, writes=writes)
        assert then == next_time(at, pace, opens=opens, writes=writes)
        passed = datetime.fromisoformat(then) - datetime.fromisoformat(at)
        assert timedelta(seconds=1) < passed < timedelta(minutes=4)
        assert (passed >= timedelta(minutes=1)) or not opens
        at = then


def test_times_never_decrease_and_calls_are_made_when_they_are_due() -> None:
    def wrong(made: Take) -> list[str]:
        one, found = made.trajectory, []
        times = [message.timestamp for message in one.messages]
        answers = [message for message in one.messages if isinstance(message, ToolMessage)]
        moments = [message.at for message in answers]
        if times != sorted(times) or moments != sorted(moments):
            found.append("runs back")
        if any(not message.at or message.at > message.timestamp for message in answers):
            found.append("answered before it was asked")
        due = [call.at for call in one.task.calls]
        if due != sorted(due) or due[:1] < [one.task.clock]:
            found.append(f"due {due}")
        if {time[:10] for time in times} != {one.task.clock[:10]}:
            found.append("over midnight")
        return found

    assert where(wrong) == []


def test_what_a_conversation_makes_bears_the_time_at_which_it_was_made() -> None:
    stamps, models = 0, own_studio().world.models
    for made in takes():
        for call in made.trajectory.task.calls:
            created = models[call.tool].operation == "create" and not call.skipped
            for name in ("created_at", "placed_at") if created else ():
                if f'"{name}"' in call.result:
                    stamps += 1
                    assert f'"{name}": "{call.at[:19]}' in call.result
    assert stamps


def test_a_record_without_times_is_replayed_with_a_clock_that_stands_still() -> None:
    certificate = certify(GOOD, Shop)
    assert certificate.holds
    assert all(not m.at for m in GOOD.messages if isinstance(m, ToolMessage))
