"""Whole records, each readable by itself: the tools and demands stand in every row."""

from pipeline.exports.write import Format
from schemas.record import JsonObject
from schemas.trajectory import Trajectory


def row(trajectory: Trajectory) -> JsonObject:
    """Everything that is known of a trajectory."""
    return trajectory.model_dump(mode="json")


def problems(_: JsonObject) -> list[str]:
    """What is wrong with a row: nothing, it is the record."""
    return []


FORMAT = Format("rows", "whole records, readable without the folder", row, problems)
