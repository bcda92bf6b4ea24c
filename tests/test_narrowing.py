"""What is said of a catalogue holds of its rest, where a tool or a parameter is left out."""

from generators.backends.trial import try_tools
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from generators.world.narrowing import narrow_sources
from schemas.demand import Demand
from schemas.tool import Catalog
from schemas.world_model import (
    DomainMeaning,
    EntityMeaning,
    FieldMeaning,
    GoalMeaning,
    Need,
    ParameterMeaning,
    ToolMeaning,
    WorldModel,
    WorldSource,
)
from tests.test_inference import TEXT, tool

CLOCK = "2026-01-15T09:00:00+00:00"
SHOP = (
    tool("list_apps", {}, description="Lists the apps."),
    tool("start_app", {"package_name": TEXT}, {"zq": TEXT}, description="Starts an app."),
    tool("wipe_app", {"package_name": TEXT}, description="Wipes an app."),
)
SAID = WorldModel(
    domains={
        "shop": DomainMeaning(
            goals=(
                GoalMeaning(id="start", tools=("list_apps", "start_app"), goes_with=("wipe",)),
                GoalMeaning(id="wipe", tools=("list_apps", "wipe_app")),
            )
        )
    },
    entities={
        "app": EntityMeaning(
            identity=("package_name",),
            named_by=("name",),
            fields={
                "name": FieldMeaning(
                    semantic="title",
                    json_schema={"type": "string"},
                    implies={
                        "Chess": {"package_name": "org.chess"},
                        "Maps": {"package_name": "org.maps"},
                    },
                ),
                "package_name": FieldMeaning(semantic="label"),
            },
        )
    },
    tools={
        "list_apps": ToolMeaning(operation="list", entity="app", shows=("name", "package_name")),
        "start_app": ToolMeaning(
            operation="update",
            entity="app",
            parameters={"zq": ParameterMeaning(use="option")},
            demands=(Demand(kind="needed", parameters=("zq",)),),
            needs=(Need(require="zq is missing or zq != 'x'"), Need(require="row.name != ''")),
        ),
        "wipe_app": ToolMeaning(operation="delete", entity="app"),
    },
)


SOURCE = WorldSource(file="shop.world.yaml", domains=("shop",), world=SAID)


def test_a_goal_goes_with_its_tool_and_the_field_that_it_alone_told_stays() -> None:
    kept = SHOP[:1]
    narrowed = narrow_sources((SOURCE,), SHOP, kept)
    world = infer_world(kept, narrowed)
    assert world.domains["shop"].goals == ()
    app = world.entities["shop/app"]
    assert app.identity == ("package_name",)
    assert app.fields["package_name"].schema["type"] == "string"
    two = narrow_sources((SOURCE,), SHOP, SHOP[:2])
    (goal,) = infer_world(SHOP[:2], two).domains["shop"].goals
    assert (goal.id, goal.goes_with) == ("start", ())


def test_what_is_said_of_a_parameter_that_is_left_out_goes_with_it() -> None:
    bare = tool("start_app", {"package_name": TEXT}, description="Starts an app.")
    tools = (SHOP[0], bare, SHOP[2])
    model = infer_world(tools, narrow_sources((SOURCE,), SHOP, tools)).models["start_app"]
    assert [one.path for one in model.parameters] == ["package_name"]
    assert model.demands == ()
    assert [one.require for one in model.needs] == ["row.name != ''"]


def test_nothing_is_changed_where_all_tools_are_in() -> None:
    assert narrow_sources((SOURCE,), SHOP, SHOP) == (SOURCE,)


def test_what_is_said_stays_as_it_is_where_tools_are_only_cut_to_pages() -> None:
    cut = [one.model_copy(update={"page_rows": 3}) for one in SHOP]
    assert narrow_sources((SOURCE,), SHOP, cut) == (SOURCE,)


def test_a_tool_that_is_left_out_by_the_trial_costs_nothing_of_what_is_said() -> None:
    tried = try_tools(Catalog(tools=SHOP, worlds=(SOURCE,)), include_doubtful=True)
    assert "zq" not in tried.by_name["start_app"].properties, "nothing tells its values"
    infer_world(tried.tools, tried.worlds)


def test_values_that_imply_what_names_a_row_are_told_by_that() -> None:
    world = infer_world(SHOP, (SOURCE,))
    rows = Sandbox(world, 3, CLOCK).store.rows(world.entities["shop/app"])
    pairs = {(row["name"], row["package_name"]) for row in rows}
    assert pairs <= {("Chess", "org.chess"), ("Maps", "org.maps")}
