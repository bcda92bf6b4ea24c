"""Words: names, actions, values attached to a request, references to rows, reports of results."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generators.language.action import action
from generators.language.deed_words import plain_noun
from generators.language.phrase import Mention, Phrase, concat, enumerate_phrases, fill
from generators.language.references import identity_in_words, refer
from generators.language.report import report
from generators.language.request import Clause, _put_behind
from generators.language.rows import SpokenField, clause
from generators.language.scene import Hidden, Scene
from generators.language.slot_phrases import Told, _put_behind_role, tell, tell_all
from generators.lexicon.names import split_words
from generators.lexicon.verbs import Operation
from generators.operators import full_grammar
from generators.world.model import Use
from schemas.reading import says
from schemas.semantic import SemanticType
from schemas.task import Origin
from tests.scenes import scene_of
from tests.studio import Take, own_studio, takes, where
from tests.worlds import entity, row, rows, tool, wants

FIXTURES = Path(__file__).parent / "fixtures" / "lexicon"


def rows_of(name: str) -> list[Any]:
    return list(yaml.safe_load((FIXTURES / f"{name}.yaml").read_text("utf-8")))


@settings(deadline=None)
@given(st.lists(st.from_regex("[a-z]{2,8}", fullmatch=True), min_size=1, max_size=4))
def test_a_name_is_split_alike_in_every_spelling(parts: list[str]) -> None:
    camel = parts[0] + "".join(part.capitalize() for part in parts[1:])
    for name in ("_".join(parts), "-".join(parts), camel, "_".join(parts).upper()):
        assert split_words(name) == tuple(parts)


@pytest.mark.parametrize(("name", "verb", "pattern", "generic"), rows_of("actions"))
def test_a_tool_is_asked_for_in_words(name: str, verb: str, pattern: str, generic: str) -> None:
    what = action(own_studio().world.models[name])
    assert (what.verb, what.pattern, what.generic) == (verb, pattern, generic)


def test_every_tool_of_the_own_catalogues_can_be_asked_for() -> None:
    for name, model in own_studio().world.models.items():
        what = action(model)
        assert what.pattern.count("{object}") <= 1, name
        assert "{" not in what.generic, name
        for text in (*what.verbs, what.generic, what.pattern):
            assert text.strip() == text != "", name
            assert "_" not in text, name


ORDER = entity("shop", "order", ["order_id"], {"order_id": "opaque_id"})


def told(name: str, use: Use, semantic: SemanticType, value: Any, seed: int) -> tuple[str, Scene]:
    """The words for one argument of a tool, and the scene in which they are said."""
    operations: dict[Use, tuple[str, Operation]] = {
        "field": ("place_order", "create"),
        "input": ("estimate_order", "compute"),
    }
    named, operation = operations.get(use, ("search_orders", "list"))
    parameter = wants(name, use, None, semantic)
    scene = scene_of([(tool(named, operation, ORDER, [parameter], {}), {name: value}, {})],
                     [ORDER], seed)  # fmt: skip
    said = tell(scene, 0, name, parameter, value)
    mentions = said.tail.mentions + said.value.mentions
    assert [(mention.call, mention.path) for mention in mentions] == [(0, name)]
    text = said.tail.text if said.tail else f"{said.label}: {said.value.text}"
    assert mentions[0].span in text
    assert says(mentions[0].rule, mentions[0].span, value, scene.clock), text
    return text, scene


@pytest.mark.parametrize(("name", "use", "semantic", "value", "words"), rows_of("told"))
def test_a_value_is_attached_as_people_do(
    name: str, use: Use, semantic: SemanticType, value: Any, words: str
) -> None:
    for seed in range(8):
        text, _ = told(name, use, semantic, value, seed)
        assert re.fullmatch(words, text), text


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize(
    "name",
    ["breakfast", "is_gift", "include_tax", "has_parking", "only_direct", "no_smoking",
     "skip_weekends", "include_no_shows", "without_stops", "day_off", "not_before_noon"],
)  # fmt: skip
def test_a_flag_is_said_so_that_it_is_read_as_it_is(name: str, value: bool) -> None:
    yes, _ = told(name, "filter", "boolean", value, 0)
    no, _ = told(name, "filter", "boolean", not value, 0)
    assert yes != no


def test_a_whole_name_a_repository_and_an_address_are_said_in_one_breath() -> None:
    values = {"first_name": "Ana", "last_name": "Ruiz", "owner": "octo", "repo": "site",
              "street": "12 Oak Lane", "city": "Oslo", "zip": "0150"}  # fmt: skip
    kinds: dict[str, SemanticType] = {
        "first_name": "first_name", "last_name": "last_name", "owner": "handle", "repo": "handle",
        "street": "street", "city": "city", "zip": "zip",
    }  # fmt: skip
    parameters = [wants(name, "field", None, kind) for name, kind in kinds.items()]
    issue = entity("git", "issue", ["owner", "repo", "number"], {"number": "number_id"})
    add = tool("add_order", "create", ORDER, parameters, {})
    scene = scene_of([(add, values, {})], [ORDER, issue])
    leaves = [(Origin(path=p.path, kind="user"), p, values[p.path]) for p in parameters]
    said = tell_all(scene, 0, leaves)
    assert [item.tail.text or f"{item.label}: {item.value.text}" for item in said] == [
        "in octo/site", "called Ana Ruiz", "address: 12 Oak Lane, Oslo, 0150",
    ]  # fmt: skip
    mentions = [m for item in said for m in item.tail.mentions + item.value.mentions]
    assert {m.path: m.span for m in mentions} == values


@pytest.mark.parametrize(
    ("around", "words"),
    [
        ("sleeve", ["sleeve: colour red, size large"]),
        ("properties", ["colour: red", "size: large"]),
    ],
)
def test_what_only_wraps_the_fields_of_a_row_is_not_said(around: str, words: list[str]) -> None:
    values = {"colour": "red", "size": "large"}
    parameters = [wants(f"{around}.{name}", "field", None, "label") for name in values]
    add = tool("add_order", "create", ORDER, parameters, {})
    scene = scene_of([(add, {around: values}, {})], [ORDER])
    leaves = [
        (Origin(path=one.path, kind="user"), one, value)
        for one, value in zip(parameters, values.values(), strict=True)
    ]
    said = tell_all(scene, 0, leaves)
    assert [f"{item.label}: {item.value.text}" for item in said] == words


def test_how_two_things_belong_together_is_said_with_the_other_one() -> None:
    values = {"related_order_number": 298, "type": "blocked_by"}
    kinds: dict[str, SemanticType] = {"related_order_number": "number_id", "type": "enum"}
    parameters = [wants(name, "field", None, kind) for name, kind in kinds.items()]
    add = tool("add_order_dependency", "create", ORDER, parameters, {})
    scene = scene_of([(add, values, {})], [ORDER])
    leaves = [(Origin(path=p.path, kind="user"), p, values[p.path]) for p in parameters]
    said = tell_all(scene, 0, leaves)
    assert [item.value.text for item in said] == ["blocked by order 298"]
    alone = tell_all(scene, 0, leaves[1:])
    assert [item.value.text for item in alone] == ["blocked by another one"]


def test_a_state_that_is_a_flag_is_marked() -> None:
    sets = replace(wants("draft", "field", None, "boolean"), required=True)
    row = wants("order_id", "identity", "order", "opaque_id")
    mark = tool("update_order_draft_state", "update", ORDER, [row, sets], {})
    scene = scene_of([(mark, {"order_id": "ORD-1", "draft": False}, {})], [ORDER])
    assert action(mark).verbs == ("mark",)
    assert tell(scene, 0, "draft", sets, False).tail.text == "as not draft"


def test_no_two_values_of_a_call_are_said_in_the_same_words() -> None:
    def confused(made: Take) -> list[Any]:
        task = made.trajectory.task
        scene = Scene(own_studio().world, task, full_grammar(), Random(0))
        found = []
        for call in range(len(task.calls)):
            leaves = [(o, p, v) for o, p, v in scene.told(call) if "[" not in o.path]
            words: dict[str, set[str]] = defaultdict(set)
            for item in tell_all(scene, call, leaves):
                for part in (item.tail, item.value):
                    text = f"{item.label}: {part.text}"
                    for mention in part.mentions:
                        if mention.rule != "flag":  # its words are its name and its value
                            text = text.replace(mention.span, "…")
                    words[text] |= {mention.path for mention in part.mentions}
                    if len(part.mentions) == 1 and len(words[text]) > 1:
                        found.append((task.calls[call].tool, text, sorted(words[text])))
        return found

    assert where(confused) == []


FLIGHT = entity(
    "travel", "flight", ["flight_id"],
    {"flight_id": "opaque_id", "airline": "company", "departs": "time", "price": "money",
     "fee": "money", "status": "enum", "stops": "count", "date": "date"},
)  # fmt: skip
SEARCH = tool("search_flights", "list", FLIGHT, [], rows("flights", FLIGHT.fields))
some_flights = st.lists(
    st.fixed_dictionaries({
        "airline": st.sampled_from(["Norse", "Blue Wing"]),
        "departs": st.sampled_from(["09:40", "09:40:30", "21:40"]),
        "price": st.sampled_from([90, 90.0, 120.5]),
        "fee": st.sampled_from([1, 2.5, 3]),
        "status": st.sampled_from(["on_time", "delayed"]),
        "stops": st.integers(0, 1),
        "date": st.sampled_from(["2026-03-03", "2026-03-12", "2027-03-12"]),
    }),
    min_size=2, max_size=5,
)  # fmt: skip


def named_by(scene: Scene, path: str, noun: str, number: int, *, seen: bool) -> str:
    origin = Origin(path="x", kind="result", call=0, result_path=path.replace("#", str(number)))
    return refer(scene, origin, noun, Hidden(seen=frozenset({0} if seen else ()))).text


@settings(max_examples=60, deadline=None)
@example(found=[{"price": 90, "fee": 3}, {"price": 120, "fee": 1}], seen=False)
@given(found=some_flights, seen=st.booleans())
def test_a_reference_fits_one_row_only(found: list[dict[str, Any]], seen: bool) -> None:
    listed = [{"flight_id": f"f-{n}", **flight} for n, flight in enumerate(found)]
    meant: dict[str, int] = {}
    for number in range(len(listed)):
        for seed in range(3):
            scene = scene_of([(SEARCH, {}, {"flights": listed})], [FLIGHT], seed)
            text = named_by(scene, "flights[#].flight_id", "flight", number, seen=seen)
            assert meant.setdefault(text, number) == number, text


def test_a_reference_to_a_row_that_was_found_fits_no_other_row() -> None:
    def doubtful(made: Take) -> list[Any]:
        return [
            (tool_name, text)
            for call, tool_name, path, found in listed_rows(made)
            for text in ambiguous(made, call, path, found)
        ]

    assert where(doubtful) == []


def listed_rows(made: Take) -> Iterator[tuple[int, str, str, list[Any]]]:
    for call, gold in enumerate(made.trajectory.task.calls):
        result = json.loads(gold.result)
        for name, value in result.items() if isinstance(result, dict) else ():
            ids = [key for key in value[0] if key.endswith("_id")] if rows_of(value) else []
            if ids:
                yield call, gold.tool, f"{name}[#].{ids[0]}", value[:5]


def rows_of(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and isinstance(value[0], dict)


def ambiguous(made: Take, call: int, path: str, found: list[Any]) -> list[str]:
    noun = path.rsplit(".", 1)[-1].removesuffix("_id").replace("_", " ")
    texts: dict[str, set[int]] = defaultdict(set)
    for number in range(len(found)):
        for seed in range(4):
            scene = Scene(own_studio().world, made.trajectory.task, full_grammar(), Random(seed))
            for seen in (False, True):
                origin = Origin(
                    path="x", kind="result", call=call, result_path=path.replace("#", str(number))
                )
                text = refer(scene, origin, noun, Hidden(seen=frozenset({0} if seen else ()))).text
                texts[f"{text}, seen: {seen}"].add(number)
    return [text for text, numbers in texts.items() if len(numbers) > 1]


@pytest.mark.parametrize(
    ("flights", "number", "seen", "words"),
    [
        ([{"price": 90}], 0, False, "the flight"),
        ([{"price": 90}], 0, True, "that flight"),
        ([{"x": 1}, {"x": 1}], 1, False, "the second flight that comes up"),
        (
            [{"departs": "09:40"}, {"departs": "10:00"}],
            1,
            False,
            "the flight that departs at 10 am",
        ),
        ([{"airline": "Norse"}, {"airline": "Blue Wing"}], 0, False, "the flight with Norse"),
        ([{"status": "on_time"}, {"status": "late"}], 0, False, "the flight that is on time"),
    ],
)
def test_a_row_is_named_by_what_tells_it_apart(
    flights: list[dict[str, Any]], number: int, seen: bool, words: str
) -> None:
    scene = scene_of([(SEARCH, {}, {"flights": flights})], [FLIGHT], 3)
    assert named_by(scene, "flights[#].flight_id", "flight", number, seen=seen) == words


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def numbers(text: str) -> set[float]:
    """All numbers in a text, in every part of dates, times and ids."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return {float(found) for found in _NUMBER.findall(plain)}


