"""The web face: webhooks, voice notes, health, and the simulator."""
