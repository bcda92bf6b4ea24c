"""The files of a tool graph, and facts about it."""
