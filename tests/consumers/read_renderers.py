"""Prime's renderers: token ids and loss masks of rows; called with rows, tokenizer and family."""

import sys

import renderers
from masks import read, runs, tell
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
renderer = getattr(renderers, f"{sys.argv[3]}Renderer")(tokenizer)
found = []
for row in read(sys.argv[1]):
    made = renderers.build_training_sample(
        renderer, row["messages"], tools=row["tools"], message_loss_mask=row["message_loss_mask"]
    )
    found.append(runs(tokenizer, made.token_ids, made.loss_mask))
tell(found)
