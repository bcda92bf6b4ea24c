"""Small worlds for the tests of graph and sampler: a shop by hand, and others by Hypothesis."""

from collections.abc import Iterable, Mapping, Sequence

from hypothesis import strategies as st

from generators.lexicon.verbs import Operation
from generators.world.model import Entity, Field, ParameterModel, ToolModel, Use, World
from schemas.record import JsonObject
from schemas.semantic import SemanticType
from schemas.tool import ToolSource, ToolSpec

TEXT: JsonObject = {"type": "string"}
SOURCE = ToolSource(format="mcp", path="tests.json")


def entity(
    domain: str,
    noun: str,
    identity: Sequence[str],
    fields: Mapping[str, SemanticType | str],
) -> Entity:
    """``fields``: a semantic type, or the key of the entity whose row is named."""
    columns = {}
    for name, kind in fields.items():
        other = str(kind) if "/" in kind else None
        semantic: SemanticType = "opaque_id" if other else kind  # type: ignore[assignment]
        columns[name] = Field(name, TEXT, semantic, other)
    return Entity(f"{domain}/{noun}", noun, domain, tuple(identity), columns)


def wants(
    path: str,
    use: Use = "filter",
    entity: str | None = None,
    semantic: SemanticType = "opaque_id",
    *,
    required: bool = True,
    **schema: object,
) -> ParameterModel:
    """A parameter of type string, if nothing else is said."""
    return ParameterModel(path, {**TEXT, **schema}, required, semantic, use, entity, path)


def row(names: Iterable[str]) -> JsonObject:
    return {"type": "object", "properties": {name: dict(TEXT) for name in names}}


def rows(key: str, names: Iterable[str]) -> JsonObject:
    listed = {key: {"type": "array", "items": row(names)}, "total": {"type": "integer"}}
    return {"type": "object", "properties": listed}


def tool(
    name: str,
    operation: Operation,
    about: Entity | None,
    parameters: Sequence[ParameterModel],
    returns: JsonObject,
    *,
    domain: str = "",
    transition: tuple[str, str] | None = None,
    description: str = "",
) -> ToolModel:
    domain = domain or (about.domain if about else "general")
    names = [p.path.partition("[")[0] for p in parameters]
    schema: JsonObject = {
        "type": "object",
        "properties": {name: p.schema for name, p in zip(names, parameters, strict=True)},
        "required": [n for n, p in zip(names, parameters, strict=True) if p.required],
    }
    spec = ToolSpec(
        name=name,
        wire_name=name,
        description=description or name.replace("_", " "),
        parameters=schema,
        domain=domain,
        source=SOURCE,
    )
    verb, _, noun = name.partition("_")
    noun = about.noun if about else noun.replace("_", " ")
    key = about.key if about else None
    return ToolModel(
        spec, operation, verb, noun, key, tuple(parameters), returns, False, transition
    )


def world_of(tools: Iterable[ToolModel], entities: Iterable[Entity]) -> World:
    return World({t.name: t for t in tools}, {e.key: e for e in entities})


