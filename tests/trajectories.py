"""One correct conversation with a tiny furniture shop, written by hand."""

from collections.abc import Sequence
from typing import Any

from schemas.brief import Brief, Known, Meant, Wish
from schemas.canonical import content_hash
from schemas.environment import CallOutcome, Change
from schemas.graph import ChainStep, Feed, ToolChain
from schemas.message import (
    ArgumentSource,
    AssistantMessage,
    Call,
    Fault,
    FromDefault,
    FromResult,
    FromUser,
    Message,
    Source,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from schemas.record import JsonObject
from schemas.task import (
    Acceptance,
    Assertion,
    CallPattern,
    Fact,
    GoldCall,
    MustSay,
    Origin,
    Persona,
    SamplerNote,
    Task,
    TaskTurn,
)
from schemas.tool import Effect, ToolSource, ToolSpec
from schemas.trajectory import Roles, Trajectory

CLOCK = "2026-03-02T09:00:00+01:00"
POLICY = (
    "You are the assistant of a furniture shop. Ask before you order anything. "
    "It is Monday, 2 March 2026, 09:00."
)
BUSY = Fault(kind="rate_limited")
STOCK: tuple[JsonObject, ...] = (
    {"product_id": "p-31", "name": "Oak desk, small", "price": 189.5, "stock": 4},
    {"product_id": "p-47", "name": "Oak desk, large", "price": 249, "stock": 2},
    {"product_id": "p-52", "name": "Pine shelf", "price": 61.25, "stock": 9},
)
HOURS = {"saturday": ("10:00", "16:00"), "sunday": ("11:00", "15:00")}


class Shop:
    """The environment: a stock, and the orders that were placed."""

    def __init__(self, task: Task) -> None:
        del task  # every task meets the same shop
        self.orders: dict[str, JsonObject] = {}

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        if fault:
            return error(fault.kind, "The service did not take it.")
        operations = {
            "search_products": self._search,
            "place_order": self._order,
            "get_order": self._get,
            "get_hours": self._hours,
        }
        return operations[name](arguments)

    def state_hash(self) -> str:
        return content_hash(self.orders)

    def changes(self) -> tuple[Change, ...]:
        return tuple(
            Change(table="orders", key=key, before=None, after=row)
            for key, row in self.orders.items()
        )

    def rows(self, table: str) -> Sequence[JsonObject]:
        return {"products": STOCK, "orders": tuple(self.orders.values())}.get(table, ())

    def snapshot(self) -> dict[str, JsonObject]:
        return dict(self.orders)

    def restore(self, snapshot: dict[str, JsonObject]) -> None:
        self.orders = dict(snapshot)

    def _search(self, arguments: JsonObject) -> CallOutcome:
        words = arguments["query"].casefold().split()
        found = [item for item in STOCK if all(word in item["name"].casefold() for word in words)]
        return CallOutcome(content={"products": found[: arguments["limit"]], "total": len(found)})

    def _order(self, arguments: JsonObject) -> CallOutcome:
        prices = {item["product_id"]: item["price"] for item in STOCK}
        if arguments["product_id"] not in prices:
            return error("not_found", "There is no such product.")
        order = {
            "order_id": f"W-{1001 + len(self.orders)}",
            **arguments,
            "total": prices[arguments["product_id"]] * arguments["quantity"],
            "order_status": "placed",
        }
        self.orders[order["order_id"]] = order
        return CallOutcome(content=order)

    def _get(self, arguments: JsonObject) -> CallOutcome:
        order = self.orders.get(arguments["order_id"])
        return CallOutcome(content=order) if order else error("not_found", "No such order.")

    def _hours(self, arguments: JsonObject) -> CallOutcome:
        opens, closes = HOURS[arguments["day"]]
        return CallOutcome(content={"day": arguments["day"], "opens": opens, "closes": closes})


def error(code: str, message: str) -> CallOutcome:
    return CallOutcome(content={"error": {"code": code, "message": message}}, is_error=True)


def _object(required: tuple[str, ...], **properties: JsonObject) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required)}


def _tool(name: str, effect: Effect, parameters: JsonObject, returns: JsonObject) -> ToolSpec:
    return ToolSpec(
        name=name,
        wire_name=name,
        parameters={**parameters, "additionalProperties": False},
        returns=returns,
        effect=effect,
        domain="shop",
        source=ToolSource(format="hand", path="shop.json"),
    )


