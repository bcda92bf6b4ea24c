"""What nobody would ask a service for of which nobody has said more than its catalogue does."""

import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from generators.embedding import HashEmbedder
from generators.graph.tool_graph import build_graph
from generators.identity_cache import Same
from generators.language.action import action
from generators.language.facts import looks_spoken
from generators.language.rows import SpokenField, name_of
from generators.operators.transfer import serves_customers
from generators.sampling.answers import is_found_by_name, says_something, tells_by_date
from generators.sampling.errands import Errand, fetches_what_is_there
from generators.sampling.goal_sense import GoalSense
from generators.sampling.goals import GoalSampler
from generators.sampling.wishes import SAYS_NOTHING, find_objection, is_plain
from generators.sandbox.compiled_tools import compile_tool
from generators.sandbox.phrases import known_labels
from generators.sandbox.propose import _speakable
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.text_values import is_being
from generators.sandbox.understood_values import find_unclear
from generators.sandbox.values import invent
from generators.tasks.system_message import name_things
from generators.world.infer import infer_world
from generators.world.model import World
from generators.world.semantics import semantic_type, told_choices
from generators.world.tool_names import telling_words
from schemas.errors import InputError
from schemas.tool import ToolSource, ToolSpec
from schemas.world_model import (
    DomainMeaning,
    EntityMeaning,
    ToolMeaning,
    WorldModel,
    WorldSource,
)
from tests.studio import own_studio

TEXT = {"type": "string"}
NUMBER = {"type": "number"}


def tool(
    name: str,
    said: str,
    parameters: dict[str, Any] | None = None,
    returns: dict[str, Any] | None = None,
    optional: tuple[str, ...] = (),
) -> ToolSpec:
    given = parameters or {}
    shown = {"type": "object", "properties": returns} if returns else None
    return ToolSpec(
        name=name, wire_name=name, domain="garden", description=said, effect="read"
        if name.startswith(("get", "list", "find", "search", "convert")) else "write",
        source=ToolSource(format="mcp", path="garden.json"),
        parameters={"type": "object", "properties": given,
                    "required": [one for one in given if one not in optional]},
        returns=shown, returns_from="source" if shown else None,
    )  # fmt: skip


def said(text: str, **more: object) -> dict[str, object]:
    return {"type": "string", "description": text, **more}


def world(*tools: ToolSpec) -> World:
    return infer_world(list(tools))


def objection(one: ToolSpec, *others: ToolSpec) -> str:
    made = world(one, *others)
    return find_objection(made, made.models[one.wire_name])


LISTED = {"type": "array", "items": {"type": "object", "properties": {
    "plant_id": TEXT, "name": TEXT}}}  # fmt: skip
BARE = {"type": "array", "items": {"type": "object", "properties": {
    "plant_id": TEXT, "url": TEXT, "created_at": TEXT}}}  # fmt: skip


def answers(one: ToolSpec) -> bool:
    made = world(one)
    return says_something(made, made.models[one.wire_name])


def test_a_list_of_bare_ids_says_nothing_and_one_of_names_does() -> None:
    assert answers(tool("list_plants", "List plants.", {}, {"plants": LISTED}))
    assert not answers(tool("list_plants", "List plants.", {}, {"plants": BARE}))


def test_a_get_that_shows_what_it_was_asked_by_says_nothing() -> None:
    own = {"plant_id": TEXT}
    assert not answers(tool("get_plant", "Get a plant.", own, own))
    assert answers(tool("get_plant", "Get a plant.", own, {**own, "height": NUMBER}))
    assert "say nothing" in objection(tool("get_plant", "Get the soil of a plant.", own, own))


def test_where_nothing_is_wished_for_one_comes_for_what_is_bare_and_says_so() -> None:
    own = {"plant_id": TEXT}
    bare = world(tool("get_plant", "Get a plant.", own, own))
    more = world(tool("get_plant", "Get the soil and the water of a plant.", own, own))
    untold = world(tool("get_plant", "Get a plant.", {"kwargs": TEXT}, own))
    assert is_plain(bare, bare.models["get_plant"])
    assert not is_plain(more, more.models["get_plant"])
    assert not is_plain(untold, untold.models["get_plant"])
    foreign = world(tool("get_plant", "列出所有植物", own))
    assert not is_plain(foreign, foreign.models["get_plant"])


def test_what_identifies_a_row_is_the_id_that_is_promised_whatever_it_is_called() -> None:
    said = "Find plants. Returns plants with id, name, soil, and height."
    asked = {"query": TEXT}
    drop = tool("delete_plant", "Delete a plant.", {"slug": TEXT})
    make = tool("create_plant", "Create a plant.", {"name": TEXT, "soil": TEXT})
    assert "promises" not in objection(tool("search_plants", said, asked), drop, make)
    short = said.replace("name, soil", "age, color")
    assert "promises" in objection(tool("search_plants", short, asked), drop, make)


def test_a_tool_that_sets_what_its_name_begins_with_has_its_verb() -> None:
    item = {"plant_id": TEXT, "grade": {"enum": [1, 2]}}
    graded = tool("grade_plant", "Grade a plant.", item, {"plant_id": TEXT})
    listed = tool("list_plants", "List plants.", {}, {"plants": LISTED})
    unknown = graded.model_copy(update={"effect": "unknown"})
    assert objection(unknown, listed) == ""
    other = unknown.model_copy(update={"parameters": {**unknown.parameters, "required": []}})
    assert "no" in objection(other, listed)


def test_what_names_a_field_and_what_maps_hold_need_no_kind_of_their_own() -> None:
    given = {"plant_id": TEXT, "field": said("Available are: 'title', 'soil'"), "new_value": TEXT}
    made = world(tool("edit_plant", "Edits a plant.", given, {"plant_id": TEXT}))
    model = made.models["edit_plant"]
    (value,) = (one for one in model.parameters if one.name == "new_value")
    assert find_unclear(model, made.entities[model.entity or ""], value) == ""


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (tool("upload_photo", "Upload a photo of a plant.", {"plant_id": TEXT}), "file"),
        (tool("list_plants", "All plants.", {}, {"plant_id": TEXT, "name": TEXT}), "one row"),
        (tool("find_plants_by_tags", "Find plants.", {}, {"plants": LISTED}), "hangs on"),
        (tool("get_nearest_plant", "The nearest plant.", {"city": TEXT}, {"name": TEXT}), "work"),
        (tool("convert_weight", "Convert a weight.", {"amount": NUMBER}, {"grain": NUMBER}),
         "worked out"),
    ],
)  # fmt: skip
def test_what_nobody_can_tell_or_know_is_no_wish(made: ToolSpec, why: str) -> None:
    assert why in objection(made, tool("delete_plant", "Delete a plant.", {"plant_id": TEXT}))


FLAGS = {"plant_id": TEXT, "archived": {"type": "boolean"}}
REMARK = {"comment_id": TEXT, "created_at": TEXT, "href": TEXT, "bold": {"type": "boolean"}}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (tool("delete_plant", "Delete a plant.", {}, {"plant_id": TEXT}), "which plant"),
        (tool("post_message", "Post a message.", {"channel": TEXT}), "without its words"),
        (tool("list_comments", "List comments.", {}, {"comments": {"type": "array", "items": {
            "type": "object", "properties": REMARK}}}), "without its words"),
        (tool("respond_text", "Respond to a prompt.", {"prompt": TEXT}), "makes up"),
    ],
)  # fmt: skip
def test_what_would_be_senseless_is_no_wish_even_of_few_tools(made: ToolSpec, why: str) -> None:
    assert why in objection(made)


@pytest.mark.parametrize(
    ("said", "is_wish"),
    [("List tasks of the Zweckly server", False), ("List tasks on GitHub", True),
     ("List my tasks", True)],
)  # fmt: skip
def test_tasks_of_a_service_of_its_own_kind_are_no_office_tasks(said: str, is_wish: bool) -> None:
    listed = tool("list_tasks", said, {"state": TEXT}, optional=("state",))
    made = world(listed, tool("update_task", "Update it", {"task_id": TEXT, "title": TEXT}))
    assert ("such a service" not in find_objection(made, made.models["list_tasks"])) == is_wish


