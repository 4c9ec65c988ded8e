"""What goes out to many people at once: poll rounds and who is asked; and what may be shown of what they answered."""
