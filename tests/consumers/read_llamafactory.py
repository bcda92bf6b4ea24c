"""LLaMA-Factory's converter and a template of its own: called with rows, tokenizer and template.

Answers the texts that it trains on, turn by turn. It asks for torchaudio where it only reads texts.
"""

import importlib.machinery
import sys
import types

from masks import read, tell
from transformers import AutoTokenizer

stub = types.ModuleType("torchaudio")
stub.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = stub

from llamafactory.data.converter import SharegptDatasetConverter  # noqa: E402
from llamafactory.data.parser import DatasetAttr  # noqa: E402
from llamafactory.data.template import get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.hparams import DataArguments  # noqa: E402

arguments = DataArguments(template=sys.argv[3])
tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
template = get_template_and_fix_tokenizer(tokenizer, arguments)
columns = DatasetAttr("file", "mine", formatting="sharegpt")
columns.system, columns.tools, columns.messages = "system", "tools", "conversations"
converter = SharegptDatasetConverter(columns, arguments)
found = []
for row in read(sys.argv[1]):
    made = converter(row)
    messages = made["_prompt"] + made["_response"]
    pairs = template.encode_multiturn(tokenizer, messages, made["_system"], made["_tools"])
    found.append([tokenizer.decode(answer) for _, answer in pairs])
tell(found)
