"""Understanding: reads `intents/`, and says what a sentence means. Knows nothing of what is answered."""
