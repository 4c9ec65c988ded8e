"""Whether Twilio made a request."""

from __future__ import annotations

import hmac
from typing import Final

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.channels.form import Form, is_json, read_form
from bot.domain.errors import PayloadError, SignatureError
from bot.domain.ports import WebhookRequest

HEADER: Final = "x-twilio-signature"


def verify(request: WebhookRequest, auth_token: str) -> None:
    """Raise SignatureError unless the request carries Twilio's signature over the public URL and what was posted.

    The URL is tried with and without its port; a JSON body counts only where the URL carries its SHA-256.
    Source: https://www.twilio.com/docs/usage/security#validating-requests (channels.md, read November 2026).
    """
    if not auth_token:
        raise SignatureError("BATEA_TWILIO_AUTH_TOKEN is not set: no request can be believed")
    signature = request.headers.get(HEADER, "")
    if not signature:
        raise SignatureError("the request carries no X-Twilio-Signature")
    validator = RequestValidator(auth_token)
    try:
        if is_json(request):
            genuine = "bodySHA256=" in request.url and validator.validate(request.url, request.body.decode("utf-8"), signature)
        else:
            genuine = _as_it_stands(validator, request.url, form := read_form(request), signature) or validator.validate(
                request.url, form, signature
            )
    except (ValueError, PayloadError):
        # A URL with an impossible port, or a body that no vendor would send.
        genuine = False
    if not genuine:
        raise SignatureError("the signature does not fit: check BATEA_TWILIO_AUTH_TOKEN and BATEA_PUBLIC_URL")


def _as_it_stands(validator: RequestValidator, url: str, form: Form, signature: str) -> bool:
    """The usual case at half the price: `validate` always computes the signature of the URL's other form as well."""
    return hmac.compare_digest(validator.compute_signature(url, form).encode(), signature.encode())
