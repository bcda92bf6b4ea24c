"""Who speaks in a dialogue: a user and an assistant, each scripted or played by a model."""
