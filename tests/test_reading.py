"""Speaking and reading are inverse, and so are leaves and paths; equal values have one JSON."""

import hashlib
import json
import math
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generators.lexicon.spoken_values import Spoken, speak
from schemas.canonical import canonical_json, content_hash, derive_seed, written_json
from schemas.leaves import leaves, value_at
from schemas.reading import BY_NAME, RULES, is_read_from, says
from schemas.semantic import SEMANTIC_TYPES, SemanticType

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
clocks = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))
seeds = st.integers(0, 10_000)
some_dates = st.dates(date(1930, 1, 1), date(2090, 12, 31))
near = st.integers(-10, 20)
times = st.times().map(lambda time: time.strftime("%H:%M"))
words = st.from_regex(r"[A-Za-z]{1,8}([_ -][A-Za-z]{1,8}){0,2}", fullmatch=True)
some_text = st.text(min_size=1, max_size=30)
amounts = st.decimals(0, 99_999, places=2).map(float)
descriptions = st.sampled_from(["", "In euros.", "The price in USD.", "Pounds."])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
keys = st.from_regex(r"[A-Za-z_$][\w $@-]{0,8}", fullmatch=True)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


def meaning(semantic: SemanticType) -> st.SearchStrategy[Any]:
    """Values of a semantic type, far beyond those that the sandbox invents."""
    known: dict[str, st.SearchStrategy[Any]] = {
        "date": some_dates.map(date.isoformat),
        "time": times,
        "datetime": st.tuples(some_dates.map(date.isoformat), times).map("T".join),
        "money": amounts | st.integers(0, 10**7),
        "percent": st.integers(0, 100) | amounts,
        "rating": st.integers(1, 5) | st.decimals(1, 5, places=1).map(float),
        "count": st.integers(0, 500),
        "duration": st.integers(0, 10_000) | amounts,
        "number": st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6),
        "number_id": st.integers(0, 2**53),
        "enum": words,
        "label": words,
        "language": words,
    }
    return known.get(semantic, some_text)


def understood(spoken: Spoken, value: Any, clock: datetime) -> bool:
    return spoken.span in spoken.text and says(spoken.rule, spoken.span, value, clock)


@pytest.mark.parametrize("semantic", SEMANTIC_TYPES)
def test_whatever_is_spoken_is_read_as_the_value_and_as_no_other(semantic: SemanticType) -> None:
    @settings(max_examples=40, deadline=None)
    @given(meaning(semantic), meaning(semantic), clocks, seeds, descriptions)
    def law(value: Any, other: Any, clock: datetime, seed: int, description: str) -> None:
        spoken = speak(value, semantic, clock, Random(seed), description)
        assert understood(spoken, value, clock)
        if spoken.rule == "words":
            plain = [str(item).replace("_", " ").replace("-", " ") for item in (value, other)]
            # Words are the same however they are joined: "e mail" is "email".
            one, two = (BY_NAME["words"].read(text, clock).replace(" ", "") for text in plain)
            same = one == two
        else:
            same = value == other
        assert says(spoken.rule, spoken.span, other, clock) == same

    law()


@settings(deadline=None)
@example(number=1_765_432_109_876_543_211, clock=MONDAY, seed=0)
@given(number=st.integers(2**53, 2**64), clock=clocks, seed=seeds)
def test_a_long_number_is_read_to_its_last_digit(number: int, clock: datetime, seed: int) -> None:
    spoken = speak(number, "number_id", clock, Random(seed))
    assert understood(spoken, number, clock)
    assert not says(spoken.rule, spoken.span, number + 1, clock)


@settings(deadline=None)
@given(clocks, near, seeds)
def test_a_day_near_the_clock_is_read_as_that_day(clock: datetime, ahead: int, seed: int) -> None:
    day = (clock.date() + timedelta(days=ahead)).isoformat()
    spoken = speak(day, "date", clock, Random(seed))
    assert spoken.rule == "date"
    assert understood(spoken, day, clock)
    for wrong in (ahead - 7, ahead - 1, ahead + 1, ahead + 7, ahead + 365):
        other = (clock.date() + timedelta(days=wrong)).isoformat()
        assert not says("date", spoken.span, other, clock)


@settings(deadline=None)
@given(clocks, st.integers(-400, 400), times, seeds)
def test_a_moment_is_read_to_the_minute(clock: datetime, days: int, time: str, seed: int) -> None:
    day = (clock.date() + timedelta(days=days)).isoformat()
    for written in (f"{day}T{time}", f"{day}T{time}:00Z", f"{day} {time}"):
        spoken = speak(written, "datetime", clock, Random(seed))
        assert spoken.rule == "datetime"
        assert understood(spoken, written, clock)
    minute = f"{time[:3]}{(int(time[3:]) + 1) % 60:02d}"
    assert not says("datetime", spoken.span, f"{day}T{minute}", clock)


