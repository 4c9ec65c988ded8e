"""The ways to talk: each parses and verifies what comes in, renders and sends what goes out, and maps its vendor's errors."""
