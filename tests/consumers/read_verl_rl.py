"""verl's reader for reinforcement learning: called with a file and a tokenizer."""

import sys

from masks import tell
from omegaconf import OmegaConf
from transformers import AutoTokenizer
from verl.utils.dataset.rl_dataset import RLHFDataset

settings = OmegaConf.create({"max_prompt_length": 60_000, "filter_overlong_prompts_workers": 1})
tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
rows = RLHFDataset(sys.argv[1], tokenizer, settings)
kept = ("raw_prompt", "data_source", "agent_name", "reward_model", "extra_info", "index")
tell([{key: row[key] for key in kept} for row in (rows[n] for n in range(len(rows)))])
