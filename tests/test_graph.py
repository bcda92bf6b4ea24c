"""The graph: its edges lead from values that exist to the parameters that want them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.catalogues import read_standing
from generators.embedding import Embedder, HashEmbedder, Vectors, WordEmbedder
from generators.graph.result_leaves import ResultReader
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.graph import Edge
from tests.worlds import shop, worlds

HERE = Path(__file__).resolve().parents[1]
OWN = HERE / "data" / "catalogs"
RETAIL = HERE.parent / "shared" / "real" / "tau2_retail" / "retail.json"
GITHUB = HERE.parent / "shared" / "real" / "mcp" / "github_mcp_server_tools_list.json"
few = settings(max_examples=20, deadline=None)


class Blind:
    """Finds all texts alike."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 1), dtype=np.float32)


def has_edge(graph: ToolGraph, producer: str, consumer: str, parameter: str) -> bool:
    return any(edge.producer == producer for edge in graph.feeding(consumer, parameter))


def methods(graph: ToolGraph, producer: str, consumer: str) -> set[str]:
    return {edge.method for edge in graph.between(producer, consumer)}


@pytest.mark.parametrize("embedder", [WordEmbedder(), HashEmbedder()])
def test_vectors_are_of_length_one_even_for_an_empty_text(embedder: Embedder) -> None:
    vectors = embedder.embed(["the id of an order", "", "Straße №5"])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, vectors.shape[1])


@pytest.mark.parametrize("embedder", [WordEmbedder(), HashEmbedder()])
def test_texts_of_like_meaning_are_nearer_than_others(embedder: Embedder) -> None:
    order, orders, city = embedder.embed(["order identifier", "the order's identifier", "a city"])
    assert order @ orders > order @ city


@few
@given(worlds())
def test_every_edge_leads_from_a_result_leaf_to_a_parameter_of_another_tool(world: World) -> None:
    reader = ResultReader(world)
    graph = build_graph(world, HashEmbedder())
    for edge in graph.edges:
        assert edge.producer != edge.consumer
        assert 0 < edge.score <= 1
        assert edge.evidence
        assert edge.result_path in {x.path for x in reader.list_leaves(world.models[edge.producer])}
        assert world.models[edge.consumer].parameter(edge.parameter).path == edge.parameter


@few
@given(worlds())
def test_rows_of_one_domain_are_not_named_in_another(world: World) -> None:
    for edge in build_graph(world, HashEmbedder()).edges:
        domains = {world.models[name].tool.domain for name in (edge.producer, edge.consumer)}
        assert (len(domains) == 2) == (edge.method == "value")


@few
@given(worlds())
def test_a_graph_is_the_same_after_a_round_trip_through_json(world: World) -> None:
    graph = build_graph(world, HashEmbedder())
    back = ToolGraph.from_json(json.loads(json.dumps(graph.to_json())))
    assert back.edges == graph.edges
    assert back.tools == graph.tools
    assert back.to_json() == graph.to_json()


@few
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_tools_does_not_matter(world: World, random: Any) -> None:
    names, keys = list(world.models), list(world.entities)
    random.shuffle(names)
    random.shuffle(keys)
    shuffled = replace(
        world,
        models={name: world.models[name] for name in names},
        entities={key: world.entities[key] for key in keys},
    )
    assert build_graph(shuffled, HashEmbedder()).edges == build_graph(world, HashEmbedder()).edges


@few
@given(worlds())
def test_feeding_is_best_first_and_agrees_with_the_edges(world: World) -> None:
    graph = build_graph(world, HashEmbedder())
    places = {(edge.consumer, edge.parameter) for edge in graph.edges}
    fed = [edge for place in sorted(places) for edge in graph.feeding(*place)]
    assert fed == list(graph.edges)
    for place in places:
        scores = [edge.score for edge in graph.feeding(*place)]
        assert scores == sorted(scores, reverse=True)


@few
@given(worlds())
def test_an_id_can_be_had_from_the_list_of_its_entity(world: World) -> None:
    graph = build_graph(world, HashEmbedder())
    for model in world.models.values():
        for parameter in model.parameters:
            source = f"list_{(parameter.entity or '/').partition('/')[2]}"
            if parameter.opaque and source in world.models and source != model.name:
                assert has_edge(graph, source, model.name, parameter.path)


@pytest.mark.parametrize("embedder", [WordEmbedder(), HashEmbedder(), Blind()])
@pytest.mark.parametrize(
    ("producer", "path", "consumer", "parameter"),
    [
        ("find_customer", "customers[].customer_id", "list_orders", "customer_id"),
        ("list_orders", "orders[].order_id", "get_order", "order_id"),
        ("get_order", "order_id", "cancel_order", "order_id"),
        ("search_products", "results[].id", "create_order", "product_ids[]"),
        ("search_products", "results[].id", "get_product", "product_id"),
        ("get_order", "product_id", "get_product", "product_id"),
        ("list_accounts", "accounts[].account_id", "transfer_money", "to_account_id"),
        ("search_repositories", "items[].repo", "list_issues", "repo"),
        ("search_repositories", "items[].owner", "list_issues", "owner"),
        ("list_issues", "issues[].number", "get_issue", "number"),
        ("list_issues", "issues[].owner", "get_issue", "owner"),
        ("find_customer", "customers[].city", "get_forecast", "city"),
    ],
)
def test_edges_of_the_shop_that_anyone_would_draw(
    embedder: Embedder, producer: str, path: str, consumer: str, parameter: str
) -> None:
    edges = build_graph(shop(), embedder).feeding(consumer, parameter)
    assert (producer, path) in {(edge.producer, edge.result_path) for edge in edges}


