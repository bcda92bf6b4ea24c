"""TRL's writing of pairs: called with rows, tokenizer and template."""

import sys
from pathlib import Path

from masks import read, tell
from transformers import AutoTokenizer
from trl.data_utils import maybe_apply_chat_template

tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
tokenizer.chat_template = Path(sys.argv[3]).read_text()
tell([maybe_apply_chat_template(row, tokenizer) for row in read(sys.argv[1])])
