"""Scripts: every value is said where the script says so, every act occurs, people speak."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from generators.dialogue.questions import as_answer, is_of_one_field
from generators.dialogue.script import AssistantBeat, UserBeat
from generators.embedding import HashEmbedder
from generators.language.phrase import Mention, Phrase
from generators.language.slot_phrases import Told
from generators.lexicon.names import label
from generators.operators import USUAL_MIX, make_mix, script_of
from generators.studio import open_studio
from generators.tasks.clock import start_of
from generators.tasks.draw_task import draw_task
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.message import AssistantMessage, ToolMessage, UserMessage
from schemas.reading import RULES, read_words, says
from schemas.task import Task
from schemas.tool import Catalog
from schemas.twists import Revision, Unknown, Vague, Withheld, find_twist, find_twists, has_twist
from tests.studio import SEED, Take, own_studio, takes, where
from tests.test_kin_rows import listing
from tests.test_kin_rows import tool as tool_of
from tests.worlds import wants
from validators.provenance import contains

ACTS: tuple[tuple[dict[str, float], set[str]], ...] = (
    ({}, {"request", "call", "report", "choose", "clarify", "inform", "thank", "close"}),
    ({"clarify": 1, "vague": 1}, {"partial_request", "vague_request"}),
    ({"unknown": 1}, {"unable_to_inform"}),
    ({"unsupported": 1}, {"unsupported_request", "refuse"}),
    ({"revise": 1, "confirm_all": 1}, {"confirm", "affirm", "correct"}),
    ({"fault": 1}, {"retry"}),
    ({"fault": 1, "lasting": 1}, {"report_failure"}),
    ({"transfer": 1}, {"transfer"}),
    ({"unanswerable": 1}, {"say"}),
)
"""Operators that a mix has alone → the acts that come of them, of the user and the assistant."""

START = start_of(own_studio().world, SEED)
"""The world of tasks that are drawn here: it is seeded once."""


def clock_of(task: Task) -> datetime:
    return datetime.fromisoformat(task.clock)


def _numbers(task: Task, turn: int) -> range:
    start = sum(len(one.calls) for one in task.turns[:turn])
    return range(start, start + len(task.turns[turn].calls))


def test_every_value_of_the_user_is_heard_where_its_mention_says_and_reads_back() -> None:
    def unheard(made: Take) -> list[Any]:
        task, script = made.trajectory.task, made.script
        found: list[Any] = []
        vain = {
            number
            for turn, record in enumerate(task.turns)
            if record.outcome == "clarify"
            for number in _numbers(task, turn)
        }
        for fact in task.known:
            if fact.call in vain:
                continue  # what was asked in vain ends the wish before all is said
            heard = script.heard.get((fact.call, fact.path))
            if heard is None:
                found.append((fact.path, "never said"))
                continue
            text, mention = script.user[heard.beat].text, heard.mention
            if not contains(text, mention.span, mention.rule):
                found.append((fact.path, text))
            value = value_at(task.calls[fact.call].arguments, fact.path)
            if not says(mention.rule, mention.span, value, clock_of(task)):
                found.append((fact.path, mention))
        return found

    assert where(unheard) == []


def test_a_value_is_said_before_it_is_used() -> None:
    for made in takes():
        spoken = 0
        for beat in made.script.beats:
            if isinstance(beat, UserBeat):
                spoken += 1
            for call in beat.calls if isinstance(beat, AssistantBeat) else ():
                for origin in made.trajectory.task.calls[call].origins:
                    if origin.kind == "user":
                        assert made.script.heard[call, origin.path].beat < spoken


@pytest.mark.parametrize(("mix", "acts"), ACTS, ids=lambda one: "-".join(sorted(one)) or "none")
def test_each_act_comes_of_its_operator(mix: dict[str, float], acts: set[str]) -> None:
    shares = dict.fromkeys(USUAL_MIX, 0.0) | mix
    studio = replace(own_studio(), mix=make_mix(**shares))
    missing = set(acts)
    for seed in range(80):
        script = script_of(studio.world, draw_task(studio.bench, seed, start=START))
        missing -= {beat.act for beat in script.beats}
        if not missing:
            return
    pytest.fail(f"nobody does {missing}")


def test_there_are_no_other_acts_and_calls_are_made_at_once() -> None:
    acts = {act for _, some in ACTS for act in some}
    assert all(beat.act in acts for made in takes() for beat in made.script.beats)
    assert any(len(beat.calls) > 1 for made in takes() for beat in made.script.assistant)


def test_user_and_assistant_alternate_and_the_assistant_has_the_last_word() -> None:
    for made in takes():
        beats = made.script.beats
        assert isinstance(beats[0], UserBeat)
        assert isinstance(beats[-1], AssistantBeat)
        for one, two in pairwise(beats):
            if isinstance(one, UserBeat) or one.calls:
                assert isinstance(two, AssistantBeat)
            else:
                assert isinstance(two, UserBeat)
        turns = [beat.turn for beat in beats]
        assert turns == sorted(turns)
        assert set(turns) == set(range(len(made.trajectory.task.turns)))


def test_all_gold_calls_are_made_once_in_order_and_the_faulted_one_again() -> None:
    for made in takes():
        planned = [call for beat in made.script.assistant for call in beat.calls]
        wanted: list[int] = []
        for beat in made.script.assistant:
            wanted += [] if beat.act == "retry" else beat.calls
            if beat.act == "retry":
                assert made.trajectory.task.calls[beat.calls[0]].fault
                assert len(beat.calls) == 1
        gold = enumerate(made.trajectory.task.calls)
        assert wanted == [number for number, call in gold if not call.barred]
        retried = Counter(planned) - Counter(wanted)
        calls = made.trajectory.task.calls
        once = {n for n, c in enumerate(calls) if c.fault and c.fault.transient}
        assert once <= retried.keys() <= {n for n, c in enumerate(calls) if c.fault}
        assert set(retried.values()) <= {1}


def beats_of(made: Take, turn: int) -> list[tuple[str, str]]:
    return [
        ("user" if isinstance(beat, UserBeat) else "assistant", beat.act)
        for beat in made.script.beats
        if beat.turn == turn
    ]


def test_the_plan_of_a_turn_is_what_is_played() -> None:
    for made in takes():
        for number, turn in enumerate(made.trajectory.task.turns):
            acts = beats_of(made, number)
            asks = [act for who, act in acts if who == "assistant" and act == "clarify"]
            assert len(asks) >= has_twist(turn, Withheld) + has_twist(turn, Unknown)
            assert (("user", "inform") in acts) >= has_twist(turn, Withheld)
            if turn.outcome in ("transfer", "clarify"):
                continue  # of a script of their own
            assert (("user", "unable_to_inform") in acts) == has_twist(turn, Unknown)
            assert (("assistant", "confirm") in acts) == turn.confirm
            revised = has_twist(turn, Revision)
            assert (("user", "correct") in acts) == revised
            assert (("user", "affirm") in acts) == (turn.confirm and not revised)
            assert (acts[0] == ("user", "vague_request")) == has_twist(turn, Vague)
            assert (acts[:2] == REFUSAL) == (turn.outcome == "refuse" and not turn.calls)


REFUSAL = [("user", "unsupported_request"), ("assistant", "refuse")]


def test_no_write_is_made_before_the_user_has_agreed() -> None:
    models = own_studio().world.models
    for made in takes():
        agreed: set[int] = set()
        for beat in made.script.beats:
            if beat.act in ("affirm", "correct"):
                agreed.add(beat.turn)
            for call in beat.calls if isinstance(beat, AssistantBeat) else ():
                confirm = made.trajectory.task.turns[beat.turn].confirm
                if confirm and models[made.trajectory.task.calls[call].tool].writes:
                    assert beat.turn in agreed


def test_what_is_withheld_is_not_said_before_the_question() -> None:
    count = 0
    for made in takes():
        for number, turn in enumerate(made.trajectory.task.turns):
            for leaf in ((one.call, one.path) for one in find_twists(turn, Withheld)):
                heard = made.script.heard[leaf]
                beat = made.script.user[heard.beat]
                if beat.turn == number:
                    assert beat.act == "inform"
                    count += 1
                    before = [b for b in made.script.user[: heard.beat] if b.turn == number]
                    assert not any(leaf in mentioned(b) for b in before)
    assert count


def mentioned(beat: UserBeat) -> set[tuple[int, str]]:
    return {(mention.call, mention.path) for mention in beat.mentions}


def test_a_question_names_what_is_missing() -> None:
    asked = 0
    for made in takes():
        task = made.trajectory.task
        for number, turn in enumerate(task.turns):
            if has_twist(turn, Vague):
                continue
            beats = [b for b in made.script.assistant if b.turn == number and b.act == "clarify"]
            for one in find_twists(turn, Withheld):
                parameter = own_studio().world.models[task.calls[one.call].tool].parameter(one.path)
                if parameter.semantic in ("person_name", "date", "query", "expression"):
                    continue  # asked for by who, when, what
                top = one.path.rpartition(".")[0]
                own = [two.path for two in find_twists(turn, Withheld) if two.call == one.call]
                parts = [path for path in own if path.rpartition(".")[0] == top]
                whole = bool(top) and len(parts) > 1  # several parts of one thing: by its name
                wanted = label(top) if whole else parameter.label or label(parameter.name)
                assert any(wanted in b.text for b in beats)
                asked += 1
    assert asked


def test_a_corrected_value_is_first_said_otherwise() -> None:
    count = 0
    for made in takes():
        task, script = made.trajectory.task, made.script
        for number, turn in enumerate(task.turns):
            revision = find_twist(turn, Revision)
            if revision is None:
                continue
            leaf = (revision.call, revision.path)
            heard = script.heard[leaf]
            assert script.user[heard.beat].act == "correct"
            first = next(b for b in script.user if b.turn == number)
            assert leaf not in mentioned(first)
            assert voiced(first.text, revision.first, clock_of(task))
            count += 1
    assert count


def voiced(text: str, value: Any, clock: datetime) -> bool:
    """Whether a text says a value, in whatever words."""
    if any(says(rule.name, span, value, clock) for rule in RULES for span in rule.spans(text)):
        return True
    plain = read_words(str(value), clock)
    return plain in read_words(text, clock)


_TOKEN = re.compile(r"[A-Za-z_][\w-]*\w")


def names_of(made: Take) -> set[str]:
    """Names of tools, parameters and fields that only programs write."""

    def fields(schema: Any) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        inner = [*schema.get("properties", {}).values(), schema.get("items")]
        return set(schema.get("properties", {})).union(*map(fields, inner))

    names = {tool.wire_name for tool in made.trajectory.tools}
    for tool in made.trajectory.tools:
        names |= fields(tool.parameters) | fields(tool.returns)
    return {name for name in names if "_" in name}


def values_of(made: Take) -> set[str]:
    """Every text in arguments and results: what a value brings is no fault of the speaker."""
    calls = made.trajectory.task.calls
    wholes = [call.arguments for call in calls] + [json.loads(call.result) for call in calls]
    return {item for whole in wholes for _, item in leaves(whole) if isinstance(item, str)}


def test_people_speak_without_a_trace_of_the_machinery() -> None:
    def strange(made: Take) -> list[str]:
        names, found = names_of(made), []
        values = [value for value in values_of(made) if re.search(r"[_{}\[\]]|None", value)]
        for beat in made.script.beats:
            text = beat.text
            for value in sorted(values, key=len, reverse=True):
                text = text.replace(value, "▪")
            if set(_TOKEN.findall(text)) & names or set(text) & set("{}[]_"):
                found.append(text)
            if re.search(r"\bNone\b|\bnull\b|\bTrue\b|\bFalse\b|\bnan\b", text):
                found.append(text)
            if re.search(r"  |\s[,;.!?]|\.\.(?!\.)|,,|\b([a-z]+) \1\b(?<!that that)", text):
                found.append(text)
            if re.search(r"\b(an?|the) (an?|the|some|my|your|that|this)\b", text):
                found.append(text)
            if not text.strip() and not getattr(beat, "calls", ()):
                found.append("nothing said")
        return found

    assert where(strange) == []


def test_the_same_task_gives_the_same_words_and_the_style_changes_them() -> None:
    world = own_studio().world
    for made in takes(20):
        task = made.trajectory.task
        assert script_of(world, task) == made.script
        style = "formal" if task.persona.style != "formal" else "terse"
        persona = task.persona.model_copy(update={"style": style})
        other = script_of(world, task.model_copy(update={"persona": persona}))
        assert [beat.text for beat in other.user] != [beat.text for beat in made.script.user]
        assert sorted(other.heard) == sorted(made.script.heard)


def test_the_played_messages_are_the_beats_of_the_script() -> None:
    for made in takes():
        said = [m for m in made.trajectory.messages if isinstance(m, UserMessage)]
        assert [(m.text, m.act, m.turn) for m in said] == [
            (beat.text, beat.act, beat.turn) for beat in made.script.user
        ]
        moves = [m for m in made.trajectory.messages if isinstance(m, AssistantMessage)]
        assert [(m.text, m.act, m.turn) for m in moves] == [
            (beat.text, beat.act, beat.turn) for beat in made.script.assistant
        ]
        calls = made.trajectory.task.calls
        assert [[(c.name, c.arguments) for c in m.calls] for m in moves] == [
            [(calls[n].tool, calls[n].arguments) for n in beat.calls]
            for beat in made.script.assistant
        ]


def test_a_refused_wish_is_told_from_the_other_side() -> None:
    shares = dict.fromkeys(USUAL_MIX, 0.0) | {"unsupported": 1.0}
    studio = replace(own_studio(), mix=make_mix(**shares))
    for seed in range(60):
        task = draw_task(studio.bench, seed, start=START)
        beats = script_of(studio.world, task).beats
        for number, turn in enumerate(task.turns):
            if turn.outcome == "refuse" and re.search(r"\bmy\b", turn.intent):
                wish, answer = [beat.text for beat in beats if beat.turn == number][:2]
                assert turn.intent.casefold() in wish.casefold()
                assert turn.intent not in answer
                if re.sub(r"\bmy\b", "your", turn.intent) in answer:
                    return
    pytest.fail("no answer repeats the wish")


def test_every_result_that_was_asked_for_is_reported() -> None:
    for made in takes():
        for number, turn in enumerate(made.trajectory.task.turns):
            last = [b for b in made.script.assistant if b.turn == number and b.act != "close"][-1]
            ends = {"complete": "report", "fail": "report_failure", "clarify": "say"}
            waits = any(call.fault and call.fault.kind == "delayed" for call in turn.calls)
            allowed = {"report", "report_failure"} if waits else {ends.get(turn.outcome)}
            assert last.act in allowed | ({turn.outcome} if turn.outcome not in ends else set())
            assert len(last.text) > 10


def test_what_a_take_holds_is_really_there() -> None:
    kept = 0
    for made in takes():
        task = made.trajectory.task
        assert any(isinstance(message, ToolMessage) for message in made.trajectory.messages)
        ruled = {(one.tool, one.parameter): FORMAT_OF[one.rule] for one in task.formats}
        for fact in task.known:
            call = task.calls[fact.call]
            rule = ruled.get((call.tool, fact.path))
            wanted = fact.value if rule is None else rule.apply(str(fact.value))
            assert value_at(call.arguments, fact.path) == wanted
            kept += 1
    assert kept


@pytest.mark.parametrize(
    ("field", "said", "found"),
    [("title", "title", True), (None, "topic", False), ("title", None, False)],
)
def test_a_title_is_asked_for_by_its_name(field: str | None, said: str | None, found: bool) -> None:
    query = wants("query", "query", None, "query")
    assert is_of_one_field(replace(query, field=field, label=said)) == found


def test_who_can_do_one_thing_only_promises_no_more() -> None:
    tools = (tool_of("clear_thoughts", {}, said="Clear all recorded thoughts of the session."),)
    shares = dict.fromkeys(USUAL_MIX, 0.0) | {"unsupported": 1.0}
    studio = open_studio(Catalog(tools=tools), HashEmbedder(), mix=make_mix(**shares))
    said = [
        beat.text
        for seed in range(8)
        for beat in script_of(studio.world, draw_task(studio.bench, seed, start=START)).beats
        if beat.act == "refuse"
    ]
    assert said
    assert all("clear all thoughts" in text for text in said)


def test_of_two_kinds_that_have_a_status_it_is_said_whose_is_asked_for() -> None:
    text, number = {"type": "string"}, {"type": "integer"}
    pet = {"pet_id": number, "name": text, "status": {**text, "enum": ["available", "sold"]}}
    order = {"order_id": number, "pet_id": number, "quantity": number,
             "status": {**text, "enum": ["placed", "sent"]}}  # fmt: skip
    tools = (
        tool_of("find_pets_by_status", {"status": pet["status"]}, listing("pets", pet)),
        tool_of("place_order", {"pet_id": number, "quantity": number},
                {"type": "object", "properties": order}),
    )  # fmt: skip
    shares = dict.fromkeys(USUAL_MIX, 0.0) | {"clarify": 1.0}
    studio = open_studio(Catalog(tools=tools), HashEmbedder(), mix=make_mix(**shares))
    asked = set()
    for seed in range(40):
        task = draw_task(studio.bench, seed, start=START)
        for beat in script_of(studio.world, task).beats:
            if beat.act == "clarify" and "status" in beat.text:
                orders = task.turns[beat.turn].calls[-1].tool == "place_order"
                assert ("status of the pet" in beat.text) == orders
                asked.add(orders)
            assert "” that are" not in beat.text
    assert asked == {True, False}
    plain = replace(studio, mix=make_mix(**dict.fromkeys(USUAL_MIX, 0.0)))
    beats = (
        beat
        for seed in range(12)
        for beat in script_of(plain.world, draw_task(plain.bench, seed, start=START)).beats
    )
    said = [beat.text for beat in beats if "an order for the pet “" in beat.text]
    assert any("” that is available" in text for text in said)
    assert not any("” that are" in text for text in said)


def test_an_answer_begins_with_what_is_told() -> None:
    packs = Phrase("of 2 packs", (Mention(0, "packs", "2", "number"),))
    assert as_answer(Told(tail=packs)).text == "2 packs"
    assert as_answer(Told(tail=Phrase("called “Ivy”"))).text == "“Ivy”"
    assert as_answer(Told(tail=Phrase("via locker"))).text == "via locker"


def test_greetings_and_good_wishes_follow_the_clock() -> None:
    greeted = re.compile(r"\bgood (morning|afternoon|evening)\b", re.IGNORECASE)
    world = own_studio().world
    parts = Counter[str]()
    for made in takes():
        task = made.trajectory.task
        persona = task.persona.model_copy(update={"style": "formal"})
        for hour, part in ((9, "morning"), (14, "afternoon"), (19, "evening")):
            moment = clock_of(task).replace(hour=hour).isoformat()
            calls = [[call.model_copy(update={"at": moment}) for call in turn.calls]
                     for turn in task.turns]  # fmt: skip
            turns = tuple(turn.model_copy(update={"calls": tuple(made_then)})
                          for turn, made_then in zip(task.turns, calls, strict=True))  # fmt: skip
            then = {"clock": moment, "turns": turns, "persona": persona}
            beats = script_of(world, task.model_copy(update=then)).beats
            said = {one.lower() for beat in beats for one in greeted.findall(beat.text)}
            assert said <= {part}
            assert part == "evening" or not any("a good evening" in beat.text for beat in beats)
            assert part != "evening" or not any("a good day" in beat.text for beat in beats)
            parts.update(said)
    assert parts.keys() == {"morning", "afternoon", "evening"}
