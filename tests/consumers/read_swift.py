"""ms-swift: the rows of a file as its loader and its normaliser give them."""

import sys

from masks import tell
from swift.dataset import load_dataset

train, _ = load_dataset([sys.argv[1]], num_proc=1, split_dataset_ratio=0.0)
tell([{key: row.get(key) for key in ("messages", "tools")} for row in train])
