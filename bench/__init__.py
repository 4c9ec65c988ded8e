"""Benchmarks: programs around Batea, run from a checkout. They are no part of the package."""
