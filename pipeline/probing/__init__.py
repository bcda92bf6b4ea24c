"""What a target model can do of a data set: attempts, where they fail, and harder tasks."""