def known_numbers(result: Any) -> set[float]:
    """A result's numbers, those in its texts, hours by the clock, lengths of lists.

    A length of time is told in hours and minutes: 215 minutes are 3 hours 35 minutes.
    """
    raw = json.dumps(result, ensure_ascii=False)
    known = numbers(raw) | {float(found) for found in re.findall(r"\d+", raw)}
    minutes = {int(found) for found in re.findall(r'_minutes": (\d+)', raw)}
    known |= {float(part) for found in minutes for part in divmod(found, 60)}
    known |= {float(int(h) % 12 or 12) for h in re.findall(r"(?<!\d)(\d\d):\d\d", raw)}
    return known | {float(size) for size in sizes(result)}


def sizes(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        yield len(value)
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from sizes(item)


def test_every_number_in_a_report_is_in_the_result() -> None:
    def invented(made: Take) -> list[Any]:
        task = made.trajectory.task
        found = []
        seen: set[float] = set()  # the heading names a row by what was seen before
        for call, gold in enumerate(task.calls):
            known = known_numbers(json.loads(gold.result))
            seen |= known
            if gold.is_error:  # told by its outcome, not reported
                continue
            for seed in range(2):
                text = report(Scene(own_studio().world, task, full_grammar(), Random(seed)), call)
                assert text.strip()
                heading, colon, rest = text.partition(":\n")
                said = numbers(rest) | (numbers(heading) - seen) if colon else numbers(text)
                wrong = said - known
                found += [(gold.tool, wrong, text)] if wrong else []
        return found

    assert where(invented) == []


@settings(max_examples=50, deadline=None)
@given(some_flights)
def test_a_report_of_a_list_says_how_many_there_are_and_nothing_else(
    found: list[dict[str, Any]],
) -> None:
    result = {"flights": [{"flight_id": "f", **flight} for flight in found]}
    text = report(scene_of([(SEARCH, {}, result)], [FLIGHT]), 0)
    assert numbers(text) <= known_numbers(result)
    assert re.search(rf"\b{len(found)} flights\b", text)


def test_of_a_page_of_rows_it_is_said_how_many_there_are_in_all() -> None:
    flights = [{"flight_id": f"f{n}", "price": 90 + n} for n in range(3)]
    text = report(scene_of([(SEARCH, {}, {"flights": flights, "total": 9})], [FLIGHT]), 0)
    assert "9 flights in all" in text
    assert "3 flights" not in text
    whole = report(scene_of([(SEARCH, {}, {"flights": flights, "total": 3})], [FLIGHT]), 0)
    assert "in all" not in whole


@pytest.mark.parametrize(
    ("told", "follow"),
    [
        ({"has_more": True}, True),
        ({"has_more": False, "next_cursor": "c9"}, False),
        ({"is_last": False}, True),
        ({"next_page_token": "p2"}, True),
        ({"next_page_token": ""}, False),
        ({"meta": {"hasNextPage": True}}, True),
        ({"has_more": True, "total": 9}, False),
        ({}, False),
    ],
)
def test_of_a_page_that_others_follow_no_number_is_said_to_be_all(
    told: dict[str, Any], follow: bool
) -> None:
    flights = [{"flight_id": f"f{n}", "price": 90 + n} for n in range(7)]
    for shown in (3, 7):
        result = {"flights": flights[:shown], **told}
        text = report(scene_of([(SEARCH, {}, result)], [FLIGHT]), 0)
        assert ("more" in text.partition(":")[0]) == follow
        assert not follow or (f"{shown} flights" in text and "in all" not in text)


def test_a_report_of_nothing_says_so() -> None:
    text = report(scene_of([(SEARCH, {}, {"flights": []})], [FLIGHT]), 0)
    assert re.search(r"\b0 flights\b|\bno flights\b", text)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (SpokenField("duration_minutes", 185, "duration"), r"the duration is 3 hours 5 minutes"),
        (SpokenField("duration_minutes", 90, "duration"), r"the duration is 90 minutes"),
        (SpokenField("created_at", "2026-05-03", "date"), r"it was created on "),
        (SpokenField("amount_paid", 12, "money"), r"the amount paid is 12"),
        (SpokenField("origin_city", "Rome", "city", "from"), r"it is from Rome$"),
        (SpokenField("payer", "Ida", "person_name", "paid by"), r"it is paid by Ida$"),
    ],
)
def test_a_value_is_told_as_a_clause(field: SpokenField, said: str) -> None:
    assert re.match(said, clause(scene_of([(GET, {}, {field.name: field.value})], [FLIGHT]), field))


