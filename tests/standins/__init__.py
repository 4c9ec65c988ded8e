"""Stand-ins that several test rooms share."""
