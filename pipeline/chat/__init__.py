"""Models behind OpenAI-compatible endpoints, and a loopback endpoint for trying them."""
