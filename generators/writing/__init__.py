"""A model writes what a task's person wants, and another one tries out whether it is enough."""
