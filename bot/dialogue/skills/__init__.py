"""What Batea can do, one file a skill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.dialogue.scene import Skill
from bot.dialogue.skills.clarify import Clarify
from bot.dialogue.skills.facilitator import Facilitating
from bot.dialogue.skills.human import Human
from bot.dialogue.skills.lesson import Learning
from bot.dialogue.skills.meeting import Meetings
from bot.dialogue.skills.menu import Menu
from bot.dialogue.skills.onboarding import Onboarding
from bot.dialogue.skills.optout import OptedOut
from bot.dialogue.skills.poll import Polling
from bot.dialogue.skills.practice import Practising
from bot.dialogue.skills.profiles import Profiles
from bot.dialogue.skills.quiz import Quizzing
from bot.dialogue.skills.rhythm import Rhythms
from bot.domain.conversation import PlaceKind

SKILLS: Final[Mapping[PlaceKind, Skill]] = {
    PlaceKind.ONBOARDING: Onboarding(),
    PlaceKind.MENU: Menu(),
    PlaceKind.LESSON: Learning(),
    PlaceKind.QUIZ: Quizzing(),
    PlaceKind.POLL: Polling(),
    PlaceKind.MEETING: Meetings(),
    PlaceKind.CLARIFY: Clarify(),
    PlaceKind.HUMAN: Human(),
    PlaceKind.OPTED_OUT: OptedOut(),
    PlaceKind.PROFILE: Profiles(),
    PlaceKind.FACILITATOR: Facilitating(),
    PlaceKind.PRACTICE: Practising(),
    PlaceKind.RHYTHM: Rhythms(),
}