@pytest.mark.parametrize(
    ("name", "said", "own"),
    [("search_events", "Search for conferences.", True),
     ("list_events", "List my meetings.", False),
     ("list_collections", "List the indexed collections.", True),
     ("list_collections", "List your collections.", False)],
)  # fmt: skip
def test_what_others_hold_is_not_named_as_people_name_their_own(
    name: str, said: str, own: bool
) -> None:
    found = tool(name, said, {"query": TEXT}, {name.split("_")[1]: LISTED})
    assert ("such a service" in objection(found)) == own


def test_a_resource_group_is_no_team_and_the_id_of_a_group_is_none_of_a_picture() -> None:
    plain, own = tool("list_groups", "", {}), tool("list_resource_groups", "", {})
    assert objection(plain) == ""
    assert "such a service" in objection(own)
    keyed = {"id": said("Group ID")}
    deleted = tool("delete_picture", "Delete the picture.", keyed, {"id": TEXT})
    assert objection(deleted, plain) == "nothing says what it is done to"


def test_a_message_with_its_text_and_an_update_that_says_more_are_wishes() -> None:
    sent = tool("post_message", "Post a message.", {"channel": TEXT, "text": TEXT}, {}, ("text",))
    more = {**FLAGS, "height": NUMBER}
    changed = tool("update_plant", "Update a plant.", more, {"plant_id": TEXT, "height": NUMBER},
                   ("archived", "height"))  # fmt: skip
    assert not objection(sent)
    assert not objection(changed)
    free = _speakable(compile_tool(Same(infer_world([changed])), "update_plant"))
    assert [slot.path for slot, _ in free] == ["height"]


def test_a_write_of_lists_alone_does_many_things_at_once() -> None:
    names = {"names": {"type": "array", "items": TEXT}}
    listing = tool("list_plants", "List plants.", {}, {"plants": LISTED})
    assert "many" in objection(tool("lock_plants", "Lock plants.", names), listing)
    assert objection(tool("delete_plants", "Delete plants.", names), listing)  # they have ids


def test_a_sum_that_its_name_tells_is_worked_out() -> None:
    plus = tool("multiply", "Multiply two numbers.", {"a": NUMBER, "b": NUMBER}, {"result": NUMBER})
    assert "worked out" not in objection(plus)


def test_what_a_tool_finds_by_is_always_given() -> None:
    found = tool("findPlantsByState", "Find plants.", {"state": {"enum": ["dry", "wet"]}},
                 {"plants": LISTED}, ("state",))  # fmt: skip
    (state,) = world(found).models["findPlantsByState"].parameters
    assert state.required


def test_an_order_says_what_is_ordered() -> None:
    given = {"plant_id": TEXT, "quantity": {"type": "integer"}}
    order = tool("place_order", "Place an order.", given, {"order_id": TEXT, **given}, (*given,))
    listing = tool("list_plants", "List plants.", {}, {"plants": LISTED})
    model = world(order, listing).models["place_order"]
    assert model.parameter("plant_id").required


@pytest.mark.parametrize(
    ("name", "asked", "needed"),
    [
        ("transfer_plant", ("plant_id", "new_owner"), {"new_owner"}),
        ("share_plant", ("plant_id", "recipient_email"), {"recipient_email"}),
        ("assign_plant", ("plant_id", "assignee"), {"assignee"}),
        ("assign_plant", ("plant_id", "assignee", "assigned_by"), {"assignee"}),
        ("share_plant", ("plant_id", "shared_by_user"), set()),
        ("water_plant", ("plant_id", "owner"), set()),
    ],
)
def test_what_is_handed_on_is_handed_to_somebody(
    name: str, asked: tuple[str, ...], needed: set[str]
) -> None:
    deed = tool(name, f"{name.split('_')[0].title()} a plant.", dict.fromkeys(asked, TEXT),
                {"plant_id": TEXT, "owner": TEXT}, asked[1:])  # fmt: skip
    model = world(deed, tool("list_plants", "List plants.", {}, {"plants": LISTED})).models[name]
    assert {one.path for one in model.parameters if one.required} == {"plant_id", *needed}


@pytest.mark.parametrize(
    ("said", "known"),
    [("Wallet address on the Solana network", False), ("A Bitcoin wallet address", False),
     ("Wallet address on the Ethereum network", True)],
)  # fmt: skip
def test_an_address_of_another_chain_has_another_form(said: str, known: bool) -> None:
    own = {"address": {**TEXT, "description": said}, "name": TEXT}
    made = world(tool("create_wallet", "Create a wallet.", own)).models["create_wallet"]
    assert (find_unclear(made, None, made.parameter("address")) == "") == known


@pytest.mark.parametrize("noun", ["concert", "customer"])
def test_a_ticket_is_for_an_event_where_there_are_such(noun: str) -> None:
    asked = {f"{noun}_id": TEXT, "seat": TEXT}
    rows = {"type": "array", "items": {"type": "object", "properties": {
        f"{noun}_id": TEXT, "name": TEXT}}}  # fmt: skip
    buy = tool("create_ticket", "Create a ticket.", asked, {"ticket_id": TEXT, **asked}, (*asked,))
    listing = tool(f"list_{noun}s", f"List {noun}s.", {}, {f"{noun}s": rows})
    model = world(buy, listing).models["create_ticket"]
    assert model.parameter(f"{noun}_id").required == (noun == "concert")


def test_rows_without_names_are_called_by_numbers_that_can_be_read_out() -> None:
    bare = world(tool("list_plants", "List plants.", {}, {"plants": BARE}))
    named = world(tool("list_plants", "List plants.", {}, {"plants": LISTED}))
    assert not is_found_by_name(bare, "garden/plant")
    assert is_found_by_name(named, "garden/plant")
    assert looks_spoken("PLA-482913")
    assert not looks_spoken("pla_x7g2mm")


def test_a_word_of_classes_holds_for_the_things_that_it_is_said_of() -> None:
    assert known_labels("product", "category")
    assert known_labels("campaign", "special_ad_categories") == ()
    assert known_labels("issue", "labels")


def test_nobody_is_answered_one_row_of_all_and_no_thing_is_got_of_itself() -> None:
    shelf = tool("list_bulbs", "List bulbs.", returns={"bulbs": {"type": "array", "items": {
        "type": "object", "properties": {"bulb_id": TEXT, "name": TEXT}}}})  # fmt: skip
    every = tool("mark_all_bulbs_read", "Mark all bulbs as read.")
    which = {"bulb_id": TEXT, "method": {"type": "string", "enum": ["get_bulb"]}}
    got = tool("get_bulbs_by_method", "Get a bulb.", which)
    made = world(shelf, every, got)
    assert find_objection(made, made.models["mark_all_bulbs_read"])
    assert find_objection(made, made.models["get_bulbs_by_method"])


def test_kinds_that_a_description_names_in_brackets_are_all_that_there_are() -> None:
    said = 'Kind of plants to fetch ("baeume"/"trees", "straeucher"/"shrubs")'
    assert told_choices(said) == ["baeume", "trees", "straeucher", "shrubs"]
    assert told_choices('The name of a plant (e.g., "Rose", "Fern")') == []
    kind = {"type": "string", "description": "Type of plant (tree, shrub or herb)"}
    listing = tool("list_plants", "List plants.", {"plant_type": kind}, {"plants": LISTED})
    (parameter,) = world(listing).models["list_plants"].parameters
    assert parameter.schema["enum"] == ["tree", "shrub", "herb"]
    assert not objection(listing)
    untold = tool("list_plants", "List plants.", {"plant_type": TEXT}, {"plants": LISTED})
    assert "hangs on" in objection(untold)


def test_a_list_that_is_promised_is_not_answered_with_one_row() -> None:
    one = tool("get_plants_by_bed", "Plants of a bed.\n\nReturns:\n  List of plants", {"bed": TEXT})
    assert "one row" in objection(one) or world(one).models[one.wire_name].operation == "list"


