"""What vehicles can do: generic vehicles, their flight, and shaping a flight to a published one."""
