"""Goals: one domain, one person, rows that belong together, and nothing that makes no sense."""

import asyncio
import json
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from random import Random

import pytest

from generators.embedding import HashEmbedder
from generators.graph.tool_graph import build_graph
from generators.identity_cache import Same
from generators.language.action import action
from generators.operators import USUAL_MIX, make_mix
from generators.operators.compare import Compare
from generators.sampling.chain_edits import put_together
from generators.sampling.chain_growth import Call, GrowingChain
from generators.sampling.goal_sense import GoalSense, makes_sense
from generators.sampling.goals import GoalSampler
from generators.sampling.sampler import tools_of
from generators.sandbox.own_rows import OwnRows, Scope, find_place, find_ties, find_user
from generators.sandbox.sandbox import Sandbox
from generators.studio import Studio, open_studio
from generators.tasks.clock import Setting, start_of
from generators.tasks.draw_task import choose_person
from generators.tasks.execution import execute
from generators.world.model import World
from schemas.errors import InputError
from schemas.graph import ChainStep, Edge, Feed, ToolChain
from schemas.leaves import leaves
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import Catalog, ToolSource, ToolSpec
from schemas.trajectory import Roles
from schemas.world_model import DomainMeaning, GoalMeaning
from tests.studio import SEED, own_studio, studio_of, takes
from tests.test_sandbox import SHARED
from tests.worlds import entity, row, rows, shop, tool, wants, world_of

SHOP = shop()


@cache
def own_sampler() -> GoalSampler:
    return GoalSampler(own_studio().world, own_studio().graph.sure())


def own_tasks() -> list[Task]:
    return [made.trajectory.task for made in takes()]


def drawn(sampler: GoalSampler, count: int) -> list[ToolChain]:
    return [
        sampler.sample(seed, sampler.usable[seed % len(sampler.usable)]) for seed in range(count)
    ]


def test_a_chain_stays_in_one_domain_and_names_the_goal_of_each_turn() -> None:
    sampler = own_sampler()
    for chain in drawn(sampler, 300):
        assert len({sampler.domain(step.tool) for step in chain.steps}) == 1
        assert len(chain.goals) == len(chain.turns)
        assert len(chain.steps) <= sampler.settings.max_calls
        for goal, turn in zip(chain.goals, chain.turns, strict=True):
            later = {step.tool for step in chain.steps[turn[0] :]}
            assert goal in later | {one.id for one in _told(sampler)}


def _told(sampler: GoalSampler) -> list[GoalMeaning]:
    return [goal for service in sampler.world.domains.values() for goal in service.goals]


def test_a_chain_holds_its_focus() -> None:
    sampler = own_sampler()
    for seed, tool_name in enumerate(sampler.usable):
        assert tool_name in [step.tool for step in sampler.sample(seed, tool_name).steps]


def test_nothing_is_asked_for_that_makes_no_sense_after_another_goal() -> None:
    sense = GoalSense(SHOP)
    idle = [pair for pair in combinations(SHOP.models, 2) if sense.is_idle(*pair)]
    assert ("cancel_order", "ship_order") in idle  # it is over
    assert ("get_order", "cancel_order") not in idle
    assert sense.is_idle("create_order", "get_order")  # it was just told
    assert sense.is_idle("cancel_order", "delete_order")
    assert sense.is_idle("get_order", "list_orders")  # it is known
    assert not sense.is_idle("cancel_order", "create_order")
    assert not sense.is_idle("list_orders", "get_product")


def test_goals_share_more_than_their_domain() -> None:
    sense = GoalSense(SHOP)
    assert sense.measure_nearness(["list_orders"], "cancel_order") > 0
    assert sense.measure_nearness(["list_accounts"], "search_products") == 0


def test_nothing_new_is_made_of_a_row_of_its_kind() -> None:
    def edge(producer: str, consumer: str, parameter: str) -> Edge:
        return Edge(producer=producer, result_path="orders[].x", consumer=consumer,
                    parameter=parameter, score=1, method="name")  # fmt: skip

    assert not makes_sense(edge("list_orders", "create_order", "product_ids[]"), SHOP)
    assert makes_sense(edge("search_products", "create_order", "product_ids[]"), SHOP)
    assert not makes_sense(edge("list_orders", "get_forecast", "city"), SHOP)


