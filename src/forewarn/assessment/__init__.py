"""What a track means: where it was launched, where it can come down, what it is, whom it threatens."""
