"""Episodes: the proven conversation earns all, other ways count, and cheats earn nothing."""

import json
from functools import cache

import pytest

from benchmarks.cheating import CHEATS, play
from generators.dialogue.following import FollowingUser
from generators.dialogue.loop import MAX_STEPS
from pipeline.serving.episode import PLAYER, Episode, Limits, Proven, list_proven_moves
from schemas.errors import InputError
from schemas.message import AssistantMessage, Fault, UserMessage
from schemas.record import JsonObject
from tests.studio import own_studio, take
from validators.reward import Reward, is_earned

COUNT = 12


@cache
def proven() -> tuple[Proven, ...]:
    played = [take(index).trajectory for index in range(COUNT)]
    return tuple(Proven(one, own_studio().environment) for one in played if is_earned(one))


def parts(reward: Reward | None) -> dict[str, float]:
    assert reward is not None
    return {part.name: part.score for part in reward.parts}


def finish(episode: Episode, moves: list[JsonObject]) -> Reward:
    for move in moves:
        seen = episode.step(move)
        if seen.done:
            assert seen.reward is not None
            return seen.reward
    raise AssertionError("it did not come to its end")


def find_write(one: Proven) -> int:
    """Which proven move is the first that calls a tool which writes."""
    writes = {tool.wire_name for tool in one.trajectory.tools if tool.effect == "write"}
    return next(
        number for number, move in enumerate(list_proven_moves(one.trajectory))
        if any(call["function"]["name"] in writes for call in move.get("tool_calls", ()))
    )  # fmt: skip


def test_the_proven_conversation_earns_all() -> None:
    assert len(proven()) > COUNT // 2
    for one in proven():
        found = play(one, None)
        assert found.done
        assert found.reward is not None
        assert (found.reward.binary, found.reward.graded) == (1, 1), found.reward.parts
        assert all(part.told for part in found.reward.parts)


@pytest.mark.parametrize(("name", "policy"), CHEATS, ids=[name for name, _ in CHEATS])
def test_a_cheat_earns_next_to_nothing(name: str, policy: object) -> None:
    found = [play(one, policy) for one in proven()[:6]]  # type: ignore[arg-type]
    assert all(one.done for one in found)
    assert sum(one.reward.binary for one in found if one.reward) <= 0.05 * len(found)
    assert sum(one.reward.graded for one in found if one.reward) <= 0.05 * len(found)


def test_the_same_moves_give_the_same_episode() -> None:
    one = proven()[0]
    first, second = Episode(one), Episode(one)
    assert first.look() == second.look()
    for move in list_proven_moves(one.trajectory):
        assert first.step(move) == second.step(move)
    assert first.trajectory == second.trajectory
    assert first.trajectory.roles.assistant == PLAYER


def test_results_bear_the_ids_that_the_caller_gave() -> None:
    one = proven()[0]
    episode = Episode(one)
    for number, move in enumerate(list_proven_moves(one.trajectory)):
        calls = [
            {**call, "id": f"mine-{number}-{at}"}
            for at, call in enumerate(move.get("tool_calls", ()))
        ]
        seen = episode.step({**move, "tool_calls": calls})
        told = [m["tool_call_id"] for m in seen.messages if m["role"] == "tool"]
        assert told == [call["id"] for call in calls]


def test_words_without_spaces_are_as_many() -> None:
    one = proven()[0]
    *moves, last = list_proven_moves(one.trajectory)
    for joined in (" ", "/", ","):
        said = joined.join(str(number) for number in range(1000, 3000))
        reward = finish(Episode(one), [*moves, {**last, "content": f"{last['content']} {said}"}])
        assert parts(reward)["steps"] < 1