def shop() -> World:
    """Customers, their orders, products, accounts; issues with a composite identity; weather."""
    customer = entity("shop", "customer", ["customer_id"], {
        "customer_id": "opaque_id", "email": "email", "city": "city"})  # fmt: skip
    product = entity("shop", "product", ["id"], {"id": "opaque_id", "title": "title"})
    order = entity("shop", "order", ["order_id"], {
        "order_id": "opaque_id", "customer_id": "shop/customer", "product_id": "shop/product",
        "status": "enum"})  # fmt: skip
    account = entity("shop", "account", ["account_id"], {"account_id": "opaque_id"})
    repository = entity("code", "repository", ["owner", "repo"], {
        "owner": "handle", "repo": "handle"})  # fmt: skip
    issue = entity("code", "issue", ["owner", "repo", "number"], {
        "owner": "handle", "repo": "handle", "number": "number_id", "title": "title"})  # fmt: skip
    weather = entity("weather", "forecast", ["city"], {"city": "city"})

    order_id = wants("order_id", "identity", order.key)
    repo = (
        wants("owner", "reference", repository.key, "handle"),
        wants("repo", "reference", repository.key, "handle"),
    )
    issue_row = row(["owner", "repo", "title"])
    issue_row["properties"]["number"] = {"type": "integer"}
    one_issue = (
        wants("owner", "identity", issue.key, "handle"),
        wants("repo", "identity", issue.key, "handle"),
        wants("number", "identity", issue.key, "number_id", type="integer"),
    )
    tools = [
        tool("find_customer", "list", customer, [wants("email", semantic="email")],
             rows("customers", customer.fields)),
        tool("list_orders", "list", order, [wants("customer_id", "reference", customer.key)],
             rows("orders", order.fields)),
        tool("get_order", "get", order, [order_id], row(order.fields)),
        tool("cancel_order", "update", order, [order_id], row(order.fields),
             transition=("status", "cancelled")),
        tool("ship_order", "update", order, [order_id], row(order.fields),
             transition=("status", "shipped")),
        tool("swap_product", "update", order,
             [order_id, wants("product_id", "reference", product.key)], row(order.fields)),
        tool("delete_order", "delete", order, [order_id], row(["order_id"])),
        tool("create_order", "create", order,
             [wants("customer_id", "reference", customer.key),
              wants("product_ids[]", "reference", product.key)], row(order.fields)),
        tool("search_products", "list", product, [wants("query", "query", semantic="query")],
             rows("results", product.fields)),
        tool("get_product", "get", product, [wants("product_id", "identity", product.key)],
             row(product.fields)),
        tool("list_accounts", "list", account, [], rows("accounts", account.fields)),
        tool("transfer_money", "update", account,
             [wants("from_account_id", "identity", account.key),
              wants("to_account_id", "reference", account.key)], row(["account_id"])),
        tool("redeem_voucher", "compute", None, [wants("voucher_id")], row(["message"]),
             domain="shop"),
        tool("search_repositories", "list", repository, [wants("query", "query", semantic="query")],
             rows("items", repository.fields)),
        tool("list_issues", "list", issue, repo,
             {"type": "object", "properties": {"issues": {"type": "array", "items": issue_row}}}),
        tool("get_issue", "get", issue, one_issue, issue_row),
        tool("close_issue", "update", issue, one_issue, issue_row, transition=("state", "closed")),
        tool("get_forecast", "get", weather, [wants("city", "identity", weather.key, "city")],
             row(["city", "summary"])),
    ]  # fmt: skip
    return world_of(tools, [customer, product, order, account, repository, issue, weather])


NOUNS = ("order", "ticket", "parcel", "invoice", "room", "device")
OPERATIONS: tuple[Operation, ...] = ("list", "get", "create", "update", "delete")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One to two domains with up to six entities, some of which refer to others."""
    nouns = draw(st.lists(st.sampled_from(NOUNS), min_size=1, max_size=6, unique=True))
    entities: list[Entity] = []
    tools: list[ToolModel] = []
    for noun in nouns:
        domain = draw(st.sampled_from(("north", "south")))
        identity = [f"{noun}_id"] if draw(st.booleans()) else ["owner", f"{noun}_number"]
        fields: dict[str, SemanticType | str] = {
            name: "opaque_id" if name.endswith("_id") else "handle" for name in identity
        } | {"city": "city"}
        others = [e for e in entities if e.domain == domain and len(e.identity) == 1]
        refers = draw(st.booleans())
        if others and refers:
            other = draw(st.sampled_from(others))
            fields[other.identity[0]] = other.key
        about = entity(domain, noun, identity, fields)
        entities.append(about)
        operations = draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, unique=True))
        tools += [_tool(about, operation) for operation in operations]
    return world_of(tools, entities)


def _tool(about: Entity, operation: Operation) -> ToolModel:
    identity = [
        wants(name, "identity", about.key, about.fields[name].semantic) for name in about.identity
    ]
    references = [
        wants(name, "reference", field.entity)
        for name, field in about.fields.items()
        if field.entity
    ]
    parameters = {
        "list": [*references, wants("city", semantic="city", required=False)],
        "create": [*references, wants("city", "field", semantic="city")],
        "update": [*identity, wants("city", "field", semantic="city")],
    }.get(operation, identity)
    many = rows(f"{about.noun}s", about.fields)
    returns = many if operation == "list" else row(about.fields)
    return tool(f"{operation}_{about.noun}", operation, about, parameters, returns)