def test_messages_are_listed_of_a_channel() -> None:
    shown = {"messages": {"type": "array", "items": {"type": "object", "properties": {
        "message_id": TEXT, "text": TEXT, "channel": TEXT}}}}  # fmt: skip
    given = {"channel": TEXT, "limit": {"type": "integer"}}
    one = tool("list_messages", "List messages.", given, shown, (*given,))
    required = {p.path for p in world(one).models["list_messages"].parameters if p.required}
    assert required == {"channel"}


def test_a_note_that_is_sent_in_words_of_its_own_has_no_name() -> None:
    sent = tool("send_note", "Send a note.", {"recipient": TEXT, "text": TEXT})
    assert not objection(sent)
    assert "name" not in world(sent).entities["garden/note"].fields
    filed = tool("create_note", "Create a note.", {"folder": TEXT})
    assert objection(filed)


def test_chats_are_archived_and_not_made_up() -> None:
    chats = tool("list_chats", "All chats.", {}, {"chats": {"type": "array", "items": {
        "type": "object", "properties": {"chat_id": TEXT, "name": TEXT}}}})  # fmt: skip
    assert not objection(tool("archive_chat", "Archive a chat.", {"chat_id": TEXT}), chats)


def test_a_picture_is_not_deleted_by_whose_it_is() -> None:
    bed = {"bed": said("Name of the bed")}
    others = tool("get_bed", "Get a bed.", bed), tool("delete_bed", "Delete a bed.", bed)
    assert "done to" in objection(tool("delete_picture", "Delete the picture.", bed), *others)


def test_frameworks_put_words_into_names_that_nobody_says() -> None:
    got = tool("BedsController_get", "Get a bed.", {"bed": said("Name of the bed")})
    others = tool("BedsController_delete", "Delete a bed.", {"bed": said("Name of the bed")})
    assert action(world(got, others).models["BedsController_get"]).generic == "a bed"


def test_full_paths_that_are_promised_are_shown() -> None:
    files = tool("search_files", "Search files. Returns full paths to all files.", {"query": TEXT})
    assert "promises" in objection(files)


def test_flags_of_what_stands_in_a_list_tell_nothing() -> None:
    flags = {"type": "object", "properties": {"hidden": {"type": "boolean"}}}
    shown = {"plant_id": TEXT, "parts": {"type": "array", "items": flags}}
    assert not answers(tool("get_plant", "Get a plant.", {"plant_id": TEXT}, shown))


def test_a_ref_of_something_is_no_branch() -> None:
    assert semantic_type("ref", TEXT) == "branch"
    assert semantic_type("image_ref", TEXT) != "branch"


def test_success_of_a_write_is_no_field_of_its_row() -> None:
    added = {"added_status": {"type": "boolean"}, "plant_id": TEXT}
    made = world(tool("add_plant", "Add a plant.", {"name": TEXT}, added))
    assert "added_status" not in made.entities["garden/plant"].fields
    assert says_something(made, made.models["add_plant"])
    assert re.fullmatch(r"plant_id", made.entities["garden/plant"].identity[-1])


def test_rows_are_asked_for_by_the_longer_name_of_their_id_and_by_no_other_id() -> None:
    shown = {"id": TEXT, "height": NUMBER}
    plant = {"plant": {"type": "object", "properties": shown}}
    made = tool("get_plant", "Get a plant.", {"plant_id": TEXT}, plant)
    listing = tool("list_plants", "List plants.", {}, {"plants": LISTED})
    assert objection(made, listing) == ""
    both = {"plant": {"type": "object", "properties": {**shown, "plant_id": TEXT}}}
    told = tool("read_plant", "Read a plant.", {"plant_id": TEXT}, both)
    assert "rows are known by ids" in objection(made, listing, told)


def test_how_a_list_is_sorted_is_an_option_and_a_member_of_things_is_no_person() -> None:
    listing = tool("list_plants", "List plants.", {"sort_dir": TEXT}, {"plants": LISTED})
    (parameter,) = world(listing).models["list_plants"].parameters
    assert parameter.use == "option"
    assert is_being("team member")
    assert not is_being("category member")


def test_nobody_applauds_what_they_have_just_written() -> None:
    place = {"owner": TEXT, "repo": TEXT}
    named = {**place, "issue_number": NUMBER}
    made = {**named, "title": TEXT}
    sense = GoalSense(infer_world([
        tool("create_issue", "Create an issue.", {**place, "title": TEXT}, made),
        tool("get_issue", "Get an issue.", named, made),
        tool("add_issue_reaction", "Add a reaction.", {**named, "content": TEXT}),
        tool("add_issue_comment", "Add a comment.", {**named, "body": TEXT}),
    ]))  # fmt: skip
    assert sense.is_idle("create_issue", "add_issue_reaction")
    assert not sense.is_idle("create_issue", "add_issue_comment")
    assert not sense.is_idle("get_issue", "add_issue_reaction")


def test_nobody_ends_the_place_in_which_they_have_just_worked() -> None:
    place = {"owner": TEXT, "repo": TEXT}
    named = {**place, "issue_number": NUMBER}
    issue = {**named, "title": TEXT}
    sense = GoalSense(infer_world([
        tool("get_repository", "Get a repository.", place, {**place, "description": TEXT}),
        tool("delete_repository", "Delete a repository.", place),
        tool("get_issue", "Get an issue.", named, issue),
        tool("update_issue_title", "Update an issue's title.", {**named, "title": TEXT}, issue),
    ]))  # fmt: skip
    assert sense.is_idle("update_issue_title", "delete_repository")
    assert not sense.is_idle("get_issue", "delete_repository")
    assert not sense.is_idle("get_repository", "delete_repository")
    assert sense.is_idle("delete_repository", "update_issue_title")  # it is gone, too


def test_only_customers_complain_claim_and_dispute() -> None:
    world = Same(own_studio().world)
    serving = {domain for domain in world.it.domains if serves_customers(world, domain)}
    assert {"shop", "clinic", "banking", "library"} <= serving
    assert serving.isdisjoint({"projects", "calendar"})


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (tool("pins_add", "Pins an item to a shelf.", {"shelf": TEXT}), "is done to"),
        (tool("create_plant", "Create a plant.", {"tnRnbDnFB": TEXT, "name": TEXT}), "words"),
        (tool("list_holidays", "List the holidays of a year.", {"year": {"type": "integer"}},
              {"holidays": {"type": "array", "items": {"type": "object", "properties": {
                  "name": TEXT, "start_date": {"type": "string", "format": "date"}}}}}),
         "asked for"),
    ],
)  # fmt: skip
def test_what_nobody_can_name_or_time_is_no_wish(made: ToolSpec, why: str) -> None:
    assert why in objection(made, *[tool(f"find_{n}", f"Find {n}.", {"name": TEXT}, {n: LISTED})
                                    for n in ("plants", "pots", "beds", "tools", "seeds",
                                              "hoses", "rakes", "sheds")])  # fmt: skip