def test_more_looks_and_other_words_cost_nothing() -> None:
    for one in proven()[:8]:
        moves, looked = [], False
        for move in list_proven_moves(one.trajectory):
            calls = move.get("tool_calls", [])
            name = calls[0]["function"]["name"] if calls else ""
            reads = any(
                tool.wire_name == name and tool.effect == "read" for tool in one.trajectory.tools
            )
            moves += [move, move] if reads and not looked else [move]
            looked |= reads
            if not calls:
                moves[-1] = {**move, "content": f"All right. {move['content']}"}
        episode = Episode(one)
        episode.look()
        assert finish(episode, moves).binary == 1


def test_who_acts_without_asking_is_not_answered_what_nobody_asked() -> None:
    asked = 0
    for one in proven():
        spoken = [m for m in one.trajectory.messages if isinstance(m, AssistantMessage)]
        moves = zip(list_proven_moves(one.trajectory), spoken, strict=True)
        episode, seen = Episode(one), None
        for move, message in moves:
            if message.act != "confirm" and not episode.done:
                seen = episode.step(move)
        affirmed = [m for m in one.trajectory.messages if getattr(m, "act", "") == "affirm"]
        if not affirmed or seen is None or not seen.done:
            continue
        asked += 1
        said = [m for m in episode.trajectory.messages if getattr(m, "act", "") == "affirm"]
        assert len(said) < len(affirmed)
        assert parts(seen.reward)["state"] == 1
        assert parts(seen.reward)["policy"] == 0  # nobody agreed
    assert asked


def test_a_default_may_be_told_or_left_out() -> None:
    changed = 0
    for one in proven():
        tools = {tool.wire_name: tool for tool in one.trajectory.tools}
        moves = []
        for move in list_proven_moves(one.trajectory):
            calls = []
            for call in move.get("tool_calls", ()):
                function = call["function"]
                told = json.loads(function["arguments"])
                full = tools[function["name"]].fill(told)
                changed += full != told
                calls.append({"function": {"name": function["name"], "arguments": full}})
            moves.append({**move, "tool_calls": calls})
        assert finish(Episode(one), moves).binary == 1
    assert changed


def test_who_is_to_agree_to_what_will_fail_is_heard() -> None:
    looked = 0
    for one in proven():
        played, lost = one.trajectory, Fault(kind="server_error", transient=False)
        writes = {tool.wire_name for tool in played.tools if tool.effect == "write"}
        turns = tuple(
            turn.model_copy(update={"calls": tuple(
                call.model_copy(update={"fault": lost}) if call.tool in writes else call
                for call in turn.calls
            )})
            for turn in played.task.turns
        )  # fmt: skip
        looked += any(len({call.lost for call in turn.calls}) == 2 for turn in turns)
        task = played.task.model_copy(update={"turns": turns})
        user = FollowingUser(played.model_copy(update={"task": task}))
        for number, message in enumerate(played.messages):
            if isinstance(message, UserMessage) and message.act == "affirm":
                said = user.say(played.messages[:number])
                assert said is not None
                assert said.text == message.text
            elif isinstance(message, UserMessage) and message.act != "talk":
                user.say(played.messages[:number])
    assert looked


def test_what_is_owed_is_asked_for_twice_and_no_more() -> None:
    played = (take(index).trajectory for index in range(50))
    wanted = (
        one
        for one in filter(is_earned, played)
        if len(one.task.turns) == 1 and one.task.final_state != one.task.initial_state
    )
    one = Proven(next(wanted), own_studio().environment)
    episode, number = Episode(one), 0
    while not episode.done:
        number += 1
        seen = episode.step({"content": f"I am looking into it ({number})."})
    said = sum(isinstance(m, UserMessage) for m in one.trajectory.messages)
    assert number <= said + 2
    assert parts(seen.reward)["state"] < 1
    assert not seen.ended


