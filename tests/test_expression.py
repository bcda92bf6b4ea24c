"""The language of conditions and values in world models."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.world.expression import (
    MISSING,
    Expression,
    ExpressionScope,
    parse_expression,
)
from schemas.errors import InputError

DOCTOR = {"doctor_id": "d1", "accepts_new_patients": False, "name": "Dr Vega"}
CONTACT = {"name": "Ann Vega"}
PATIENT = {"patient_id": "p1", "emergency_contact": CONTACT, "born": "1990-02-28"}
ROWS = {
    "doctor": [DOCTOR, {"doctor_id": "d2", "accepts_new_patients": True, "name": "Dr Lind"}],
    "patient": [PATIENT],
    "order item": [
        {"sku": "a", "price": 2.5, "quantity": 2},
        {"sku": "b", "price": 0.1, "quantity": 3},
    ],
    "visit": [
        {"visit_id": "v1", "doctor_id": "d1", "patient_id": "p1", "date": "2026-03-09"},
        {"visit_id": "v2", "doctor_id": "d1", "patient_id": "p2", "date": "2026-03-12"},
        {"visit_id": "v3", "doctor_id": "d2", "patient_id": "p1", "date": None},
    ],
    "slot": [
        {"begins": "2026-03-09"},
        {"begins": "2026-03-09T10:00:00Z"},
        {"begins": "2026-03-10"},
        {"begins": None},
        {},
    ],
}
VALUES: dict[str, Any] = {
    "today": "2026-03-09",
    "now": "2026-03-09T10:12:00Z",
    "doctor_id": "d1",
    "patient_id": "p1",
    "row": ROWS["visit"][0],
    "items": ROWS["order item"],
    "tags": ["red", "green"],
    "empty": [],
    "price": 4,
    "fee": 0.2,
    "paid": True,
    "nothing": None,
    "from": "2026-03-10",
    "to": "2026-03-15",
    "start": "09:40",
    "end": "11:10",
    "at_utc": "2026-03-09T10:12:00+00:00",
    "name": "Straße",
    "count": 3,
    "nested": [{"lines": [1, 2]}, {"lines": [3]}],
    "gaps": [{"n": 1}, {}, {"n": None}],
    "arguments": {"user-id": "u1", "in": 7},
}


class Rows(ExpressionScope):
    """Values and rows by name; what ends with ``_id`` refers to the row that has that value."""

    def value(self, name: str) -> Any:
        return VALUES.get(name, MISSING)

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        wanted = (VALUES if row is None else row).get(f"{name}_id")
        found = [r for r in ROWS.get(name, []) if wanted and r.get(f"{name}_id") == wanted]
        return found[0] if found else MISSING

    def rows(self, entity: str) -> Iterable[Mapping[str, Any]]:
        return ROWS.get(entity, [])


SCOPE = Rows()
CASES: list[tuple[str, Any]] = [
    # values and paths
    ("price", 4),
    ("  price\n + 1", 5),
    ("nothing", MISSING),
    ("unheard_of.name", MISSING),
    ("doctor.name", "Dr Vega"),
    ("row.doctor.accepts_new_patients", False),
    ("patient.emergency_contact.name", "Ann Vega"),
    ("items[].sku", ["a", "b"]),
    ("items[0].sku", "a"),
    ("items[-1].sku", "b"),
    ("items[2].sku", MISSING),
    ("nested[].lines[]", [1, 2, 3]),
    ("gaps[].n", [1, MISSING, MISSING]),
    ("price[]", MISSING),
    ("arguments['user-id']", "u1"),
    ("arguments['in'] + 1", 8),
    ("from", "2026-03-10"),
    ("true", True),
    ("'24h'", "24h"),
    ("'from []'", "from []"),
    # arithmetic
    ("price * 2 - 1", 7),
    ("-price", -4),
    ("7 // 2 + 7 % 2", 4),
    ("price / 0", MISSING),
    ("price + nothing", MISSING),
    ("price + 'x'", MISSING),
    ("'a' * 1000", MISSING),
    ("paid + 1", MISSING),
    ("1e308 * 10", MISSING),
    ("'Dr ' + name", "Dr Straße"),
    ("items[].price * items[].quantity", [5.0, 0.30000000000000004]),
    ("items[].quantity * 2", [4, 6]),
    ("items[].quantity + nested[].lines[]", MISSING),
    ("round(sum(items[].price * items[].quantity) + fee, 2)", 5.5),
    ("round(2.675, 2)", 2.68),
    ("round(2.5)", 3),
    ("round(name)", MISSING),
    ("abs(3 - price)", 1),
    # functions of lists
    ("sum(empty)", 0),
    ("sum(gaps[].n)", MISSING),
    ("sum(default(gaps[].n, 0))", 1),
    ("sum(tags)", MISSING),
    ("count(items)", 2),
    ("count + 1", 4),
    ("len(name)", 6),
    ("count(price)", MISSING),
    ("distinct([1, 2, 1.0, price])", [1, 2, 4]),
    ("count(distinct(items[].sku)) == count(items)", True),
    ("distinct(gaps[].n)", MISSING),
    ("min(items[].price)", 0.1),
    ("max(2, price, 3)", 4),
    ("max(empty)", MISSING),
    ("max(tags)", MISSING),
    ("max(from, to)", "2026-03-15"),
    ("min(2, nothing)", MISSING),
    ("max(2, items[].quantity)", [2, 3]),
    ("all(items[].quantity > 1)", True),
    ("any(items[].quantity > 2)", True),
    ("any(gaps[].n == 1)", True),
    ("any(gaps[].n == 2)", MISSING),
    ("all(gaps[].n == 2)", False),
    # comparing
    ("0.1 + fee == 0.3", True),
    ("price != 4", False),
    ("1 < price <= 4", True),
    ("1 < price < 4", False),
    ("paid == true", True),
    ("paid == 1", False),
    ("name > 'A'", MISSING),
    ("price > 'A'", MISSING),
    ("nothing == nothing", MISSING),
    ("not nothing > 3", MISSING),
    ("not paid", False),
    ("'red' in tags", True),
    ("'blue' in tags", False),
    ("'blue' not in tags", True),
    ("'traß' in name", True),
    ("price in [1, 4]", True),
    ("price in [1, nothing]", MISSING),
    ("nothing in tags", MISSING),
    ("price in price", MISSING),
    ("items[].sku in ['a']", [True, False]),
    ("'a' in items[].sku", True),
    ("lower('ABC') == 'abc'", True),
    ("starts_with(name, 'Str')", True),
    ("ends_with(name, 'x')", False),
    ("starts_with(price, 'x')", MISSING),
    # unknown, and logic of three values
    ("nothing is missing", True),
    ("price is not missing", True),
    ("known(doctor)", True),
    ("known(nothing) or paid", True),
    ("gaps[].n is missing", [False, True, True]),
    ("nothing > 3 or paid", True),
    ("nothing > 3 and paid", MISSING),
    ("nothing > 3 and not paid", False),
    ("price or paid", True),
    ("price and paid", MISSING),
    ("1 if paid else 2", 1),
    ("1 if nothing else 2", MISSING),
    ("default(nothing, price)", 4),
    # dates and times
    ("from > today", True),
    ("from - today", timedelta(days=1)),
    ("from - today < 25h", True),
    ("days(to - from)", 5),
    ("days(2) == 2d", True),
    ("hours(end - start)", 1.5),
    ("minutes(1h + 30min)", 90),
    ("weeks(14d)", 2),
    ("today + 1d", "2026-03-10"),
    ("1d + today", "2026-03-10"),
    ("today - 1w", "2026-03-02"),
    ("today + 36h", "2026-03-10T12:00"),
    ("now + 90min", "2026-03-09T11:42:00Z"),
    ("at_utc + 1d", "2026-03-10T10:12:00+00:00"),
    ("'2026-03-09 10:12' + 1h", "2026-03-09 11:12"),
    ("'2026-03-09T10:12:00.000Z' + 1h", "2026-03-09T11:12:00.000Z"),
    ("start + 90min", "11:10"),
    ("'23:30' + 1h", "00:30"),
    ("start + 90min == end", True),
    ("now == at_utc", True),
    ("now == '2026-03-09T11:12:00+01:00'", True),
    ("today == now", True),
    ("now < today", False),
    ("now <= today", True),
    ("from > now", True),
    ("now - today", timedelta(hours=10, minutes=12)),
    ("start < today", MISSING),
    ("today + from", MISSING),
    ("today + 99999999d", MISSING),
    ("'2026-02-30' < today", MISSING),
    ("'2026-13' < today", MISSING),
    ("day(now)", "2026-03-09"),
    ("time(now)", "10:12"),
    ("weekday(today)", "monday"),
    ("weekday(start)", MISSING),
    ("at(today, start)", "2026-03-09T09:40"),
    ("at(today, start) < now", True),
    ("days(today)", MISSING),
    ("row.date - today >= 1d", False),
    # rows of entities
    ("exists(visit, doctor_id=doctor_id, patient_id='p2')", True),
    ("none(visit, doctor_id=doctor_id, patient_id='p3')", True),
    ("count(visit, doctor_id=doctor_id)", 2),
    ("count(slot, begins='2026-03-09')", 2),
    ("count(slot, begins='2026-03-10')", 1),
    ("count(slot, begins=10)", 0),
    ("count(visit, visit_id=['v1', 'v3', nothing])", 2),
    ("exists(visit, it.date > today)", True),
    ("count(visit, it.date >= today, doctor_id=doctor_id)", 2),
    ("exists(visit, it.doctor.accepts_new_patients)", True),
    ("exists(visit, patient=patient, doctor_id='d2')", True),
    ("none(visit, doctor_id=nothing)", MISSING),
    ("exists(unheard_of)", False),
    ("count(rows(visit))", 3),
    ("count(visit, it.date is missing)", 1),
    ("sum(rows(order_item)[].quantity)", 5),
    ("rows(visit, visit_id='v2')[0].date", "2026-03-12"),
    ("sum(rows(order_item, sku=['a', 'b', 'b'])[].price)", 2.7),
    ("count(rows(order_item, sku=['a', 'a', nothing]))", 2),
    ("count(order_item, sku=['a', 'a'])", 1),
    ("exists(visit, exists(doctor, doctor_id=it.doctor_id, accepts_new_patients=true))", True),
]


@pytest.mark.parametrize(("text", "value"), CASES)
def test_a_text_has_its_value(text: str, value: Any) -> None:
    found = parse_expression(text).evaluate(SCOPE)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "problem", "place"),
    [
        ("", "not an expression", "character 1"),
        ("price >", "not an expression", "character"),
        ("24h + from ! a", "not an expression", "character 12"),
        ("price.__class__.x()", "no such function", "character 1"),
        ("__import__('os')", "no such function: __import__", "character 1"),
        ("a and open('x')", "no such function: open", "character 7"),
        ("a and round(1, 2, 3)", "round takes 1 to 2 values", "character 7"),
        ("sum(*a)", "starred", "character 5"),
        ("[x for x in a]", "not an expression", "character 2"),
        ("lambda: 1", "not an expression", "character 7"),
        ("(a := 1)", "namedexpr", "character 2"),
        ("f'{a}'", "joinedstr", "character 1"),
        ("{'a': 1}", "dict", "character 1"),
        ("b'a'", "is missing", "character 1"),
        ("None", "is missing", "character 1"),
        ("3j", "is missing", "character 1"),
        ("2 ** 9", "pow", "character 1"),
        ("a is b", "write '=='", "character 6"),
        ("a[b]", "stands in brackets", "character 3"),
        ("a[1:2]", "stands in brackets", "character 3"),
        ("~a", "sign", "character 1"),
        ("from[].x and it.y", "'it' is a row", "character 14"),
        ("exists()", "name of an entity", "character 1"),
        ("exists('visit')", "name of an entity", "character 1"),
        ("exists(visit, **a)", "'**'", "character 17"),
        ("'a\\n'", "no expression has", "character 1"),
        ("ä == 'ß' and öffne(1)", "no such function: öffne", "character 14"),
        ("(" * 60 + "a" + ")" * 60 + "+", "not an expression", "character"),
        ("-" * 100 + "1", "too large", "character"),
        ("+".join("a" * 400), "too large", "character"),
        ("a" + ".b" * 60, "too long a path", "character 1"),
        ("a" * 1001, "at most 1000", ""),
    ],
)
def test_what_is_no_expression_is_refused(text: str, problem: str, place: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_expression(text)
    assert problem in refused.value.problem
    assert refused.value.place.startswith(place)


def test_an_expression_tells_what_it_names() -> None:
    found = parse_expression(
        "none(order_item, it.date > today, class=from) and items[0].x[].y > -1 and true"
    )
    assert found.names == ("from", "today", "items[0].x[].y")
    assert found.queries == (("order item", "class"), ("order item", "date"))
    assert found.entities == ("order item",)
    assert found.path is None
    assert parse_expression("sum(rows(visit)[].cost)").queries == (("visit", "[].cost"),)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("account.balance", ("account", "balance")),
        ("from.balance", ("from", "balance")),
        ("items[].product.stock", ("items", "[]", "product", "stock")),
        ("status", ("status",)),
        ("true", None),
        ("a + b", None),
    ],
)
def test_a_path_alone_tells_its_steps(text: str, path: tuple[str, ...] | None) -> None:
    assert parse_expression(text).path == path


def test_only_what_is_known_holds_or_fails() -> None:
    assert parse_expression("price == 4").holds(SCOPE)
    assert parse_expression("price == 5").fails(SCOPE)
    unknown = parse_expression("nothing == 4")
    assert not unknown.holds(SCOPE)
    assert not unknown.fails(SCOPE)
    assert parse_expression("items[].quantity > 1").holds(SCOPE)
    assert not parse_expression("price").holds(SCOPE)


def test_a_text_is_read_once() -> None:
    assert parse_expression("price == 4") is parse_expression("price == 4")


# ---------------------------------------------------------------- laws

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["2026-03-09", "10:30", "2026-03-09T10:30:00Z", "2026-03-09 10:30"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
paths = st.sampled_from(["x", "y", "x.a", "y[]", "x[].b", "y[0]", "x.a[].c", "nobody", "x.a.b"])
literals = st.sampled_from(["1", "2.5", "'t'", "true", "2d", "[1, 'a']", "'2026-03-10'"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from([*"+ - * / // % == != < <= > >= in and or".split(), "not in"])
    calls = st.sampled_from(
        "sum count distinct len min max all any known round abs lower "
        "days hours day time weekday".split()
    )
    pairs = st.sampled_from(["default", "starts_with", "ends_with", "at", "round", "min", "max"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, signs, inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("({} is missing)".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{}({})".format, calls, inner),
        st.builds("{}({}, {})".format, pairs, inner, inner),
        st.builds("exists(z, it.a == {}, b={})".format, inner, inner),
        st.builds("rows(z, {} == it.a)[].b".format, inner),
    )


expressions = st.recursive(paths | literals, _grow, max_leaves=8)


class Given(ExpressionScope):
    """A scope of drawn values."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def value(self, name: str) -> Any:
        return self.values.get(name, MISSING)

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        return MISSING

    def rows(self, entity: str) -> Iterable[Mapping[str, Any]]:
        return [row for row in self.values.values() if isinstance(row, dict)]