def test_what_all_names_begin_with_is_what_the_tools_are_for() -> None:
    browser = world(*[tool(f"browser_{one}", "Do it.", {"x": NUMBER})
                      for one in ("scroll", "click", "hover")])  # fmt: skip
    assert name_things(browser, "garden") == "the browser"
    plants = world(*[tool(f"plant_register_{one}_plant", "Do it.", {"name": TEXT})
                     for one in ("create", "update", "delete")])  # fmt: skip
    assert name_things(plants, "garden") != "the plant"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"insight": TEXT}, "nothing tells"),
        ({"search": said("Search text. Scope the search with `bed:`.")}, "too wide"),
        ({"kwargs": said("Such as 'a', 'b'")}, "no words"),
        ({"join_url": said("Where visitors join")}, "nobody knows such an address"),
        ({"url": said("The RPC URL of the bed")}, "nobody knows such an address"),
        ({"url": said("Address of a page")}, ""),
        ({"branch": said("By garden/house and branch"), "repo": TEXT}, "nobody knows the form"),
        ({"uri": said("Plan to draw, as `garden:plan:{id}`")}, "nobody knows such an address"),
        ({"url": said("Address of a page (e.g., http://localhost:3000)")}, ""),
        ({"position_ms": {"type": "integer", "description": "Where it starts"}}, "counted"),
        ({"severity": said("How bad it is (ERROR, WARNING, INFO)")}, ""),
        ({"language": said("Programming language")}, "which languages"),
        ({"output_path": said("Where it is written")}, "what kind of file"),
        ({"output_path": said("Folder for it")}, ""),
        ({"path": said("Path of the plan, a TIFF file")}, ""),
        ({"cell": said("The cell, in A1 notation", pattern="[A-Z][0-9]")}, ""),
        ({"album": said("Album of the bed, in RTF format")}, "nobody knows the form"),
    ],
)
def test_a_value_that_is_not_understood_makes_no_wish(given: dict[str, object], why: str) -> None:
    made = world(tool("sketch_plan", "Sketch a plan.", given))
    model = made.models["sketch_plan"]
    found = [
        find_unclear(model, made.entities.get(model.entity or ""), p) for p in model.parameters
    ]
    assert any(why in one for one in found) if why else found == [""], found


def test_what_nothing_says_is_like_is_not_asked_for() -> None:
    listed = tool("list_beds", "List beds.", {}, {"beds": LISTED})
    nested = {"type": "object", "properties": {"kind": {"enum": ["raised", "flat"]}},
              "required": ["kind"]}  # fmt: skip
    bare = tool("create_bed", "Create a bed.", {"shape": nested}, {"bed_id": TEXT}, ("shape",))
    assert "nothing says which" in objection(bare, listed)


def test_what_there_is_one_of_needs_no_parameter_that_names_it() -> None:
    save = tool("save_notebook", "Save the notebook.", {}, {"notebook_id": TEXT, "name": TEXT})
    listed = tool("list_beds", "List beds.", {}, {"beds": LISTED})
    assert "nothing says which" in objection(save, listed)
    said = WorldModel(entities={"notebook": EntityMeaning(number=(1, 1))},
                      tools={"save_notebook": ToolMeaning(operation="update")})  # fmt: skip
    source = WorldSource(file="garden.world.yaml", domains=("garden",), world=said)
    made = infer_world([save, listed], [source])
    assert "nothing says which" not in find_objection(made, made.models["save_notebook"])


def test_what_only_the_end_of_a_name_tells_from_another_tool_is_not_asked_for() -> None:
    bed = {"bed_id": TEXT}
    made = world(tool("move_bed_to_next_row", "Move a bed.", bed, {"bed_id": TEXT, "name": TEXT}),
                 tool("move_bed_to_last_row", "Move a bed.", bed, {"bed_id": TEXT, "name": TEXT}),
                 tool("list_beds", "List beds.", {}, {"beds": LISTED}))  # fmt: skip
    assert "tells it from another" in find_objection(made, made.models["move_bed_to_next_row"])
    alone = world(*(made.models[one].tool for one in ("move_bed_to_next_row", "list_beds")))
    assert "another" not in find_objection(alone, alone.models["move_bed_to_next_row"])


def test_what_a_docstring_does_not_call_optional_has_to_be_told() -> None:
    given = {"name": said("Name of the bed"), "plot": said("Optional name of the plot")}
    made = world(tool("create_bed", "Create a bed.", given, {}, ("name", "plot")))
    assert [p.path for p in made.models["create_bed"].parameters if p.required] == ["name"]


def test_numbers_and_ends_of_a_conversion_have_names_that_people_say() -> None:
    number = {"type": "number"}
    reads = (
        tool("multiply", "Multiply two numbers.", {"a": number, "b": number}, {"result": number}),
        tool("convert_currency", "Convert an amount.",
             {"amount": number, "from_currency": TEXT, "to_currency": TEXT}, {"result": number}),
    )  # fmt: skip
    made = world(*(one.model_copy(update={"effect": "read"}) for one in reads)).models
    assert [p.label for p in made["multiply"].parameters] == ["first number", "second number"]
    ends = [p.label for p in made["convert_currency"].parameters[1:]]
    assert ends == ["currency to convert from", "currency to convert to"]


ISSUE = {"issue_number": NUMBER, "title": TEXT,
         "assignees": {"type": "array", "items": TEXT}}  # fmt: skip


def test_what_is_put_into_a_row_is_shown_by_it_or_nobody_asks() -> None:
    read = tool("get_issue", "Get an issue.", {"issue_number": NUMBER}, ISSUE)
    given = {"issue_number": NUMBER, "instructions": {"type": "string", "description": "Hints."}}
    hidden = tool("assign_helper_to_issue", "Assign a helper to an issue.", given, ISSUE,
                  ("instructions",))  # fmt: skip
    assert objection(hidden, read) == "nothing tells it what to change"
    told = {"issue_number": NUMBER, "assignees": {"type": "array", "items": TEXT}}
    assert not objection(tool("add_issue_assignees", "Add assignees.", told, ISSUE), read)


def test_a_message_has_its_text_whatever_else_is_said_of_it() -> None:
    text = {"type": "string", "description": "Whether it is required depends on other fields."}
    given, shown = {"channel": TEXT, "user": TEXT, "text": text}, {"ok": {"type": "boolean"}}
    posted = tool("post_whisper", "Post a message that one person sees.", given, shown, ("text",))
    made = world(posted).models["post_whisper"]
    assert {one.path for one in made.parameters if one.required} == {*given}


def test_what_is_to_come_lies_in_no_past() -> None:
    day = {"type": "string", "format": "date"}
    rows = {"type": "array", "items": {"type": "object", "properties": {
        "plant_id": TEXT, "name": TEXT, "planted_on": day}}}  # fmt: skip
    coming = tool("list_upcoming_plants", "List plants.", {}, {"plants": rows})
    assert objection(coming).startswith("nothing ties the times")
    assert not objection(tool("list_plants", "List plants.", {}, {"plants": rows}))


def test_a_list_too_wide_to_ask_for_is_not_asked_for_on_the_way() -> None:
    wide = {"type": "string", "description": "Scope the search with a bed."}
    search = tool("search_plants", "Search plants.", {"query": wide}, {"plants": LISTED})
    named = {"user_id": TEXT, "name": TEXT}
    people = {"type": "array", "items": {"type": "object", "properties": named}}
    made = world(search, tool("list_users", "List users.", {}, {"users": people}))
    sampler = GoalSampler(made, build_graph(made, HashEmbedder()))
    assert not sampler.may_ask("search_plants")
    assert sampler.may_ask("list_users")


@pytest.mark.parametrize(("shown", "apart"), [
    ({"height": NUMBER}, True), ({}, False), ({"url": TEXT, "created_at": TEXT}, False),
    ({"cycle": {**TEXT, "enum": ["yearly", "biennial"]}, "hardy": {"type": "boolean"}}, False),
])  # fmt: skip
def test_bare_rows_are_asked_for_where_another_tool_takes_one(
    shown: dict[str, Any], apart: bool
) -> None:
    """Not where they show nothing but their ids: nobody points at what nobody can tell apart."""
    row = {"type": "object", "properties": {"plant_id": TEXT, **shown}}
    bare = tool("list_plants", "List plants.", {}, {"plants": {"type": "array", "items": row}})
    gets = tool("get_plant", "Get a plant.", {"plant_id": TEXT}, {"name": TEXT, "height": NUMBER})
    rest = tool("list_users", "List users.", {}, {"users": LISTED})
    for others, asked in (((gets, rest), apart), ((rest,), False)):
        made = world(bare, *others)
        sampler = GoalSampler(made, build_graph(made, HashEmbedder()))
        assert sampler.may_ask("list_plants") == asked
        assert any(one.producer == "list_plants" for one in sampler.graph.edges) == asked