def test_nothing_is_looked_up_by_name_within_a_row_that_nobody_named() -> None:
    show = entity("tv", "show", ["show_id"], {"show_id": "opaque_id", "name": "title"})
    network = entity("tv", "network", ["network_id"], {"network_id": "opaque_id", "name": "title"})
    nested = rows("networks", ["network_id", "name"])
    key, own = wants("network_id", "identity", network.key), wants("show_id", "identity", show.key)
    known = world_of(
        [
            tool("get_latest_show", "get", show, [], nested),
            tool("get_show", "get", show, [own], nested),
            tool("list_networks", "list", network, [], nested),
            tool("get_network", "get", network, [key], row(["network_id", "name"])),
        ],
        [show, network],
    )
    found = [
        makes_sense(Edge(producer=one, result_path="networks[].network_id", consumer="get_network",
                         parameter="network_id", score=1, method="identity"), known)
        for one in ("get_latest_show", "get_show", "list_networks")
    ]  # fmt: skip
    assert found == [False, True, True]


def test_what_people_come_for_is_taken_first() -> None:
    goals = (
        GoalMeaning(id="give_back", tools=("list_orders", "cancel_order"), goes_with=("look",)),
        GoalMeaning(id="look", tools=("get_product",)),
    )
    domains = {"shop": DomainMeaning(goals=goals)}
    world = World(SHOP.models, SHOP.entities, domains)
    sampler = GoalSampler(world, build_graph(world, HashEmbedder()))
    chains = [sampler.sample(seed, "cancel_order") for seed in range(40)]
    assert all(chain.goals[0] == "give_back" for chain in chains)
    assert sum("look" in chain.goals for chain in chains) > 10


def test_the_person_who_writes_is_one_whose_things_they_are() -> None:
    world = Same(SHOP)
    user = find_user(world, "shop")
    assert user is not None
    assert user.noun == "customer"
    assert find_ties(world, user.key).keys() == {"shop/order"}
    assert find_user(world, "code") is None
    assert find_place(world, "code") == ("owner", "repo")
    users = [find_user(Same(own_studio().world), name) for name in ("clinic", "projects", "shop")]
    assert [user and user.noun for user in users] == ["patient", None, "customer"]


def test_a_user_is_a_customer_only_with_belongings() -> None:
    def world(noun: str) -> World:
        user = entity("d", "user", ["user_id"], {"user_id": "opaque_id", "name": "person_name"})
        held = entity("d", noun, ["held_id"], {"held_id": "opaque_id", "user_id": "d/user"})
        one = tool("list_held", "list", held, [wants("user_id", "reference", user.key)],
                   rows("held", held.fields))  # fmt: skip
        return world_of([one, tool("get_user", "get", user, [], row(user.fields))], [user, held])

    assert find_user(Same(world("reservation")), "d") is not None
    assert find_user(Same(world("message")), "d") is None


def test_calls_are_about_the_persons_own_rows() -> None:
    world, seen = own_studio().world, 0
    for task in own_tasks():
        user = find_user(Same(world), task.domain)
        if task.person is None or user is None:
            continue
        assert task.persona.name == task.person.name
        sandbox = Sandbox(world, task.environment_seed, task.clock)
        own = OwnRows(sandbox.store, Scope(task.domain, user.key, task.person.key))
        for key in find_ties(Same(world), user.key):
            kind = world.entities[key]
            mine = {one[kind.identity[-1]] for one in own.rows(kind)}
            others = {one[kind.identity[-1]] for one in sandbox.store.rows(kind)} - mine
            said = [value for call in task.calls for _, value in leaves(call.arguments)]
            assert others.isdisjoint(value for value in said if isinstance(value, str))
            seen += len(mine.intersection(value for value in said if isinstance(value, str)))
    assert seen > 5


@pytest.fixture(scope="module")
def code() -> Studio:
    models = {name: model for name, model in SHOP.models.items() if model.tool.domain == "code"}
    catalog = Catalog(tools=tuple(model.tool for model in models.values()))
    return open_studio(catalog, HashEmbedder())


def test_a_conversation_stays_in_the_place_that_was_named(code: Studio) -> None:
    for index in range(20):
        calls = code.task(1, index).calls
        places = {(one.arguments["owner"], one.arguments["repo"])
                  for one in calls if "repo" in one.arguments}  # fmt: skip
        assert len(places) <= 1


def test_an_operator_that_is_asked_for_is_had_by_its_share_of_a_block() -> None:
    shares = dict.fromkeys(USUAL_MIX, 0.0) | {"clarify": 0.3}
    studio = replace(own_studio(), mix=make_mix(**shares))
    had = ["clarify" in studio.task(SEED, index).operators for index in range(20)]
    assert sum(had) == 6


def test_what_the_usual_mix_has_is_asked_of_no_candidate() -> None:
    assert not own_studio().asked.choose(1, 1).foci


