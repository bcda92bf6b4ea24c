"""Tasks as an environment to train in: episodes, what they earn, and the server around them."""