def test_a_tool_that_is_out_of_use_or_only_begins_what_another_ends_is_not_asked_for() -> None:
    """A deprecated tool, one whose answer another has, and pictures that no text shows."""
    keyed = {"plant_id": TEXT}
    old = tool("get_plant", "Show a plant. DEPRECATED: Use show_plant instead.", keyed, keyed)
    assert "stands in the way" in objection(old)
    begun = tool("start_pump", "Start it. After starting a pump, use 'list_pumps' to check its "
                 "state and get its address.", {"pump_id": TEXT}, {"pump_id": TEXT})  # fmt: skip
    pumps = tool("list_pumps", "List pumps.", {}, {"pumps": LISTED})
    assert "list_pumps" in objection(begun, pumps)
    path = {"path": TEXT}
    media = tool("get_media_file", "Get a file.", path, {"content": TEXT})
    assert objection(media) == "a text shows no image and no sound"


def test_what_rows_are_searched_by_is_their_name_and_something() -> None:
    """``name`` is no id; and nobody searches for nothing."""
    find = tool("search_plants", "Search plants.", {"name": TEXT, "note": TEXT},
                {"plants": LISTED}, optional=("name", "note"))  # fmt: skip
    made = world(find)
    model = made.models["search_plants"]
    assert model.parameter("name").field == "name"
    sandbox = Sandbox(made, 3, "2026-03-12T09:00:00+00:00")
    for seed in range(6):
        asked = propose_arguments(sandbox, "search_plants", Random(seed), optional=0)
        assert asked is None or asked


def test_nobody_lists_the_ids_of_the_rows_to_which_it_is_done() -> None:
    ids = {"garden": TEXT, "plant_ids": {"type": "array", "items": TEXT}}
    read = tool("get_plant", "Get a plant.", {"plant_id": TEXT}, {"plant_id": TEXT, "name": TEXT})
    many = tool("pin_plants", "Pin plants.", ids, {"plants": LISTED})
    assert objection(many, read) == "it does many things at once"
    one = tool("pin_plant", "Pin a plant.", {"plant_id": TEXT})
    assert objection(one, read) == ""
    shown = {"plant_id": TEXT, "name": TEXT}
    unseen = tool("pin_plant", "Pin a plant.", {"plant_id": TEXT}, shown)
    assert objection(unseen, read) == "nothing tells what it does to the row"


def test_a_thing_that_is_called_so_is_a_row_and_no_way_of_doing_something() -> None:
    row = {"template_id": TEXT, "name": TEXT}
    made = tool("get_template", "Returns the template.", {"template_id": TEXT})
    listed = tool("create_template", "Create a template.", {"name": TEXT}, row)
    assert "only tells how" not in objection(made, listed)


def test_what_lies_in_another_is_not_deleted_by_the_number_of_that() -> None:
    keyed = {"request_number": NUMBER}
    shown = keyed | {"title": TEXT}
    close = tool("close_request", "Close a request.", keyed, shown)
    whole = tool("delete_request", "Delete a request.", keyed, keyed)
    part = tool("delete_request_review", "Delete the review of a request.", keyed, keyed)
    assert objection(part, close, whole) == "nothing says what it is done to"
    assert "done to" not in objection(whole, close, part) + objection(close, whole, part)


def test_numbers_are_added_in_words_where_nobody_describes_it() -> None:
    spec = tool("add_numbers", "", {"first_number": NUMBER, "second_number": NUMBER})
    known = world(spec.model_copy(update={"effect": "unknown", "description": "Lägg ihop."}))
    (model,) = known.models.values()
    assert model.operation == "compute"
    assert not find_objection(known, model)


def test_steps_of_a_pointer_are_said_by_nobody_though_they_have_a_usual_value() -> None:
    step = {"type": "number", "default": 0}
    wheel = tool("turn_wheel", "Turn the wheel.", {"delta_x": step, "delta_y": step})
    volume = tool("set_volume", "Set the volume.", {"volume_percent": NUMBER | {"default": 50}})
    assert objection(wheel) == "delta_x: its name is no words"
    assert not objection(volume)


@pytest.mark.parametrize("deeds", [["add", "remove"], ["cool", "heat"]])
def test_what_comes_of_one_of_several_deeds_nobody_knows(deeds: list[str]) -> None:
    told = {"mode": {"type": "string", "enum": deeds}, "bed_id": TEXT, "note": TEXT}
    made = world(tool("edit_bed", "Edit a bed.", told), tool("list_beds", "", {}, {"beds": LISTED}))
    said = find_objection(made, made.models["edit_bed"])
    assert ("a choice of another" in said) == (deeds == ["add", "remove"])


def test_what_is_put_in_a_list_is_told_and_a_sentence_is_no_thing() -> None:
    reminders = tool("add_to_reminders", "Add deadlines.", {"days": NUMBER}, optional=("days",))
    cells = tool("run_all_cells", "Restart and run all cells.")
    dumps = tool("list_memory_dumps", "List memory dumps.")
    look = tool("get_memory_dump", "Get one.", {"memory_dump_path": TEXT})
    known = world(reminders, cells, dumps, look)
    assert all(find_objection(known, model) for model in known.models.values())


def test_comments_on_a_file_are_not_asked_for_without_the_file() -> None:
    plant = tool("get_plant", "Get a plant.", {"plant_id": TEXT})
    make = tool("create_note", "Add a note.", {"plant_id": TEXT, "content": TEXT})
    blind = tool("list_notes", "List all notes on a plant.")
    assert "which" in objection(blind, plant, make)
    assert not objection(tool("list_notes", "List all notes."), plant, make)


def test_members_of_a_category_and_files_elsewhere_have_no_names() -> None:
    members = tool("list_category_members", "List members.", {"category_id": TEXT})
    assert "name" not in world(members).entities["garden/category member"].fields
    scans = tool("list_scans", "List scans.", {"scan_id": TEXT}, optional=("scan_id",))
    make = tool("create_scan", "Start a scan.", {"output_file": TEXT})
    known = world(scans, make)
    assert find_objection(known, known.models["list_scans"]) == SAYS_NOTHING


def test_bare_ids_and_another_form_are_no_answer_and_a_file_is_sent_by_nobody() -> None:
    recipe = tool("get_cocktail_by_id", "Get cocktail by ID.", {"id": TEXT})
    tree = tool("list_folder_tree", "A tree of a folder as a JSON structure.", {"path": TEXT},
                {"content": TEXT})  # fmt: skip
    sent = tool(
        "create_sheet", "Create a sheet.", {"title": TEXT, "file": {**TEXT, "format": "binary"}}
    )
    known = world(recipe, tree, sent)
    assert not is_plain(known, known.models["get_cocktail_by_id"])
    for told, is_come_for in (("List plants.", True), ("List plants of the Flora Hub.", False)):
        listed = world(tool("list_plants", told))
        assert is_plain(listed, listed.models["list_plants"]) == is_come_for
    assert "form" in find_objection(known, known.models["list_folder_tree"])
    assert "file" in find_objection(known, known.models["create_sheet"])


def test_a_form_that_is_promised_and_not_shown_is_no_answer() -> None:
    said = "Get the weather of a city.\n\nReturns a Markdown table."
    table = world(tool("get_weather", said, {"city": TEXT}))
    assert "form" in find_objection(table, table.models["get_weather"])
    assert not is_plain(table, table.models["get_weather"])


def test_a_search_of_rows_that_show_ids_and_the_day_they_were_made_is_no_wish() -> None:
    known = world(
        tool("search_medrxiv", "", {"term": TEXT, "start_date": TEXT, "end_date": TEXT},
             optional=("term", "start_date", "end_date")),
        tool("get_medrxiv_metadata", "", {"doi": TEXT}),
    )  # fmt: skip
    assert not any(is_plain(known, model) for model in known.models.values())