GET = tool("get_flight", "get", FLIGHT, [], row(FLIGHT.fields))
DROP = tool("cancel_flight", "update", FLIGHT, [wants("flight_id", "identity", FLIGHT.key)],
            row(FLIGHT.fields), transition=("status", "cancelled"))  # fmt: skip


def test_a_report_says_what_was_found_and_what_was_done() -> None:
    flight = {"flight_id": "f-1", "airline": "Norse", "departs": "09:40", "price": 120.5,
              "status": "on_time"}  # fmt: skip
    found = report(scene_of([(GET, {}, flight)], [FLIGHT]), 0)
    for part in ("Norse", "9:40 am", "120.50", "on time"):
        assert part in found
    done = report(
        scene_of([(DROP, {"flight_id": "f-1"}, {**flight, "status": "cancelled"})], [FLIGHT]), 0
    )
    assert "cancelled the flight" in done
    assert "f-1" not in found


def test_words_keep_what_they_mention_when_put_together() -> None:
    mention = Mention(0, "city", "Oslo", "literal")
    oslo = Phrase("Oslo", (mention,))
    for phrase in (
        "in " + oslo, oslo + " now", concat([Phrase(""), oslo]), fill("to {x}", {"x": oslo}),
        enumerate_phrases([Phrase("Rome"), oslo]), ("to " + oslo).as_sentence(),
    ):  # fmt: skip
        assert phrase.mentions == (mention,)
        assert "Oslo" in phrase.text
    flag = Phrase("with beds", (Mention(0, "beds", "with beds", "flag"),))
    bare = ("with a desk and " + flag.without("with ")).as_sentence()
    assert (bare.text, bare.mentions[0].span) == ("With a desk and beds.", "beds")
    assert oslo.as_sentence().text == "Oslo."
    assert ("in " + oslo).as_sentence().text == "In Oslo."
    tomorrow = Phrase("tomorrow", (Mention(0, "date", "tomorrow", "date"),)).as_sentence()
    assert (tomorrow.text, tomorrow.mentions[0].span) == ("Tomorrow.", "Tomorrow")


