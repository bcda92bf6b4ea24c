"""What descriptions demand is read, proposed calls keep to it, and the sandbox refuses the rest."""

from random import Random
from typing import Any

import pytest

from generators.dialogue.write_script import lacking
from generators.importers.catalog_reader import NamedDocument, read_catalog
from generators.sampling.errands import Errand
from generators.sampling.wishes import waits_for_untold
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.tasks.task_record import demands_of
from generators.world.infer import infer_world
from generators.world.model import ToolModel, World, usual_way
from generators.world.sentence_shapes import ToolNames
from schemas.check import CheckContext
from schemas.demand import Demand, Given, Side, fixed_values, is_broken
from schemas.record import JsonObject
from tests.spoils import demanding
from tests.trajectories import Shop
from validators import demands

CLOCK = "2026-03-12T09:00:00+00:00"
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}


def text(said: str = "", *values: str) -> JsonObject:
    return {**TEXT, "description": said, **({"enum": list(values)} if values else {})}


def world_of(*tools: tuple[str, str, JsonObject, list[str]]) -> World:
    """A domain of lamps; of each tool name, description, parameters and what is required."""
    listed = [
        {"name": name, "description": said,
         "inputSchema": {"type": "object", "properties": given, "required": required}}
        for name, said, given, required in tools
    ]  # fmt: skip
    shown = {"type": "object", "properties": {"lamp_id": TEXT, "name": TEXT, "room": TEXT}}
    listed.append({"name": "get_lamp", "description": "Show a lamp.",
                   "inputSchema": {"type": "object", "properties": {"lamp_id": TEXT},
                                   "required": ["lamp_id"]}, "outputSchema": shown})  # fmt: skip
    catalog = read_catalog((), documents=[NamedDocument("lamps.json", {"tools": listed})])
    return infer_world(catalog.tools)


def model_of(said: str, given: JsonObject, required: tuple[str, ...] = ()) -> ToolModel:
    return world_of(
        ("update_lamp", said, {"lamp_id": TEXT, **given}, ["lamp_id", *required])
    ).models["update_lamp"]


def told(said: str, **given: JsonObject) -> list[tuple[Any, ...]]:
    """Kind, parameters and conditions of what is demanded."""
    return [
        (one.kind, one.parameters, {g.parameter: g.values for g in one.when})
        for one in model_of(said, given).demands
    ]


METHOD = text("What to do", "add", "reply", "remove")


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("Text of the note (required for 'add' and 'reply' methods)", ("add", "reply")),
        ("Required for all methods except 'remove'.", ("add", "reply")),
        ("This argument is required when method is `reply`.", ("reply",)),
        ("Required if the method = add", ("add",)),
        ("Required parameter of `reply` command.", ("reply",)),
    ],
)
def test_what_a_method_needs(said: str, values: tuple[str, ...]) -> None:
    found = told("Change a lamp.", method=METHOD, note=text(said))
    assert ("needed", ("note",), {"method": values}) in found


@pytest.mark.parametrize(
    "said",
    [
        "**ONLY** used when method is 'add'",
        "Only used for 'add' method.",
        "Used for 'add' method.",
        "Use with 'add' method only.",
        "Ignored unless method is add",
        "Notes (only valid with `add`)",
    ],
)
def test_what_is_for_one_method_only(said: str) -> None:
    model = model_of("Change a lamp.", {"method": METHOD, "note": text(said)})
    (demand,) = model.demands
    assert (demand.kind, demand.parameters, demand.allowed) == (
        "only_with", ("note", "method"), ("add",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "of_note", "kinds"),
    [
        ("At least one of note or room is required.", "", {"at_least_one"}),
        ("", "Required unless room is provided.", {"at_least_one"}),
        ("", "If omitting this parameter, you must submit `room`.", {"at_least_one"}),
        ("", "Either `note` or `room` is required.", {"at_least_one"}),
        (
            "",
            "Either this parameter or the `room` number/hall must be specified.",
            {"at_least_one"},
        ),
        ("", "Cannot be combined with room.", {"at_most_one"}),
        ("", "Mutually exclusive with 'room' — provide one, not both.", {"at_most_one"}),
        ("", "Usable only if `room` is not passed.", {"at_most_one"}),
        ("", "Provide either note or room, not both.", {"at_least_one", "at_most_one"}),
        ("", "The note (either note OR room should be specified)", {"at_least_one", "at_most_one"}),
    ],
)
def test_one_of_several(said: str, of_note: str, kinds: set[str]) -> None:
    found = told(said, note=text(of_note), room=text("The room"))
    assert {kind for kind, _, _ in found} == kinds
    assert all({*names} == {"note", "room"} for _, names, _ in found)