FLAG = {"type": "boolean"}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (tool("activate_pump", "Start the pump.", {"mode": {"enum": ["engage", "release"]}}),
         "another"),
        (tool("lock_gates", "Lock the gates.", {"unlock": FLAG}), "another"),
        (tool("get_plants_info", "Get information about all plants in the bed"), "one row of many"),
        (tool("create_playlist", "Create a playlist.", {"playlist_id": TEXT, "mood": TEXT}),
         "is meant"),
        (tool("update_index", "Update an index.", {"index_id": TEXT, "primary_key": TEXT}),
         "what to change"),
    ],
)  # fmt: skip
def test_a_deed_that_is_told_by_halves_is_no_wish(made: ToolSpec, why: str) -> None:
    assert why in objection(made, tool("delete_plant", "Delete a plant.", {"plant_id": TEXT}))


@pytest.mark.parametrize(
    ("made", "asks"),
    [
        (tool("get_photo", "Look at a photo.", {"question": TEXT}), True),
        (tool("get_photo", "Answer a user's query about a photo.", {"query": TEXT}), True),
        (tool("search_beds", "Search the beds.", {"query": {
            **TEXT, "description": "Your question about the beds, in whole sentences."}}), True),
        (tool("find_photo", "Find a photo.", {"input": {
            **TEXT, "description": "Instructions for the model (in English)."}}), True),
        (tool("search_beds", "Search the beds.", {"query": {
            **TEXT, "description": "Words to look for; no question marks."}}), False),
        (tool("get_question", "Get a question.", {"question": {
            **TEXT, "description": "The question"}}), False),
        (tool("get_bed", "Get a bed.", {"bed_id": {
            **TEXT, "description": "The bed in question"}}), False),
        (tool("create_poll", "Create a poll.", {"question": TEXT}), False),
    ],
)  # fmt: skip
def test_no_row_is_the_answer_to_a_question(made: ToolSpec, asks: bool) -> None:
    beside = tool("create_photo", "Add a photo.", {"name": TEXT})
    assert (objection(made, beside) == "nothing can hold what it makes up") == asks
    told = WorldModel(tools={made.wire_name: ToolMeaning(entity="photo")})
    source = WorldSource(file="said", author="model", domains=("garden",), world=told)
    known = infer_world([made, beside], [source])
    found = find_objection(known, known.models[made.wire_name])
    assert found != "nothing can hold what it makes up"


@pytest.mark.parametrize(
    ("name", "shown", "listed"),
    [
        ("get_plants", {"plant_id": TEXT, "name": TEXT}, False),
        ("get_plants", {"plant_id": TEXT, "leaves": LISTED}, True),
        ("list_plants", {"plant_id": TEXT, "name": TEXT}, True),
    ],
)
def test_nobody_has_one_thing_listed(name: str, shown: dict[str, Any], listed: bool) -> None:
    own = {"plant_id": TEXT}
    made = world(tool(name, "Retrieve a plant.", own, shown),
                 tool("delete_plant", "Delete a plant.", own))  # fmt: skip
    model = replace(made.models[name], operation="list")
    assert ("list" in action(model).verbs) == listed


def test_what_a_tool_saves_as_a_file_is_no_list_of_rows() -> None:
    plants = tool("list_plants", "All plants.", {}, {"plants": LISTED})
    saved = tool("download_files", "Download the files of a plant.", {"plant_id": TEXT})
    saved = saved.model_copy(update={"effect": "read"})
    assert "saves" in objection(saved, plants)


@pytest.mark.parametrize(
    ("said", "why"),
    [("Get a canvas, including owner, language, licence and size.", "promises"),
     ("Get a canvas. Returns: plain text showing owner, language, and licence", "promises"),
     ("Get the current pixel data of the canvas.", "promises"),
     ("Get the current value of a canvas.", "promises"),
     ("Get a canvas, including its name, width and height.", "")],
)  # fmt: skip
def test_who_is_promised_much_is_not_answered_with_little(said: str, why: str) -> None:
    size = {"canvas_id": TEXT, "name": TEXT, "width": NUMBER, "height": NUMBER}
    make = tool("create_canvas", "Make a canvas.", size)
    assert why in objection(tool("get_canvas", said, {"canvas_id": TEXT}), make)


def test_a_key_of_which_nothing_is_known_is_pointed_at_by_no_name() -> None:
    listed = tool("list_plants", "All plants.", {}, {"plants": {"type": "array", "items": {
        "type": "object", "properties": {"flavour": TEXT, "name": TEXT}}}})  # fmt: skip
    shown = {"flavour": TEXT, "name": TEXT, "city": TEXT}
    get = tool("get_plant", "Get a plant.", {"flavour": TEXT}, shown)
    assert "its values are" in objection(get, listed)
    assert semantic_type("doi", TEXT) == "opaque_id"


def test_no_two_tables_of_a_database_are_called_alike() -> None:
    databases = world(tool("list_tables", "List the tables."))
    shown = Sandbox(databases, 3, "2026-05-05T10:00:00Z").call("list_tables", {}).content
    names = [one["name"] for one in shown["tables"]]
    assert len({*names}) == len(names)


def test_what_is_listed_of_one_row_is_told_which() -> None:
    listed = tool("list_offers", "Get offers for a specific plant.", {"plant_id": TEXT},
                  optional=("plant_id",))  # fmt: skip
    plants = tool("list_plants", "All plants.", {}, {"plants": LISTED})
    assert world(listed, plants).models["list_offers"].by_path["plant_id"].required


def test_rows_that_are_known_by_a_name_have_no_other() -> None:
    named = tool("get_session", "Get a session.", {"session": said("Session name")})
    assert "name" not in world(named).entities["garden/session"].fields


def test_rows_told_apart_by_bookkeeping_dates_alone_say_nothing_and_contents_are_shown() -> None:
    dates = {"plant_id": TEXT, "created_at": {**TEXT, "format": "date-time"},
             "shut_at": {**TEXT, "format": "date-time"}}  # fmt: skip
    rows = {"plants": {"type": "array", "items": {"type": "object", "properties": dates}}}
    made = world(tool("list_plants", "List plants.", {}, rows))
    assert not says_something(made, made.models["list_plants"])
    assert tells_by_date(Errand(made, made.models["list_plants"]))
    made = world(
        tool("get_file_contents", "Get the contents of a file.", {"path": TEXT, "branch": TEXT})
    )
    assert find_objection(made, made.models["get_file_contents"])


def errand(one: ToolSpec, *others: ToolSpec) -> Errand:
    made = world(one, *others)
    return Errand(made, made.models[one.wire_name])


def test_nobody_tells_what_stands_at_an_address() -> None:
    docs = tool("get_url_docs", "Get the documentation at a URL.", {"url": TEXT})
    repo = tool("get_repo_docs", "Get the documents of a repository.", {"github_repo": TEXT})
    assert fetches_what_is_there(errand(docs, repo))
    assert fetches_what_is_there(errand(repo, docs))
    assert objection(docs, repo)
    known = world(docs, repo)
    assert not any(is_plain(known, model) for model in known.models.values())
    shown = {"title": TEXT, "content": TEXT}
    told = tool("get_url_docs", "Get the documentation at a URL.", {"url": TEXT}, shown)
    assert not fetches_what_is_there(errand(told))
    page = tool("fetch", "Fetch a page.", {"url": TEXT})
    plot = tool("get_plot", "Get a plot of the garden.", {"plot_id": TEXT})
    assert not fetches_what_is_there(errand(page))
    assert not fetches_what_is_there(errand(plot))


@pytest.mark.parametrize(
    ("name", "told", "given", "operation", "noun", "sure"),
    [
        ("rm", "Remove a plant or a weed.", {"plant_id": TEXT}, "delete", "plant", True),
        ("cat", "Display the contents of a bed.", {"bed_name": TEXT}, "get", "bed", True),
        ("touch", "Create a new bed.", {"bed_name": TEXT}, "create", "bed", True),
        ("log", "Shows the plant logs.", {"limit": NUMBER}, "list", "plant", True),
        ("sort", "Sort the leaves of a plant.", {"plant_id": TEXT}, "", "plant", False),
        ("mention", "Mention people on a plant.", {"plant_id": TEXT}, "", "plant", False),
    ],
)
def test_a_noun_that_description_and_parameter_tell_is_no_doubt(
    name: str, told: str, given: dict[str, Any], operation: str, noun: str, sure: bool
) -> None:
    listed = tool("list_plants", "List the plants.", {}, {"plants": LISTED})
    effect = "read" if operation in ("get", "list") else "write"
    one = tool(name, told, given).model_copy(update={"effect": effect})
    made = world(one, listed).models[name]
    assert made.noun == noun
    assert bool(made.doubts) is not sure
    assert operation in ("", made.operation)


