"""Axolotl's strategy for chat templates: called with rows, tokenizer and template."""

import sys
from pathlib import Path

from axolotl.prompt_strategies.chat_template import ChatTemplatePrompter, ChatTemplateStrategy
from masks import read, runs, tell
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
prompter = ChatTemplatePrompter(
    tokenizer,
    chat_template=Path(sys.argv[3]).read_text(),
    max_length=100_000,
    message_property_mappings={"role": "role", "content": "content"},
    message_field_training="weight",
)
strategy = ChatTemplateStrategy(
    prompter, tokenizer=tokenizer, train_on_inputs=False, sequence_len=100_000,
    roles_to_train=["assistant"], train_on_eos="turn",
)  # fmt: skip
found = []
for row in read(sys.argv[1]):
    made = strategy.tokenize_prompt(row)
    found.append(runs(tokenizer, made["input_ids"], [one != -100 for one in made["labels"]]))
tell(found)
