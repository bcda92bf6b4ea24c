"""What Axolotl trains on: called with rows, tokenizer and template."""

import sys

from axolotl_rows import tokenize
from masks import runs, tell

tokenizer, rows = tokenize(*sys.argv[1:4])
tell([
    runs(tokenizer, made["input_ids"], [one != -100 for one in made["labels"]]) for made in rows
])  # fmt: skip
