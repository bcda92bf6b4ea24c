"""The world models of the own catalogues are complete, and name only what there is."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generators.backends.backend import InferredBackend
from generators.embedding import HashEmbedder
from generators.importers.catalog_reader import read_catalog
from generators.importers.world_files import read_world_file
from generators.language.report import report
from generators.language.request import clause
from generators.language.request_objects import references_of
from generators.language.scene import Hidden
from generators.operators import USUAL_MIX, make_mix, script_of
from generators.operators.unknown import Unknown
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import fits
from generators.sandbox.seeding import Seeds
from generators.studio import open_studio
from generators.tasks.write_brief import find_reasons
from generators.world.expression import parse_expression
from generators.world.infer import infer_world
from generators.world.model import World
from schemas import twists
from schemas.task import Origin
from schemas.tool import Catalog, ToolSpec
from schemas.twists import has_twist
from schemas.world_model import EntityMeaning, ToolMeaning, WorldFile
from tests.scenes import scene_of
from tests.test_sandbox import CLOCK, fine

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "catalogs"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))
each = pytest.mark.parametrize("name", NAMES)
Json = Mapping[str, Any]
Place = tuple[str, str, frozenset[str]]
"""Where an expression stands, its text, and the tools whose parameters it may name."""


@cache
def own_file(name: str) -> WorldFile:
    return read_world_file(FOLDER / f"{name}.world.yaml")


@cache
def own_catalog(name: str) -> Catalog:
    return read_catalog([FOLDER / f"{name}.json"])


@each
def test_what_is_bought_as_a_present_replaces_nothing_that_the_same_goals_speak_of(
    name: str,
) -> None:
    for service in own_file(name).domains.values():
        goals = {one.id: one for one in service.goals}
        for one in service.goals:
            for other in (goals[key] for key in one.goes_with):
                gift = any("present" in why or "family" in why for why in one.why)
                assert not (gift and any("broke" in why for why in other.why)), (one.id, other.id)


@each
def test_a_sum_that_names_one_of_its_parts_names_all(name: str) -> None:
    for entity in own_file(name).entities.values():
        for one in entity.constraints:
            field = entity.fields.get(one.field or "")
            if field is not None and field.semantic == "money" and one.equals:
                label = (field.label or "").split()
                summed = [{*re.findall("[a-z]+", part)} for part in one.equals.split("+")]
                named = [bool(part & {*label} - {"price", "amount"}) for part in summed]
                assert all(named) or not any(named), (one.field, label)


@cache
def own_world(name: str) -> World:
    return infer_world(own_catalog(name).tools, own_catalog(name).worlds)


def own_tools(name: str) -> dict[str, ToolSpec]:
    return {tool.wire_name: tool for tool in own_catalog(name).tools}


# ---------------------------------------------------------------- complete


@each
def test_all_is_said_of_every_tool(name: str) -> None:
    world, told = own_world(name), own_file(name).tools
    assert told.keys() == world.models.keys()
    for tool, meaning in told.items():
        said = (meaning.operation, meaning.effect, meaning.verb)
        assert None not in said, tool
        assert (meaning.entity is None) == (meaning.operation == "compute"), tool
        assert (meaning.transition is not None) == (meaning.operation == "transition"), tool
        assert (meaning.rows is None) == (meaning.operation in ("delete", "compute")), tool
        paths = {parameter.path for parameter in world.models[tool].parameters}
        assert meaning.parameters.keys() == paths, tool
        for path, one in meaning.parameters.items():
            assert None not in (one.use, one.semantic, one.label), (tool, path)
            assert (one.entity is not None) == (one.use in ("identity", "reference")), (tool, path)
            unbound = one.use in ("option", "input", "query")
            assert (one.field is None) == unbound, (tool, path)


@each
def test_all_is_said_of_every_entity(name: str) -> None:
    world, told = own_world(name), own_file(name).entities
    assert told.keys() == {entity.noun for entity in world.entities.values()}
    for entity in world.entities.values():
        meaning = told[entity.noun]
        assert meaning.plural, entity.noun
        assert meaning.identity == entity.identity, entity.noun
        assert meaning.named_by, entity.noun
        assert meaning.fields.keys() == entity.fields.keys(), entity.noun
        assert meaning.parts.keys() == entity.parts.keys(), entity.noun
        for path, one in meaning.parts.items():
            assert None not in (one.semantic, one.label), (entity.noun, path)
        for field, one in meaning.fields.items():
            assert None not in (one.semantic, one.label), (entity.noun, field)
        if "status" in entity.fields:
            assert meaning.state_field == "status", entity.noun
            assert set(meaning.states) == set(entity.fields["status"].schema["enum"]), entity.noun
            assert meaning.start in meaning.states, entity.noun
            reached = {state for after in meaning.follows.values() for state in after}
            assert reached | {meaning.states[0], meaning.start} == set(meaning.states), entity.noun


@each
def test_the_service_is_told(name: str) -> None:
    domain = own_file(name).domain
    assert domain is not None
    assert None not in (domain.name, domain.service, domain.open, domain.policy)
    assert domain.users
    assert domain.name in str(domain.service)


@each
def test_the_policy_has_ten_to_twenty_rules_and_those_that_code_decides_are_among_them(
    name: str,
) -> None:
    domain = own_file(name).domain
    assert domain is not None
    items = [" ".join(item.split()) for item in str(domain.policy).split("\n- ")[1:]]
    assert 10 <= len(items) <= 20
    assert len(set(items)) == len(items)
    assert len({rule.id for rule in domain.rules}) == len(domain.rules)
    for rule in domain.rules:
        assert " ".join(rule.text.split()) in items, rule.id
        assert rule.require or rule.ask or rule.say or rule.at_once, rule.id
        assert rule.tools, rule.id
        refuses = rule.require is not None and rule.outcome == "refuse"
        assert refuses or not rule.offer, rule.id
    assert sum(rule.require is not None for rule in domain.rules) >= 5


def test_the_files_name_every_operation_as_a_reader_does() -> None:
    labels = json.loads((ROOT / "tests/fixtures/operation_labels.json").read_text())["own"]
    told = {tool: meaning for name in NAMES for tool, meaning in own_file(name).tools.items()}
    wrong = [
        label["tool"]
        for label in labels
        if told[label["tool"]].operation not in (label["operation"], *label.get("also", ()))
        or told[label["tool"]].entity not in (label["entity"], *label.get("entity_also", ()))
    ]
    assert wrong == []


# ---------------------------------------------------------------- what expressions name


class Names:
    """Finds the schema of what a path names: fields, references, parameters."""

    def __init__(self, name: str) -> None:
        self.world, self.file = own_world(name), own_file(name)
        self.tools = own_tools(name)

    def of_row(self, noun: str) -> Json:
        """A row's schema; ``x-entity`` says whose row it is."""
        entity = next(one for one in self.world.entities.values() if one.noun == noun)
        fields = {field: one.schema for field, one in entity.fields.items()}
        return {"type": "object", "properties": fields, "x-entity": noun}

    def noun_of(self, word: str) -> str | None:
        return next((n for n in self.file.entities if n.replace(" ", "_") == word), None)

    def field(self, schema: Json, name: str) -> Json | None:
        """A property, or the row to which the object refers by that name."""
        properties = schema.get("properties", {})
        if name in properties:
            found: Json = properties[name]
            return found
        noun = self.noun_of(name)
        return self.of_row(noun) if noun and f"{name}_id" in properties else None

    def walk(self, start: Json | None, steps: list[str]) -> Json | None:
        schema = start
        for step in steps:
            if schema is None:
                return None
            if step == "[]" or step.isdigit():
                schema = schema.get("items")
            else:
                schema = self.field(schema, step)
        return schema

    def of_path(self, path: str, tools: frozenset[str], noun: str) -> Json | None:
        """What a path of an expression names: in calls of the tools, or in rows of the noun."""
        root, *steps = re.findall(r"\w+|\[\]", path)
        if root in ("today", "now"):
            return {"type": "string"}
        starts = []
        for tool in tools:
            arguments = self.tools[tool].parameters
            meaning = self.file.tools[tool]
            if root == "row" or (self.noun_of(root) == meaning.entity and meaning.entity):
                starts.append(self.of_row(str(meaning.entity)))
            else:
                starts.append(self.field(arguments, root))
        if not tools:
            starts.append(self.field(self.of_row(noun), root))
        found = [self.walk(start, steps) for start in starts]
        return None if None in found else found[0]


