"""What a reader says that real tools do, and what is inferred of them."""

import pytest

from benchmarks.operations import ACTS, QUOTAS, Judged, drawn, judged, path_of, read_labels, share
from generators.world.infer import infer_world
from schemas.tool import ToolSpec
from tests.test_inference import TEXT, model_of, rows, tool

TEXTS = {"type": "array", "items": TEXT}
ORDER = tool("get_order", {"order_id": TEXT})
MANY = tool("list_orders", returns=rows("orders", order_id=TEXT, status=TEXT))


@pytest.mark.parametrize(
    ("spec", "act"),
    [
        (tool("get_order", {"order_id": TEXT}), "get"),
        (tool("list_orders", {"customer_id": TEXT}), "list"),
        (tool("list_orders", {"status": TEXT}), "list"),
        (tool("get_orders"), "list"),
        (tool("get_list_of_orders"), "list"),
        (tool("search_orders", {"query": TEXT}), "search"),
        (tool("find_orders_by_status", {"status": TEXT}), "search"),
        (tool("get_orders", {"query": TEXT}), "search"),
        (tool("create_order", {"sku": TEXT}), "create"),
        (tool("update_order", {"order_id": TEXT, "note": TEXT}), "update"),
        (tool("cancel_order", {"order_id": TEXT}), "transition"),
        (tool("set_order_status", {"order_id": TEXT, "status": TEXT}), "update"),
        (tool("mark_order_as_done", {"order_id": TEXT}), "transition"),
        (tool("delete_order", {"order_id": TEXT}), "delete"),
        (tool("convert_currency", {"amount": TEXT}), "compute"),
        (tool("get_weather", {"city": TEXT}), "get"),
    ],
    ids=lambda value: value.name if isinstance(value, ToolSpec) else None,
)
def test_acts_are_finer_than_operations(spec: ToolSpec, act: str) -> None:
    others = [one for one in (ORDER, MANY) if one.name != spec.name]
    assert model_of(spec, *others).act == act


def test_a_name_without_a_verb_is_read_with_its_description() -> None:
    world = infer_world(
        [
            tool("towns_regions", description="List of regions with their codes."),
            tool("x7Rq2Lp", {"k": TEXT}, description="Fetches incidents for a match."),
            tool("parking_lot_find_nearest", {"city": TEXT}),
        ]
    )
    found = {name: (model.act, model.noun) for name, model in world.models.items()}
    assert found == {
        "towns_regions": ("list", "region"),
        "x7Rq2Lp": ("list", "incident"),
        "parking_lot_find_nearest": ("search", "parking lot"),
    }


def test_labels_are_of_known_acts_and_of_what_was_drawn() -> None:
    for part, quotas in QUOTAS.items():
        labels = read_labels(part)
        assert all(set(label.acts) <= set(ACTS) for label in labels)
        counts = {name: sum(label.catalogue == name for label in labels) for name in quotas}
        assert counts == quotas


def test_nine_of_ten_of_our_own_tools_get_an_act_that_a_reader_agrees_with() -> None:
    assert drawn("own", "data/catalogs") == tuple(label.tool for label in read_labels("own"))
    assert share(list(judged(read_labels("own")))) >= 0.9


@pytest.mark.shared
@pytest.mark.parametrize("part", ["first", "fresh"])
def test_nine_of_ten_real_tools_get_an_act_that_a_reader_agrees_with(part: str) -> None:
    labels = read_labels(part)
    missing = [name for name in QUOTAS[part] if not path_of(name).exists()]
    if missing:
        pytest.skip(f"{missing[0]} of the shared folder is not here")
    for name in QUOTAS[part]:
        assert drawn(part, name) == tuple(one.tool for one in labels if one.catalogue == name)
    found = list(judged(labels))
    assert len(found) == sum(QUOTAS[part].values())
    assert share(found) >= 0.9, "\n".join(map(_told, found))


def _told(row: Judged) -> str:
    return f"{row.label.tool}: {row.act}, a reader says {row.label.acts}"


def test_what_is_done_to_what_is_read_off_names_of_other_kinds() -> None:
    world = infer_world(
        [
            tool("createspendlimit", {"limit": TEXT}, description="Create a monthly spend limit."),
            tool("deactivateProjectBadges", {"project_id": TEXT, "badge_id": TEXT}),
            tool("get_project", {"project_id": TEXT}),
            tool("deactivateProjectMasks", {"project_id": TEXT, "mask_ids": TEXTS}),
            tool("drop_files", {"target": TEXT}, description="Drop files onto an element."),
            tool("drop_table", {"table_id": TEXT}, description="Drop a table."),
            tool("geocode_parish_detail", {"code": TEXT}),
            tool("take", {"browserId": TEXT, "pageId": TEXT}, description="Takes it."),
        ]
    )
    found = {name: (model.act, model.noun) for name, model in world.models.items()}
    assert found["createspendlimit"] == ("create", "spend limit")
    assert found["deactivateProjectBadges"] == ("transition", "project badge")
    assert found["deactivateProjectMasks"] == ("transition", "project mask")
    assert found["drop_files"][0] == "update"
    assert found["drop_table"] == ("delete", "table")
    assert found["geocode_parish_detail"][0] == "get"
    assert found["take"][1] == "page"


@pytest.mark.shared
@pytest.mark.parametrize("part", ["others", "third"])
def test_tools_of_untuned_catalogues_get_an_act_and_a_noun_that_a_reader_agrees_with(
    part: str,
) -> None:
    labels = read_labels(part)
    found = [
        row for label in labels if path_of(label.catalogue).exists() for row in judged([label])
    ]
    if not found:
        pytest.skip("the catalogues of the shared folder are not here")
    right = [row for row in found if row.agrees and row.agrees_in_noun]
    assert len(right) >= 0.85 * len(found), "\n".join(map(_told, found))
