"""forewarn's bank beside other open trackers, on the same scenes, through the same scorer."""
