"""Exports: views of the accepted trajectories in the formats that trainers read.

A format is a module that turns one trajectory into one row and says what is wrong with a row.
`write` streams them into a file. To add one, add its `FORMAT` to the tuple.
"""

from pipeline.exports import openai, rows
from pipeline.exports.write import Format

EXPORTS: tuple[Format, ...] = (openai.FORMAT, rows.FORMAT)
