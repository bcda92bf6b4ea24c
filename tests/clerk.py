"""Fake models that play the tools of an office: by what the prompt shows, or badly."""

import json
import re
from typing import Any

from generators.importers import NamedDocument, read_catalog
from schemas.chat import ChatReply, ChatRequest
from schemas.tool import Catalog

ORDER = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string"},
        "customer_name": {"type": "string"},
        "status": {"type": "string", "enum": ["open", "shipped", "cancelled"]},
        "total": {"type": "number", "minimum": 1, "maximum": 900},
    },
    "required": ["order_id", "customer_name", "status", "total"],
}


def office() -> Catalog:
    """Orders that are looked up, listed and cancelled."""

    def tool(name: str, text: str, returns: Any, **properties: Any) -> dict[str, Any]:
        parameters = {"type": "object", "properties": properties, "required": list(properties)}
        return {"name": name, "description": text, "inputSchema": parameters,
                "outputSchema": returns}  # fmt: skip

    listed = {"type": "object", "properties": {"orders": {"type": "array", "items": ORDER}},
              "required": ["orders"]}  # fmt: skip
    tools = [
        tool("get_order", "Get an order.", ORDER, order_id={"type": "string"}),
        tool("list_orders", "List orders of a status.", listed,
             status=ORDER["properties"]["status"]),  # type: ignore[index]
        tool("cancel_order", "Cancel an order.", ORDER, order_id={"type": "string"}),
    ]  # fmt: skip
    return read_catalog((), documents=[NamedDocument("office", {"tools": tools})])


class Clerk:
    """Plays the office's tools as a program would, from the prompt alone."""

    name = "clerk"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        assert request.role == "tool"
        prompt = str(request.messages[0]["content"])
        self.asked.append(prompt)
        return ChatReply(text=self.reply(prompt))

    def reply(self, prompt: str) -> str:
        tool, arguments, rows = seen(prompt)
        if tool == "list_orders":
            found = [row for row in rows if row["status"] == arguments["status"]]
            return json.dumps({"result": {"orders": found}, "changes": []})
        row = next((one for one in rows if one["order_id"] == arguments["order_id"]), None)
        if row is None:
            error = {"code": "not_found", "message": "There is no such order."}
            return json.dumps({"error": error})
        if tool == "get_order":
            return json.dumps({"result": row, "changes": []})
        if row["status"] == "cancelled":
            return json.dumps({"error": {"code": "conflict", "message": "It is cancelled."}})
        after = {**row, "status": "cancelled"}
        change = {"table": "office/order", "key": row["order_id"], "row": after}
        return json.dumps({"result": after, "changes": [change]})


def seen(prompt: str) -> tuple[str, Any, list[Any]]:
    """Tool, arguments and the orders, as the prompt shows them."""
    tool = re.findall(r"^Name: (.+)$", prompt, re.MULTILINE)[0]
    arguments = json.loads(prompt.partition("# The call\n")[2].partition("\n")[0])
    table = prompt.partition("Table office/order")[2].partition("\n\n")[0]
    return tool, arguments, [json.loads(x) for x in table.splitlines() if x.startswith("{")]


class Saying(Clerk):
    """Says what it was told to, one after the other; then as a clerk would."""

    def __init__(self, *replies: str) -> None:
        super().__init__()
        self.replies = list(replies)

    def reply(self, prompt: str) -> str:
        return self.replies.pop(0) if self.replies else super().reply(prompt)


def changing(table: str, key: Any, row: Any, result: Any = None) -> str:
    """An answer with one change."""
    change = {"table": table, "key": key, "row": row}
    return json.dumps({"result": result, "changes": [change]})
