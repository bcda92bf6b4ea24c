"""What a reader of the own catalogues' dialogues would stumble over, and must not meet again."""

import re
from datetime import datetime

import pytest

from generators.operators import script_of
from generators.sampling.chain_growth import may_follow
from generators.sandbox.sandbox import Sandbox
from generators.sandbox.seeding import Seeds
from tests.studio import REAL, own_studio, studio_of

CLOCK = "2026-03-12T09:00:00+01:00"
RETAIL = REAL / "tau2_retail" / "retail.json"
GITHUB = REAL / "mcp" / "github_mcp_server_tools_list.json"


def test_a_new_payee_does_not_get_the_account_number_of_another() -> None:
    edges = own_studio().graph.feeding("add_payee", "account_number")
    assert not [edge for edge in edges if edge.producer == "find_payees"]


@pytest.mark.parametrize(
    ("first", "then"), [("create_loan", "return_loan"), ("request_return", "cancel_return")]
)
def test_what_has_just_been_made_is_not_undone(first: str, then: str) -> None:
    models = own_studio().world.models
    assert not may_follow([models[first]], models[then])
    assert may_follow([], models[then])


def test_an_amount_is_converted_at_the_rate_of_the_day() -> None:
    sandbox = Sandbox(own_studio().world, 1, CLOCK)
    told = {"amount": 20, "from_currency": "CHF", "to_currency": "GBP"}
    shown = sandbox.call("convert_currency", told).content
    assert shown["rate_date"] == datetime.fromisoformat(CLOCK).date().isoformat()


@pytest.mark.parametrize("key", ["calendar/event", "library/book", "projects/task"])
def test_no_two_rows_have_one_name_while_the_world_model_lists_another(key: str) -> None:
    world = own_studio().world
    for seed in range(3):
        rows = Seeds(world, seed, CLOCK).own(key)
        listed = world.entities[key].fields["title"].examples
        assert len({row["title"] for row in rows.values()}) == min(len(rows), len(listed))


@pytest.mark.skipif(not GITHUB.exists(), reason=f"{GITHUB} is not here")
def test_a_repository_is_called_what_its_handle_says() -> None:
    world = studio_of(GITHUB).world
    rows = Sandbox(world, 1, CLOCK).rows("github/repository")
    assert len(rows) > 5
    assert all(row["name"] == row["repo"] for row in rows)


@pytest.mark.skipif(not RETAIL.exists(), reason=f"{RETAIL} is not here")
def test_what_is_sent_back_is_paid_back_to_a_card_and_not_returned_with_it() -> None:
    studio, told = studio_of(RETAIL), 0
    for index in range(40):
        script = script_of(studio.world, studio.task(77, index))
        for beat in (*script.user, *script.assistant):
            for said in re.findall(r"return the item.*?was paid with", beat.text):
                assert "with the money back to the" in said
                told += 1
    assert told