def test_what_stands_in_a_file_suits_its_ending_whatever_its_fields_are_called() -> None:
    made = world(
        tool("get_file", "Get a file.", {"file_name": TEXT}, {"file_content": TEXT}),
        tool("delete_file", "Delete a file.", {"file_name": TEXT}),
    )
    files = Sandbox(made, 3, "2026-03-12T09:00:00+00:00").rows("garden/file")
    held = {str(row["file_name"]): str(row["file_content"]) for row in files}
    tables = [content for name, content in held.items() if name.endswith(".csv")]
    assert tables
    assert all(content.startswith("item,quantity") for content in tables)
    assert not any(
        content.startswith("item,quantity") for name, content in held.items() if ".md" in name
    )


def test_nobody_does_the_same_by_another_tool_or_goes_on_with_what_they_have_left() -> None:
    key, row = {"plant_id": TEXT}, {"plant_id": TEXT, "name": TEXT}
    made = world(
        tool("list_plants", "List the plants.", {}, {"plants": LISTED}),
        tool("water_plant", "Water a plant.", key, row),
        tool("water_plant_now", "Water a plant now.", key, row),
        tool("leave_plant", "Leave a plant.", key, row),
        tool("rename_plant", "Rename a plant.", {**key, "name": TEXT}, row),
    )
    sense = GoalSense(made)
    assert sense.is_idle("water_plant", "water_plant_now")
    assert not sense.is_idle("water_plant", "rename_plant")
    assert sense.is_idle("leave_plant", "rename_plant")


def test_rows_that_hold_what_is_searched_for_are_that_whoever_stands_first_in_them() -> None:
    note = {"type": "object", "properties": {"gardener_id": TEXT, "note": TEXT}}
    made = world(
        tool("search_notes", "Search for notes.", {"keyword": TEXT},
             {"results": {"type": "array", "items": note}}),
        tool("send_note", "Send a note.", {"gardener_id": TEXT, "note": TEXT}),
        tool("get_gardener", "Get a gardener.", {"gardener_id": TEXT}, {"name": TEXT}),
    )  # fmt: skip
    assert made.models["search_notes"].entity == "garden/note"


def test_a_method_before_a_search_is_nothing_that_is_searched() -> None:
    search = ToolSpec(
        name="post-search", wire_name="post-search", description="Search by title.", domain="notes",
        parameters={"type": "object", "properties": {"query": TEXT}, "required": []},
        source=ToolSource(format="openapi", path="tests.json", place="POST /v1/search"),
    )  # fmt: skip
    assert telling_words(search) == ("search",)
    assert "post" not in infer_world([search]).models["post-search"].noun


@pytest.mark.parametrize(("author", "why"), [("user", ""), ("model", "one row")])
def test_a_person_vouches_for_what_a_tool_answers_and_a_model_does_not(
    author: Any, why: str
) -> None:
    listing = tool("list_plants", "All plants.", {}, {"plant_id": TEXT, "name": TEXT})
    told = WorldModel(domains={"garden": DomainMeaning(service="the desk of a garden")})
    source = WorldSource(file="said", author=author, domains=("garden",), world=told)
    made = infer_world([listing], [source])
    found = find_objection(made, made.models["list_plants"])
    assert why in found
    assert bool(why) == bool(found)


def test_where_nobody_would_come_the_one_line_says_what_helps() -> None:
    made = world(tool("upload_photo", "Upload a photo of a plant.", {"plant_id": TEXT}))
    with pytest.raises(InputError, match=r"nobody would come .* said in a world model \(--world\)"):
        GoalSampler(made, build_graph(made, HashEmbedder()))
    told = WorldModel(domains={"garden": DomainMeaning(users=("gardener",))})
    source = WorldSource(file="said", author="model", domains=("garden",), world=told)
    lists = tool("list_plants", "All plants.", {}, {"plant_id": TEXT, "name": TEXT})
    known = infer_world([lists], [source])
    with pytest.raises(InputError, match=r"one row of many$"):
        GoalSampler(known, build_graph(known, HashEmbedder()))


@pytest.mark.parametrize(
    ("said", "asked", "known"),
    [
        ("List all leases for a customer using their phone number.", {}, True),
        ("List your leases.", {}, False),
        ("List the leases.", {}, False),
        ("List the leases by lease number.", {}, None),
        ("List all leases made by or for a given customer.", {}, True),
        ("List the leases of a customer group.", {}, False),
        ("List all leases of a customer.", {"customer_id": TEXT}, False),
    ],
)
def test_rows_said_to_be_of_one_person_whom_nothing_names_are_all_theirs(
    said: str, asked: dict[str, Any], known: bool | None
) -> None:
    lease = {"lease_id": TEXT, "customer_name": TEXT, "customer_email": TEXT, "garden_name": TEXT}
    made = world(
        tool("list_leases", said, asked, {"leases": {"type": "array", "items": {
            "type": "object", "properties": lease}}}),
        tool("cancel_lease", "Cancel a lease.", {"lease_id": TEXT}),
    )  # fmt: skip
    assert bool(find_objection(made, made.models["list_leases"])) == (known is None)
    sandbox = Sandbox(made, 5, "2026-06-09T14:44:00+00:00")
    shown = sandbox.store.rows(made.entities["garden/lease"])
    people = {(row["customer_name"], row["customer_email"]) for row in shown}
    assert (len(people) == 1) is bool(known)
    first, mail = shown[0]["customer_name"].lower().split()[0], shown[0]["customer_email"]
    assert first in mail


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("List beds, sorted alphabetically by name.", ("name",)),
        ("List beds in alphabetical order.", ("name",)),
        ("List beds. Results are ordered by title, descending.", ("-name",)),
        ("List beds, newest first.", ("-created_at",)),
        ("List beds from oldest to newest.", ("created_at",)),
        ("List the most recent beds.", ("-created_at",)),
        ("List the latest beds.", ("-created_at",)),
        ("List beds ranked by score.", ("-score",)),
        ("List beds sorted in ascending order by score.", ("score",)),
        ("List beds with the highest score first, ordered by the score.", ("-score",)),
        ("List beds. They can be sorted by score.", ()),
        ("List beds sorted by relevance.", ()),
        ("List the beds that were ordered by a customer.", ()),
        ("List beds.", ()),
    ],
)
def test_a_list_shows_its_rows_in_the_order_that_its_description_tells(
    said: str, order: tuple[str, ...]
) -> None:
    bed = {"bed_id": TEXT, "name": TEXT, "score": NUMBER, "customer": TEXT,
           "created_at": {"type": "string", "format": "date-time"}}  # fmt: skip
    rows = {"beds": {"type": "array", "items": {"type": "object", "properties": bed}}}
    made = world(tool("list_beds", said, {}, rows))
    assert made.models["list_beds"].sorted_by == order
    sandbox = Sandbox(made, 5, "2026-06-09T14:44:00+00:00")
    shown = sandbox.call("list_beds", {}).content["beds"]
    for name in order:
        key = name.removeprefix("-")
        values = [row[key] for row in shown]
        assert values == sorted(values, reverse=name != key)
        assert len(set(values)) > 1