def test_an_operator_brings_what_it_hangs_on() -> None:
    shares = dict.fromkeys(USUAL_MIX, 0.0) | {"hurry": 1.0, "vague": 0.5, "clarify": 1.0}
    studio = replace(own_studio(), mix=make_mix(**shares))
    wanted = [studio.asked.choose(5, index) for index in range(20)]
    assert all(one.mix["confirm_all"] == one.mix["clarify"] == 1 for one in wanted)
    assert sum("vague" in one.foci for one in wanted) == 10


def test_what_is_asked_for_at_its_usual_share_is_steered_to() -> None:
    mix = make_mix(**dict.fromkeys(USUAL_MIX, 0.0) | {"revise": USUAL_MIX["revise"]})
    studio = replace(own_studio(), mix=mix)
    assert sum("revise" in studio.asked.choose(5, index).foci for index in range(20)) == 6


def test_operators_that_no_chain_has_room_for_are_asked_of_different_candidates() -> None:
    shares = dict.fromkeys(USUAL_MIX, 0.0) | {"compare": 0.3, "unknown": 0.3, "fault": 0.5}
    studio = replace(own_studio(), mix=make_mix(**shares))
    wanted = [studio.asked.choose(5, index) for index in range(40)]
    assert all(sum(name in one.foci for one in wanted) == 12 for name in ("compare", "unknown"))
    assert not any({"compare", "unknown"} <= one.foci.keys() for one in wanted)
    models = studio.world.models
    for one in wanted:  # each where all that is asked for can be had
        domains = [{models[tools_of(focus)[-1]].tool.domain for focus in foci}
                   for foci in one.foci.values()]  # fmt: skip
        assert all(own == domains[0] for own in domains)


def test_only_what_people_choose_between_is_compared() -> None:
    studio = own_studio()
    ends = {(one.producer, one.consumer) for one in studio.bench.sampler.links
            if Compare().allows_link(studio.world, one)}  # fmt: skip
    assert ("search_hotels", "book_hotel") in ends
    assert ("search_doctors", "book_appointment") in ends
    assert ("list_prescriptions", "book_appointment") not in ends  # its doctor is settled
    assert ("search_restaurants", "place_food_order") not in ends  # the dishes are of one


def test_what_is_asked_for_together_is_one_turn() -> None:
    link = next(one for one in own_studio().bench.sampler.links
                if (one.producer, one.consumer) == ("search_hotels", "book_hotel"))  # fmt: skip
    feed = Feed(parameter=link.parameter, step=0, result_path=link.result_path)
    steps = (ChainStep(tool=link.producer), ChainStep(tool=link.consumer, feeds=(feed,)))
    chain = ToolChain(steps=steps, turns=((0,), (1,)), goals=("one", "two"), seed=0)
    joined = put_together(chain, link, own_studio().world)
    assert (joined.turns, joined.goals) == (((0, 1),), ("two",))
    assert put_together(joined, link, own_studio().world) == joined
    alone = ToolChain(steps=steps[:1], turns=((0,),), seed=0)
    assert put_together(alone, link, own_studio().world) == alone


def test_what_the_tools_do_not_allow_is_asked_of_no_candidate_and_said(code: Studio) -> None:
    reads = [tool for tool in code.catalog.tools if not code.world.models[tool.wire_name].writes]
    mix = make_mix(**dict.fromkeys(USUAL_MIX, 0.0) | {"forbid": 1.0, "stale": 1.0})
    studio = open_studio(Catalog(tools=tuple(reads)), HashEmbedder(), mix)
    assert studio.asked.lacking["forbid"].startswith("a write")
    assert studio.asked.choose(1, 1).foci.keys() == {"stale"}
    assert studio.asked.choose(1, 1).mix["forbid"] == 0


def test_nothing_is_made_only_to_be_ended_and_reference_data_is_no_wish() -> None:
    room = entity("d", "room", ["room_id"], {"room_id": "opaque_id", "name": "title"})
    booking = entity("d", "booking", ["booking_id"], {
        "booking_id": "opaque_id", "room_id": "d/room", "day": "date"})  # fmt: skip
    day = wants("day", "field", semantic="date")
    tools = [
        tool("list_rooms", "list", room, [], rows("rooms", room.fields)),
        tool("make_booking", "create", booking, [wants("room_id", "reference", room.key), day],
             row(booking.fields)),
        tool("cancel_booking", "update", booking, [wants("booking_id", "identity", booking.key)],
             row(booking.fields), transition=("status", "cancelled")),
    ]  # fmt: skip
    world = world_of(tools, [room, booking])
    sampler = GoalSampler(world, build_graph(world, HashEmbedder()))
    assert sampler.usable == ("make_booking",)