def expressions_of_tool(tool: str, meaning: ToolMeaning) -> Iterator[Place]:
    for need in meaning.needs:
        assert need.message.endswith("."), tool
        yield f"{tool} needs", need.require, frozenset({tool})
    for place, value in meaning.changes.items():
        assert parse_expression(place).path, (tool, place)
        yield f"{tool} changes", place, frozenset({tool})
        yield f"{tool} changes", value, frozenset({tool})


def expressions_of_entity(noun: str, meaning: EntityMeaning) -> Iterator[Place]:
    for path in meaning.named_by:
        yield noun, path, frozenset()
    for one in meaning.constraints:
        for text in (one.holds, one.field, one.equals, one.when):
            if text is not None:
                yield noun, text, frozenset()


def expressions(name: str) -> Iterator[Place]:
    told = own_file(name)
    for tool, meaning in told.tools.items():
        yield from expressions_of_tool(tool, meaning)
    for noun, entity in told.entities.items():
        yield from expressions_of_entity(noun, entity)
    for rule in told.domain.rules if told.domain else ():
        if rule.require:
            yield rule.id, rule.require, frozenset(rule.tools)


@each
def test_expressions_name_only_what_there_is(name: str) -> None:
    names = Names(name)
    for place, text, tools in expressions(name):
        expression = parse_expression(text)
        for path in expression.names:
            assert names.of_path(path, tools, place) is not None, (place, text, path)
        for noun in expression.entities:
            assert noun in names.file.entities, (place, text)
        for noun, path in expression.queries:
            # Each of the rows, or the one at a place: both are a row.
            steps = re.findall(r"\w+|\[\]", re.sub(r"^\[(?:-?\d+)?\]", "", path))
            assert names.walk(names.of_row(noun), steps) is not None, (place, text, path)


