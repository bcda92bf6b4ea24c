"""Harbor: trajectories as its record takes them, and gives them back."""

import sys

from harbor.models.trajectories import Trajectory
from masks import read, tell

tell([
    Trajectory.model_validate(row).model_dump(mode="json", exclude_unset=True)
    for row in read(sys.argv[1])
])  # fmt: skip
