"""Chat templates that mark what the assistant generates: those spans as text and as tokens.

Called with rows of whole chats, tokenizer, the folder of templates, and their names. Of each, told:
the trained runs of each row, in how many rows they are exactly the marked spans, what was refused.
"""

import sys
from pathlib import Path
from typing import Any

from masks import read, runs, tell
from transformers import AutoTokenizer
from transformers.utils.chat_template_utils import render_jinja_template

tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
rows = read(sys.argv[1])


def judge(template: str) -> dict[str, Any]:
    found, exact, refused = [], 0, []
    for row in rows:
        options = {"tools": row.get("tools"), "chat_template": template}
        try:
            made = tokenizer.apply_chat_template(
                row["messages"], return_dict=True, return_assistant_tokens_mask=True, **options
            )
            texts, spans = render_jinja_template(
                [row["messages"]], return_assistant_tokens_mask=True,
                **tokenizer.special_tokens_map, **options,
            )  # fmt: skip
        except Exception as error:  # what a template raises is what is asked for
            refused.append(f"{type(error).__name__}: {error}"[:200])
            continue
        trained = runs(tokenizer, made["input_ids"], made["assistant_masks"])
        found.append(trained)
        exact += trained == [texts[0][start:end] for start, end in spans[0]]
    return {"refused": refused, "exact": exact, "trained": found}


folder = Path(sys.argv[3])
tell({name: judge((folder / f"{name}.jinja").read_text()) for name in sys.argv[4:]})
