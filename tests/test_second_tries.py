"""Moves that are turned down and asked for again, and dialogues that fail and are played again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import pytest

from generators.dialogue.checked_moves import (
    CheckedAssistant,
    Fork,
    ResumedAssistant,
    ResumedUser,
    TurnedDownError,
    find_fork,
    give_up,
)
from generators.dialogue.loop import play
from generators.dialogue.model_roles import HINT, ModelAssistant
from generators.dialogue.roles import Move, PlannedCall, RoleFailure
from pipeline.chat.loopback import Answer, Recorded, Response, completion, load_recorded
from pipeline.chat.misbehaviour import KINDS, Unruly
from pipeline.chat.request_journal import read_requests
from pipeline.cli.answers import tell_blame, tell_second_tries
from pipeline.exports.pairs import read_pairs
from pipeline.run.manifest import Report
from schemas.canonical import canonical_json
from schemas.message import AssistantMessage, Call, Message, UserMessage
from schemas.reasons import find_causes, reason
from schemas.record import JsonObject
from schemas.trajectory import ROLE_PLAY, Roles, Trajectory
from schemas.verdict import Reason, Verdict
from tests.dialogues import Scripted, over_http, tool_calls, user_says
from tests.played_builds import build_by, made
from tests.tampering import edit, edit_call, say
from tests.trajectories import GOOD, ORDER, SEARCH, TASK, TOOLS, Shop
from validators.checks import examine
from validators.moves import inspect_move

N = 3
"""Conversations of a build."""
BY_MODEL = Roles(user="tiny", assistant="tiny", judge="tiny")
look = partial(inspect_move, roles=BY_MODEL, environment=Shop)


@dataclass
class Mind:
    """An assistant with its answers ready, which notes the hints that it is given."""

    answers: list[Move | RoleFailure]
    hints: list[str] = field(default_factory=list)

    async def move(self, messages: tuple[Message, ...], hint: str = "", again: int = 0) -> Move:
        assert again == len(self.hints)
        self.hints.append(hint)
        answer = self.answers.pop(0)
        if isinstance(answer, RoleFailure):
            raise answer
        return answer


def calls(name: str, arguments: JsonObject, text: str = "") -> Move:
    return Move(text, "call", (PlannedCall(name, arguments),))


def words(text: str) -> Move:
    return Move(text, "say")


def moved(*answers: Move | RoleFailure, upto: int, tries: int = 2) -> tuple[Move, Mind]:
    mind = Mind([*answers])
    checked = CheckedAssistant(TASK, TOOLS, mind, look, tries)
    return asyncio.run(checked.move(GOOD.messages[:upto])), mind


RIGHT = calls("place_order", ORDER)
NOBODY_SAID = calls("search_products", {"query": "walnut desk", "limit": 5})
WRONG: dict[str, tuple[Move | RoleFailure, int]] = {
    "unknown_tool": (RoleFailure("unknown_tool", "the assistant called 'fly'"), 8),
    "unparsable_arguments": (RoleFailure("unparsable_arguments", "place_order: no JSON"), 8),
    "invalid_arguments": (calls("place_order", ORDER | {"quantity": "two"}), 8),
    "null_argument": (calls("place_order", ORDER | {"note": None}), 8),
    "ungrounded_argument": (calls("place_order", ORDER | {"note": "Ring twice"}), 8),
    "unconfirmed_write": (RIGHT, 6),
    "wrong_arguments": (calls("place_order", ORDER | {"product_id": "p-47"}), 8),
    "forbidden_call": (calls("place_order", ORDER | {"quantity": 20}), 8),
    "unfaithful_number": (words("That comes to $1,234.56."), 8),
    "raw_parameter_name": (words("The delivery_date is fine."), 8),
    "placeholder": (words("Hello {{name}}, shall I?"), 8),
}


@pytest.mark.parametrize("code", WRONG)
def test_a_wrong_move_is_asked_for_again_and_the_reason_is_hinted_at(code: str) -> None:
    wrong, upto = WRONG[code]
    right = RIGHT if upto == 8 else words("Shall I order 2 of them for March 12?")
    made, mind = moved(wrong, right, upto=upto)
    assert (made.text, [one.arguments for one in made.calls]) == (
        right.text, [one.arguments for one in right.calls],
    )  # fmt: skip
    (down,) = made.turned_down
    assert code in {one.code for one in down.reasons}
    assert down.message == upto
    assert mind.hints[0] == ""
    assert mind.hints[1].startswith(HINT)
    assert down.reasons[0].explanation[:100] in mind.hints[1]


def test_no_move_of_a_good_conversation_is_turned_down() -> None:
    for message in GOOD.messages:
        if isinstance(message, AssistantMessage):
            assert not look(TASK, TOOLS, GOOD.messages[: message.index + 1]), message.index


def test_what_is_wanted_in_brackets_is_no_placeholder_before_it_is_written() -> None:
    asked = AssistantMessage(
        index=6, turn=0, timestamp=GOOD.messages[6].timestamp, act="confirm",
        text="I would order 2 of them for March 12 with the note “[Ring twice]”. Shall I?",
    )  # fmt: skip
    said = (*GOOD.messages[:6], asked)
    assert "placeholder" in {one.code for one in look(TASK, TOOLS, said)}
    (turn, *rest) = TASK.turns
    calls = tuple(
        one.model_copy(update={"arguments": one.arguments | {"note": "[Ring twice]"}})
        for one in turn.calls
    )
    wanted = TASK.model_copy(update={"turns": (turn.model_copy(update={"calls": calls}), *rest)})
    assert "placeholder" not in {one.code for one in look(wanted, TOOLS, said)}


def test_a_look_is_made_with_any_option_that_its_tool_lists() -> None:
    look_up = Call(id="c-9", name="search_products", arguments={"query": "oak desk", "sort": "new"})
    made = AssistantMessage(
        index=2, turn=0, timestamp=GOOD.messages[2].timestamp, act="call", calls=(look_up,)
    )
    said = (*GOOD.messages[:2], made)
    for schema, sourceless in (({"enum": ["new"]}, False), ({"type": "string"}, True)):
        tools = tuple(
            tool.model_copy(update={"parameters": {
                **tool.parameters, "properties": {**tool.properties, "sort": schema}}})
            for tool in TOOLS
        )  # fmt: skip
        found = {one.path for one in look(TASK, tools, said) if one.code == "ungrounded_argument"}
        assert ("calls[0].arguments.sort" in found) is sourceless


@pytest.mark.parametrize(
    ("note", "turned_down"), [("No ribbon", set()), ("Ring", {"wrong_arguments"})]
)
def test_what_is_wanted_needs_no_source_that_code_can_read(
    note: str, turned_down: set[str]
) -> None:
    turns = [
        turn.model_copy(update={"calls": tuple(
            one.model_copy(update={"arguments": ORDER | {"note": "No ribbon"}})
            if one.tool == "place_order" else one
            for one in turn.calls
        )})
        for turn in TASK.turns
    ]  # fmt: skip
    wanted = TASK.model_copy(update={"turns": tuple(turns)})
    call = Call(id="c-9", name="place_order", arguments=ORDER | {"note": note})
    made = AssistantMessage(
        index=8, turn=0, timestamp=GOOD.messages[8].timestamp, act="call", calls=(call,)
    )
    found = {one.code for one in look(wanted, TOOLS, (*GOOD.messages[:8], made))}
    assert turned_down <= found
    assert ("ungrounded_argument" in found) is bool(turned_down)


def test_the_last_hint_tells_what_is_wanted_and_no_value() -> None:
    wrong = WRONG["wrong_arguments"][0]
    _, mind = moved(wrong, WRONG["null_argument"][0], RIGHT, upto=8)
    assert "a call of place_order" not in mind.hints[1]
    assert "a call of place_order" in mind.hints[2]
    assert "product_id" in mind.hints[1]
    assert "p-31" not in "".join(mind.hints)


def test_where_no_move_is_right_the_dialogue_ends_by_the_checks_own_code() -> None:
    wrong = WRONG["invalid_arguments"][0]
    with pytest.raises(TurnedDownError) as caught:
        moved(wrong, wrong, wrong, upto=8)
    assert (caught.value.code, len(caught.value.turned_down)) == ("invalid_arguments", 3)
    last = RoleFailure("unknown_tool", "fly")
    with pytest.raises(RoleFailure) as failed:
        moved(wrong, last, RoleFailure("unknown_tool", "fly"), upto=8)
    told = [one.reasons[0].code for one in failed.value.turned_down]
    assert told == ["invalid_arguments", "unknown_tool"]


def test_what_is_only_suspected_is_made_in_the_end_and_at_once_by_who_insists() -> None:
    made, mind = moved(NOBODY_SAID, NOBODY_SAID, upto=2)
    assert made.calls[0].arguments == NOBODY_SAID.calls[0].arguments
    assert len(mind.hints) == 2
    assert made.turned_down == (), "what stands was turned down by nobody"
    other = calls("search_products", {"query": "cherry desk", "limit": 5})
    made, mind = moved(NOBODY_SAID, other, NOBODY_SAID, upto=2)
    assert (len(mind.hints), made.calls[0].arguments["query"]) == (3, "walnut desk")
    assert [one.calls[0].arguments["query"] for one in made.turned_down] == ["cherry desk"]


def test_what_the_service_may_refuse_is_left_to_it() -> None:
    wrong = WRONG["wrong_arguments"][0]
    assert isinstance(wrong, Move)
    made, _ = moved(wrong, wrong, wrong, upto=8)
    assert made.calls[0].arguments == wrong.calls[0].arguments
    assert made.turned_down == ()


def test_what_is_not_asked_for_a_second_time_is_not_lost() -> None:
    """A write twice, a demand ignored: the service may refuse it, and the assistant mend it."""
    done = calls("place_order", ORDER)
    mind = Mind([done] * 3)
    after = GOOD.messages[:12]
    made = asyncio.run(CheckedAssistant(TASK, TOOLS, mind, look, 2).move(after))
    assert made.calls[0].name == "place_order"
    assert len(mind.hints) == 3
    assert "the same write succeeds twice" in mind.hints[1]


def test_without_tries_nothing_is_asked_again_nor_ended() -> None:
    wrong = WRONG["invalid_arguments"][0]
    assert isinstance(wrong, Move)
    made, mind = moved(wrong, upto=8, tries=0)
    assert (made.calls[0].arguments, mind.hints) == (wrong.calls[0].arguments, [""])


def test_a_hint_stands_behind_the_last_message_and_changes_nothing_before_it() -> None:
    search = json.dumps(SEARCH)
    brain = Scripted(tool_calls(("search_products", "[]"), text=None), "Hi.", *["x"] * 2)
    brain.messages[0] = tool_calls(("search_products", json.dumps({"query": 3})))
    brain.messages[1] = tool_calls(("search_products", search))

    async def made(model: object) -> Move:
        inner = ModelAssistant(TOOLS, model, 1)  # type: ignore[arg-type]
        return await CheckedAssistant(TASK, TOOLS, inner, look, 1).move(GOOD.messages[:2])

    assert over_http(brain, made).calls[0].arguments == SEARCH
    first, second = (one["messages"] for one in brain.asked)
    assert second[:-1] == first[:-1]
    assert second[-1]["content"].startswith(first[-1]["content"] + HINT)
    assert first[-1]["role"] == second[-1]["role"] == "user"
    assert brain.asked[0]["seed"] != brain.asked[1]["seed"]


def failed(*reasons: Reason, of: Trajectory = GOOD, check: str = "goal") -> Trajectory:
    verdict = Verdict(check=check, version=1, level="goal", label="bad", reasons=reasons)
    return of.model_copy(update={"verdicts": (verdict,)})


@pytest.mark.parametrize(
    ("reasons", "fork"),
    [
        ((reason("wrong_arguments", 8),), 8),
        ((reason("invalid_result", 11), reason("wrong_arguments", 11)), None),
        ((reason("wrong_arguments", 11), reason("unexpected_write", 14)), 10),
        ((reason("wrong_arguments", 8), reason("wrong_final_state")), 8),
        ((reason("missed_required_action", 12),), 0),
        ((reason("value_not_told"),), 0),
        ((Reason(code="user_stuck", message=5),), None),
        ((Reason(code="provider_refused", message=5),), None),
        ((Reason(code="judge_user_invents", message=5),), 5),
        ((Reason(code="repeated_call", message=16),), 0),
        ((Reason(code="unreadable_reply", message=20),), 20),
        ((), None),
    ],
)
def test_the_good_beginning_reaches_to_the_first_message_at_fault(
    reasons: Sequence[Reason], fork: int | None
) -> None:
    found = find_fork(failed(*reasons))
    assert (None if found is None else found.at) == fork


def resume(wrong: Trajectory, fork: Fork, *later: Message) -> Trajectory:
    """Play the shop's task again from where it went wrong, with the good conversation's moves."""

    @dataclass
    class Says:
        async def speak(self, messages: tuple[Message, ...]) -> object:
            assert len(messages) >= fork.at
            from generators.dialogue.roles import Utterance

            rest = GOOD.messages[len(messages) :]
            said = rest[0] if rest else None
            assert said is None or isinstance(said, UserMessage)
            return said and Utterance(said.text, said.act, said.turn)

    class Moves:
        async def move(self, messages: tuple[Message, ...], hint: str = "", again: int = 0) -> Move:
            assert len(messages) >= fork.at
            assert bool(hint) == (len(messages) == fork.at)
            said = GOOD.messages[len(messages)]
            assert isinstance(said, AssistantMessage)
            made = tuple(PlannedCall(one.name, one.arguments) for one in said.calls)
            return Move(said.text, said.act, made)

    before = wrong.messages[: fork.at]
    inner = CheckedAssistant(TASK, TOOLS, Moves(), look, 2, fork.reasons, fork.at)
    played = asyncio.run(
        play(
            TASK, TOOLS, ResumedUser(before, Says()), ResumedAssistant(before, inner),  # type: ignore[arg-type]
            Shop(TASK), index=0, seed=2, roles=Roles(),
        )
    )  # fmt: skip
    assert played.failure is None
    return played.trajectory


def test_a_dialogue_goes_on_from_where_it_went_wrong_and_both_are_kept() -> None:
    told = "Done: order W-1001 comes to $400 and arrives on the 12th of March."
    wrong = failed(reason("unfaithful_number", 12, "text", "400"), of=say(12, told))
    fork = find_fork(wrong)
    assert fork is not None
    made = resume(wrong, fork)
    plain = [one.model_copy(update={"timestamp": ""}) for one in made.messages[1:12]]
    assert [one.role for one in plain] == [one.role for one in GOOD.messages[1:12]]
    assert examine(made, Shop).accepted
    both = give_up(wrong.model_copy(update={"messages": (*made.messages[:12],
                                                         *wrong.messages[12:])}), made)  # fmt: skip
    (old,) = both.given_up
    assert (old.shared, old.seed, old.messages[0]) == (12, GOOD.seed, wrong.messages[12])
    (down,) = both.wrong_moves
    assert (down.message, down.text, down.reasons[0].code) == (12, told, "unfaithful_number")
    assert both.accepted == made.accepted
    again = Trajectory.model_validate_json(both.model_dump_json())
    assert again == both


def test_what_came_of_a_wrong_call_is_kept_with_it() -> None:
    wrong = edit_call(8, arguments=ORDER | {"quantity": 9})
    both = give_up(failed(reason("wrong_arguments", 8), of=wrong), GOOD)
    (down,) = both.wrong_moves
    assert [one.call_id for one in down.answers] == ["c2"]
    assert canonical_json(down.calls[0].arguments) == canonical_json(ORDER | {"quantity": 9})
    assert give_up(failed(reason("bad_turn", 5), of=edit(5, text="Hm")), GOOD).wrong_moves == ()


def test_the_cause_of_what_ends_over_a_move_is_the_checks_code() -> None:
    ended = failed(reason("unconfirmed_write", 8), check=ROLE_PLAY)
    assert ended.causes == find_causes(["unconfirmed_write"]) == ("unconfirmed_write",)


@pytest.fixture
def brain(scripted: Path) -> Recorded:
    return load_recorded(scripted)


def built(answer: Answer, out: Path, **changes: object) -> tuple[Report, list[Trajectory]]:
    report = build_by(answer, out, n=N, max_candidates=N, concurrency=2, **changes)
    return report, made(out)


def test_a_build_whose_assistant_errs_at_every_call_mends_each_by_its_hint(
    brain: Recorded, tmp_path: Path
) -> None:
    errs = Unruly(brain, ["invalid_arguments"], share=1.0, heeds=True)
    report, records = built(
        lambda asked: errs(asked) if "tools" in asked else brain(asked), tmp_path
    )
    assert (report.accepted, report.candidates) == (N, N)
    counts = report.second_tries
    assert counts["turned_down"] == counts["mended"] == errs.struck > N
    assert counts["invalid_arguments"] > N
    assert tell_second_tries(counts).startswith(f"tried again: {counts['turned_down']} moves, for ")
    for one in records:
        kept = one.model_dump_json(exclude={"turned_down"})
        assert (HINT.strip() in kept, "[null]" in kept) == (False, False)
        made = [n for n, m in enumerate(one.messages) if getattr(m, "calls", ())]
        assert [down.message for down in one.wrong_moves] == made
    pairs = list(read_pairs(tmp_path))
    assert len(pairs) == counts["turned_down"]
    for pair in pairs:
        right, wrong = pair.messages[-2:]
        assert (right.label, wrong.label, right.role, wrong.role) == (
            "good", "bad", "assistant", "assistant",
        )  # fmt: skip
        assert [one.name for one in right.calls] == [one.name for one in wrong.calls]
        assert all(value == [None] for one in wrong.calls for value in one.arguments.values())
        assert pair.messages[-3].role in ("user", "tool")
    none = tmp_path / "none"
    report, _ = built(
        lambda asked: errs(asked) if "tools" in asked else brain(asked), none,
        move_tries=0, dialogue_tries=0,
    )  # fmt: skip
    assert (report.accepted, report.second_tries) == (0, {})


def test_a_build_plays_a_dialogue_again_and_keeps_the_one_that_failed(
    brain: Recorded, tmp_path: Path
) -> None:
    def answer(asked: JsonObject) -> JsonObject | Response:
        """It calls what is not there where something is called first, until it is warned."""
        told = brain(asked)
        fresh = not any(one["role"] == "tool" for one in asked["messages"])
        if "tools" not in asked or not fresh or not told["choices"][0]["message"].get("tool_calls"):
            return told
        warned = HINT in asked["messages"][-1]["content"]
        return told if warned else KINDS["unknown_tool"](told, Random(0))

    report, records = built(answer, tmp_path, move_tries=0)
    assert (report.accepted, report.candidates) == (N, N)
    assert (report.second_tries["played_again"], report.second_tries["saved"]) == (N, N)
    for one in records:
        (old,) = one.given_up
        assert old.verdicts[0].reasons[0].code == "unknown_tool"
        assert (old.messages, old.seed == one.seed) == ((), False)
        assert getattr(one.messages[old.shared], "calls", ())
    paid = [(one.task, one.key) for one in read_requests(tmp_path)]
    assert len(paid) == len({*paid})


def test_who_is_stuck_blames_the_task_which_is_not_played_again(
    brain: Recorded, tmp_path: Path
) -> None:
    def answer(asked: JsonObject) -> JsonObject | Response:
        stuck = "tools" not in asked and len(asked["messages"]) > 2
        said = {"content": user_says("Nobody told me the number.", "stuck")}
        return completion(said, asked) if stuck else brain(asked)

    report, records = built(answer, tmp_path)
    assert (report.accepted, report.reasons, report.second_tries) == (0, {"user_stuck": N}, {})
    assert tell_blame(report.reasons) == f"at fault: task {N}"
    assert {one.given_up for one in records} == {()}


def test_what_may_stand_is_not_lost_over_a_later_try_that_nobody_can_read() -> None:
    suspected = calls("search_products", {"query": "walnut desk", "limit": 5})
    unread = RoleFailure("empty_reply", "the assistant said nothing")
    made, _ = moved(suspected, unread, upto=2)
    assert [one.arguments for one in made.calls] == [one.arguments for one in suspected.calls]
