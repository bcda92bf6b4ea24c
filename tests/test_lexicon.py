"""Words as a dictionary has them: number, articles, participles, names, meanings, dates."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import data
from generators.importers.effect import influence
from generators.importers.found_tools import FoundTool
from generators.lexicon.date_field_names import (
    deed_in,
    has_happened,
    is_expiry,
    lies_ahead,
    stage_of,
    tells_deed,
)
from generators.lexicon.meanings import find_text_kind
from generators.lexicon.names import (
    bare_label,
    capital,
    ended,
    join,
    label,
    noun_words,
    snake,
    split_words,
)
from generators.lexicon.nouns import is_plural, named_as, plural, singular, with_article
from generators.lexicon.relations import find_counted
from generators.lexicon.spoken_values import ordinal, speak
from generators.lexicon.tables import load_table
from generators.lexicon.verbs import (
    all_verbs,
    base_form,
    find_verb,
    participle,
    verb_place,
    verbs_by_participle,
)
from generators.sandbox.phrases import is_named
from generators.world.semantics import semantic_type
from schemas.reading import says
from tests.studio import own_studio

FIXTURES = Path(__file__).parent / "fixtures" / "lexicon"


@cache
def words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FIXTURES / "words.yaml").read_text("utf-8"))
    return loaded


def find_verb_of(name: str) -> str:
    found = verb_place(split_words(name))
    return found[1] if found else ""


def find_effect(name: str) -> str:
    return influence(FoundTool(number=1, name=name, description="", parameters={})).effect


TABLES: dict[str, Callable[[str], Any]] = {
    "participles": participle,
    "articles": with_article,
    "split": lambda name: list(split_words(name)),
    "labels": label,
    "bare_labels": bare_label,
    "verbs": find_verb_of,
    "effects": find_effect,
}


@pytest.mark.parametrize("table", TABLES)
def test_a_word_becomes_what_the_table_has(table: str) -> None:
    wanted = words()[table]
    assert {one: TABLES[table](one) for one in wanted} == wanted


def test_one_and_many() -> None:
    for one, many in words()["plurals"].items():
        assert (plural(one), plural(many), plural(one, 1)) == (many, many, one)
        assert (is_plural(many), is_plural(one)) == (True, False), one
        assert (singular(one), singular(many)) == (one, "leave" if many == "leaves" else one)
        assert with_article(many) == many
        assert with_article(one) in (f"a {one}", f"an {one}")


def test_a_noun_without_a_plural_stays_as_it_is() -> None:
    nouns = words()["alike"]
    assert [plural(noun) for noun in nouns] == [singular(noun) for noun in nouns] == nouns


def test_a_singular_that_looks_like_a_plural_stays() -> None:
    assert [*map(singular, words()["singulars"])] == words()["singulars"]


def test_the_mark_of_a_service_before_a_name_is_not_said() -> None:
    assert label("hs_meeting_outcome") == "meeting outcome"
    assert label("pr_number") == "pull request number"


def test_a_leaf_means_what_a_reader_would_say() -> None:
    rows = yaml.safe_load((FIXTURES / "meanings.yaml").read_text("utf-8"))
    assert [[*one[:3], semantic_type(one[0], read_schema(one[1]), one[2])] for one in rows] == rows


def read_schema(told: Any) -> Any:
    return {"type": told} if isinstance(told, str) else told


@given(st.text(max_size=25))
def test_splitting_a_name_again_changes_nothing(name: str) -> None:
    assert split_words(snake(name)) == split_words(name) or not split_words(name)
    assert len(noun_words(name)) == len(split_words(name))


def test_nouns_of_the_own_catalogues_survive_the_plural() -> None:
    nouns = {entity.noun for entity in own_studio().world.entities.values()}
    assert len(nouns) > 20
    assert {noun: singular(plural(noun)) for noun in nouns} == {noun: noun for noun in nouns}


def test_every_verb_has_one_entry() -> None:
    tables = load_table("verbs")
    listed = [verb for entries in tables.values() for verb in entries]
    assert len(listed) == len(set(listed)) == len(all_verbs())
    assert all(base_form(verb) == verb for verb in listed if " " not in verb)
    assert load_table("states")["after"].keys() <= all_verbs().keys()


def test_a_verb_is_found_by_its_participle() -> None:
    for verb, entry in all_verbs().items():
        done = participle(verb)
        if done != verb and not entry.words:
            back = verbs_by_participle()[done]
            assert participle(back) == done, verb


@pytest.mark.parametrize(
    ("word", "verb"),
    [("Shows", "show"), ("cancelling", "cancel"), ("modifies", "modify"), ("blue", None)],
)
def test_a_verb_is_found_in_any_form(word: str, verb: str | None) -> None:
    assert base_form(word) == verb


def test_a_verb_tells_what_it_does_and_leaves() -> None:
    verb = find_verb("check in")
    assert (verb.operation, verb.writes, verb.state) == ("update", True, "checked in")
    assert [find_verb(one).state for one in ("cancel", "freeze", "get", "xyz")] == [
        "cancelled", "frozen", "", "",
    ]  # fmt: skip


def test_dates_happen_before_or_after() -> None:
    assert [has_happened(name) for name in ("borrowed_on", "updated_at", "due_date")] == [
        True, True, False,
    ]  # fmt: skip
    course = ["date_of_birth", "created_at", "last_modified", "closed_at", "start", "checkOut"]
    stages = [stage_of(name) for name in course]
    assert stages == sorted(stages, key=lambda stage: -1 if stage is None else stage)
    assert len(set(stages)) == len(course)
    assert (lies_ahead("start_time", "event"), lies_ahead("reviewed_at", "event")) == (True, False)
    assert [deed_in(name) for name in ("borrowed_on", "due_on", "sent_at", "date")] == [
        "borrowed", "", "sent", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "said", "words"),
    [
        (120, "Price in euros.", "120 euros"),
        (1250, "The amount (USD).", "$1,250"),
        (45.5, "Cost in GBP", "£45.50"),
        (300, "in CHF", "300 Swiss francs"),
        (1, "EUR", "1 euro"),
        (7, "TRY again, ALL of it", "7"),
        (7, "EUR or USD", "7"),
        (7, "", "7"),
        (270, "Bid amount in account currency (in cents for USD)", "270 cents"),
        (2500, "The alert threshold amount, in cents.", "2,500 cents"),
        (1, "Price in US cents", "1 cent"),
        (99, "Amount in pence (GBP)", "99 pence"),
        (45.5, "Price in dollars and cents", "$45.50"),
        (270, "Amount in the smallest currency unit, for USD 1/100", "270"),
        (270, "Budget in the account's currency, e.g. USD", "270"),
        (270, "Limit in the currency of the ad account (EUR, say)", "270"),
    ],
)
def test_an_amount_names_its_currency(amount: float, said: str, words: str) -> None:
    clock = datetime.fromisoformat("2026-03-12T09:00:00+01:00")
    spoken = speak(amount, "money", clock, Random(1), said)
    assert spoken.text == words
    assert says(spoken.rule, spoken.span, amount, clock)


def test_places_in_a_row() -> None:
    said = [ordinal(number) for number in (1, 2, 3, 9, 10, 11, 12, 13, 21, 22, 23, 112)]
    assert said == (
        "first second third ninth 10th 11th 12th 13th 21st 22nd 23rd 112th".split()
    )  # fmt: skip


def test_sentences_are_joined_begun_and_ended() -> None:
    assert [join([]), join(["a"]), join(["a", "b"]), join(["a", "b", "c"], "or")] == [
        "", "a", "a and b", "a, b or c",
    ]  # fmt: skip
    assert [ended(t) for t in ("Hi", "Hi.", "Hi?", "say “x.”", "say “x”", "")] == [
        "Hi.", "Hi.", "Hi?", "say “x.”", "say “x”.", "",
    ]  # fmt: skip
    assert capital("über") == "Über"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("total_baggages", "bags in all"),
        ("nonfree_baggages", "bags paid for"),
        ("totalGuests", "guests in all"),
        ("total_amount", ""),
        ("guests", ""),
    ],
)
def test_what_a_name_counts_is_said_as_people_do(name: str, said: str) -> None:
    counted = find_counted(name)
    assert (counted.label if counted else "") == said


def test_a_date_says_when_it_was_read_last_and_a_shutdown_lies_ahead() -> None:
    found = [
        tells_deed(f"{word}_at", (word,)) for word in ("last_read", "read", "closed", "created")
    ]
    assert found == [False, True, True, False]
    assert tells_deed("last_read_at", ("read",))
    assert is_expiry("shutdown_date")
    assert named_as("role") != "job"


@pytest.mark.parametrize(
    ("noun", "kind"),
    [
        ("github trending repository", "repository"),
        ("trending repositories", "repository"),
        ("slack channel", "channel"),
        ("contact property", ""),
        ("rental property", "hotel"),
        ("saved property", "hotel"),
        ("role assignment", ""),
        ("video conference", "event"),
        ("webinar", "course"),
        ("sports event", ""),
        ("reservation", ""),
        ("audiobook chapter", "chapter"),
        ("resource group", "server"),
        ("user group", "group"),
        ("billing event", ""),
        ("upcoming event", "event"),
        ("ad account", "firm"),
        ("account", "account"),
        ("record", ""),
    ],
)
def test_a_compound_is_named_as_its_head_where_that_tells_what_it_is(noun: str, kind: str) -> None:
    assert named_as(noun) == kind
    if kind and " " in noun:
        assert is_named(noun)


def test_no_text_of_a_house_is_said_of_an_attribute() -> None:
    assert find_text_kind("property", "description") == "place"
    assert find_text_kind("rental property", "description") == "place"
    assert find_text_kind("contact property", "description") == ""
    assert find_text_kind("github trending repository", "description") == "code"
    assert find_text_kind("dish", "description") == "meal"


def test_a_unit_behind_what_is_measured_is_said_as_one() -> None:
    assert label("due_at") == label("due_string") == "due date"
    assert label("task_due_by") == "task due date"
    assert label("expires_at") == "expiry date"
    assert label("date_string") == "date"
    assert label("connection_string") == "connection string"
    assert label("height_m") == "height in meters"
    assert label("volumeL") == "volume in liters"
    assert label("distance_miles") == "distance in miles"
    assert label("max_weight_kg") == "maximum weight in kg"
    assert label("team_m") == "team m"
    assert label("m") == "m"
    assert label("") == "value"


def test_no_moment_that_other_clocks_show_is_told_from_today() -> None:
    clock = datetime.fromisoformat("2026-03-17T11:18:00+00:00")
    here, elsewhere = ("2026-03-18T00:23:01Z", "2026-03-18T00:23:01+13:00")
    assert speak(here, "datetime", clock, Random(1)).text == "tomorrow at 12:23 am"
    assert "March" in speak(elsewhere, "datetime", clock, Random(1)).text


def test_an_address_begins_a_sentence_as_it_is_written() -> None:
    assert capital("the page is open") == "The page is open"
    assert capital("https://example.org is open") == "https://example.org is open"


def test_shipped_yaml_is_read_alike_without_the_parser_in_c() -> None:
    parser = getattr(yaml, "CSafeLoader", None)
    if parser is None:
        pytest.skip("this PyYAML has no parser in C")
    root = Path(data.__file__).parents[1]
    files = [*root.glob("data/**/*.yaml"), *root.glob("generators/**/*.yaml")]
    texts = [one.read_text(encoding="utf-8") for one in files]
    assert texts
    for text in texts:
        assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, parser)