scopes = st.fixed_dictionaries({"x": json, "y": json, "z": json}).map(Given)


def _read(text: str) -> Expression | None:
    try:
        return parse_expression(text)
    except InputError:  # grown too large
        return None


@given(expressions, scopes)
@settings(deadline=None)
def test_evaluation_never_fails_and_is_the_same_again(text: str, scope: Given) -> None:
    found = _read(text)
    if found is None:
        return
    assert repr(found.evaluate(scope)) == repr(found.evaluate(scope))
    assert not (found.holds(scope) and found.fails(scope))


@given(st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    _read(text)


@pytest.mark.parametrize("one", ["true", "false", "nothing"])
@pytest.mark.parametrize("other", ["true", "false", "nothing"])
def test_logic_has_its_laws(one: str, other: str) -> None:
    def find(text: str) -> Any:
        return parse_expression(text.format(one, other)).evaluate(SCOPE)

    assert find("{0} and {1}") is find("not (not {0} or not {1})") is find("{1} and {0}")
    assert find("{0} or {1}") is find("not (not {0} and not {1})") is find("{1} or {0}")


@given(scopes)
@settings(deadline=None)
def test_what_is_less_is_not_more(scope: Given) -> None:
    less, more, equal = (parse_expression(f"x {sign} y").holds(scope) for sign in "< > ==".split())
    assert less + more + equal <= 1
    assert less == parse_expression("y > x").holds(scope)
    assert (less or equal) == parse_expression("x <= y or x == y").holds(scope)


@given(st.datetimes(), st.timedeltas(-timedelta(days=400), timedelta(days=400)), st.booleans())
@settings(deadline=None)
def test_what_is_added_can_be_taken_away(moment: Any, by: timedelta, utc: bool) -> None:
    text = moment.replace(microsecond=0).isoformat() + ("Z" if utc else "")
    scope = Given({"m": text, "by": timedelta(seconds=int(by.total_seconds()))})
    later = parse_expression("m + by").evaluate(scope)
    if later is not MISSING:  # of a calendar with an end
        scope.values = {**scope.values, "later": later}
        assert parse_expression("later - by").evaluate(scope) == text
        assert parse_expression("later - m == by").holds(scope)