def test_a_tool_that_gives_back_what_it_was_given_is_an_echo() -> None:
    graph = build_graph(shop(), HashEmbedder())
    assert methods(graph, "get_order", "cancel_order") == {"echo"}
    assert methods(graph, "list_orders", "cancel_order") == {"identity"}


def test_nobody_learns_an_id_from_the_deletion_of_its_row() -> None:
    graph = build_graph(shop(), HashEmbedder())
    assert not [edge for edge in graph.edges if edge.producer == "delete_order"]


def test_what_a_row_holds_already_is_not_offered_in_its_own_place() -> None:
    graph = build_graph(shop(), HashEmbedder())
    assert not has_edge(graph, "get_order", "swap_product", "product_id")
    assert has_edge(graph, "search_products", "swap_product", "product_id")


def test_switches_queries_and_totals_are_left_alone() -> None:
    graph = build_graph(shop(), HashEmbedder())
    assert not graph.feeding("search_products", "query")
    assert not [edge for edge in graph.edges if edge.result_path in ("total", "message", "status")]


def test_the_graph_counts_what_it_holds() -> None:
    edges = [
        Edge(producer="a", result_path="id", consumer="b", parameter=parameter, score=0.5,
             method="name")
        for parameter in ("x", "y")
    ]  # fmt: skip
    stats = ToolGraph(["a", "b", "c"], edges).stats()
    assert (stats["tools"], stats["edges"], stats["pairs"], stats["isolated"]) == (3, 2, 1, 1)
    assert stats["density"] == pytest.approx(1 / 6, abs=1e-4)


def test_a_world_without_results_has_a_graph_without_edges() -> None:
    assert build_graph(World({}, {}), HashEmbedder()).edges == ()


@cache
def graph_of(path: Path) -> ToolGraph:
    if not path.exists():
        pytest.skip(f"{path.name} of the shared folder is not here")
    return build_graph(infer_world(read_standing(path).tools), WordEmbedder())


@pytest.mark.parametrize(
    ("producer", "consumer", "parameter"),
    [
        ("search_flights", "book_flight", "flight_id"),
        ("find_bookings", "move_booking", "booking_id"),
        ("search_flights", "move_booking", "flight_id"),
        ("search_hotels", "book_hotel", "hotel_id"),
        ("get_flight", "search_hotels", "city"),
        ("find_customers", "list_orders", "customer_id"),
        ("list_orders", "cancel_order", "order_id"),
        ("list_orders", "request_return", "product_ids[]"),
        ("search_products", "place_order", "items[].product_id"),
        ("list_accounts", "send_transfer", "account_id"),
        ("find_payees", "send_transfer", "payee_id"),
        ("list_events", "book_room", "event_id"),
        ("search_rooms", "book_room", "room_id"),
        ("find_contacts", "create_event", "guest_emails[]"),
        ("find_patients", "book_appointment", "patient_id"),
        ("search_doctors", "book_appointment", "doctor_id"),
        ("list_prescriptions", "request_refill", "prescription_id"),
        ("list_dishes", "place_food_order", "items[].dish_id"),
        ("get_food_order", "get_courier", "courier_id"),
        ("find_members", "list_loans", "member_id"),
        ("list_fines", "pay_fine", "fine_id"),
        ("search_projects", "list_tasks", "project_id"),
        ("find_teammates", "assign_task", "teammate_id"),
    ],
)
def test_edges_of_the_own_catalogues(producer: str, consumer: str, parameter: str) -> None:
    assert has_edge(graph_of(OWN), producer, consumer, parameter)


@pytest.mark.parametrize(
    ("producer", "consumer", "parameter"),
    [
        ("find_bookings", "move_booking", "flight_id"),  # it is on that flight already
        ("list_tasks", "assign_task", "teammate_id"),
        ("find_contacts", "add_contact", "email"),
        ("search_products", "request_return", "product_ids[]"),  # not in the order
        ("list_accounts", "list_tasks", "project_id"),
    ],
)
def test_edges_that_nobody_would_draw(producer: str, consumer: str, parameter: str) -> None:
    assert not has_edge(graph_of(OWN), producer, consumer, parameter)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("producer", "consumer", "parameter"),
    [
        ("find_user_id_by_email", "get_user_details", "user_id"),
        ("find_user_id_by_name_zip", "get_user_details", "user_id"),
        ("get_user_details", "get_order_details", "order_id"),
        ("list_all_product_types", "get_product_details", "product_id"),
        ("get_order_details", "return_delivered_order_items", "item_ids[]"),
        ("get_product_details", "exchange_delivered_order_items", "new_item_ids[]"),
    ],
)
def test_edges_of_a_shop_that_others_wrote(producer: str, consumer: str, parameter: str) -> None:
    assert has_edge(graph_of(RETAIL), producer, consumer, parameter)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("producer", "consumer", "parameter"),
    [
        ("list_issues", "issue_read", "issue_number"),
        ("search_repositories", "list_issues", "repo"),
        ("list_commits", "get_commit", "sha"),
        ("list_gists", "get_gist", "gist_id"),
        ("list_notifications", "dismiss_notification", "threadID"),
    ],
)
def test_edges_of_a_code_host_without_result_schemas(
    producer: str, consumer: str, parameter: str
) -> None:
    assert has_edge(graph_of(GITHUB), producer, consumer, parameter)


def test_networkx_reads_and_writes_the_same_node_link_form() -> None:
    import networkx as nx

    graph = build_graph(shop(), HashEmbedder())
    assert nx.node_link_data(graph.network, edges="edges") == graph.to_json()