COMPARED = re.compile(
    r"(?<![\w.)\]] )([\w.\[\]]+) (?:==|!=|(?:not )?in) ('(?:[^']|'')*'|\[[^\]]*\])"
)


@each
def test_values_that_a_field_is_compared_with_are_among_its_choices(name: str) -> None:
    names, told = Names(name), own_file(name)
    compared = 0
    for place, text, tools in expressions(name):
        for path, given in COMPARED.findall(text):
            if path.startswith("it."):
                continue
            schema = names.of_path(path, tools, place) or {}
            values = ast.literal_eval(given)
            values = [values] if isinstance(values, str) else values
            field = told.entities[place].fields.get(path) if place in told.entities else None
            examples = field.examples if field else ()
            allowed = schema.get("enum") or examples
            assert not allowed or set(values) <= {str(one) for one in allowed}, (place, text)
            compared += bool(allowed)
    assert compared > 0


@each
def test_every_example_can_be_had(name: str) -> None:
    """A value that a constraint on all rows forbids would never be drawn."""
    for noun, entity in own_file(name).entities.items():
        for field, meaning in entity.fields.items():
            lists = [
                values
                for one in entity.constraints
                for path, values in COMPARED.findall(one.holds or "")
                if path == field and f"{field} in [" in (one.holds or "")
            ]
            if lists and meaning.examples:
                allowed = {str(v) for text in lists for v in ast.literal_eval(text)}
                assert allowed == {str(one) for one in meaning.examples}, (noun, field)


@each
def test_what_a_value_implies_fits_the_schemas(name: str) -> None:
    """Another value would be shown in its place: 2.9 euros where a price is at least 3."""
    world = own_world(name)
    for noun, entity in own_file(name).entities.items():
        fields = world.entities[f"{name}/{noun}"].fields
        told = [one for meaning in entity.fields.values() for one in meaning.implies.values()]
        for field, value in ((field, value) for one in told for field, value in one.items()):
            # A list is a value itself, or what one of lies in: choices, or two ends.
            if field in fields and not fits(value, schema := fields[field].schema):
                each_fits = isinstance(value, list) and all(fits(one, schema) for one in value)
                assert each_fits, (noun, field, value)


@each
def test_rows_and_demands_are_found_in_the_schemas(name: str) -> None:
    for tool, meaning in own_file(name).tools.items():
        spec = own_tools(name)[tool]
        if meaning.rows is not None:
            schema: Json | None = spec.returns
            for step in re.findall(r"\w+|\[\]", meaning.rows):
                assert schema is not None
                schema = schema["items"] if step == "[]" else schema["properties"][step]
            assert schema is not None
            assert {"object"} == {schema["type"]}, tool
        for demand in meaning.demands:
            assert demand.text.rstrip(".") in spec.description, tool
            for path in demand.parameters:
                assert path in {*meaning.parameters, *spec.properties}, tool