def test_at_least_one_without_names_is_of_what_the_description_names_else_of_every_option() -> None:
    options = {"lamp_code": TEXT, "room": TEXT, "limit": NUMBER}
    named = told("Change a lamp by its lamp code or room. Provide at least one.", **options)
    assert named == [("at_least_one", ("lamp_code", "room"), {})]
    every = told("Change a lamp. At least one filter is required.", note=TEXT, **options)
    assert every == [("at_least_one", ("note", "lamp_code", "room"), {})]


@pytest.mark.parametrize(
    "said",
    [
        "Only call after get_lamp confirms the lamp is there.",
        "Only use this after calling get_lamp.",
        "Before use this tool, you should check which lamp to change by using 'get_lamp' tool.",
        "Before calling this function, you must first find the lamp with readLamps.",
    ],
)
def test_another_tool_is_called_first_however_that_is_told(said: str) -> None:
    reads = ("readLamps", "List the lamps.", {}, [])
    world = world_of(("update_lamp", f"Change a lamp. {said}", {"lamp_id": TEXT}, []), reads)
    (demand,) = world.models["update_lamp"].demands
    assert (demand.kind, demand.tool in said) == ("after", True)


def test_nobody_comes_for_a_write_before_which_something_unknown_is_asked() -> None:
    given = {"lamp_id": TEXT, "room": TEXT}
    check = ("check_slot", "Check if a date is free.", {"date": TEXT}, ["date"])
    for said, unknown in (("get_lamp shows it", ""), ("check_slot confirms it", "check_slot")):
        told_first = f"Change the room of a lamp. Only call after {said}."
        world = world_of(("update_lamp", told_first, given, ["lamp_id", "room"]), check)
        assert waits_for_untold(Errand(world, world.models["update_lamp"])) == unknown


def test_one_of_two_of_which_the_other_is_no_parameter_leaves_the_call_in_doubt() -> None:
    said = "A SID. Either this parameter or the `to` phone number/email must be specified."
    unread = model_of("Check a lamp.", {"note": text(said)}).unread
    assert "" in unread


def test_conditions_lists_of_methods_and_what_goes_together() -> None:
    given = {"method": METHOD, "note": text("Ignored when method is remove"),
             "room": text("If provided, the 'note' also needs to be provided.")}  # fmt: skip
    found = told('Available methods:\n- add: Adds one.\n- reply: Requires only "room".', **given)
    assert ("never", ("note",), {"method": ("remove",)}) in found
    assert ("needed", ("note",), {"room": ()}) in found
    assert ("needed", ("room",), {"method": ("reply",)}) in found


@pytest.mark.parametrize(
    ("said", "lawful", "wrong"),
    [
        ("The day (YYYY-MM-DD)", "2026-03-01", "1 March"),
        ("ISO 3166-1 alpha-2 code of the country", "PT", "Portugal"),
        ("Phone number in E.164 format", "+351912345678", "912 345 678"),
        ("A comma-separated list of rooms", "hall,attic", "hall,,attic"),
        ("A stringified JSON of settings", '{"a": 1}', "a is 1"),
        ("Should be either 'warm' or 'cold'.", "warm", "blue"),
        ("At most 5 characters", "lamp", "lantern"),
    ],
)
def test_formats_choices_and_lengths(said: str, lawful: str, wrong: str) -> None:
    demands = model_of("Change a lamp.", {"note": text(said)}).demands
    assert demands
    assert not any(is_broken(one, {"note": lawful}) for one in demands)
    assert any(is_broken(one, {"note": wrong}) for one in demands)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Change a lamp after the user confirms it.", True),
        ("The agent needs to ask for explicit user confirmation (yes/no) to proceed.", True),
        ("Change a lamp. This cannot be undone.", True),
        ("Change a lamp. Confirm the new room and the price with the customer before it.", True),
        ("Change a lamp. Check whether it goes with user settings.", False),
        ("Change a lamp. Only call this AFTER the tenant has verbally confirmed it.", True),
        ("Change a lamp. Make sure that the client really wants to change it.", True),
        ("Change a lamp when the customer has moved in.", False),
        ("Change a lamp and return a confirmation number.", False),
    ],
)
def test_what_the_user_is_asked_first(said: str, asked: bool) -> None:
    assert any(one.kind == "ask_first" for one in model_of(said, {"note": TEXT}).demands) is asked


