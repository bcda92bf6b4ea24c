"""What verifiers finds by the name ``toolweave-tasks``."""

from pipeline.adapters.verifiers_tasks import ToolweaveHarness, ToolweaveTaskset

__all__ = ["ToolweaveHarness", "ToolweaveTaskset"]
