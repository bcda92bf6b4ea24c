import re
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generators.lexicon.relations import counted_lists
from generators.lexicon.tables import load_table
from generators.sandbox import file_values, phrases
from generators.sandbox.kin_rows import take_from_owners
from generators.sandbox.people import People
from generators.sandbox.row_sense import fit_handles, fit_texts
from generators.sandbox.text_values import is_being, match_pattern
from generators.sandbox.times import agree, order_dates
from generators.sandbox.values import another, invent
from generators.world.model import ParameterModel
from generators.world.semantics import semantic_type
from schemas.record import JsonObject
from schemas.semantic import SEMANTIC_TYPES, SemanticType
from tests.worlds import wants

CLOCK = "2026-03-12T09:00:00+01:00"
NUMBERS = ("number_id", "latitude", "longitude", "duration", "money", "percent", "rating", "count",
           "number")  # fmt: skip
NONSENSE = re.compile(r"lorem|ipsum|\bfoo\b|\bbar\b|\bstring\b|None|\{|\}", re.IGNORECASE)

SCHEMAS = st.one_of(
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-500, 5_000), st.integers(0, 400),
    ),
    st.builds(
        lambda low, more: {"type": "number", "minimum": low, "maximum": low + more},
        st.integers(-500, 5_000), st.integers(1, 400),
    ),
    st.builds(
        lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
        st.integers(0, 60), st.integers(1, 60),
    ),
    st.builds(lambda step: {"type": "integer", "multipleOf": step}, st.integers(1, 25)),
    st.sampled_from(
        [
            {"type": "string", "enum": ["red", "green"]},
            {"const": 7},
            {"type": "boolean"},
            {"type": ["string", "null"]},
            {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 3}]},
            {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
            {"type": "string", "pattern": "^(ord|inv)_[a-z0-9]{6,8}$"},
            {"type": "string", "format": "date-time"},
            {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 4},
            {
                "type": "object",
                "properties": {
                    "email": {"type": "string"},
                    "lines": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"price": {"type": "number", "minimum": 0}},
                            "required": ["price"],
                        },
                    },
                },
                "required": ["email", "lines"],
            },
        ]
    ),
)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(SEMANTIC_TYPES), SCHEMAS, st.integers(0, 2**32), st.sampled_from(["", "x"]))
def test_an_invented_value_satisfies_its_schema(
    semantic: Any, schema: dict[str, Any], seed: int, name: str
) -> None:
    value = invent(semantic, schema, Random(seed), name=name, noun="order", clock=CLOCK)
    Draft202012Validator(schema).validate(value)


@settings(deadline=None)
@given(st.sampled_from(SEMANTIC_TYPES), st.integers(0, 2**32))
def test_the_same_stream_invents_the_same_value(semantic: Any, seed: int) -> None:
    schema = {"type": "number" if semantic in NUMBERS else "string"}
    first = invent(semantic, schema, Random(seed), name=semantic, noun="task", clock=CLOCK)
    again = invent(semantic, schema, Random(seed), name=semantic, noun="task", clock=CLOCK)
    assert first == again


@settings(deadline=None)
@given(st.sampled_from(["title", "text", "query", "label", "company", "unknown"]),
       st.sampled_from(["issue", "task", "book", "dish", "flight", "quasar", "pull request"]),
       st.integers(0, 2**32))  # fmt: skip
def test_words_are_never_placeholders(semantic: Any, noun: str, seed: int) -> None:
    said = invent(semantic, {"type": "string"}, Random(seed), name=semantic, noun=noun, clock=CLOCK)
    assert said.strip()
    assert not NONSENSE.search(said)


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_name_and_email_of_one_row_are_one_persons(seed: int) -> None:
    rng = Random(seed)
    scene = People(rng)
    schema = {"type": "string"}
    name, email, first = (
        invent(kind, schema, rng, name=field, clock=CLOCK, scene=scene)
        for kind, field in (
            ("person_name", "customer_name"),
            ("email", "customer_email"),
            ("first_name", "customer_first_name"),
        )
    )
    assert name.startswith(first)
    assert email.startswith(re.sub(r"[^a-z]", "", first.lower()))


def test_origin_and_destination_are_two_places_that_agree_with_their_airports() -> None:
    codes = {row[0]: row[5] for row in load_table("places")["places"]}
    for seed in range(50):
        rng = Random(seed)
        scene = People(rng)
        for side in ("origin", "destination"):
            city = invent(
                "city", {"type": "string"}, rng, name=f"{side}_city", clock=CLOCK, scene=scene
            )
            code = invent(
                "airport", {"type": "string"}, rng, name=f"{side}_airport", clock=CLOCK, scene=scene
            )
            assert codes[city] == code


