"""The checks that a trajectory must pass, and the labels of its turns."""
