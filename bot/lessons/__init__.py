"""Reads `content/`: strict schema, loader, checks. No sentence for people stands here."""
