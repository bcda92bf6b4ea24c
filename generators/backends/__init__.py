"""What tools run in: the inferred sandbox, and others behind the same protocol."""
