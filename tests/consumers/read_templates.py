"""Chat templates over prompts and completions, as TRL trains on them.

Called with rows, tokenizer, the folder of templates, and their names. Of each, told: how many rows
it refuses, in how many the prompt is the beginning of the whole as text and as tokens, and the text
behind the prompt of each row, or None.
"""

import sys
from pathlib import Path
from typing import Any

from masks import read, tell
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
rows = read(sys.argv[1])


def judge(template: str) -> dict[str, Any]:
    said: list[str | None] = []
    refused, tokens = [], 0
    for row in rows:
        options = {"tools": row.get("tools"), "chat_template": template, "tokenize": False}
        try:
            prompt = tokenizer.apply_chat_template(
                row["prompt"], add_generation_prompt=True, **options
            )
            whole = tokenizer.apply_chat_template(row["prompt"] + row["completion"], **options)
        except Exception as error:  # what a template raises is what is asked for
            refused.append(f"{type(error).__name__}: {error}"[:200])
            said.append(None)
            continue
        said.append(whole[len(prompt) :] if whole.startswith(prompt) else None)
        if said[-1] is not None:
            before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
            every = tokenizer(whole, add_special_tokens=False)["input_ids"]
            tail = tokenizer.decode(every[len(before) :])
            tokens += every[: len(before)] == before and tail == said[-1]
    return {"refused": refused, "tokens": tokens, "said": said}


folder = Path(sys.argv[3])
tell({name: judge((folder / f"{name}.jinja").read_text()) for name in sys.argv[4:]})