def test_each_template_fills_completely_and_keeps_its_slots() -> None:
    for key, styles in full_grammar().alternatives.items():
        for style, templates in styles.items():
            assert templates, (key, style)
            for template in templates:
                slots = re.findall(r"\{(\w+)\}", template)
                said = fill(template, dict.fromkeys(slots, "▪")).text
                assert not set(said) & set("{}[]"), (key, template)
                assert said.count("▪") == len(slots)


def test_no_two_conversations_begin_alike() -> None:
    first = Counter(made.script.user[0].text for made in takes())
    assert len(first) >= 0.95 * first.total()


def test_what_a_title_says_of_a_tools_age_is_not_part_of_what_it_does() -> None:
    titled = tool("add_item", "create", None, [], row(["item_id"]))
    old = replace(titled, tool=titled.tool.model_copy(update={"title": "Add Item [DEPRECATED]"}))
    assert action(old).verb == "add"
    assert "deprecated" not in action(old).generic.lower()


def test_a_choice_stands_in_marks_in_a_question_and_behind_a_colon_in_a_request() -> None:
    value = Phrase("changed mind", (Mention(0, "reason", "changed mind", "words"),))
    asked = Clause(Phrase("request a return"), (Told(label="reason", value=value),))
    assert asked.whole.text == "request a return with the reason “changed mind”"