@pytest.mark.parametrize("sample", ["#W0000000", "credit_card_0000000", "1008292230"])
def test_identifiers_follow_the_example_in_the_description(sample: str) -> None:
    schema = {"type": "string", "description": f"The id, such as '{sample}'."}
    form = re.compile(re.sub(r"\d", r"\\d", sample))
    for seed in range(30):
        value = invent("opaque_id", schema, Random(seed), name="id", noun="order", clock=CLOCK)
        assert form.fullmatch(value)
        assert value != sample


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("Account ID (format: act_XXXXXXXXX)", r"act_[1-9]\d{8}"),
        ("format: usr_123…", r"usr_\d{3}"),
        ("The account, like act_1234567890.", r"act_\d{10}"),
        ("e.g. act_123456", r"act_\d{6}"),
        ("Format: INV-####", r"INV-[1-9]\d{3}"),
        ("format: ABC-999999", r"ABC-\d{6}"),
        ("A key (such as key_xxxx)", r"key_[a-z2-9]{4}"),
        ("Sorted like ISO-8601", r"ACC-\d{6}"),
    ],
)
def test_identifiers_have_the_form_that_the_description_tells(said: str, form: str) -> None:
    schema = {"type": "string", "description": said}
    for seed in range(20):
        made = invent("opaque_id", schema, Random(seed), name="account_id", clock=CLOCK)
        assert re.fullmatch(form, made)


def test_an_identifier_without_an_example_is_short_and_prefixed() -> None:
    made = invent("opaque_id", {"type": "string"}, Random(3), name="order_id", clock=CLOCK)
    assert re.fullmatch(r"ORD-\d{6}", made)


def test_what_was_created_lies_in_the_past_and_what_is_due_in_the_future() -> None:
    now = datetime.fromisoformat(CLOCK)
    schema = {"type": "string", "format": "date-time"}
    for seed in range(50):
        made = invent("datetime", schema, Random(seed), name="created_at", clock=CLOCK)
        due = invent("datetime", schema, Random(seed), name="due_at", clock=CLOCK)
        assert datetime.fromisoformat(made) < now < datetime.fromisoformat(due)


def test_dates_and_sums_within_an_object_agree() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "check_in": {"type": "string", "format": "date"},
            "check_out": {"type": "string", "format": "date"},
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"price": {"type": "number"}, "quantity": {"type": "integer"}},
                },
            },
            "total": {"type": "number"},
        },
    }
    for seed in range(50):
        made = invent("object", schema, Random(seed), name="stay", clock=CLOCK)
        assert made["check_in"] < made["check_out"]
        cost = sum(line["price"] * line["quantity"] for line in made["items"])
        assert made["total"] == pytest.approx(cost, abs=0.01)


@settings(deadline=None)
@given(st.sampled_from(["city", "date", "count", "money", "title", "person_name", "enum",
                        "boolean"]),
       st.integers(0, 2**32))  # fmt: skip
def test_another_value_differs_and_satisfies_the_schema(semantic: Any, seed: int) -> None:
    schemas: dict[str, dict[str, Any]] = {
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "money": {"type": "number", "minimum": 0},
        "enum": {"type": "string", "enum": ["low", "high"]},
        "boolean": {"type": "boolean"},
    }
    schema = schemas.get(semantic, {"type": "string"})
    parameter = ParameterModel(semantic, schema, required=True, semantic=semantic, use="field")
    rng = Random(seed)
    value = invent(semantic, schema, rng, name=semantic, clock=CLOCK)
    other = another(parameter, value, rng, CLOCK)
    assert other is not None
    assert other != value
    Draft202012Validator(schema).validate(other)


@pytest.mark.parametrize("schema", [{"const": 4}, {"type": "string", "enum": ["only"]}])
def test_there_is_no_other_value_where_the_schema_has_but_one(schema: dict[str, Any]) -> None:
    parameter = ParameterModel("kind", schema, required=True, semantic="enum", use="field")
    value = schema.get("const", "only")
    assert another(parameter, value, Random(1), CLOCK) is None