_TEXT: JsonObject = {"type": "string"}
_COUNT: JsonObject = {"type": "integer", "minimum": 1}
_DAY: JsonObject = {"type": "string", "format": "date"}
_PRODUCT = _object(
    ("product_id", "name", "price"),
    product_id=_TEXT, name=_TEXT, price={"type": "number"}, stock={"type": "integer"},
)  # fmt: skip
_ORDER = _object(
    ("order_id", "total", "order_status"),
    order_id=_TEXT, total={"type": "number"}, order_status={"enum": ["placed", "sent"]},
)  # fmt: skip
TOOLS = (
    _tool(
        "search_products",
        "read",
        _object(("query",), query=_TEXT, limit={"type": "integer", "default": 5, "maximum": 50}),
        _object(("products", "total"), products={"type": "array", "items": _PRODUCT}, total=_COUNT),
    ),
    _tool(
        "place_order",
        "write",
        _object(
            ("product_id", "quantity", "delivery_date"),
            product_id=_TEXT, quantity=_COUNT, delivery_date=_DAY, note=_TEXT,
        ),
        _ORDER,
    ),
    _tool("get_order", "read", _object(("order_id",), order_id=_TEXT), _ORDER),
    _tool(
        "get_hours",
        "read",
        _object(("day",), day={"type": "string", "enum": sorted(HOURS)}),
        _object(("day", "opens", "closes"), day=_TEXT, opens=_TEXT, closes=_TEXT),
    ),
)  # fmt: skip

SEARCH = {"query": "oak desk", "limit": 5}
ORDER = {"product_id": "p-31", "quantity": 2, "delivery_date": "2026-03-12"}
FOUND = (
    '{"products": [{"product_id": "p-31", "name": "Oak desk, small", "price": 189.5, "stock": 4},'
    ' {"product_id": "p-47", "name": "Oak desk, large", "price": 249, "stock": 2}], "total": 2}'
)
PLACED = (
    '{"order_id": "W-1001", "product_id": "p-31", "quantity": 2, "delivery_date": "2026-03-12",'
    ' "total": 379.0, "order_status": "placed"}'
)
OPEN = '{"day": "saturday", "opens": "10:00", "closes": "16:00"}'
FAILED = '{"error": {"code": "rate_limited", "message": "The service did not take it."}}'
EMPTY_STATE = content_hash({})
ORDERED_STATE = content_hash({"W-1001": {"order_id": "W-1001", **ORDER, "total": 379,
                                         "order_status": "placed"}})  # fmt: skip


def _gold() -> tuple[TaskTurn, ...]:
    said = {path: Origin(path=path, kind="user") for path in ("query", "quantity", "delivery_date")}
    search = GoldCall(
        tool="search_products", arguments=SEARCH, result=FOUND,
        origins=(said["query"], Origin(path="limit", kind="default")),
    )  # fmt: skip
    product = Origin(path="product_id", kind="result", call=0, result_path="products[0].product_id")
    order = GoldCall(
        tool="place_order", arguments=ORDER, result=PLACED, fault=BUSY,
        origins=(product, said["quantity"], said["delivery_date"]),
    )  # fmt: skip
    placed = Origin(path="order_id", kind="result", call=1, result_path="order_id")
    get = GoldCall(
        tool="get_order", arguments={"order_id": "W-1001"}, origins=(placed,), result=PLACED
    )
    hours = GoldCall(
        tool="get_hours", arguments={"day": "saturday"}, result=OPEN,
        origins=(Origin(path="day", kind="user"),),
    )  # fmt: skip
    return (
        TaskTurn(intent="find an oak desk", calls=(search,)),
        TaskTurn(intent="order two of the small ones", calls=(order,), confirm=True),
        TaskTurn(
            intent="see how the order is doing, and when the shop is open", calls=(get, hours)
        ),
        TaskTurn(intent="have an old chair repaired", outcome="refuse"),
    )


TASK = Task(
    domain="shop",
    tools=tuple(tool.wire_name for tool in TOOLS),
    persona=Persona(name="Ida Brandt", style="terse"),
    brief=Brief(
        who="Ida Brandt",
        situation="Furnishes a study for two.",
        wishes=(
            Wish(
                ask="find an oak desk",
                know=(Known(call=0, path="query", label="words", value="oak desk"),),
            ),
            Wish(
                ask="order two of the small ones",
                why="the room is small",
                know=(Known(call=1, path="quantity", label="quantity", value=2),),
                held_back=(Known(call=1, path="delivery_date", label="day", value="2026-03-12"),),
                which=(Meant(call=0, row="products[0]", noun="product", words="the smaller desk"),),
            ),
            Wish(ask="see how the order is doing, and when the shop is open"),
            Wish(ask="have an old chair repaired", ends="You accept a no."),
        ),
    ),
    policy=POLICY,
    clock=CLOCK,
    environment_seed=0,
    turns=_gold(),
    known=(Fact(call=0, path="query", value="oak desk", semantic="query"),),
    chain=ToolChain(
        steps=(
            ChainStep(tool="search_products"),
            ChainStep(
                tool="place_order",
                feeds=(Feed(parameter="product_id", step=0, result_path="products[].product_id"),),
            ),
            ChainStep(
                tool="get_order",
                feeds=(Feed(parameter="order_id", step=1, result_path="order_id"),),
            ),
            ChainStep(tool="get_hours"),
        ),
        turns=((0,), (1,), (2, 3)),
        seed=0,
    ),
    operators=("confirm", "fault", "parallel", "refuse"),
    sampler=SamplerNote(policy="random_walk", seed=0),
    initial_state=EMPTY_STATE,
    final_state=ORDERED_STATE,
    acceptance=Acceptance(
        assertions=(Assertion(table="orders", key="W-1001", row={"quantity": 2, "total": 379}),),
        must_say=(
            MustSay(turn=1, call=1, path="order_id", value="W-1001"),
            MustSay(turn=1, call=1, path="total", value=379.0),
        ),
        must_call=(CallPattern(tool="get_hours", turn=2, arguments={"day": "saturday"}),),
        must_not_call=(CallPattern(tool="place_order", arguments={"quantity": 20}),),
    ),
)


