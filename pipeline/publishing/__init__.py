"""Publishing: an output folder as a data set with its card, for a hub or any folder."""
