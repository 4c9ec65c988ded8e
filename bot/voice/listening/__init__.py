"""Understanding voice notes: Whisper in a process of its own, and the notes that wait for it."""