def test_what_nobody_understands_is_left_out_or_leaves_the_tool_in_doubt() -> None:
    given = {"note": text("Must rhyme with the name of the lamp."), "room": text("The room")}
    model = model_of("Change a lamp.", given)
    assert model.unread["note"]
    assert not model.suspect
    doubtful = model_of("Change a lamp. The lamp must rhyme.", {"room": TEXT})
    assert doubtful.suspect == ("The lamp must rhyme.",)
    harmless = model_of("Change a lamp. Only returns lamps that shine.", {"room": TEXT})
    assert not harmless.suspect
    guarded = model_of("Queue a lamp for a room after authentication.", {"room": TEXT})
    assert guarded.suspect
    named = model_of("Change a lamp after identifying it via list_lamps.", {"room": TEXT})
    assert not named.suspect


def test_a_tool_that_another_is_preferred_to_is_in_doubt() -> None:
    world = world_of(
        ("update_lamp_once_more", "Change a lamp.", {"lamp_id": TEXT, "room": TEXT}, ["lamp_id"]),
        ("update_lamp_at_last", "Prefer this tool over update_lamp_once_more.",
         {"lamp_id": TEXT, "room": TEXT}, ["lamp_id"]),
    )  # fmt: skip
    assert world.models["update_lamp_once_more"].suspect
    assert not world.models["update_lamp_at_last"].suspect


@pytest.mark.parametrize("seed", range(6))
def test_proposed_calls_keep_to_what_is_demanded_and_others_are_refused(seed: int) -> None:
    given = {
        "lamp_id": TEXT,
        "mode": text("How", "dim", "flash"),
        "room": text("Only used when mode is 'dim'"),
        "name": text("Required when mode is flash. Cannot be combined with label."),
        "label": text("A label. Must rhyme."),
    }
    world = world_of(("update_lamp", "Change a lamp. At least one of room or name is required.",
                      given, ["lamp_id", "mode"]))  # fmt: skip
    sandbox = Sandbox(world, seed, CLOCK)
    arguments = propose_arguments(sandbox, "update_lamp", Random(seed), optional=2)
    assert arguments is not None
    demands = world.models["update_lamp"].demands
    assert len(demands) == 4
    assert not any(is_broken(one, arguments) for one in demands)
    assert "label" not in arguments
    assert ("name" in arguments) == (arguments["mode"] == "flash")
    wrong = {"lamp_id": arguments["lamp_id"], "mode": "flash", "room": "Hall", "name": "A"}
    assert sandbox.call("update_lamp", wrong).content["error"]["code"] == "invalid_arguments"


def test_demands_within_elements_and_under_conditions() -> None:
    either = Demand(kind="at_least_one", parameters=("items[].value", "items[].option"))
    assert is_broken(either, {"items": [{"value": 1}, {"name": "x"}]})
    assert not is_broken(either, {"items": [{"value": 1}, {"option": "x"}]})
    assert not is_broken(either, {})
    when = (Given(parameter="state", values=("closed",)), Given(parameter="by"))
    bound = Demand(kind="needed", parameters=("reason",), when=when)
    assert is_broken(bound, {"state": "closed", "by": "me"})
    assert not is_broken(bound, {"state": "open", "by": "me"})
    assert not is_broken(bound, {"state": "closed"})
    assert is_broken(Demand(kind="between", parameters=("ids",), most=2), {"ids": ["a", "b", "c"]})


PRODUCTS = {"table": "products", "key": "product_id"}


