"""Calls of Hermes' texts, as ms-swift finds them in what a model has said."""

import json
import sys

from masks import read, tell
from swift.agent_template.hermes import HermesAgentTemplate

template = HermesAgentTemplate()


def parse(text: str) -> list[object]:
    if "<tool_call>" not in text:
        return []
    found = ((one.name, one.arguments) for one in template.get_toolcall(text))
    return [(name, json.loads(told) if isinstance(told, str) else told) for name, told in found]


tell([
    [parse(turn["value"]) for turn in row["conversations"] if turn["from"] == "gpt"]
    for row in read(sys.argv[1])
])  # fmt: skip
