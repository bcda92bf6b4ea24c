"""Samplers: chains of calls drawn from the tool graph."""
