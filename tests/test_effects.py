"""What changes something and what only reads, told by name, description, method and parameters."""

from typing import Any

import pytest

from benchmarks.effects import LEAST_RIGHT, MOST_WRITES_READ, judge_sources
from generators.importers.effect import influence
from generators.importers.found_tools import FoundTool, SchemaPlace
from generators.importers.subschemas import tells_nothing
from generators.lexicon.verbs import find_deed, opening_verbs
from generators.world.infer import infer_world
from tests.test_inference import TEXT, rows, tool

NUMBER: dict[str, Any] = {"type": "number"}


def effect_of(name: str, said: str = "", place: str = "", **properties: Any) -> str:
    schema = SchemaPlace("parameters", {"type": "object", "properties": properties})
    found = FoundTool(number=1, name=name, description=said, parameters=schema, place=place)
    return influence(found).effect


@pytest.mark.parametrize(
    ("name", "said", "effect"),
    [
        ("lamp_toggle", "", "write"),
        ("crane_hoist_up", "Lift and lower the load, or release it.", "write"),
        ("garden_refuel", "", "write"),
        ("pane_hover", "", "write"),
        ("desk_suspend_clerk", "", "write"),
        ("lens_take_snapshot", "", "read"),
        ("run_moss_scan", "Run the moss plugin to list beds.", "read"),
        ("run_moss", "Run the moss script.", "write"),
        ("generate_bed_name", "", "read"),
        ("generate_invoice", "", "write"),
        ("resolve_bed_id", "", "read"),
        ("resolve_quarrel", "", "write"),
        ("can_mow_lawn", "", "read"),
        ("beds", "List, create or fill beds.", "write"),
        ("bed_request", "Returns one request.", "read"),
        ("handle_frost", "", "write"),
        ("yield_calculator", "", "read"),
        ("moss_info", "", "read"),
        ("moss", "", "unknown"),
        ("crm_get_contact", "", "read"),
        ("crm_create_contact", "", "write"),
        ("bed_unlock", "Check when a bed becomes free.", "read"),
        ("dig", "Use this tool to search beds.", "read"),
    ],
)
def test_the_effect_follows_the_verb_wherever_it_stands(name: str, said: str, effect: str) -> None:
    assert effect_of(name, said) == effect


@pytest.mark.parametrize(
    ("name", "place", "effect"),
    [
        ("search-beds", "POST /beds/search", "read"),
        ("query_bed", "POST /beds/query", "read"),
        ("beds", "POST /beds", "write"),
        ("getBed", "POST /bed.get", "read"),
    ],
)
def test_a_post_that_searches_reads(name: str, place: str, effect: str) -> None:
    assert effect_of(name, "", place) == effect


def test_numbers_alone_are_reckoned_with() -> None:
    assert effect_of("add", a=NUMBER, b=NUMBER) == "read"
    assert effect_of("froth", a=NUMBER) == "read"
    assert effect_of("froth", bed_id={"type": "integer"}) == "unknown"
    assert effect_of("beds_of_moss_x", page={"type": "string"}) == "read"


def test_an_unknown_effect_is_executed_as_a_write() -> None:
    world = infer_world([tool("moss", {"bed": TEXT})])
    assert world.models["moss"].writes


def test_who_logs_in_is_no_person_made() -> None:
    world = infer_world(
        [
            tool("login_member", {"username": TEXT, "password": TEXT}),
            tool("get_member", {"member_id": TEXT}),
        ]
    )
    assert world.models["login_member"].noun == "session"


def test_what_a_description_opens_with_is_skipped_to_its_verbs() -> None:
    assert opening_verbs("This tool allows you to list beds.") == ("list",)
    assert opening_verbs("创建新的花坛") == ("create",)
    assert find_deed("beds_list").verb == "list"


@pytest.mark.shared
def test_effects_are_as_their_authors_marked_them() -> None:
    judged = judge_sources()
    if not judged:
        pytest.skip("the catalogues of the shared folder are not here")
    writes = [one for one in judged if not one.reads]
    assert sum(one.executed_right for one in judged) >= LEAST_RIGHT * len(judged)
    assert sum(not one.executed_right for one in writes) <= MOST_WRITES_READ * len(writes)


def test_a_parent_tells_the_ids_of_its_children() -> None:
    lease = {"lease_id": TEXT}
    homed = {**TEXT, "description": "The id of the card, stored in the tenant's record."}
    world = infer_world(
        [
            tool("get_tenant", {"tenant_id": TEXT}),
            tool("sign_lease", {"tenant_id": TEXT, "flat": TEXT}),
            tool("open_lease", {"tenant_id": TEXT, "flat": TEXT, "card_id": homed}),
            tool("get_lease", lease),
            tool("end_lease", lease),
        ]
    )
    fields = world.entities["shop/tenant"].fields
    assert {"lease_ids", "card_ids"} <= fields.keys()


def test_a_code_names_its_thing() -> None:
    said = {**TEXT, "description": "The IATA code of the origin."}
    world = infer_world([tool("list_airports"), tool("search_flights", {"origin": said})])
    assert world.entities["shop/airport"].identity == ("code",)
    assert world.models["search_flights"].by_path["origin"].entity == "shop/airport"


@pytest.mark.parametrize(
    ("schema", "nothing"),
    [
        ({"type": "object"}, True),
        ({"type": "object", "additionalProperties": True}, True),
        ({"type": ["object", "null"], "properties": {}, "description": "An answer."}, True),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, False),
        ({"type": "object", "properties": {"a": {}}}, False),
        ({"type": "string"}, False),
    ],
)
def test_an_object_of_which_nothing_is_told_is_unknown(schema: Any, nothing: bool) -> None:
    assert tells_nothing(schema) == nothing


def test_a_negated_filter_excludes_and_a_look_up_takes_its_own_key() -> None:
    plank = {"plank_id": TEXT, "colour": {"type": "string", "enum": ["red", "blue"]}}
    world = infer_world(
        [
            tool("list_planks", {}, {"without_colour": TEXT}, returns=rows("planks", **plank)),
            tool("get_plank", {"plank_id": TEXT}),
            tool("get_guest_by_name", {"full_name": TEXT, "dob": TEXT}),
            tool("get_guest", {"guest_id": TEXT}),
        ]
    )
    excluded = world.models["list_planks"].by_path["without_colour"]
    assert (excluded.use, excluded.field) == ("unlike", "colour")
    looked_up = world.models["get_guest_by_name"].by_path["full_name"]
    assert (looked_up.use, looked_up.field) == ("identity", "full_name")
