"""Rows as Axolotl's strategy for chat templates tokenises and masks them."""

from pathlib import Path
from typing import Any

from axolotl.prompt_strategies.chat_template import ChatTemplatePrompter, ChatTemplateStrategy
from masks import read
from transformers import AutoTokenizer


def tokenize(rows: str, known: str, template: str) -> tuple[Any, list[dict[str, Any]]]:
    """The tokenizer, and of each row tokens and labels; called with three paths."""
    tokenizer = AutoTokenizer.from_pretrained(known)
    prompter = ChatTemplatePrompter(
        tokenizer,
        chat_template=Path(template).read_text(),
        max_length=100_000,
        message_property_mappings={"role": "role", "content": "content"},
        message_field_training="weight",
    )
    strategy = ChatTemplateStrategy(
        prompter, tokenizer=tokenizer, train_on_inputs=False, sequence_len=100_000,
        roles_to_train=["assistant"], train_on_eos="turn",
    )  # fmt: skip
    return tokenizer, [strategy.tokenize_prompt(row) for row in read(rows)]
