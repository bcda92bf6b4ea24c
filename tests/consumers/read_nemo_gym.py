"""NeMo-Gym: parameters of requests as its record takes them, and gives them back."""

import sys

from masks import read, tell
from nemo_gym.openai_utils import NeMoGymResponseCreateParamsNonStreaming as Parameters

tell([
    Parameters.model_validate(row["responses_create_params"]).model_dump(exclude_unset=True)
    for row in read(sys.argv[1])
])  # fmt: skip