def test_a_number_that_nobody_says_is_told_by_a_tool_that_does_not_ask_for_it() -> None:
    task = entity("d", "task", ["title"], {"title": "title", "sub_task_id": "number_id"})
    number = wants("sub_task_id", "field", semantic="number_id")
    tools = [
        tool("add_sub_task", "update", task, [wants("title", "identity", semantic="title"), number],
             row(task.fields)),
        tool("move_sub_task", "update", task, [number], row(task.fields)),
        tool("list_tasks", "list", task, [], rows("tasks", ["title"])),
        tool("rename_task", "update", task, [wants("title", "identity", semantic="title"),
             wants("name", "field", semantic="title")], row(["title"])),
    ]  # fmt: skip
    world = world_of(tools, [task])
    sampler = GoalSampler(world, build_graph(world, HashEmbedder()))
    assert "rename_task" in sampler.usable
    assert {"add_sub_task", "move_sub_task"}.isdisjoint(sampler.usable)


@pytest.mark.shared
def test_what_an_item_is_exchanged_for_is_of_its_product_and_the_order_can_be_changed() -> None:
    file = SHARED / "tau2_retail/retail.json"
    if not file.exists():
        pytest.skip("the folder ../shared/real is absent")
    studio = studio_of(file)
    sampler, swap = studio.bench.sampler, "exchange_delivered_order_items"
    made = 0
    for seed in range(6):
        chain = sampler.sample(seed, swap)
        begun = start_of(studio.world, seed)
        setting = Setting(studio.backend, begun.seed, begun.clock)
        setting = choose_person(setting, chain, Random(seed))
        done = execute(setting, chain, Random(seed), 0)
        made += swap in [one.model.name for one in done]
    assert made > 2


def _studio(*tools: tuple[str, str, dict[str, str], dict[str, str]]) -> Studio:
    """A server's tools: each has name, description, parameters, and what its result holds."""

    def schema(types: dict[str, str]) -> JsonObject:
        held = {name: {"type": kind} for name, kind in types.items()}
        return {"type": "object", "properties": held, "required": [*types]}

    source = ToolSource(format="mcp", path="tests.json")
    specs = (
        ToolSpec(name=name, wire_name=name, description=told, parameters=schema(given),
                 returns=schema(shown), domain="desk", source=source)
        for name, told, given, shown in tools
    )  # fmt: skip
    return open_studio(Catalog(tools=tuple(specs)), HashEmbedder(), make_mix())


def test_one_sum_follows_another() -> None:
    numbers, result = {"a": "number", "b": "number"}, {"result": "number"}
    studio = _studio(
        ("add", "Add two numbers.", numbers, result),
        ("multiply", "Multiply two numbers.", numbers, result),
    )
    calls = [[one.tool for one in studio.task(1, index).calls] for index in range(6)]
    assert ["add", "multiply"] in [sorted({*one}) for one in calls]


def test_a_file_that_a_search_tells_of_in_words_is_read_and_asked_about_by_different_words() -> (
    None
):
    path, text = {"path": "string"}, {"content": "string"}
    studio = _studio(
        ("search_files", "Search for files.", {**path, "pattern": "string"}, text),
        ("read_text_file", "Read the contents of a file as text.", path, text),
        ("get_file_info", "Get detailed metadata about a file.", path, text),
        ("write_file", "Write a file.", {**path, "content": "string"}, text),
    )
    tasks = [studio.task(1, index) for index in range(20)]
    found = 0
    for one in tasks:
        calls = [(call.tool, call.arguments["path"], call.result) for call in one.calls]
        for (first, _, told), (second, asked, _) in pairwise(calls):
            if first == "search_files" and second in ("read_text_file", "get_file_info"):
                found += str(asked) in str(told)
            if {first, second} == {"read_text_file", "get_file_info"}:
                found += 1
    assert found > 5
    asked = [action(studio.world.models[one]).verbs for one in ("read_text_file", "get_file_info")]
    assert {*asked[0]}.isdisjoint(asked[1])