def test_an_opaque_identifier_is_not_something_to_change_ones_mind_about() -> None:
    parameter = ParameterModel(
        "order_id", {"type": "string"}, required=True, semantic="opaque_id", use="identity"
    )
    assert another(parameter, "ord_8f3k2m", Random(1), CLOCK) is None


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(?!\.)(?!.*\.\.)[A-Za-z0-9_.+-]*[A-Za-z0-9_+-]@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$",
        r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[A-Za-z\d]{10,24}$",
        r"^(?!00)[0-9]{4}-(?:[A-F]{2})$",
        r"^(?=foo).*$",
        r"^[^\s/]+(/[^\s/]+)?$",
        r"^(?:[01]\d|2[0-3]):[0-5]\d$",
        r"[\s\S]*",
    ],
)
def test_texts_are_found_for_patterns_with_look_arounds_too(pattern: str) -> None:
    for seed in range(20):
        made = match_pattern(pattern, Random(seed))
        assert made is not None
        assert re.search(pattern, made)
        assert made == match_pattern(pattern, Random(seed))


def test_a_text_for_a_pattern_keeps_to_its_length() -> None:
    for seed in range(20):
        made = match_pattern("^[a-z]+$", Random(seed), least=9, most=12)
        assert made is not None
        assert 9 <= len(made) <= 12


@pytest.mark.parametrize("pattern", ["^(?!a)a$", "(", r"^\p{Han}$"])
def test_no_text_is_found_for_what_cannot_match(pattern: str) -> None:
    assert match_pattern(pattern, Random(1)) is None


def test_an_identifier_is_named_after_a_person_only_where_it_is_one_s_own() -> None:
    shown = {"type": "string", "description": "such as 'gift_card_0000000'"}
    made = invent("opaque_id", shown, Random(1), name="payment_method_id", noun="user", clock=CLOCK)
    assert re.fullmatch(r"gift_card_\d{7}", made)
    user = {"type": "string", "description": "such as 'sara_doe_496'"}
    made = invent("opaque_id", user, Random(1), name="user_id", noun="user", clock=CLOCK)
    assert re.fullmatch(r"[a-z]+_[a-z]+_\d+", made)
    assert not made.startswith("sara_doe")


def test_a_row_pays_with_what_its_owner_has_and_names_the_owner_first() -> None:
    booking = {"booking_id": "b1", "payments": [{"payment_id": "x"}],
               "passengers": [{"first_name": "Al", "last_name": "Bo"}]}  # fmt: skip
    owner = {"name": "Mia Larsen", "payment_ids": ["card_1"], "booking_ids": ["b2"]}
    take_from_owners(booking, ("booking_id",), [owner], lambda: Random(1))
    assert booking["payments"] == [{"payment_id": "card_1"}]
    assert booking["passengers"] == [{"first_name": "Mia", "last_name": "Larsen"}]
    assert booking["booking_id"] == "b1"


def test_a_profile_is_of_the_person_of_its_row_and_a_stamp_is_a_moment() -> None:
    text = {"type": "string"}
    profile = {"type": "object", "properties": {"display_name": text, "email": text}}
    stamp = {"type": "string", "pattern": r"^\d{10}\.\d{6}$"}
    user = {"type": "object", "properties": {"full_name": text, "profile": profile, "ts": stamp}}
    made = invent("object", user, Random(3), name="user", noun="user", clock=CLOCK)
    assert made["full_name"] == made["profile"]["display_name"]
    age = datetime.fromisoformat(CLOCK).timestamp() - float(made["ts"])
    assert 0 < age < 366 * 86_400


def test_an_age_is_that_of_the_birthday_and_a_count_counts_its_list() -> None:
    row: JsonObject = {"date_of_birth": "1990-03-13", "age": 3}
    agree(row, {}, datetime.fromisoformat("2026-03-12T09:00:00+00:00"), (), Random(1))
    assert row["age"] == 35
    assert counted_lists(("number_of_seasons", "seasons")) == (("number_of_seasons", "seasons"),)


def test_a_note_is_kept_in_a_file_of_notes() -> None:
    files = {file_values.path(Random(n), "path", "note", "Where to save it") for n in range(40)}
    assert len(files) > 9
    assert all(one.endswith(".md") for one in files)
    assert not any(re.search("budget|invoice|survey", one) for one in files)


def test_the_purpose_of_a_payment_suits_whoever_is_paid() -> None:
    said = {phrases.text(Random(n), "payment", "reference") for n in range(60)}
    assert len(said) > 4
    assert not any(re.search("rent|bill|lesson|lunch|ticket", one, re.I) for one in said)