def test_what_belongs_to_whoever_asks_is_called_without_its_owner() -> None:
    called = {"get-users-playlists": "playlist", "get_user_playlists": "user playlist"}
    for name, said in called.items():
        listed = tool(name, "list", None, [], rows("items", {}))
        assert plain_noun(replace(listed, noun="user playlist")) == said


def test_what_is_held_and_what_is_detailed_is_said_with_one_with() -> None:
    held = (Phrase("use abroad switched off"), Phrase("the seat middle"))
    said = Clause(
        Phrase("change the card with use abroad switched off and the seat middle"),
        (Told(label="new limit", value=Phrase("250 euros")),), held,
    )  # fmt: skip
    assert said.whole.text == (
        "change the card with use abroad switched off, the seat middle and the new limit 250 euros"
    )
    alone = Clause(Phrase("change the card"), said.details)
    assert alone.whole.text == "change the card with the new limit 250 euros"


def test_a_number_is_called_after_the_whole_thing_that_it_counts() -> None:
    pull = entity("code", "pull request", ["pull_number"], {"pull_number": "number_id"})
    number = wants("pullNumber", "identity", pull.key, "number_id")
    get = tool("get_pull_request", "get", pull, [number], {})
    scene = scene_of([(get, {"pullNumber": 12}, {})], [pull])
    told = tell(scene, 0, "pullNumber", number, 12)
    assert told.label == "pull request number"