# ---------------------------------------------------------------- what code knows of them


COMMON = frozenset(
    "account_number author_name created_at date_of_birth departure_date departure_time due_date "
    "first_name from_date full_name in_progress last_name order_date origin_city destination_city "
    "postal_code start_date start_time time_zone total_price weight_kg "
    "checked_in in_review on_hold on_the_way used_up".split()
)
"""Names and states of several words that services of any kind have."""


@cache
def strings_of(file: Path) -> tuple[str, ...]:
    """The texts that decide something in a module: all but its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told
    )
    return tuple(node.value.lower() for node in texts if isinstance(node.value, str))


def own_words() -> frozenset[str]:
    """The names and states of several words that are the own catalogues' only."""
    found: set[str] = set()
    for name in NAMES:
        for entity in own_world(name).entities.values():
            found |= {*entity.fields, *(part.rpartition(".")[2] for part in entity.parts)}
            found |= set(entity.states)
    named = (word for word in found if "_" in word and not word.endswith(("_id", "_ids", "_at")))
    return frozenset(named) - COMMON


def test_no_word_of_the_own_catalogues_decides_anything_in_code() -> None:
    words = own_words()
    assert {"price_per_night", "is_vegetarian", "books_on_loan", "pickup_branch"} <= words
    forms = {form for word in words for form in (word, word.replace("_", " "))}
    pattern = re.compile(rf"(?<![a-z_])({'|'.join(sorted(forms))})(?![a-z_])")
    found = {
        f"{file.relative_to(ROOT)}: {hit}"
        for file in sorted((ROOT / "generators").rglob("*.py"))
        for text in strings_of(file)
        for hit in pattern.findall(text)
    }
    assert found == set()


def test_no_code_reads_the_own_files_but_the_reader_of_all_such_files() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "generators").rglob("*.py")
        if any("world.yaml" in text for text in strings_of(file))
    }
    assert readers == {"generators/importers/world_files.py"}
    code = "\n".join(
        text for file in (ROOT / "generators").rglob("*.py") for text in strings_of(file)
    )
    for name in NAMES:
        assert str(own_file(name).domain and own_file(name).domain.name).lower() not in code


@each
def test_without_its_file_a_catalogue_is_read_by_the_rules_and_others_stay(
    name: str, tmp_path: Path
) -> None:
    alone = tmp_path / f"{name}.json"
    alone.write_text((FOLDER / f"{name}.json").read_text(encoding="utf-8"), encoding="utf-8")
    assert not read_catalog([alone]).worlds
    other = NAMES[NAMES.index(name) - 1]
    both = read_catalog([alone, FOLDER / f"{other}.json"])
    world = infer_world(both.tools, both.worlds)
    for key, entity in own_world(other).entities.items():
        assert world.entities[key] == entity
    for tool, model in own_world(other).models.items():
        assert world.models[tool] == model


def test_a_payee_that_comes_with_the_account_is_named_too() -> None:
    """What plays a part of its own in the deed is said, though both stand in one row."""
    world = own_world("banking")
    listed = {"transfer_id": "TRA-1", "account_id": "ACC-1", "payee_id": "PAY-1",
              "payee_name": "Ana Ruiz", "amount": 20, "execution_date": "2026-01-05"}  # fmt: skip
    sent = {"account_id": "ACC-1", "payee_id": "PAY-1", "amount": 25}
    scene = scene_of(
        [(world.models["list_transfers"], {"account_id": "ACC-1"}, {"transfers": [listed]}),
         (world.models["send_transfer"], sent, {})],
        [*world.entities.values()],
        fed=[(1, Origin(path=name, kind="result", call=0, result_path=f"transfers[0].{name}"))
             for name in ("account_id", "payee_id")],
    )  # fmt: skip
    named = references_of(scene, 1, Hidden())
    assert {one.noun for one in named} == {"account", "payee"}


def test_nobody_is_asked_for_their_own_id() -> None:
    """The desk finds them by e-mail; an order has a number that people have."""
    world = own_world("shop")
    assert not Unknown().allows(world, world.models["update_customer"])
    assert Unknown().allows(world, world.models["cancel_order"])