def test_moments_counted_from_1970_and_times_of_day_are_put_in_order() -> None:
    row: JsonObject = {"created": 1_776_783_900, "updated": 1_769_600_400, "total": 1_500_000_000}
    order_dates(row, {})
    assert row == {"created": 1_769_600_400, "updated": 1_776_783_900, "total": 1_500_000_000}
    hours: JsonObject = {"start_time": "18:35", "end_time": "18:00"}
    order_dates(hours, {})
    assert hours == {"start_time": "18:00", "end_time": "18:35"}
    alike: JsonObject = {"start_time": "18:00", "end_time": "18:00"}
    order_dates(alike, {})
    assert alike["end_time"] == "19:00"
    flight: JsonObject = {"departure_time": "22:35", "arrival_time": "01:00"}
    order_dates(dict(flight), {})
    assert flight == {"departure_time": "22:35", "arrival_time": "01:00"}


def test_what_is_written_below_a_title_is_about_the_same_thing() -> None:
    row = {"title": "Memory leak in the import job", "body": "The mail arrives twice."}
    fit_texts("issue", row, {}, ["title"], Random(1))
    assert row["body"].startswith("Memory grows")
    pull = {"title": "Add tests for date parsing", "body": "The page stays blank after saving."}
    fit_texts("pull request", pull, {}, ["title"], Random(1))
    assert pull["body"].startswith("Covers the usual case")
    mail = {"subject": "Question about the new contract", "body": "The parcel arrived."}
    fit_texts("email", mail, {}, ["subject"], Random(1))
    assert "the new contract" in mail["body"]
    told = {"title": "Search hangs", "body": "As the user has put it."}
    fit_texts("issue", told, {}, ["title", "body"], Random(1))
    assert told["body"] == "As the user has put it."
    renamed = {"title": "Typo in the audit log"}
    fit_texts("issue", renamed, {}, [], Random(1), {"title": "Search crashes", "body": "It ends."})
    assert "crashes" in renamed["title"]


def test_what_lies_within_a_list_is_of_the_owners_and_no_two_are_one() -> None:
    paid = [{"payment_id": f"PAY-{number}", "amount": number} for number in range(3)]
    booking: dict[str, Any] = {"booking_id": "b1", "payment_methods": paid}
    owner = {"payment_ids": ["card_1", "card_2"]}
    take_from_owners(booking, ("booking_id",), [owner], lambda: Random(1))
    held = [one["payment_id"] for one in booking["payment_methods"]]
    assert held
    assert len(held) == len({*held})
    assert {*held} <= {*owner["payment_ids"]}


@pytest.mark.parametrize(
    ("semantic", "name", "description", "form"),
    [
        ("color", "color", "6-character hex code without '#'", r"[0-9a-f]{6}"),
        ("color", "color", "Hex color, such as the usual ones with a #", r"#[0-9a-f]{6}"),
        ("path", "path", "Project directory path", r"/projects/[a-z]+/[a-z0-9/]+"),
        ("path", "path", "Path of the PDF file", r"/.+\.pdf"),
        ("path", "path", "Path of the note file, relative to the notes", r"[a-z]+/.+\.\w+"),
        ("url", "url", "The local URL (e.g., http://localhost:3000)", "http://localhost:3000"),
        ("opaque_id", "key", "Key to press (e.g. 'Enter', 'Tab')", "Enter|Tab"),
    ],
)
def test_a_value_has_the_form_that_its_description_tells(
    semantic: SemanticType, name: str, description: str, form: str
) -> None:
    schema: JsonObject = {"type": "string", "description": description}
    for seed in range(5):
        made = invent(semantic, schema, Random(seed), name=name, noun="", clock=CLOCK)
        assert re.fullmatch(form, made), made


def test_a_country_is_written_as_the_format_or_the_examples_have_it() -> None:
    for schema in (
        {"format": "iso-country-code"}, {"examples": ["CO"]},
        {"description": "The [ISO-3166-1](https://example.org) country code."},
    ):  # fmt: skip
        made = invent("country", {"type": "string", **schema}, Random(1), name="country",
                      clock=CLOCK)  # fmt: skip
        assert re.fullmatch("[A-Z]{2}", str(made)), schema
    assert len(str(invent("country", {"type": "string"}, Random(1), name="country",
                          clock=CLOCK))) > 2  # fmt: skip


def test_what_was_created_comes_first_and_nothing_ends_as_it_begins() -> None:
    row: JsonObject = {"added_at": "2026-01-01T08:00:00Z", "created_at": "2026-02-01T08:00:00Z"}
    order_dates(row, {})
    assert row["created_at"] < row["added_at"]
    hours: JsonObject = {"start_time": "08:00", "end_time": "08:00"}
    order_dates(hours, {})
    assert hours["end_time"] == "09:00"