@pytest.mark.parametrize(
    ("tool", "told", "ignored"),
    [
        ("place_order", {"kind": "ask_first"}, 0),
        ("search_products", {"kind": "ask_first"}, 1),
        ("place_order", {"kind": "between", "parameters": ("quantity",), "most": 1}, 1),
        ("place_order", {"kind": "only_with", "parameters": ("quantity", "note")}, 1),
        ("place_order", {"kind": "needed", "parameters": ("note",),
                         "when": (Given(parameter="quantity", values=(9,)),)}, 0),
        ("get_order", {"kind": "after", "tool": "search_products"}, 0),
        ("get_hours", {"kind": "once", "parameters": ("day",)}, 0),
        ("place_order", {"kind": "same", "parameters": ("product_id",),
                         "sides": (Side(**PRODUCTS, field="name"),)}, 0),
    ],
)  # fmt: skip
def test_what_a_call_ignores_is_found(tool: str, told: JsonObject, ignored: int) -> None:
    played = demanding(tool, **told)
    found = demands.check(CheckContext(played, Shop)).reasons
    assert [one.code for one in found] == ["demand_ignored"] * ignored


def test_rows_that_must_agree_are_looked_at_as_the_call_met_them() -> None:
    listed = Side(table="lamps", key="item_id", field="lamp_id", listed="item_ids")
    demand = Demand(kind="same", parameters=("old", "new"), sides=(listed, listed))
    lamps = [{"lamp_id": "l1", "item_ids": ["a", "b"]}, {"lamp_id": "l2", "item_ids": ["c"]}]
    assert not is_broken(demand, {"old": ["a", "c"], "new": ["b", "c"]}, lambda _: lamps)
    assert is_broken(demand, {"old": ["a", "c"], "new": ["b", "a"]}, lambda _: lamps)
    assert not is_broken(demand, {"old": ["a"], "new": ["z"]}, lambda _: lamps)


def test_a_task_carries_what_its_tools_demand() -> None:
    given = {
        "lamp_id": TEXT,
        "room": text("The room"),
        "name": text("Required unless room is given."),
    }
    world = world_of(
        ("update_lamp", "Change a lamp after the user confirms it.", given, ["lamp_id"])
    )
    carried = demands_of(("update_lamp", "elsewhere"), world)
    assert [(one.tool, one.demand.kind) for one in carried] == [
        ("update_lamp", "ask_first"), ("update_lamp", "at_least_one"),
    ]  # fmt: skip


def test_the_usual_way_to_a_row_goes_first_unless_the_user_cannot_say_what_it_asks_for() -> None:
    find = ("find_lamp_by_name_and_room", "By default, find lamp by code; only call this if the "
            "code is not known.", {"name": TEXT, "room": TEXT}, ["name", "room"])  # fmt: skip
    usual = ("find_lamp_by_code", "Find a lamp by its code.", {"code": TEXT}, ["code"])
    world = world_of(find, usual)
    other = world.models["find_lamp_by_name_and_room"]
    (demand,) = other.demands
    assert (demand.kind, demand.tool) == ("after", "find_lamp_by_code")
    way = usual_way(world, other)
    assert way is not None
    assert way.name == "find_lamp_by_code"
    assert lacking(world, other) == "code"
    assert lacking(world, way) == ""


def test_a_text_that_must_begin_so_is_not_made_of_its_beginning_alone() -> None:
    given = {"lamp_id": TEXT, "place": text('Where it stands (must start with "gs://").')}
    world = world_of(("update_lamp", "Change a lamp.", given, ["lamp_id", "place"]))
    (demand,) = world.models["update_lamp"].demands
    assert is_broken(demand, {"place": "hall"})
    assert not is_broken(demand, {"place": "gs://hall"})
    assert propose_arguments(Sandbox(world, 1, CLOCK), "update_lamp", Random(1)) is None