@pytest.mark.parametrize(
    ("role", "said", "whole"),
    [
        ("in the namespace", "the namespace of the first one", "in the namespace of the first one"),
        ("in the namespace", "that namespace", "in that namespace"),
        ("in the namespace", "the second one", "in the namespace the second one"),
        ("for", "that member", "for that member"),
    ],
)
def test_a_role_that_names_the_thing_says_it_once(role: str, said: str, whole: str) -> None:
    assert _put_behind(role, Phrase(said)).text == whole


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (("at", "on"), "the meal on March 11 at “North”"),
        ((None, None), "a meal with the day of it March 11 in the canteen “North”"),
    ],
)
def test_parts_of_what_names_a_row_stand_behind_their_roles(
    roles: tuple[str | None, str | None], said: str
) -> None:
    meal = entity("food", "meal", ["canteen", "day"], {"canteen": "title", "day": "date"})
    place, day = (
        replace(wants(name, "identity", meal.key, meant), role=role, label=told)
        for name, meant, role, told in zip(
            ("canteen", "day"), ("title", "date"), roles, (None, "day of it"), strict=True
        )
    )
    get = tool("get_meal", "get", meal, [place, day], {})
    scene = scene_of([(get, {"canteen": "North", "day": "20260311"}, {})], [meal])
    assert identity_in_words(scene, 0, [*scene.told(0)]).text == said


