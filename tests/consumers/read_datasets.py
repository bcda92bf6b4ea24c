"""Hugging Face datasets: the rows of a file as they come back, JSON lines or Parquet."""

import sys
import tempfile

import datasets
from masks import tell

kind = "parquet" if sys.argv[1].endswith(".parquet") else "json"
with tempfile.TemporaryDirectory() as cache:
    loaded = datasets.load_dataset(kind, data_files=sys.argv[1], split="train", cache_dir=cache)
    tell([*loaded])