@pytest.mark.parametrize(
    ("name", "said", "label"),
    [
        ("text", "Task title", "title"),
        ("text", "The title of the task.", "title"),
        ("content", "New task name", "name"),
        ("text", "The text of the task", None),
        ("text", "Text below the title", None),
        ("text", "File name", None),
    ],
)
def test_a_text_that_is_said_to_be_a_title_names_its_row_and_no_other_name_is_made_up(
    name: str, said: str, label: str | None
) -> None:
    own = {name: {**TEXT, "description": said}}
    made = world(
        tool("create_task", "Create a task.", own),
        tool("list_tasks", "List tasks.", {}),
        tool("update_task", "Update a task.", {"task_id": TEXT, **own}, optional=(name,)),
    )
    task = made.entities["garden/task"]
    assert (task.fields[name].semantic == "title") is bool(label)
    assert ("name" in task.fields) is not bool(label)
    parameter = made.models["update_task"].parameter(name)
    assert (parameter.label, task.fields[name].label) == (label, label)
    if label:
        row = Sandbox(made, 5, "2026-06-09T14:44:00+00:00").store.rows(task)[0]
        assert not row[name].endswith(".")


@pytest.mark.parametrize(
    ("name", "said", "least", "most"),
    [
        ("strokeWidth", "Stroke width.", 1, 20),
        ("border_thickness", "", 1, 20),
        ("fontSize", "Font size.", 8, 48),
        ("opacity", "Opacity.", 0.1, 1),
        ("radius", "Search radius in meters (default: 5000)", 2500, 10_000),
        ("batch_size", "How many per step. Defaults to 100.", 50, 200),
        ("adults", "Number of adults (default: 1)", 1, 4),
        ("step_number", "", 1, 9),
        ("episodeNumber", "Which episode.", 1, 9),
        ("levelNumber", "Which level.", 1, 9),
    ],
)
def test_a_number_is_of_the_size_that_its_name_or_its_default_tells(
    name: str, said: str, least: float, most: float
) -> None:
    schema = {**NUMBER, "description": said}
    meaning = semantic_type(name, schema)
    made = [invent(meaning, schema, Random(seed), name=name, noun="shape",
                   clock="2026-06-09T14:44:00+00:00") for seed in range(20)]  # fmt: skip
    assert all(least <= one <= most for one in made)
    draw = tool("draw_shape", "Draw a shape.", {name: schema}, {"shape_id": TEXT})
    model = world(draw).models["draw_shape"]
    assert not find_unclear(model, None, model.parameter(name))


def test_to_confirm_a_deed_is_to_do_it_and_a_new_date_takes_the_place_of_the_only_one() -> None:
    row = {"visit_id": TEXT, "slot_start_date": {"type": "string", "format": "date"},
           "status": {"type": "string", "enum": ["confirmed", "cancelled"]}}  # fmt: skip
    made = world(
        tool("list_visits", "List visits.", {}, {"visits": {"type": "array", "items": {
            "type": "object", "properties": row}}}),
        tool("confirm_cancel_visit", "Complete the cancellation.", {"visit_id": TEXT}),
        tool("confirm_visit", "Confirm a visit.", {"visit_id": TEXT}),
        tool("confirm_reschedule_visit", "Complete the rescheduling.", {
            "visit_id": TEXT, "new_date": {**TEXT, "description": "New date (YYYY-MM-DD)"}}),
    )  # fmt: skip
    assert made.models["confirm_cancel_visit"].transition == ("status", "cancelled")
    assert made.models["confirm_visit"].transition == ("status", "confirmed")
    sandbox = Sandbox(made, 5, "2026-06-09T14:44:00+00:00")
    key = sandbox.call("list_visits", {}).content["visits"][0]["visit_id"]
    sandbox.call("confirm_reschedule_visit", {"visit_id": key, "new_date": "2026-06-30"})
    sandbox.call("confirm_cancel_visit", {"visit_id": key})
    (visit,) = [one for one in sandbox.call("list_visits", {}).content["visits"]
                if one["visit_id"] == key]  # fmt: skip
    assert (visit["status"], visit["slot_start_date"]) == ("cancelled", "2026-06-30")


@pytest.mark.parametrize("needed", [["plant_id"], []])
def test_what_is_looked_up_for_a_list_of_things_is_asked_for_by_nobody(needed: list[str]) -> None:
    """Neither where it is all that a catalogue has, nor by ids that a list shows by name."""
    one = {"type": "object", "properties": {"plant_id": TEXT}, "required": needed}
    rows = {"type": "array", "items": {"type": "object", "properties": {
        "title": TEXT, "price": NUMBER}}}  # fmt: skip
    asked = {"body": {"type": "array", "items": one}}
    bulk = tool("get_bulk_prices", "Get prices.", asked, {"prices": rows})
    plants = tool("list_plants", "List plants.", {}, {"plants": LISTED})
    for others in ((), (plants,)):
        made = world(bulk, *others)
        model = made.models["get_bulk_prices"]
        assert find_objection(made, model) == "nobody dictates a list of things field by field"
        assert not is_plain(made, model)
    moved = tool("move_plants", "Move plants.", asked)
    known = world(moved, plants)
    assert "dictates" not in find_objection(known, known.models["move_plants"])


@pytest.mark.parametrize(
    ("said", "shown", "why"),
    [
        ("Fetch the full content of a specific skill.", {}, "lacks what its description promises"),
        ("Get a skill.", {}, "would say nothing"),
        ("Fetch the full content of a skill.", {"id": TEXT, "name": TEXT, "content": TEXT}, ""),
    ],
)
def test_a_name_alone_is_no_answer_nor_is_a_row_without_its_promised_content(
    said: str, shown: dict[str, Any], why: str
) -> None:
    listed = tool("list_skills", "List all skills.")
    got = tool("get_skill", said, {"id": {**TEXT, "description": "Skill ID"}}, shown)
    world = infer_world([listed, got])
    found = find_objection(world, world.models["get_skill"])
    assert why in found
    assert bool(why) == bool(found)


def test_the_name_of_a_person_alone_is_no_answer() -> None:
    search = tool("search_contacts", "Search contacts.", {"phone": TEXT})
    got = tool("get_contact", "Get a contact.", {"contact_id": NUMBER})
    for more, found in (([], False), ([tool("add_contact", "Add.", {"birthday": TEXT})], True)):
        made = infer_world([search, got, *more])
        assert (find_objection(made, made.models["get_contact"]) == "") == found
    whole = {**NUMBER, "type": "integer"}
    visit = tool("get_appointment", "Get the appointments of a patient.", {"patient_id": whole})
    ends = tool("cancel_appointment", "Cancel it.", {"appointment_id": whole})
    made = infer_world([visit, ends])
    assert find_objection(made, made.models["get_appointment"]) == SAYS_NOTHING


def test_the_name_of_somebody_else_is_none_of_the_row() -> None:
    fields = [SpokenField("starts_at", "2026-06-09T14:00:00Z", "datetime")]
    for name, called in (("teacherName", False), ("coach_name", False), ("stream_name", True)):
        semantic = semantic_type(name, {"type": "string"})
        assert (semantic == "title") == called
        assert bool(name_of([*fields, SpokenField(name, "Ana Ruiz", semantic)])) == called


def test_a_content_that_is_the_title_is_what_other_tools_call_the_name_of_the_row() -> None:
    key = {"task_name": {**TEXT, "description": "Name of the task to search for"}}
    own = {"content": {**TEXT, "description": "The content/title of the task"}}
    made = world(
        tool("create_task", "Create a task.", own),
        tool("list_tasks", "List tasks.", {}),
        tool("update_task", "Update a task.", {**key, **own}, optional=("content",)),
    )
    task = made.entities["garden/task"]
    assert task.identity == ("content",)
    assert task.fields["content"].semantic == "title"
    assert {"task_name", "name"}.isdisjoint(task.fields)
    box = Sandbox(made, 5, "2026-06-09T14:44:00+00:00")
    assert not box.call("create_task", {"content": "Pack"}).is_error
    renamed = box.call("update_task", {"task_name": "Pack", "content": "Pack the bag"}).content
    assert isinstance(renamed, dict)
    assert renamed["content"] == "Pack the bag"
    called = [one["content"] for one in box.rows("garden/task")]
    assert "Pack the bag" in called
    assert "Pack" not in called
