"""What transformers makes of tools as methods; called with a file of definitions."""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from masks import tell
from transformers.utils import get_json_schema

from pipeline.adapters.trl_environment import make_environment, name_method

tools = json.loads(Path(sys.argv[1]).read_text())
made = make_environment("all", None, tools)()
tell([get_json_schema(getattr(made, name_method(one["function"]["name"]))) for one in tools])