def test_what_a_call_means_nothing_without_is_given_though_the_schema_asks_for_nothing() -> None:
    lamp = {"lamp_id": TEXT, "name": TEXT, "room": TEXT}
    world = world_of(
        ("delete_lamp", "Delete a lamp.", {"lamp_id": TEXT, "force": {"type": "boolean"}}, []),
        ("create_lamp", "Create a lamp.", {"room": TEXT, "name": TEXT}, []),
        ("update_lamp", "Change a lamp.", lamp, ["lamp_id"]),
        ("send_message", "Send a message.", {"channel": TEXT, "text": TEXT, "mood": TEXT}, []),
        ("rate_message", "Add a review.", {"stars": NUMBER, "comment": TEXT}, ["stars"]),
    )  # fmt: skip
    given = {
        name: [one.path for one in world.models[name].parameters if one.required]
        for name in ("delete_lamp", "create_lamp", "send_message", "rate_message")
    }
    assert given == {
        "delete_lamp": ["lamp_id"],
        "create_lamp": ["name"],
        "send_message": ["channel", "text"],
        "rate_message": ["stars"],
    }
    for seed in range(4):
        sandbox = Sandbox(world, seed, CLOCK)
        for name in ("delete_lamp", "create_lamp", "send_message"):
            arguments = propose_arguments(sandbox, name, Random(seed), optional=0)
            assert arguments is not None
            assert {*given[name]} <= arguments.keys()
        changed = propose_arguments(sandbox, "update_lamp", Random(seed), optional=0)
        assert changed is not None
        assert len(changed) > 1


def test_a_method_of_which_nothing_tells_what_comes_of_it_leaves_its_tool_in_doubt() -> None:
    method = text("What to list", "list_bulbs", "list_shades")
    world = world_of(("lamp_list", "Tools for listing things.", {"method": method}, ["method"]))
    assert world.models["lamp_list"].suspect
    named = text("What to list", "list_lamps", "list_shades")
    world = world_of(("list_lamps", "Tools for listing lamps.", {"method": named}, ["method"]))
    model = world.models["list_lamps"]
    assert not model.suspect
    assert model.parameter("method").schema["enum"] == ["list_lamps"]


def test_a_tool_of_which_nothing_tells_the_row_is_in_doubt() -> None:
    nameless = {"place": text("Handle"), "force": {"type": "boolean"}}
    told = {"place": text("ID of the lamp to switch off"), "name": TEXT}
    world = world_of(
        ("archive_lamp", "Archive a lamp.", {"user_handle": text("A handle")}, []),
        ("dim_lamp", "Dim a lamp.", told, []),
        ("update_lamp", "Change a lamp.", {"lamp_id": TEXT, **nameless}, ["lamp_id"]),
    )
    suspect = {name for name, model in world.models.items() if model.suspect}
    assert suspect == {"archive_lamp", "dim_lamp"}


def test_parameters_that_a_description_names_are_no_values() -> None:
    either = text("Either `lamp_id` or `code` is required.")
    model = model_of("Change a lamp.", {"code": either})
    assert "enum" not in model.parameter("code").schema


@pytest.mark.parametrize(
    ("said", "schema"),
    [
        ("`unit=day`: default: 7, max: 31", NUMBER),
        ("Each sample must be between 2 and 10 seconds.", {"type": "array", "items": TEXT}),
        ("Must start with 'http://' or 'https://'.", TEXT),
    ],
)
def test_what_holds_for_some_calls_or_parts_alone_is_no_demand(
    said: str, schema: JsonObject
) -> None:
    assert model_of("Change a lamp.", {"note": {**schema, "description": said}}).demands == ()


def test_what_a_call_is_bid_to_include_is_given_or_the_tool_is_no_goal() -> None:
    said = "Update a lamp. When setting values, include a confidence level (LOW or HIGH)."
    assert told(said, confidence=TEXT) == [("needed", ("confidence",), {})]
    short = said.replace(" setting values", " closing")
    assert told(short, confidence=TEXT) == [("needed", ("confidence",), {})]
    state, closed = text("", "open", "closed"), {"state": ("closed",)}
    assert ("needed", ("confidence",), closed) in told(short, confidence=TEXT, state=state)
    inside = {"type": "object", "properties": {"confidence": TEXT}}
    assert model_of(said, {"rooms": {"type": "array", "items": inside}}).unread[""]
    assert not model_of("Update a lamp. Returns an error if it is off.", {"room": TEXT}).unread


def test_what_a_description_says_to_give_when_a_user_asks_is_given_and_said_by_nobody() -> None:
    how = text("How sure. Use 'HIGH' for clear signal or explicit user request.", "LOW", "HIGH")
    bid = "Update a lamp. When dimming, include a sureness level."
    model = model_of(bid, {"sureness": how, "state": text("", "lit", "dimmed")}, ("state",))
    assert model.parameter("sureness").schema["enum"] == ["HIGH"]
    assert fixed_values(how) == ["HIGH"]
    assert fixed_values({"default": 1, **text("Use 'HIGH' for alarms.", "LOW", "HIGH")}) == [1]
    assert ("needed", ("sureness",), [("state", ("dimmed",))]) in [
        (one.kind, one.parameters, [(g.parameter, g.values) for g in one.when])
        for one in model.demands
    ]