@settings(deadline=None)
@given(clocks, st.integers(-400, 400), times, st.integers(2, 5_000), seeds)
def test_what_is_spoken_is_found_in_a_sentence_by_its_rule(
    clock: datetime, days: int, time: str, count: int, seed: int
) -> None:
    day = (clock.date() + timedelta(days=days)).isoformat()
    values: list[tuple[Any, SemanticType]] = [
        (day, "date"), (time, "time"), (f"{day}T{time}", "datetime"), (count, "count"),
        (count + 0.25, "money"),
    ]  # fmt: skip
    for value, semantic in values:
        spoken = speak(value, semantic, clock, Random(seed), "in euros")
        rule = BY_NAME[spoken.rule]
        found = list(rule.spans(f"Could you do it with {spoken.text}, please?"))
        assert any(says(rule.name, span, value, clock) for span in found), spoken.text


_SPANS = ("3", "three", "1,250", "9:40 am", "noon", "half an hour", "12 minutes", "tomorrow",
          "19.12.1973", "12 March", "12 March at 9:40 am", "March 2, 2026", "and")  # fmt: skip
_VALUES = (3, 3.0, "3", 3.5, 1250, "1250.0", "nan", 30, 12, "09:40", "12:00", "1973-12-19",
           "2026-03-12", "2026-03-12 09:40:00", "2027-03-12", "2026-03-02", "2026-03-03",
           True, None, [], {})  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(_SPANS), max_size=5), st.sampled_from(_VALUES), clocks)
def test_a_value_is_read_from_a_text_where_a_rule_finds_a_span_that_says_it(
    spans: list[str], value: Any, clock: datetime
) -> None:
    text = "; ".join(spans)
    for now in (clock, MONDAY):
        found = any(
            says(rule.name, span, value, now)
            for rule in RULES if rule.pattern for span in rule.spans(text)
        )  # fmt: skip
        assert is_read_from(text, value, now.date()) is found


@settings(deadline=None)
@given(st.booleans(), st.sampled_from(RULES), clocks, some_text)
def test_no_span_says_both_yes_and_no(flag: bool, rule: Any, clock: datetime, text: str) -> None:
    assert not (says(rule.name, text, True, clock) and says(rule.name, text, False, clock))
    assert not says("number", "1", flag, clock)
    assert not says("number", "0", flag, clock)


@pytest.mark.parametrize(
    ("rule", "span", "value"),
    [
        ("date", "the 12th of March", "2026-03-12"),
        ("date", "12 March", "2026-03-12"),
        ("date", "12th March 2027", "2027-03-12"),
        ("date", "Sept 12", "2026-09-12"),
        ("date", "12 Mar.", "2026-03-12"),
        ("time", "9.40 a.m.", "09:40"),
        ("datetime", "9 pm on 12 March", "2026-03-12T21:00"),
        ("date", "The 1st of March", "2027-03-01"),
        ("date", "March 2", "2026-03-02"),
        ("date", "march 2nd, 2024", "2024-03-02"),
        ("date", "February 29", "2028-02-29"),
        ("date", "yesterday", "2026-03-01"),
        ("date", "the day after tomorrow", "2026-03-04"),
        ("date", "this Monday", "2026-03-09"),
        ("date", "next Friday", "2026-03-13"),
        ("time", "12 am", "00:00"),
        ("time", "12:30 pm", "12:30"),
        ("time", "noon", "12:00"),
        ("time", "midnight", "00:00"),
        ("time", "7 PM", "19:00"),
        ("datetime", "tomorrow at 9:40 am", "2026-03-03T09:40:00+01:00"),
        ("number", "1,250,000.50", 1250000.5),
        ("number", "twelve", 12),
        ("number", "-3", -3),
        ("number", "45.00", 45),
        ("number", "7", "7"),
        ("words", "in progress", "IN_PROGRESS"),
        ("words", "In-Progress", "inProgress"),
        ("words", "statefulset", "StatefulSet"),
        ("words", "Stateful set", "StatefulSet"),
        ("flag", "with breakfast", True),
        ("flag", "without breakfast", False),
        ("flag", "don't send it", False),
    ],
)
def test_a_span_says(rule: str, span: str, value: Any) -> None:
    assert says(rule, span, value, MONDAY)


@pytest.mark.parametrize(
    ("rule", "span", "value"),
    [
        ("date", "the 12th of March", "2025-03-12"),
        ("date", "2 may", "2026-05-02"),
        ("date", "March 2026", "2026-03-20"),
        ("date", "the 31st of February", "2026-02-31"),
        ("date", "May", "2026-05-01"),
        ("date", "on the 12th of March", "2026-03-12"),
        ("time", "9:40 pm", "09:40"),
        ("time", "25", "25:00"),
        ("datetime", "tomorrow", "2026-03-03T00:00"),
        ("datetime", "at 9 am", "2026-03-02T09:00"),
        ("number", "12", 12.5),
        ("number", "a dozen", 12),
        ("number", "7", "seven"),
        ("number", "nan", math.nan),
        ("literal", "12", 12),
        ("literal", "true", True),
        ("literal", "Oslo ", "Oslo"),
        ("words", "in progress", "done"),
        ("words", "1", 1),
        ("guess", "Oslo", "Oslo"),
        ("", "Oslo", "Oslo"),
        ("literal", "None", None),
    ],
)
def test_a_span_does_not_say(rule: str, span: str, value: Any) -> None:
    assert not says(rule, span, value, MONDAY)