def source(path: str, given: Source) -> ArgumentSource:
    return ArgumentSource(path=path, source=given)


def said(message: int, span: str, rule: str) -> FromUser:
    return FromUser(message=message, span=span, rule=rule)


def _calls() -> dict[str, Call]:
    order = (
        source("product_id", FromResult(message=3, path="products[0].product_id")),
        source("quantity", said(5, "two", "number")),
        source("delivery_date", said(5, "the 12th of March", "date")),
    )
    search = (source("query", said(1, "oak desk", "literal")), source("limit", FromDefault()))
    calls = (
        Call(id="c1", name="search_products", arguments=SEARCH, provenance=search),
        Call(id="c2", name="place_order", arguments=ORDER, provenance=order),
        Call(id="c3", name="place_order", arguments=ORDER, provenance=order),
        Call(
            id="c4", name="get_order", arguments={"order_id": "W-1001"},
            provenance=(source("order_id", FromResult(message=11, path="order_id")),),
        ),
        Call(
            id="c5", name="get_hours", arguments={"day": "saturday"},
            provenance=(source("day", said(13, "Saturday", "words")),),
        ),
    )  # fmt: skip
    return {call.id: call for call in calls}


def _messages() -> tuple[Message, ...]:
    c = _calls()
    written: list[tuple[type[Any], int, JsonObject]] = [
        (SystemMessage, 0, {"text": POLICY}),
        (UserMessage, 0, {"act": "request", "text": "Hi, do you have an oak desk?"}),
        (AssistantMessage, 0, {"act": "call", "calls": (c["c1"],)}),
        (ToolMessage, 0, {"call_id": "c1", "name": "search_products", "content": FOUND}),
        (AssistantMessage, 0, {"act": "report", "text": "I found 2 of them: “Oak desk, small” for "
                               "$189.50 and “Oak desk, large” for $249.00."}),
        (UserMessage, 1, {"act": "choose", "text": "I'll take two of the small ones, delivered on "
                          "the 12th of March."}),
        (AssistantMessage, 1, {"act": "confirm", "text": "That is 2 times “Oak desk, small”, to be "
                               "delivered on March 12. Shall I order them?"}),
        (UserMessage, 1, {"act": "affirm", "text": "Yes, please."}),
        (AssistantMessage, 1, {"act": "call", "calls": (c["c2"],)}),
        (ToolMessage, 1, {"call_id": "c2", "name": "place_order", "content": FAILED,
                          "is_error": True, "fault": BUSY}),
        (AssistantMessage, 1, {"act": "retry", "text": "The service is busy, so I try once more.",
                               "calls": (c["c3"],)}),
        (ToolMessage, 1, {"call_id": "c3", "name": "place_order", "content": PLACED}),
        (AssistantMessage, 1, {"act": "report", "text": "Done: order W-1001 comes to $379 and "
                               "arrives on the 12th of March."}),
        (UserMessage, 2, {"act": "request", "text": "How is that order doing, and when are you "
                          "open on Saturday?"}),
        (AssistantMessage, 2, {"act": "call", "calls": (c["c4"], c["c5"])}),
        (ToolMessage, 2, {"call_id": "c4", "name": "get_order", "content": PLACED}),
        (ToolMessage, 2, {"call_id": "c5", "name": "get_hours", "content": OPEN}),
        (AssistantMessage, 2, {"act": "report", "text": "It is placed. On Saturday the shop is "
                               "open from 10 am to 4 pm."}),
        (UserMessage, 3, {"act": "unsupported_request", "text": "Could you also repair my old "
                          "chair?"}),
        (AssistantMessage, 3, {"act": "refuse", "text": "I am sorry, repairs are nothing that I "
                               "can arrange."}),
    ]  # fmt: skip
    return tuple(
        kind(index=index, turn=turn, timestamp=f"2026-03-02T09:{index:02d}:00+01:00", **rest)
        for index, (kind, turn, rest) in enumerate(written)
    )


GOOD = Trajectory(
    index=0,
    seed=1,
    roles=Roles(),
    task=TASK,
    tools=TOOLS,
    messages=_messages(),
    final_state=ORDERED_STATE,
)