def test_another_name_is_one_that_such_a_thing_bears() -> None:
    name = wants("name", "field", None, "title")
    told = {"name": "name", "noun": "company", "clock": CLOCK}
    firms = {invent("title", {}, Random(n), **told) for n in range(99)}
    made = [another(name, "Orchard Foods", Random(n), CLOCK, "company") for n in range(9)]
    assert firms.issuperset(made)
    assert "Orchard Foods" not in made
    assert not firms.issuperset([another(name, "Orchard Foods", Random(1), CLOCK, "playlist")])


@pytest.mark.parametrize(
    ("name", "noun", "said", "spoken"),
    [
        ("language", "github trending repository", "Language to filter by", False),
        ("spoken_language", "github trending repository", "Spoken language to filter by", True),
        ("language", "rule", "Programming language of the code", False),
        ("language", "subtitle", "Language of the text", True),
        ("native_language", "developer", "", True),
    ],
)
def test_a_spoken_language_is_no_programming_language(
    name: str, noun: str, said: str, spoken: bool
) -> None:
    schema = {"type": "string", "description": said}
    made = {invent("language", schema, Random(n), name=name, noun=noun, clock=CLOCK)
            for n in range(20)}  # fmt: skip
    assert bool(made & {"German", "English", "French"}) == spoken
    assert bool(made & {"Java", "Python", "Go"}) != spoken


def test_an_only_example_is_a_form_and_follows_the_name_of_its_row() -> None:
    told = "The domain (for example, blueharbourteam)."
    schema = {"type": "string", "description": told}
    made = {invent("unknown", schema, Random(n), name="team_domain", noun="team", clock=CLOCK)
            for n in range(10)}  # fmt: skip
    assert "blueharbourteam" not in made
    assert all(re.fullmatch("[a-z]+", one) for one in made)
    row = {"team_domain": "blueharbourteam", "team_name": "Research crew"}
    fit_handles(row, {"team_domain": schema}, ())
    assert row["team_domain"] == "researchcrew"
    opaque = {"type": "string", "description": "The key (for example, Qx7-99a)."}
    kept = {invent("unknown", opaque, Random(n), name="team_domain", noun="team", clock=CLOCK)
            for n in range(3)}  # fmt: skip
    assert kept == {"Qx7-99a"}


def test_names_and_texts_of_repositories_and_channels_are_such_as_they_have() -> None:
    for noun in ("github trending repository", "repository"):
        name = invent("title", {"type": "string"}, Random(1), name="name", noun=noun, clock=CLOCK)
        assert re.fullmatch(r"[a-z]+-[a-z]+", name)
        row = {"name": name, "description": "x"}
        fit_texts(noun, row, {}, ["name"], Random(1))
        assert name.partition("-")[0] in row["description"]
    channel = invent("title", {"type": "string"}, Random(2), name="name", noun="original channel",
                     clock=CLOCK)  # fmt: skip
    assert re.fullmatch(r"[a-z-]+", channel)
    address = invent("address", {"type": "string"}, Random(1), name="address", noun="wallet",
                     clock=CLOCK)  # fmt: skip
    assert re.fullmatch("0x[0-9a-f]{40}", address)


@pytest.mark.parametrize(
    ("name", "noun"),
    [("friendly_name", "usage bundle"), ("unique_name", "usage bundle"), ("name", "usage bundle")],
)
def test_what_nobody_knows_how_to_name_has_a_plain_name(name: str, noun: str) -> None:
    for n in range(10):
        made = invent("title", {"type": "string"}, Random(n), name=name, noun=noun, clock=CLOCK)
        assert "usage bundle" in made.lower()
        assert len(made.split()) == 3
        assert not re.search("friendly|unique|budget|review|Atlas", made)


def test_an_emoji_is_no_sentence() -> None:
    said = {"type": "string", "description": "Emoji to use as the icon for this message"}
    assert semantic_type("icon_emoji", said) == "label"


def test_a_branch_is_called_as_the_change_that_is_made_on_it() -> None:
    for n in range(10):
        made = invent("branch", {"type": "string"}, Random(n), name="branch_name", noun="branch",
                      clock=CLOCK)  # fmt: skip
        assert re.fullmatch(r"(?:fix|docs|chore|feature)/[a-z-]+", made)
        assert "change" not in made


