"""Batea: a messaging bot for people who mine gold by hand."""

__version__ = "0.1.0"
