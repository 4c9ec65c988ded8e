"""Gets messages out: at once after a turn, and again by a sweep where that failed."""
