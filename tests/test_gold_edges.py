"""Gold edges are found where a result fed a call, and the full recipe finds them again."""

from functools import cache

import pytest

from benchmarks.edge_labels import Label, judged, precision, read_labels
from benchmarks.edge_recall import (
    CURVES,
    LEAST_DISTINCT,
    LEAST_LABELS,
    LEAST_PRECISION,
    LEAST_USAGE,
    MOST_SHARE,
    Point,
    edges_hold,
    measure,
    pairs_of,
)
from benchmarks.edge_worlds import defaults, edges_of, world_of
from benchmarks.gold_edges import (
    RETAIL,
    Gold,
    History,
    airline_gold,
    bfcl_data,
    bfcl_gold,
    edges_of_places,
    is_trivial,
    retail_gold,
    says,
)
from benchmarks.lines import all_hold
from generators.world.model import World

DATA = bfcl_data()
installed = pytest.mark.skipif(DATA is None, reason="bfcl-eval is not installed")
shared = pytest.mark.skipif(not RETAIL.exists(), reason="the shared folder is not here")


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("fund it with $1,500 please", 1500.0, True),
        ("the three of them", 3, True),
        ("fund it with 150", 1500, False),
        ("go to Rivermist now", "rivermist", True),
        ("the Rivermistian way", "Rivermist", False),
    ],
)
def test_what_the_user_said_is_known_however_it_was_spelt(
    text: str, value: object, said: bool
) -> None:
    assert says(text, value) is said


@pytest.mark.parametrize("value", [True, None, "", "a", 3, 3.0, {}])
def test_values_that_stand_anywhere_by_chance_are_no_evidence(value: object) -> None:
    assert is_trivial(value)


def test_an_edge_is_gold_where_only_an_earlier_result_held_the_value() -> None:
    history = History()
    history.add("get_price", {"symbol": "AAPL"}, {"price": 227.16, "symbol": "AAPL"})
    found = list(history.sources("order", {"symbol": "AAPL", "price": 227.16}, "buy some"))
    assert found == [("get_price", "order", "price")]  # it was given the symbol
    assert not list(history.sources("order", {"price": 227.16}, "buy at 227.16"))


def test_what_the_assistant_chose_itself_has_no_source() -> None:
    history = History()
    history.add("search", {"unit": "celsius"}, {"found": 12.5})
    history.add("show", {}, {"unit": "celsius"})
    assert not list(history.sources("set", {"unit": "celsius"}, ""))


@cache
def bfcl() -> tuple[World, Gold]:
    assert DATA is not None
    world = world_of("bfcl")
    assert world is not None
    return world, bfcl_gold(DATA)


def point(recipe: str) -> Point:
    world, gold = bfcl()
    (found,) = measure(world, recipe, [defaults()[recipe]], gold)
    return found


@installed
def test_gold_edges_are_of_real_tools_and_parameters() -> None:
    world, gold = bfcl()
    assert len(world.models) == 128
    assert 50 <= len(gold) <= 80
    for producer, consumer, parameter in gold:
        assert producer in world.models
        assert world.models[consumer].parameter(parameter)


def test_a_credential_is_nobodys_result() -> None:
    history = History()
    history.add("log_in", {}, {"access_token": "abc123xyz", "account_id": "A-77"})
    given = {"access_token": "abc123xyz", "account_id": "A-77"}
    assert list(history.sources("pay", given, "")) == [("log_in", "pay", "account_id")]


@installed
def test_the_full_recipe_reaches_its_floors_and_the_plain_ones_do_not() -> None:
    full = point("full")
    assert full.distinct >= LEAST_DISTINCT
    assert full.usage >= LEAST_USAGE
    assert full.share <= MOST_SHARE
    for recipe in ("name", "embedding"):
        plain = point(recipe)
        assert plain.distinct < LEAST_DISTINCT
        assert plain.usage < full.usage


@shared
@pytest.mark.shared
def test_the_thresholds_hold_on_a_catalogue_that_did_not_choose_them() -> None:
    world = world_of("retail")
    assert world is not None
    places = retail_gold()
    assert sum(place.uses for place in places) > 500
    (full,) = measure(world, "full", [defaults()["full"]], places)
    assert full.distinct >= LEAST_DISTINCT
    assert full.usage >= LEAST_USAGE


def full_labels() -> list[Label]:
    return [label for label in read_labels() if label.recipe == "full"]


def test_two_hundred_labelled_edges_of_the_full_recipe_are_precise_enough() -> None:
    good, count = precision(full_labels())
    assert count >= LEAST_LABELS
    assert good >= LEAST_PRECISION * count


@pytest.mark.parametrize("part", ["edges", "blind"])
def test_every_label_is_a_verdict_with_its_reason_on_an_edge_of_a_known_recipe(part: str) -> None:
    found = read_labels(part)
    assert all(label.reason for label in found)
    assert {label.label for label in found} == {"sensible", "senseless"}
    assert {label.recipe for label in found} <= {recipe for recipe, _ in CURVES}


def test_no_edge_was_labelled_twice_for_a_recipe() -> None:
    found = [(label.recipe, label.catalogue, label.place) for label in read_labels()]
    assert len(set(found)) == len(found)


@installed
@shared
@pytest.mark.shared
def test_nearly_all_labelled_edges_are_still_kept_by_their_recipes() -> None:
    labels = read_labels()
    found = list(judged(labels))
    # A senseless edge that is no more is a rule at work; of all labels nine in ten must still tell.
    sensible = sum(label.sensible for label in labels)
    assert sum(one.label.sensible for one in found) >= 0.95 * sensible
    assert len(found) >= 0.9 * len(labels)
    assert {one.label.catalogue for one in found} >= {"bfcl", "own", "github", "spotify", "slack"}


@installed
@shared
@pytest.mark.shared
def test_all_that_is_promised_of_the_graph_holds() -> None:
    assert all_hold(edges_hold())


@pytest.mark.shared
def test_the_flows_of_the_airline_domain_are_found() -> None:
    world = world_of("airline")
    if world is None:
        pytest.skip("the catalogues of the shared folder are not here")
    kept = {
        (e.producer, e.consumer, e.parameter) for e in edges_of(world, "full", defaults()["full"])
    }
    gold = edges_of_places(airline_gold())
    assert sum(edge in kept for edge in gold) >= 0.7 * len(gold)
    assert len(kept) <= 0.12 * pairs_of(world)