def test_a_choice_that_is_called_like_a_parameter_needs_it_and_some_rows_only_are_not_guessed(
) -> None:  # fmt: skip
    given = {"level": text("Where", "HOUSE", "ROOM"), "room": text("The room of the lamp."),
             "start_room": text("For rows of lamps, the first room.")}  # fmt: skip
    model = model_of("Mark a lamp.", given, ("level",))
    (demand,) = model.demands
    assert (demand.kind, demand.parameters) == ("needed", ("room",))
    assert demand.when == (Given(parameter="level", values=("ROOM",)),)
    assert [*model.unread] == ["start_room"]


@pytest.mark.parametrize(
    "said",
    [
        "A timer needs to already exist to call this (check with the user if not sure).",
        "Update the room of the current user's pending lamp order.",
        "Only lamps created with the `dim` parameter set to `true` can be updated.",
    ],
)
def test_what_has_to_be_there_and_is_shown_by_nothing_keeps_a_tool_from_being_asked_for(
    said: str,
) -> None:
    assert model_of(f"Update a lamp. {said}", {"room": TEXT}).suspect
    assert not model_of("Update a lamp. It can be pending.", {"room": TEXT}).suspect


TICKET = {"type": "object", "required": ["tickets"], "properties": {"tickets": {"type": "array",
          "items": {"type": "object", "required": ["ticket_id", "title", "status"], "properties": {
              "ticket_id": TEXT, "title": TEXT, "status": text("", "open", "closed"),
              "state_reason": text("", "completed", "duplicate"), "duplicate_of": NUMBER,
          }}}}}  # fmt: skip


def test_nobody_rewrites_what_is_closed_and_only_duplicates_say_of_what() -> None:
    one = {"type": "object", "properties": {"ticket_id": TEXT}, "required": ["ticket_id"]}
    titled = {"type": "object", "required": ["ticket_id", "title"],
              "properties": {"ticket_id": TEXT, "title": TEXT}}  # fmt: skip
    tools = [
        {"name": "list_tickets", "description": "List tickets.", "outputSchema": TICKET,
         "inputSchema": {"type": "object", "properties": {}}},
        {"name": "get_ticket", "description": "Get a ticket.", "inputSchema": one},
        {"name": "update_ticket_title", "description": "Update a ticket's title.",
         "inputSchema": titled},
    ]  # fmt: skip
    catalog = read_catalog((), documents=[NamedDocument("tickets.json", {"tools": tools})])
    world = infer_world(catalog.tools)
    entity = world.entities[world.models["update_ticket_title"].entity or ""]
    sandbox = Sandbox(world, 5, CLOCK)
    rows = {row["ticket_id"]: row for row in sandbox.store.rows(entity)}
    assert {row["status"] for row in rows.values()} == {"open", "closed"}
    assert all(row.get("state_reason") == "duplicate" for row in rows.values()
               if "duplicate_of" in row)  # fmt: skip
    for seed in range(12):
        called = propose_arguments(sandbox, "update_ticket_title", Random(seed))
        assert called is not None
        assert rows[called["ticket_id"]]["status"] == "open"


def test_a_text_is_searched_only_for_tools_whose_rarest_word_it_has() -> None:
    names = {f"list lamp {number}": f"list_lamp_{number}" for number in range(500)}
    names |= {"list rooms": "list_rooms", "turn lamp off": "turn_lamp_off"}
    tools = ToolNames(names)
    spoken = tools.list_spoken("call list lamp 7 first, then list rooms or turn lamp off")
    assert [wire for _, _, wire in spoken] == ["list_lamp_7", "turn_lamp_off"]


def test_what_a_check_comes_to_is_not_known() -> None:
    given = {"code": text("The code that is checked")}
    world = world_of(("create_code_check", "Create a code check.", given, ["code"]))
    assert world.models["create_code_check"].unread.get("")
