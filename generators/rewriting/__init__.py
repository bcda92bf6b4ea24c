"""Scripted conversations in other words: prompt, acceptance of each message, and what is kept."""