def test_what_a_stay_costs_is_the_nights_at_the_price_of_its_hotel() -> None:
    """It is told when the stay is booked, and follows the nights that are changed."""
    world = own_world("travel")
    assert world.entities["travel/stay"].fields["total_price"].weighs is True
    environment = Sandbox(world, 3, CLOCK)
    stays = environment.store.rows(world.entities["travel/stay"])
    stay = next(one for one in stays if one["status"] == "confirmed")
    longer = {"stay_id": stay["stay_id"], "nights": stay["nights"] + 1}
    result = environment.call("change_stay", longer).content
    assert result["total_price"] * stay["nights"] == stay["total_price"] * longer["nights"]


@pytest.mark.parametrize("seed", range(4))
def test_a_new_order_names_its_dishes_as_the_menu_does(seed: int) -> None:
    sandbox = Sandbox(own_world("food_delivery"), seed, CLOCK)
    asked = propose_arguments(sandbox, "place_food_order", Random(seed))
    assert asked is not None
    menu = {
        row["dish_id"]: row["name"]
        for row in sandbox.store.rows(sandbox.world.entities["food_delivery/dish"])
    }
    items = fine(sandbox, "place_food_order", **asked)["items"]
    assert [item["name"] for item in items] == [menu[item["dish_id"]] for item in items]


@pytest.mark.parametrize(("name", "tool"), [("calendar", "create_event"), ("banking", "add_payee")])
def test_what_is_newly_made_agrees_within_itself_as_seeded_rows_do(name: str, tool: str) -> None:
    world = own_world(name)
    for seed in range(8):
        told = propose_arguments(Sandbox(world, 1, CLOCK), tool, Random(seed), {}, 3)
        assert told is not None
        if tool == "create_event":  # a haircut is no call
            titles = world.entities["calendar/event"].fields["title"].implies
            assert told["kind"] == titles[told["title"]]["kind"]
        elif "email" in told:
            assert told["email"].split("@")[0] == told["full_name"].lower().replace(" ", ".")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_member_has_as_many_books_at_home_as_there_are_loans_of_theirs(seed: int) -> None:
    """Counted once the loans are finished: those that are returned by then are at home no more."""
    seeds = Seeds(own_world("library"), seed, CLOCK)
    members, loans = seeds.rows("library/member"), seeds.rows("library/loan").values()
    for member in members.values():
        mine = [one for one in loans if one["member_id"] == member["member_id"]]
        assert member["books_on_loan"] == sum(one["status"] != "returned" for one in mine)


@pytest.mark.parametrize("seed", range(4))
def test_a_restaurant_is_rated_between_its_reviews_of_which_one_is_far_below(seed: int) -> None:
    seeds = Seeds(own_world("food_delivery"), seed, CLOCK)
    reviews = [*seeds.rows("food_delivery/review").values()]
    for place in seeds.rows("food_delivery/restaurant").values():
        own = [one["rating"] for one in reviews if one["restaurant_id"] == place["restaurant_id"]]
        if len(own) > 1:
            assert min(own) <= place["rating"] <= max(own)
        assert sum(one < place["rating"] - 1.3 for one in own) <= 1
    assert reviews


@pytest.mark.parametrize("seed", [1, 2])
def test_who_waits_for_books_waits_for_two_at_most_and_only_then_has_a_place(seed: int) -> None:
    holds = [*Seeds(own_world("library"), seed, CLOCK).rows("library/hold").values()]
    waiting = [one["member_id"] for one in holds if one["status"] == "waiting"]
    assert max(map(waiting.count, waiting)) <= 2
    assert all(("queue_position" in one) == (one["status"] in ("waiting", "ready"))
               for one in holds)  # fmt: skip


def test_a_row_whose_number_nobody_knows_is_not_told_by_what_is_looked_at_beside_it() -> None:
    mix = make_mix(**dict.fromkeys(USUAL_MIX, 0.0) | {"unknown": 1.0})
    studio, told = open_studio(own_catalog("travel"), HashEmbedder(), mix), []
    for task in map(partial(studio.task, 7), range(120)):
        looked = [turn for turn in task.turns if any(call.looks for call in turn.calls)]
        if not any(has_twist(turn, twists.Unknown) for turn in looked):
            continue
        beats = script_of(studio.world, task).user
        told += [beat.text for beat in beats if beat.act == "unable_to_inform"]
        if len(told) >= 4:
            break
    assert len(told) >= 4
    assert all("It's the one" in text and "of the flight" not in text for text in told)


