"""From scans to tracks: who belongs to whom, where it is now, and how sure that is."""
