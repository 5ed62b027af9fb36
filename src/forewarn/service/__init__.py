"""The live centre's memory: the journal, the run folder and replay."""