@pytest.mark.parametrize(
    ("semantic", "name", "said", "form"),
    [
        ("address", "address", "Wallet address to ask about", "0x[0-9a-f]{40}"),
        ("address", "to", "The Ethereum address that is paid", "0x[0-9a-f]{40}"),
        ("expression", "formula", "Molecular formula of the substance", r"(?:[A-Z][a-z]?\d*)+"),
    ],
)
def test_an_address_of_a_chain_is_no_street_and_a_formula_of_a_molecule_no_sum(
    semantic: SemanticType, name: str, said: str, form: str
) -> None:
    schema = {"type": "string", "description": said}
    for n in range(5):
        made = invent(semantic, schema, Random(n), name=name, noun="thing", clock=CLOCK)
        assert re.fullmatch(form, made)


def test_a_handle_is_made_of_the_name_beside_it() -> None:
    row = {"handle": "atlas-team", "name": "Support crew", "owner_handle": "ana-ruiz"}
    fit_handles(row, {}, ())
    assert row == {"handle": "support-crew", "name": "Support crew", "owner_handle": "ana-ruiz"}
    fit_handles(row, {}, ["handle"])
    told = {"user_handle": "a-b", "user_name": "Ana Ruiz", "name": "Office"}
    fit_handles(told, {}, ())
    assert told["user_handle"] == "ana-ruiz"
    kept = {"handle": "@atlas", "name": "Support crew"}
    fit_handles(kept, {}, ())
    assert kept["handle"] == "@atlas"


@pytest.mark.parametrize(
    ("noun", "being"),
    [("home manager", False), ("package manager", False), ("user agent", False),
     ("account manager", True), ("manager", True), ("support agent", True), ("courier", True)],
)  # fmt: skip
def test_a_package_manager_is_nobody(noun: str, being: bool) -> None:
    assert is_being(noun) == being


@pytest.mark.parametrize(
    ("name", "sample", "form"),
    [
        ("sku", "abc-bcd-def", r"[a-z]{3}-[a-z]{3}-[a-z]{3}"),
        ("sku", "TSHIRT-RED", r"[A-Z]{6}-[A-Z]{3}"),
        ("serial", "SN-40-1187", r"SN-40-\d{4}"),
        ("barcode", "40170725", r"\d{8}"),
        ("code", "A1", r"A\d"),
        ("product_code", "PX100", r"PX\d{3}"),
        ("seatNumber", "A1", r"A\d"),
        ("media", "event-image.jpg", r"event-image-\d{2,3}\.jpg"),
        ("signature", "5Netfdf3...", r"\d[A-Z][a-z]{5}\d(?:\w{36})"),
        ("token", "eyJhbGciOiJIUzI1NiIs...", r"[A-Za-z0-9]{44}"),
        ("owner", "7cX157TUpYi9MA3T8n2PrjVKeywzx8NX3SLfJVh11jup", r"\d[a-z][A-Z]\d{3}\w{38}"),
        ("ticketAddress", "7cX157TUpYi9MA3T8n2PrjVKeywzx8NX3SLfJVh11jup", r"\d[a-z][A-Z]\w{41}"),
    ],
)
def test_an_example_of_what_tells_rows_apart_is_a_form(name: str, sample: str, form: str) -> None:
    schema = {"type": "string", "examples": [sample]}
    meant = semantic_type(name, schema)
    made = {invent(meant, schema, Random(n), name=name, noun="product", clock=CLOCK)
            for n in range(9)}  # fmt: skip
    assert len(made) > 4
    assert all(re.fullmatch(form, one) for one in made)


def test_the_form_of_a_code_may_be_told_by_a_description() -> None:
    schema = {"type": "string", "description": "Product code, e.g. 'PX100'"}
    made = {invent("unknown", schema, Random(n), name="code", noun="product", clock=CLOCK)
            for n in range(9)}  # fmt: skip
    assert len(made) > 4
    assert all(re.fullmatch(r"PX\d{3}", one) for one in made)


@pytest.mark.parametrize(
    ("name", "sample"),
    [("status_code", "E17"), ("code", "200"), ("encoding", "utf8"), ("unit", "km2"),
     ("format", "mp3"), ("code", "SUCCESS")],
)  # fmt: skip
def test_an_example_that_all_rows_may_share_stays(name: str, sample: str) -> None:
    schema = {"type": "string", "examples": [sample]}
    meant = semantic_type(name, schema)
    assert invent(meant, schema, Random(1), name=name, noun="product", clock=CLOCK) == sample
