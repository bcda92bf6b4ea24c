"""What a tool is asked for with: the words of its title, name or description, or none."""

from datetime import datetime
from random import Random

import pytest

from generators.language.action import action
from generators.lexicon.spoken_values import speak
from generators.world.infer import infer_world
from generators.world.model import ToolModel
from schemas.record import JsonObject
from schemas.tool import ToolSource, ToolSpec
from tests.descriptions import described

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def model_of(name: str, said: str, title: str, given: dict[str, JsonObject]) -> ToolModel:
    tool = ToolSpec(
        name=name, wire_name=name, title=title, description=said, domain="forge", effect="unknown",
        parameters={"type": "object", "properties": given, "required": list(given)},
        returns=None, source=ToolSource(format="test", path="test"),
    )  # fmt: skip
    return infer_world((tool,)).models[name]


@pytest.mark.parametrize(
    ("name", "said", "title", "given", "deed"),
    [
        ("create_or_update_file", "", "Create or update file", {"text": TEXT}, "create a file"),
        ("mark_all_notices_read", "Mark all notices as read", "", {}, "mark all notices as read"),
        ("latest_release", "Get the latest release of a project.", "", {}, "the latest release"),
        ("movie_top_rated", "Get a list of movies.", "", {}, "top rated movies"),
        ("list_starred_boards", "List starred boards", "", {}, "find starred boards"),
        ("get_me", "Get details of the authenticated user.", "", {}, "my own profile"),
        ("find_duplicate", "Find likely duplicates of a ticket.", "", {"ticket_id": TEXT},
         "duplicates of {object}"),
        ("modify_order_address", "Modify the address of an order.", "",
         {"order_id": TEXT, "address": TEXT}, "change the address of {object}"),
        ("chat_postEphemeral", "Sends an ephemeral message to a user.", "", {"text": TEXT},
         "send an ephemeral message"),
        ("label_write", "Perform write operations on labels.", "",
         {"method": {"type": "string", "enum": ["create"]}, "name": TEXT}, "create a label"),
        ("sha512", "Calculates an SHA-512 hash of a string.", "", {"text": TEXT},
         "calculate an SHA-512 hash"),
        ("get_ads", "Get ads for a Meta Ads account.", "", {}, "find ads"),
        ("create_ad", "Create a new ad in a Meta Ad account.", "", {"text": TEXT}, "create an ad"),
        ("clear_thoughts", "Clear recorded thoughts.", "", {}, "clear all thoughts"),
    ],
)  # fmt: skip
def test_the_words_of_a_deed(
    name: str, said: str, title: str, given: dict[str, JsonObject], deed: str
) -> None:
    what = action(model_of(name, said, title, given))
    assert what.sayable
    assert deed in f"{what.verb} {what.pattern}"


@pytest.mark.parametrize(
    ("name", "said", "given"),
    [
        ("browser_hover", "Hover over an element.", {"url": TEXT}),
        ("list_tv_airing_today", "Get a list of TV shows that are airing.", {}),
        ("list_shows_on_the_air", "Get a list of shows.", {}),
        ("zrem", "", {"key": TEXT}),
        ("indicateurs_conso_espace", "Consommation par espace.", {"code": TEXT}),
        ("manage_subscription", "Manage a subscription.", {"subscription_id": TEXT}),
    ],
)
def test_a_deed_that_nobody_says_is_not_asked_for(
    name: str, said: str, given: dict[str, JsonObject]
) -> None:
    assert not action(model_of(name, said, "", given)).sayable


def test_what_goes_by_its_letters_is_called_as_descriptions_call_it() -> None:
    texts = {"get_tv": "Get a TV show by id.", "list_tv": "List the TV shows of a network."}
    given = {"get_tv": ["tv_id"], "list_tv": ["network"]}
    tools = tuple(described(name, said, given[name]) for name, said in texts.items())
    model = infer_world(tools).models["get_tv"]
    assert model.noun == "tv show"
    assert model.parameters[0].use == "identity"
    alone = infer_world(tools[:1]).models["get_tv"]
    assert alone.noun == "tv"


def test_a_code_of_a_language_is_no_name() -> None:
    clock = datetime.fromisoformat("2026-01-15T09:00:00+00:00")
    said = [speak(one, "language", clock, Random(1)).text for one in ("en", "french")]
    assert said == ["en", "French"]


_CHOICES = {"Germany": "Germany", "New Zealand": "New Zealand", "Oncology": "oncology",
            "Health Informatics": "Health Informatics", "Initial Access": "initial access",
            "CWE-79": "CWE-79", "FailedMount": "failed mount"}  # fmt: skip


def test_a_name_among_choices_keeps_its_capital() -> None:
    clock = datetime.fromisoformat("2026-01-15T09:00:00+00:00")
    said = [speak(one, "label", clock, Random(1)).text for one in _CHOICES]
    assert said == [*_CHOICES.values()]


PRODUCT = {"type": "object", "properties": {"product_name": TEXT, "cost": NUMBER},
           "required": ["product_name"]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "said", "given", "deed"),
    [
        ("create_contacts", "Creates contacts.", {"name": TEXT}, "create a contact"),
        ("add_contacts", "Adds contacts.", {"contacts": {"type": "array", "items": PRODUCT}},
         "add contacts"),
        ("install_software", "Installs it.", {"name": TEXT}, "install software"),
        ("get_driver_assigned_customers", "Get driver assigned customers.", {},
         "find assigned customers"),
        ("create_meal_plan_entry", "Add a recipe to the meal plan.", {"meal_type": TEXT},
         "add a recipe to the meal plan"),
        ("transfer_to_human_agents", "Transfer the user.", {"summary": TEXT},
         "transfer me to a human agent"),
    ],
)  # fmt: skip
def test_what_is_made_and_where_it_is_put(
    name: str, said: str, given: dict[str, JsonObject], deed: str
) -> None:
    found = action(model_of(name, said, "", given))
    assert f"{found.verb} {found.generic}{found.aim}" == deed


@pytest.mark.parametrize(("key", "noun"), [
    ("entry_id", "meal plan entry"), ("meal_plan_id", "meal plan"),
])  # fmt: skip
def test_what_an_id_names_is_the_thing_though_its_word_is_generic(key: str, noun: str) -> None:
    both: dict[str, dict[str, JsonObject]] = {
        "create_meal_plan_entry": {"date": TEXT}, "delete_meal_plan_entry": {key: TEXT},
    }  # fmt: skip
    tools = [
        ToolSpec(
            name=name, wire_name=name, description="", domain="kitchen", effect="write",
            parameters={"type": "object", "properties": given, "required": list(given)},
            returns=None, source=ToolSource(format="test", path="test"),
        )
        for name, given in both.items()
    ]  # fmt: skip
    assert {one.noun for one in infer_world(tools).models.values()} == {noun}
