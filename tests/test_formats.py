"""Formats that descriptions ask for: laws of each, and conversations that keep to them or not."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.difficulty import rows
from generators.dialogue.provenance import trace
from generators.operators import USUAL_MIX, make_mix
from generators.operators.formatted import _CODE, Formatted
from generators.tasks.clock import Setting
from generators.tasks.proof import flaws
from generators.world.model import World
from schemas.formats import FORMAT_OF, FORMATS, Format, asked_of, instructed
from schemas.message import AssistantMessage, Call, FromUser, ToolMessage, UserMessage
from schemas.reading import says
from schemas.task import FormatInstruction, Task
from schemas.trajectory import Roles, Trajectory
from tests.studio import SEED, own_studio, takes
from tests.trajectories import TOOLS
from tests.worlds import entity, tool, wants
from validators.checks import examine

COUNT = 14
CLOCK = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
texts = st.text(min_size=1, max_size=40).filter(lambda text: any(map(str.isalnum, text)))
lines = st.from_regex(r"[A-Za-z][A-Za-z ,.!'-]{0,30}[A-Za-z.!]", fullmatch=True)
forms = st.sampled_from(FORMATS)


@given(forms, texts)
def test_what_is_applied_holds_and_is_applied_once(form: Format, text: str) -> None:
    applied = form.apply(text)
    assert form.holds(applied)
    assert form.apply(applied) == applied


@given(forms, lines)
def test_a_format_leaves_the_words_as_they_are(form: Format, line: str) -> None:
    if form.suits(line):
        applied = form.apply(line).removeprefix(form.before).removesuffix(form.after)
        assert form.apply(line) != line
        assert _letters(applied) == _letters(line)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


@given(forms, lines)
def test_a_reading_rule_of_its_name_reads_the_plain_words(form: Format, line: str) -> None:
    assert says(form.name, line, form.apply(line), CLOCK)
    assert form.holds(line) or not says(form.name, line, line, CLOCK)


@pytest.mark.parametrize(
    ("name", "plain", "written", "wrong"),
    [
        ("upper_case", "Leave it here.", "LEAVE IT HERE.", "LEAVE IT here."),
        ("lower_case", "Leave it here.", "leave it here.", "Leave it here."),
        ("title_case", "Leave it here.", "Leave It Here.", "Leave it Here."),
        ("no_commas", "Bread, milk, tea", "Bread milk tea", "Bread, milk tea"),
        ("full_stop", "Leave it here", "Leave it here.", "Leave it here!"),
        ("no_full_stop", "Leave it here.", "Leave it here", "Leave it here."),
        ("snake_case", "Late Delivery", "late_delivery", "Late_delivery"),
        ("hyphens", "Late Delivery", "Late-Delivery", "Late- Delivery"),
        ("square_brackets", "Leave it", "[Leave it]", "[Leave it"),
        ("parentheses", "Leave it", "(Leave it)", "Leave it)"),
        ("asterisks", "Leave it", "**Leave it**", "*Leave it*"),
        ("note_prefix", "Leave it", "NOTE: Leave it", "Note: Leave it"),
        ("via_prefix", "Leave it", "Via assistant: Leave it", "Leave it"),
        ("end_mark", "Leave it", "Leave it (end)", "Leave it(end)"),
    ],
)
def test_each_format_is_written_and_told_from_what_is_wrong(
    name: str, plain: str, written: str, wrong: str
) -> None:
    form = FORMAT_OF[name]
    assert form.suits(plain)
    assert form.apply(plain) == written
    assert form.holds(written)
    assert not form.holds(wrong)


def test_formats_differ_in_name_and_sentence() -> None:
    assert len(FORMATS) >= 10
    assert len({form.name for form in FORMATS}) == len(FORMATS)
    for form in FORMATS:
        assert not any(form.sentence in other.sentence for other in FORMATS if other is not form)


def test_every_format_is_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")
    for form in FORMATS:
        assert f"| `{form.name}` | {form.sentence} |" in page


@cache
def made() -> tuple[Trajectory, ...]:
    """Conversations in which something is to be written in a format, examined."""
    mix = make_mix(**dict.fromkeys(USUAL_MIX, 0.0) | {"formatted": 1.0})
    studio = replace(own_studio(), mix=mix)
    played = [
        asyncio.run(studio.candidate(SEED, index, studio.scripted, Roles())).trajectory
        for index in range(COUNT)
    ]
    having = [one for one in played if "formatted" in one.task.operators]
    return tuple(examine(one, studio.environment) for one in having)


def test_the_effect_is_measured() -> None:
    plain = [one.trajectory.task for one in takes(5)]
    without = [one for one in plain if "formatted" not in one.operators]
    measured = rows([*without, *(one.task for one in made())], own_studio().world)
    (row,) = (row for row in measured if row.operator == "formatted")
    assert (row.with_it, row.without) == (1, 0)


def setting(task: Task) -> Setting:
    return Setting(own_studio().backend, task.environment_seed, datetime.fromisoformat(task.clock))


def test_what_is_made_is_proven_and_accepted() -> None:
    assert made()
    for one in made():
        assert list(flaws(setting(one.task), one.task)) == []
        assert one.accepted, one.reasons
        assert [len(one.task.formats)] == [1]


def test_the_user_says_the_plain_words_and_the_call_and_the_row_hold_the_written_ones() -> None:
    for one in made():
        (asked,) = one.task.formats
        form = FORMAT_OF[asked.rule]
        number, gold = next((n, c) for n, c in enumerate(one.task.calls) if c.tool == asked.tool)
        (origin,) = (o for o in gold.origins if o.path == asked.parameter)
        assert (origin.kind, origin.rule) == ("user", form.name)
        fact = next(f for f in one.task.known if (f.call, f.path) == (number, asked.parameter))
        value = gold.arguments[asked.parameter]
        assert value == form.apply(str(fact.value)) != fact.value
        said = " ".join(m.text for m in one.messages if isinstance(m, UserMessage))
        assert str(fact.value) in said
        assert value not in said or str(value) in str(fact.value)
        assert any(value in (row.row or {}).values() for row in one.task.acceptance.assertions)


def test_the_offered_tool_says_what_is_asked_and_the_catalogue_does_not() -> None:
    for one in made():
        (asked,) = one.task.formats
        tool = next(tool for tool in one.tools if tool.wire_name == asked.tool)
        assert asked_of(tool, asked.parameter) == (FORMAT_OF[asked.rule],)
        own = own_studio().world.models[asked.tool].tool
        assert asked_of(own, asked.parameter) == ()


def test_the_sentence_follows_what_the_description_says() -> None:
    tool = next(tool for tool in TOOLS if tool.name == "search_products")
    asked = FormatInstruction(tool="search_products", parameter="query", rule="upper_case")
    bare = instructed(tool, (asked,))
    assert bare.properties["query"]["description"] == FORMAT_OF["upper_case"].sentence
    told = {**tool.parameters, "properties": {"query": {"type": "string", "description": "Words"}}}
    longer = instructed(tool.model_copy(update={"parameters": told}), (asked,))
    assert longer.properties["query"]["description"] == (
        f"Words. {FORMAT_OF['upper_case'].sentence}"
    )
    assert instructed(tool, (asked.model_copy(update={"tool": "place_order"}),)) == tool


def test_who_repeats_the_plain_words_is_rejected() -> None:
    """As a model would that does not read descriptions: the row follows what it wrote."""
    for one in made():
        wrong = examine(_as_said(one), own_studio().environment)
        assert not wrong.accepted
        assert "format_ignored" in wrong.reasons
        assert "source_misread" not in wrong.reasons


def _as_said(one: Trajectory) -> Trajectory:
    (asked,) = one.task.formats
    return one.model_copy(
        update={
            "messages": tuple(
                message.model_copy(
                    update={"calls": tuple(_plain(call, one.task, asked) for call in message.calls)}
                )
                if isinstance(message, AssistantMessage)
                else message
                for message in one.messages
            )
        }
    )


def _plain(call: Call, task: Task, asked: FormatInstruction) -> Call:
    if call.name != asked.tool:
        return call
    number = [gold.tool for gold in task.calls].index(asked.tool)
    fact = next(f for f in task.known if (f.call, f.path) == (number, asked.parameter))
    sources = tuple(
        given.model_copy(update={"source": given.source.model_copy(update={"rule": "literal"})})
        if given.path == asked.parameter
        else given
        for given in call.provenance
    )
    arguments = {**call.arguments, asked.parameter: fact.value}
    return call.model_copy(update={"arguments": arguments, "provenance": sources})


def test_a_failed_attempt_may_be_put_right() -> None:
    """The same call in plain words, refused by the service, ignores nothing yet."""
    one = made()[0]
    plain = _as_said(one)
    (asked,) = one.task.formats
    messages = tuple(
        message.model_copy(update={"is_error": True})
        if isinstance(message, ToolMessage) and message.name == asked.tool
        else message
        for message in plain.messages
    )
    failed = examine(plain.model_copy(update={"messages": messages}), own_studio().environment)
    assert "format_ignored" not in failed.reasons


def test_a_gold_call_in_plain_words_is_a_flaw() -> None:
    one = made()[0]
    (asked,) = one.task.formats
    turns = tuple(
        turn.model_copy(
            update={
                "calls": tuple(
                    call.model_copy(
                        update={"arguments": {**call.arguments, asked.parameter: "Plain, Words."}}
                    )
                    if call.tool == asked.tool
                    else call
                    for call in turn.calls
                )
            }
        )
        for turn in one.task.turns
    )
    other = asked.model_copy(update={"rule": "snake_case"})
    task = one.task.model_copy(update={"turns": turns, "formats": (other,)})
    assert "format_broken" in {flaw.code for flaw in flaws(setting(task), task)}


def test_a_call_of_a_model_in_the_format_finds_its_source_in_the_plain_words() -> None:
    for one in made():
        (asked,) = one.task.formats
        tool = next(tool for tool in one.tools if tool.wire_name == asked.tool)
        message, call = next(
            (m, c)
            for m in one.messages
            if isinstance(m, AssistantMessage)
            for c in m.calls
            if c.name == asked.tool
        )
        before, clock = one.messages[: message.index], datetime.fromisoformat(one.task.clock)
        found = {given.path: given.source for given in trace(tool, call.arguments, before, clock)}
        source = found[asked.parameter]
        assert isinstance(source, FromUser)
        value = call.arguments[asked.parameter]
        assert says(source.rule, source.span, value, clock)
        unasked = instructed(own_studio().world.models[asked.tool].tool, ())
        alone = trace(unasked, call.arguments, before, clock)
        assert not any(
            isinstance(given.source, FromUser) and given.source.rule in FORMAT_OF for given in alone
        )


def test_an_option_of_a_menu_is_put_in_no_format() -> None:
    menu = entity("page", "menu", ["ref"], {"ref": "handle", "name": "title", "value": "text"})
    lead = replace(menu.fields["name"], implies={"Country": {"value": ["Spain", "Peru"]}})
    choosing = replace(menu, fields={**menu.fields, "name": lead})
    told = [wants("ref", "identity", menu.key), wants("value", "field", None, "text")]
    choose = tool("set_menu", "update", menu, told, {})
    known = (World({choose.name: choose}, {one.key: one}) for one in (menu, choosing))
    assert [Formatted().allows(one, choose) for one in known] == [True, False]


def test_a_line_of_a_program_is_put_in_no_format() -> None:
    assert all(_CODE.search(one) for one in ("df.head(10)", "x = 1", "<b>", "a;"))
    assert not any(_CODE.search(one) for one in ("Leave it here.", "Re: the desk, again!", "A - B"))
