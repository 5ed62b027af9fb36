"""What a track means: where it came from, where it can come down, what it is, whom it threatens."""
