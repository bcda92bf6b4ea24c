"""Exports: views of the accepted trajectories in the forms that trainers and benchmarks read.

A form is a small module over the middle form (`chat`); `write` streams them into a file. To add
one, write its module and name it here: what is named is imported only when it is asked for.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.exports.format import Format


@dataclass(frozen=True)
class Export:
    """A form by its name."""

    name: str
    """As ``--to`` takes it."""
    about: str
    """For whom it is, and what a row is."""
    module: str
    """The module in this package, and what it calls the form if that is not ``FORMAT``."""

    def load(self) -> "Format":
        """The form itself."""
        module, _, name = self.module.partition(":")
        found: Format = getattr(import_module(f"pipeline.exports.{module}"), name or "FORMAT")
        assert found.name == self.name
        return found


EXPORTS: tuple[Export, ...] = (
    Export("openai", "OpenAI's supervised fine-tuning", "openai"),
    Export("openai-dpo", "OpenAI's preference tuning: right against wrong", "pairs:OPENAI"),
    Export("trl", "TRL: whole chats", "templates:TRL"),
    Export("trl-completion", "TRL: a prompt and a completion for each trained message",
           "templates:TRL_COMPLETION"),
    Export("trl-dpo", "TRL: a right and a wrong move after the same prompt", "pairs:TRL_DPO"),
    Export("trl-kto", "TRL: moves that are wanted or not", "pairs:TRL_KTO"),
    Export("llamafactory", "LLaMA-Factory's sharegpt with tools", "llamafactory"),
    Export("axolotl", "Axolotl's chat_template with weights", "templates:AXOLOTL"),
    Export("swift", "ms-swift's messages for agents", "swift"),
    Export("swift-dpo", "ms-swift: right and wrong messages", "pairs:SWIFT"),
    Export("hermes", "Hermes' text: tools and calls between tags", "hermes"),
    Export("mistral", "mistral-common: ids of nine characters", "templates:MISTRAL"),
    Export("harmony", "openai-harmony: channels and recipients", "harmony"),
    Export("verl-sft", "verl's supervised training: Parquet of texts", "verl:SFT"),
    Export("verl-rl", "verl's reinforcement learning: a task a row", "verl:RL"),
    Export("nemo-gym", "NeMo-Gym: a decision to call a row", "nemo_gym"),
    Export("prime", "Prime's renderers: a mask for each message", "templates:PRIME"),
    Export("atif", "ATIF 1.7 of Harbor and the Agent Data Protocol", "atif"),
    Export("bfcl", "Berkeley's tasks of several turns", "bfcl"),
    Export("tau2", "tasks of the tau2 benchmark", "tau2"),
    Export("toolmind", "ToolMind: a row ends with each trained message",
           "templates:TOOLMIND"),
    Export("retrieval", "requests with the tools that serve them", "retrieval"),
    Export("prm", "steps, right or wrong, for process reward models", "pairs:PRM"),
    Export("rows", "whole records, readable without the folder", "rows"),
)  # fmt: skip
PARQUET = "parquet"
ABOUT_PARQUET = "tables of conversations and messages for pandas and DuckDB"
"""Written from the tables (`parquet`), not row by row."""


def tell_exports() -> str:
    """All forms with a word on each, for whoever asks for help."""
    told = [f"{one.name}: {one.about}" for one in EXPORTS]
    return "; ".join((*told, f"{PARQUET}: {ABOUT_PARQUET}")) + "."
