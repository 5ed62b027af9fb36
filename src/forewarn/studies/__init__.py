"""Studies: many runs and their pictures; the after-action report of one run."""
