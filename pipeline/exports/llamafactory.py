"""LLaMA-Factory's ``sharegpt`` with tools: the one of its forms that neither loses nor doubles.

Turns alternate strictly: calls of a batch are one ``function_call``, a JSON list, and their results
one ``observation``. The arguments and the tools are inside texts, so that no reader makes columns
of them. Its loader trains on every turn of the assistant's; `dataset_info.json` must name the
columns, see docs/exports.md.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Format
from pipeline.exports.wire import tools_text, with_thoughts, write_json
from schemas.record import JsonObject


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
    turns: list[JsonObject] = []
    system = ""
    results: list[str] = []
    for said in (*chat.messages, Said("end", "")):
        if said.role == "tool":
            results.append(said.text)
            continue
        if results:
            value = results[0] if len(results) == 1 else f"[{', '.join(results)}]"
            turns.append({"from": "observation", "value": value})
            results = []
        if said.role == "system":
            system = said.text
        elif said.role == "user":
            turns.append({"from": "human", "value": said.text})
        elif said.role == "assistant" and said.calls:
            calls = [{"name": one.name, "arguments": one.arguments} for one in said.calls]
            told = write_json(calls)
            told = f"{said.text} <tool_call>{told}</tool_call>" if said.text else told
            value = with_thoughts(said._replace(text=told))
            turns.append({"from": "function_call", "value": value})
        elif said.role == "assistant":
            turns.append({"from": "gpt", "value": with_thoughts(said)})
    yield {"conversations": turns, "system": system, "tools": tools_text(chat.tools)}


def problems(row: JsonObject) -> list[str]:
    """Its converter drops rows silently whose turns do not alternate."""
    sides = [turn["from"] in ("human", "observation") for turn in row["conversations"]]
    right = all(side == (number % 2 == 0) for number, side in enumerate(sides))
    return [] if right and len(sides) % 2 == 0 else ["turns do not alternate"]


FORMAT = Format("llamafactory", rows, problems, frozenset({"reasoning"}), trains_on_all=True)
