"""ms-swift on pairs: its loader, its normaliser and its template for training by preference.

Called with rows and tokenizer; of each row, told: the prompt of both ends, and each end itself.
"""

import json
import sys
import tempfile
from pathlib import Path

from masks import tell
from swift.dataset import load_dataset
from swift.model import get_processor
from swift.template import get_template

rows, _ = load_dataset([sys.argv[1]], num_proc=1, split_dataset_ratio=0.0)
with tempfile.TemporaryDirectory() as folder:
    for path in Path(sys.argv[2]).iterdir():
        (Path(folder) / path.name).symlink_to(path)
    config = {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]}
    (Path(folder) / "config.json").write_text(json.dumps(config))
    processor = get_processor(folder, model_type="qwen3", download_model=False)
    template = get_template(processor, template_type="qwen3", agent_template="hermes")
template.set_mode("rlhf")
tokenizer = template.tokenizer
found = []
for row in rows:
    encoded = template.encode({key: value for key, value in row.items() if value is not None})
    told = {}
    for end in ("chosen", "rejected"):
        ids, labels = encoded[f"{end}_input_ids"], encoded[f"{end}_labels"]
        first = next(n for n, label in enumerate(labels) if label != -100)
        told[end] = tokenizer.decode(ids[first:])
        told[f"{end}_prompt"] = tokenizer.decode(ids[:first])
    found.append(told)
tell(found)
