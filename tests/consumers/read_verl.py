"""verl's reader for supervised training: called with a Parquet file, tokenizer and template.

One import of pictures does not fit today's transformers; it has no part in texts.
"""

import sys
import types
from pathlib import Path

from masks import runs, tell
from omegaconf import OmegaConf
from transformers import AutoTokenizer

stub = types.ModuleType("verl.models.transformers.qwen2_vl")
stub.get_rope_index = stub.process_position_ids = None
sys.modules["verl.models.transformers.qwen2_vl"] = stub

from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset  # noqa: E402

tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
tokenizer.chat_template = Path(sys.argv[3]).read_text()
settings = OmegaConf.create({"max_length": 60_000, "pad_mode": "no_padding"})
rows = MultiTurnSFTDataset(sys.argv[1], tokenizer, settings)
found = []
for row in (rows[number] for number in range(len(rows))):
    found.append(runs(tokenizer, row["input_ids"].tolist(), row["loss_mask"].tolist()))
tell(found)