def test_a_new_row_is_made_after_its_kind_was_looked_at_and_not_after_one_was_changed() -> None:
    pet = entity("d", "pet", ["name"], {"name": "title", "kind": "label"})
    name = wants("name", "identity", pet.key, semantic="title")
    new = wants("name", "field", semantic="title")
    tools = [
        tool("get_pet", "get", pet, [name], row(pet.fields)),
        tool("delete_pet", "delete", pet, [name], row(["name"])),
        tool("add_pet", "create", pet, [new], row(pet.fields)),
    ]
    sense = GoalSense(world_of(tools, [pet]))
    assert sense.is_told_alike(["get_pet"], "add_pet")
    assert not sense.is_told_alike(["get_pet", "delete_pet"], "add_pet")
    assert sense.is_told_alike(["get_pet"], "delete_pet")


def test_a_row_that_lies_under_its_own_name_is_gone_on_with_and_came_out_before_it_was_saved() -> (
    None
):
    text: JsonObject = {"type": "string"}
    album: JsonObject = {
        "type": "object",
        "properties": {"id": text, "name": text, "release_date": {**text, "format": "date"}},
        "required": ["id", "name", "release_date"],
    }
    saved = {"added_at": {**text, "format": "date-time"}, "album": album}
    listed = {"type": "object", "properties": saved, "required": [*saved]}
    items = {"type": "object", "required": ["items"],
             "properties": {"items": {"type": "array", "items": listed}}}  # fmt: skip
    given = {"type": "object", "properties": {"id": text}, "required": ["id"]}
    more = {**album, "properties": {**album["properties"], "description": text, "country": text}}
    source = ToolSource(format="mcp", path="tests.json")
    specs = (
        ToolSpec(name="get_saved_albums", wire_name="get_saved_albums", domain="music",
                 description="Get a list of the albums saved in the library of the user.",
                 parameters={"type": "object", "properties": {}}, returns=items, source=source),
        ToolSpec(name="get_album", wire_name="get_album", description="Get an album.",
                 domain="music", parameters=given, returns=more, source=source),
    )  # fmt: skip
    studio = open_studio(Catalog(tools=tuple(specs)), HashEmbedder(), make_mix())
    assert "id" in studio.world.entities["music/album"].fields
    tasks = [studio.task(1, index) for index in range(6)]
    pairs = [one.calls for one in tasks if len({call.tool for call in one.calls}) == 2]
    assert pairs
    for first, second in (one[:2] for one in pairs):
        rows = json.loads(str(first.result))["items"]
        assert second.arguments["id"] in [one["album"]["id"] for one in rows]
        assert all(one["album"]["release_date"] <= one["added_at"] for one in rows)


def test_rows_that_people_call_by_name_are_deleted_in_one_call_and_named_once() -> None:
    text: JsonObject = {"type": "string"}
    held = {"type": "object", "properties": {"name": text, "note": text}}
    named = {"type": "array", "items": {**held, "required": ["name", "note"]}}
    whole = {"type": "object", "properties": {"topics": named}, "required": ["topics"]}
    source = ToolSource(format="mcp", path="tests.json")

    def spec(name: str, told: str, given: JsonObject) -> ToolSpec:
        schema = {"type": "object", "properties": given, "required": [*given]}
        return ToolSpec(name=name, wire_name=name, domain="desk", description=told, source=source,
                        parameters=schema, returns=whole)  # fmt: skip

    names = {"names": {"type": "array", "items": text, "description": "The names of the topics."}}
    specs = (
        spec("search_topics", "Search for topics.", {"query": text}),
        spec("open_topics", "Open topics by their names.", names),
        spec("delete_topics", "Delete topics.", names),
    )
    studio = open_studio(Catalog(tools=specs), HashEmbedder(), make_mix())
    said = []
    for index in range(8):
        played = asyncio.run(studio.candidate(1, index, studio.scripted, Roles()))
        calls = {call.tool: call.arguments for call in played.trajectory.task.calls}
        for one in calls.get("delete_topics", {}).get("names", ()):
            messages = [str(message.text) for message in played.trajectory.messages
                        if message.role == "user"]  # fmt: skip
            said.append(sum(text.count(one) for text in messages))
    assert said
    assert max(said) < 2


class OutOfReach(GoalSampler):
    """Cannot draft one of its tools, as where too many calls lead to it."""

    def add(self, drawn: GrowingChain, call: Call, rng: Random) -> GrowingChain | None:
        return None if call.tool == self.usable[0] else super().add(drawn, call, rng)


def test_what_is_out_of_reach_is_drawn_only_where_it_is_asked_for() -> None:
    sampler = OutOfReach(own_studio().world, own_studio().graph.sure())
    assert all(sampler.sample(seed).steps for seed in range(60))
    with pytest.raises(InputError, match="cannot be called"):
        sampler.sample(1, sampler.usable[0])
