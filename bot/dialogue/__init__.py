"""The conversation: what a person sent, and where she stands, become what is said next."""

from bot.dialogue.reception import Reception
from bot.dialogue.words import Words

__all__ = ["Reception", "Words"]
