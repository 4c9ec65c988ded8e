"""Bringing Twilio's Content resources in line with `content/templates.yml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.content_sids import ContentSids
from bot.channels.content_templates import ContentTemplate
from bot.channels.surroundings import Surroundings
from bot.channels.twilio_client import TwilioSender
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Synced:
    """One template after a look at Twilio.

    `approval` is WhatsApp's word (`approved`, `pending`, ...), '' where none is needed.
    """

    template: ContentTemplate
    sid: str
    made: bool = False
    approval: str = ""


class ContentShelf:
    """The Content resources of one account."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._twilio = TwilioSender(settings, surroundings)
        self._sids = ContentSids(settings.data_dir, settings.twilio_account_sid)

    def sync(self, wanted: Sequence[ContentTemplate]) -> Iterator[Synced]:
        """Make what is missing, ask for the approvals that are missing, and keep the SIDs. Raises a SendError.

        Running it again changes nothing. What Twilio holds beyond that is left alone: messages on their way may use it.
        """
        there = self._there()
        sids: dict[str, str] = {}
        for template in wanted:
            known = there.get(template.name, "")
            sids[template.key] = known or self._make(template)
            approval = self._approved(template, sids[template.key])
            yield Synced(template, sids[template.key], made=not known, approval=approval)
        self._sids.save(sids)

    def look(self, wanted: Sequence[ContentTemplate]) -> Iterator[Synced]:
        """What is there of it, without changing anything; `sid` is '' for what is not. Raises a SendError."""
        there = self._there()
        for template in wanted:
            sid = there.get(template.name, "")
            yield Synced(template, sid, approval=self._approval(sid) if sid and template.category else "")

    def close(self) -> None:
        """Let go of the connections."""
        self._twilio.close()

    def _there(self) -> dict[str, str]:
        listed = self._twilio.run(lambda client: client.content.v1.contents.list(page_size=100))
        return {str(one.friendly_name): str(one.sid) for one in listed}

    def _make(self, template: ContentTemplate) -> str:
        body = {
            "friendly_name": template.name,
            "language": template.language,
            "variables": dict(template.variables),
            "types": dict(template.types),
        }
        made = self._twilio.run(lambda client: _post(client, "/Content", body))
        return str(made["sid"])

    def _approved(self, template: ContentTemplate, sid: str) -> str:
        if not template.category:
            return ""
        known = self._approval(sid)
        # Twilio says `unsubmitted` of a template that nobody asked WhatsApp about.
        if known and known != "unsubmitted":
            return known
        request = {"name": template.name, "category": template.category}
        asked = self._twilio.run(lambda client: _post(client, f"/Content/{sid}/ApprovalRequests/whatsapp", request))
        return str(asked.get("status") or "received")

    def _approval(self, sid: str) -> str:
        fetched = self._twilio.run(lambda client: client.content.v1.contents(sid).approval_fetch().fetch())
        return str((fetched.whatsapp or {}).get("status") or "")


def _post(client: Any, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    """A JSON request of the Content API. twilio's own classes would send every kind of content that is not there as null."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer: dict[str, Any] = client.content.v1.create(method="POST", uri=path, data=dict(body), headers=headers)
    return answer
