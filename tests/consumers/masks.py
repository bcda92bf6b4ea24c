"""What readers share: runs of trained tokens as text, and the one JSON document that they print."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "DISABLE_VERSION_CHECK": "1",
}


def read(path: str) -> list[Any]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def runs(tokenizer: Any, ids: Sequence[int], mask: Sequence[object]) -> list[str]:
    """The text of each run of tokens that are trained on."""
    found: list[list[int]] = []
    before: object = False
    for token, trained in zip(ids, mask, strict=True):
        if trained and before:
            found[-1].append(token)
        elif trained:
            found.append([token])
        before = trained
    return [tokenizer.decode(one) for one in found]


def tell(answer: object) -> None:
    """Print the answer, behind whatever else was printed."""
    sys.stdout.write("\n" + json.dumps(answer, ensure_ascii=False) + "\n")
