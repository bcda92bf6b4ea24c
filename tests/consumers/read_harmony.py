"""openai-harmony: messages as its records have them, written back."""

import sys

from masks import read, tell
from openai_harmony import Message

tell([[Message.from_dict(one).to_dict() for one in row["messages"]] for row in read(sys.argv[1])])
