"""The header with which Twilio signs a form."""

from __future__ import annotations

from collections.abc import Sequence

from standins.signing import AUTH_TOKEN, PUBLIC_URL
from twilio.request_validator import RequestValidator

from bot.channels.form import Form


def signed_headers(path: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The signature of a form that is posted to one of our addresses."""
    signature: str = RequestValidator(AUTH_TOKEN).compute_signature(PUBLIC_URL + path, Form(list(pairs)))
    return {"x-twilio-signature": signature}