@settings(deadline=None)
@given(json_values)
def test_every_leaf_stands_at_its_path_and_makes_up_the_value(value: Any) -> None:
    found = list(leaves(value))
    assert len({path for path, _ in found}) == len(found)
    for path, leaf in found:
        assert value_at(value, path) is leaf
    assert sum(1 for _ in scalars_in(value)) == len(found)


def scalars_in(value: Any) -> Any:
    """The scalars and the empty containers, counted in another way."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict | list) and item:
            stack += item.values() if isinstance(item, dict) else item
        else:
            yield item


@pytest.mark.parametrize(
    "path", ["c", "a.x", "a[0].y", "b[2]", "b[0].c", "a[0][0]", "a.b.c", "[0]", "b.d", "t[0]"]
)
def test_a_path_that_leads_nowhere_is_an_error(path: str) -> None:
    value = {"a": [{"x": 1}], "b": [1, 2], "t": "text"}
    with pytest.raises(KeyError):
        value_at(value, path)


def doubled(value: Any) -> Any:
    """The same value with whole numbers as floats, and the keys the other way round."""
    if isinstance(value, dict):
        return {key: doubled(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [doubled(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    return value


@settings(deadline=None)
@given(json_values)
def test_equal_values_have_one_canonical_form(value: Any) -> None:
    assert canonical_json(doubled(value)) == canonical_json(value)
    assert content_hash(doubled(value)) == content_hash(value)
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)
    assert json.loads(written_json(value)) == value


@settings(deadline=None)
@given(json_values, st.data())
def test_a_value_with_another_leaf_has_another_canonical_form(value: Any, data: Any) -> None:
    path, leaf = data.draw(st.sampled_from(list(leaves(value))))
    other = data.draw(scalars.filter(lambda item: item != leaf or type(item) is not type(leaf)))
    changed = with_leaf(value, path, other)
    alike = not isinstance(leaf, bool) and not isinstance(other, bool) and leaf == other
    assert (canonical_json(changed) == canonical_json(value)) == alike


def with_leaf(value: Any, path: str, leaf: Any) -> Any:
    """A copy with another leaf at a path."""
    if not path:
        return leaf
    copy = json.loads(json.dumps(value))
    holder, _, last = path.removesuffix("]").rpartition("[" if path.endswith("]") else ".")
    inside = value_at(copy, holder)
    inside[int(last) if path.endswith("]") else last] = leaf
    return copy


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_lacks_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": [number]})
    with pytest.raises(ValueError, match="not JSON compliant"):
        written_json(number)


def test_true_is_not_one() -> None:
    assert canonical_json(True) != canonical_json(1)
    assert canonical_json([0.0, -0.0, 1.5]) == "[0,0,1.5]"


def test_hashes_and_seeds_are_what_they_have_always_been() -> None:
    written = '{"a":"é","b":[1,2]}'.encode()
    assert content_hash({"b": [1, 2.0], "a": "é"}, 64) == hashlib.sha256(written).hexdigest()
    assert content_hash({"b": [1, 2.0], "a": "é"}) == "9cfb1f938a87f2b8"
    assert derive_seed("task", 7, 0) == 8327163993161597190
    assert 0 <= derive_seed("x") < 2**63
    assert derive_seed("a", 1) != derive_seed("a1") != derive_seed("a", "1")


@pytest.mark.parametrize(
    ("value", "said"),
    [("ICLR", "ICLR"), ("NAACL", "NAACL"), ("ACTIVE", "active"), ("IN_PROGRESS", "in progress")],
)
def test_an_abbreviation_keeps_its_capitals(value: str, said: str) -> None:
    assert speak(value, "label", MONDAY, Random(1)).text == said


_SAID = ("on 12 March", "at 5 pm", "9.40 a.m.", "three", "for half an hour", "1,250", "19.12.1973",
         "next Friday", "March", "12", "and a half")  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(_SAID), st.sampled_from((" ", ", ", "\n"))), max_size=9))
def test_nothing_that_is_said_goes_over_the_end_of_a_line(parts: list[tuple[str, str]]) -> None:
    """So that the lines of a policy, which many conversations have, are read once."""
    text = "".join(said + end for said, end in parts)
    for rule in RULES:
        assert list(rule.spans(text)) == [s for line in text.split("\n") for s in rule.spans(line)]
