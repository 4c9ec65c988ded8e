"""Every error Batea raises on purpose, in one tree.

BateaError
├── ConfigurationError          a setting is missing or wrong: says which, and what to do
├── UsageError                  a command was called wrongly (exit code 2)
├── ContentError                a data file breaks a rule: file, line, text
├── UnderstandingError          an engine cannot read a message (the other engine may)
├── StorageError                the database cannot be used now
├── AccessError                 somebody was not let in: says why
├── MeetingError                a meeting cannot be announced, changed or called off like that: which fields, and why
├── VoiceError
│   ├── SpeakingError           an engine produced no audio
│   ├── AudioError              a file is broken, too long or of an unknown kind
│   │   └── TakeError               a recording for the studio is no good: says why
│   └── ListeningError          nothing was understood of a voice note: says why
└── ChannelError
    ├── SignatureError          a webhook is not from whom it says (403)
    ├── PayloadError            a webhook cannot be read; it is acknowledged and dropped
    ├── MediaError              a file that came with a message cannot be had
    └── SendError               a message did not leave
        ├── PermanentSendError      never will: refused, filtered, too long
        │   └── UnreachableError        nobody is there: wrong number, unknown chat
        ├── OptedOutError           the carrier says that the person does not want it
        ├── OutsideWindowError      WhatsApp wants a template now
        ├── PassingSendError        later, perhaps: rate limits, outages
        ├── AmbiguousSendError      nobody knows whether it left
        └── SenderConfigurationError    our own account or sender is set up wrongly
"""

from __future__ import annotations

from bot.domain.listening import Unheard
from bot.domain.meeting import Problem
from bot.domain.recording import TakeFault
from bot.domain.staff import Refusal


class BateaError(Exception):
    """The root. The text is one line that says what to do."""


class ConfigurationError(BateaError):
    """A setting is missing or wrong."""


class UsageError(BateaError):
    """A command was called wrongly."""


class ContentError(BateaError):
    """A data file breaks a rule; `line` counts from 1, 0 where no line can be named."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(f"{file}:{line}: {text}")
        self.file = file
        self.line = line
        self.text = text


class UnderstandingError(BateaError):
    """An engine cannot read a message."""


class StorageError(BateaError):
    """The database cannot be used now."""


class AccessError(BateaError):
    """Somebody was not let in, for that reason."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(f"not let in: {why}")
        self.why = why


class MeetingError(BateaError):
    """A meeting cannot be announced, changed or called off like that. Its text names fields and reasons, no facts."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.why}" for problem in problems))
        self.problems = problems


class VoiceError(BateaError):
    """Something about sound failed."""


class SpeakingError(VoiceError):
    """An engine produced no audio."""


class AudioError(VoiceError):
    """A file is broken, too long or of an unknown kind."""


class SilentError(AudioError):
    """Nothing is heard in a file."""


class TooLongError(AudioError):
    """A file lasts longer than a clip may."""


class TakeError(AudioError):
    """A recording is no good, for that reason."""

    def __init__(self, why: TakeFault) -> None:
        super().__init__(f"the recording is no good: {why}")
        self.why = why


class ListeningError(VoiceError):
    """Nothing was understood of a voice note, for that reason."""

    def __init__(self, text: str, *, why: Unheard) -> None:
        super().__init__(text)
        self.why = why


class ChannelError(BateaError):
    """Something about a channel failed."""


class SignatureError(ChannelError):
    """A webhook is not from whom it says."""


class PayloadError(ChannelError):
    """A webhook cannot be read."""


class MediaError(ChannelError):
    """A file that came with a message cannot be had. `code` says why: `host`, `type`, `size`, `gone` or `network`.

    Only after `network` is it worth another try.
    """

    def __init__(self, text: str, *, code: str) -> None:
        super().__init__(text)
        self.code = code


class SendError(ChannelError):
    """A message did not leave. `code` is the vendor's own, never its text, which may hold an address."""

    def __init__(self, text: str, *, code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.retry_after_s = retry_after_s


class PermanentSendError(SendError):
    """It never will."""


class UnreachableError(PermanentSendError):
    """It never will, and nothing else to that address."""


class OptedOutError(SendError):
    """The carrier says that the person does not want it."""


class OutsideWindowError(SendError):
    """WhatsApp wants an approved template now."""


class PassingSendError(SendError):
    """Later, perhaps."""


class AmbiguousSendError(SendError):
    """Nobody knows whether it left: the reply to the call was lost."""


class SenderConfigurationError(SendError):
    """Our own account or sender is set up wrongly."""