@pytest.mark.parametrize("seed", range(4))
def test_nobody_has_collected_a_book_that_was_never_lent(seed: int) -> None:
    sandbox = Sandbox(own_world("library"), seed, CLOCK)
    states = {row["status"] for row in sandbox.rows("library/hold")}
    assert states
    assert "collected" not in states


def test_whoever_wants_a_record_says_that_they_have_none_though_it_is_looked_up_first() -> None:
    world = own_world("clinic")
    told = {"full_name": "Lisa Bryant", "date_of_birth": "2002-02-08"}
    scene = scene_of(
        [(world.models["find_patients"], told, {"patients": [], "total": 0}),
         (world.models["add_patient"], told, {})],
        [*world.entities.values()],
    )  # fmt: skip
    (why,) = find_reasons(world, scene.task, ("register",), Random(1))
    assert "no record" in why
    assert clause(scene, 1, Hidden()).main.text.startswith("register me as a patient")


def test_what_stands_in_an_order_is_told_with_how_many_there_are_of_it() -> None:
    """Also where there are as many of each."""
    world = own_world("shop")
    items = [{"product_id": f"PRO-{name}", "name": name, "quantity": 2, "price": price}
             for name, price in (("Chopping board", 19.9), ("Bread tin", 21.5))]  # fmt: skip
    order = {"order_id": "ORD-795524", "customer_id": "CUS-1", "order_date": "2026-01-26",
             "items": items, "status": "shipped"}  # fmt: skip
    other = order | {"order_id": "ORD-795525", "order_date": "2026-01-25", "items": items[:1]}
    scene = scene_of(
        [(world.models["get_order"], {"order_id": "ORD-795524"}, order),
         (world.models["list_orders"], {"customer_id": "CUS-1"}, {"orders": [order, other]})],
        [*world.entities.values()],
    )  # fmt: skip
    whole = "2 × Chopping board (19.90 euros each); 2 × Bread tin (21.50 euros each)"
    assert whole in report(scene, 0)
    assert "2 × Chopping board and 2 × Bread tin" in report(scene, 1)


def test_a_task_becomes_urgent_only_where_it_is_due_within_two_weeks() -> None:
    projects, today = InferredBackend(own_world("projects")), date.fromisoformat(CLOCK[:10])
    environment = projects.open(3, CLOCK)
    rows = environment.store.rows(projects.world.entities["projects/task"])
    due = [row for row in rows if row.get("due_date")]
    found = {}
    for row in due:
        far = (date.fromisoformat(row["due_date"]) - today).days > 14
        asked = {"task_id": row["task_id"], "priority": "urgent"}
        found[far] = projects.violations(environment, "update_task", asked)
        assert ("An urgent task is due within two weeks." in found[far]) is far
    assert {*found} == {True, False}


def test_money_of_savings_stays_and_nobody_flies_twice_a_day_by_rules_that_are_told() -> None:
    bank, travel = (InferredBackend(own_world(name)) for name in ("banking", "travel"))
    environment = bank.open(3, CLOCK)
    accounts = environment.store.rows(bank.world.entities["banking/account"])
    savings = next(one for one in accounts if one["account_type"] == "savings")
    told = {"account_id": savings["account_id"], "amount": 5}
    broken = bank.violations(environment, "send_transfer", told)
    assert "Money from a savings account goes to accounts of the same person only." in broken
    environment = travel.open(3, CLOCK)
    bookings, flights = (environment.store.rows(travel.world.entities[name])
                         for name in ("travel/booking", "travel/flight"))  # fmt: skip
    booking = next(one for one in bookings if one["status"] == "confirmed")
    day, own = booking["departure_date"], booking["flight_id"]
    other = next(o for o in flights if o["departure_date"] == day and o["flight_id"] != own)
    told = {name: booking[name] for name in ("passengers", "contact_email")}
    told["flight_id"] = other["flight_id"]
    broken = travel.violations(environment, "book_flight", told)
    assert "Nobody is booked on two flights of one day." in broken