@pytest.mark.parametrize(("held", "said"), [("CVE-2014-0160", "CVE-2014-0160"), ("12", "cve 12")])
def test_a_number_that_begins_with_the_noun_is_said_alone(held: str, said: str) -> None:
    cve = entity("safety", "cve", ["cve_id"], {"cve_id": "number_id"})
    get = tool("get_cve", "get", cve, [wants("cve_id", "identity", cve.key, "number_id")], {})
    scene = scene_of([(get, {"cve_id": held}, {})], [cve])
    assert identity_in_words(scene, 0, [*scene.told(0)]).text.lower() == said.lower()


def test_a_day_that_needs_no_preposition_stands_without() -> None:
    meal = entity("food", "meal", ["canteen", "day"], {"canteen": "title", "day": "date"})
    day = replace(wants("day", "identity", meal.key, "date"), role="on")
    get = tool("get_meal", "get", meal, [day], {})
    scene = scene_of([(get, {"day": "2026-03-03"}, {})], [meal])  # the day after its clock
    assert identity_in_words(scene, 0, [*scene.told(0)]).text == "the meal tomorrow"


def test_a_value_is_not_called_what_the_deed_has_named() -> None:
    cell = entity("book", "cell", ["index"], {"index": "count", "kind": "enum"})
    kind = replace(wants("kind", "field", None, "enum"), role="as")
    mark = tool("mark_cell_kind", "update", cell, [wants("index", "identity", cell.key), kind], {})
    mark = replace(mark, verb="mark")
    assert action(mark).pattern == "the kind of {object}"
    scene = scene_of([(mark, {"index": 2, "kind": "notes"}, {})], [cell])
    assert tell(scene, 0, "kind", kind, "notes").tail.text == "as notes"
    other = replace(kind, path="shape", label="shape")
    assert tell(scene, 0, "kind", other, "notes").tail.text != "as the shape notes"


def test_a_value_is_not_called_what_can_be_no_name_of_it() -> None:
    drawn = replace(wants("value", "field", None, "enum"), role="of", label="value to plot")
    assert _put_behind_role(drawn, "visits") == "of {}"
    assert _put_behind_role(replace(drawn, label="kind"), "visits") == "of {} kind"


@pytest.mark.parametrize(
    ("name", "said", "given", "whole"),
    [
        ("search_flights", "Search flights", {}, True),
        ("search_flights", "Search flights. There are 40 flights.", {}, False),
        ("search_flights", "Search flights. Returns up to 7 flights.", {}, False),
        ("search_flights", "Search flights", {"limit": 7}, False),
        ("search_flights", "Search flights", {"limit": 8}, True),
        ("search_flights", "Search flights", {"page": 2}, False),
        ("top_flights", "Search flights", {}, False),
    ],
)
def test_rows_that_need_not_be_all_are_not_said_to_be(
    name: str, said: str, given: dict[str, Any], whole: bool
) -> None:
    spec = SEARCH.tool.model_copy(update={"name": name, "wire_name": name, "description": said})
    paging = [wants(one, "option", semantic="count", required=False) for one in ("limit", "page")]
    search = replace(SEARCH, tool=spec, parameters=tuple(paging))
    flights = [{"flight_id": f"f{n}", "price": 90 + n} for n in range(7)]
    heads = set()
    for seed in range(9):
        scene = scene_of([(search, given, {"flights": flights})], [FLIGHT])
        scene = replace(scene, rng=Random(seed))
        heads.add(report(scene, 0).partition(":")[0])
    assert any(one.startswith("There are 7") for one in heads) == whole
    assert any("the top 7 flights" in one for one in heads) == (name == "top_flights")