def test_a_look_is_earned_by_what_it_shows_and_by_nothing_else() -> None:
    looks = [one for one in proven() if one.measure.shown]
    assert looks
    for one in looks:
        silent, episode = 0, Episode(one)
        while not episode.done:
            silent += 1
            seen = episode.step({"content": f"I have found it ({silent})."})
        assert parts(seen.reward)["told"] < 1
        values = [value for shown in one.measure.shown for value in shown.values]
        guessed, number = Episode(one), 0
        while not guessed.done:
            number += 1
            seen = guessed.step({"content": f"{number}: {', '.join(map(str, values))}"})
        assert parts(seen.reward)["told"] < 1  # no result has shown it


def test_a_write_that_nobody_wanted_ends_the_episode() -> None:
    one = next(one for one in proven() if one.trajectory.task.acceptance.assertions)
    moves = list_proven_moves(one.trajectory)
    at = find_write(one)
    episode = Episode(one)
    for move in [*moves[: at + 1], moves[at]]:
        seen = episode.step(move)
        if seen.done:
            break
    assert seen.done or "error" in str(seen.messages)
    if seen.done:
        assert seen.ended == "goal_out_of_reach"
        assert seen.reward is not None
        assert seen.reward.graded == 0


@pytest.mark.parametrize(
    ("move", "code"),
    [
        ({"content": ""}, "empty_reply"),
        ({"tool_calls": [{"name": "no_such_tool"}]}, "unknown_tool"),
        ({"tool_calls": [{"function": {"name": "?", "arguments": "{"}}]}, "unparsable_arguments"),
        *(
            (
                {"tool_calls": [{"function": {"name": "?", "arguments": told}}]},
                "unparsable_arguments",
            )
            for told in ("[]", '{"a": 1e999}', r'{"a": "\ud800"}')
        ),
    ],
)
def test_a_move_that_cannot_be_made_breaks_it_off(move: JsonObject, code: str) -> None:
    one = proven()[0]
    name = one.trajectory.tools[0].wire_name
    told = json.loads(json.dumps(move).replace('"?"', json.dumps(name)))
    episode = Episode(one)
    seen = episode.step(told)
    assert (seen.done, seen.ended) == (True, code)
    assert parts(seen.reward)["format"] == 0
    with pytest.raises(InputError, match="is over"):
        episode.step({"content": "Hello?"})


@pytest.mark.parametrize(
    ("move", "place"),
    [
        ({"content": 7}, "message.content"),
        ({"content": "x" * 20_001}, "message.content"),
        ({"content": "x", "reasoning_content": "x" * 20_001}, "message.reasoning_content"),
        ({"role": "user", "content": "Hi"}, "message.role"),
        ({"tool_calls": [{}] * 17}, "message.tool_calls"),
        ({"tool_calls": ["x"]}, r"message.tool_calls\[0\]"),
        ({"tool_calls": [{"name": "x", "id": 7}]}, r"message.tool_calls\[0\].id"),
        ({"tool_calls": [{"name": "x", "arguments": 7}]}, r"message.tool_calls\[0\].arguments"),
        *(
            ({"tool_calls": [{"name": "x", "arguments": told}]}, r"tool_calls\[0\].arguments")
            for told in (
                {"x": float("nan")},
                "x" * 20_001,
                {"x": "x" * 20_000},
                {"x": [[1] * 5_000, [2] * 5_000]},
            )
        ),
    ],
)
def test_what_is_no_message_is_refused_and_changes_nothing(move: JsonObject, place: str) -> None:
    episode = Episode(proven()[0])
    before = episode.trajectory
    with pytest.raises(InputError, match=place):
        episode.step(move)
    assert episode.trajectory == before


def test_who_never_answers_is_stopped() -> None:
    one = proven()[0]
    reads = [tool for tool in one.trajectory.tools if tool.effect == "read"]
    episode, made = Episode(one, Limits(moves=5)), 0
    while not episode.done:
        calls = [{"name": reads[made % len(reads)].wire_name, "arguments": {"n": made}}]
        seen = episode.step({"tool_calls": calls})
        made += 1
    assert (made, seen.ended) == (5, "too_many_steps")
    assert MAX_STEPS > 5
    assert parts(seen.reward)["steps"] == 0
