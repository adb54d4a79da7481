"""What members do with their phones: texts are stored, keywords handled, the application told, its answer texted."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from outreach.sandbox.account import Account
from outreach.sandbox.creation import service_of
from outreach.sandbox.dispatcher import Dispatcher
from outreach.sandbox.geography import place_params
from outreach.sandbox.keywords import REPLIES, Keyword, OptOutType, find_keyword
from outreach.sandbox.messages import Direction, Message, Status, new_sid
from outreach.sandbox.outgoing import Outgoing
from outreach.sandbox.resource import API_VERSION, account_path
from outreach.sandbox.segments import count_segments
from outreach.sandbox.twiml import Reply, read_answer
from outreach.sandbox.webhooks import Answer


@dataclass(frozen=True)
class Media:
    """A picture or file in a text; without an address it is the sandbox's own picture."""

    url: str = ""
    content_type: str = "image/jpeg"


@dataclass(frozen=True)
class Received:
    """A text that came in, its keyword, and how the application answered its webhook."""

    message: Message
    keyword: Keyword | None
    answer: str | None = None


class Inbound:
    """Twilio's way from a member's phone to the application and back."""

    def __init__(self, account: Account, outgoing: Outgoing, dispatcher: Dispatcher) -> None:
        self._account = account
        self._outgoing = outgoing
        self._dispatcher = dispatcher

    def receive(self, member: str, body: str, to: str | None = None, media: Sequence[Media] = ()) -> Received:
        """Take a text from a member's phone and do what Twilio does before the webhook."""
        sender = to or self._account.messages.last_sender_to(member) or self._account.config.senders[0]
        message = self._account.store_text(self._message(member, sender, body, media), unanswered=False)
        keyword = find_keyword(body, sender, self._account.config)
        if keyword is not None:
            self._act_on(keyword, member, sender)
        return Received(message, keyword)

    def deliver(self, received: Received) -> Received:
        """Post the webhook of a text and do what the application's answer asks for."""
        message = received.message
        answer = self._account.poster.post(self._account.config.inbound_url, self.params(message, received.keyword))
        self._account.messages.record_webhook(message.sid, str(answer))
        reading = read_answer(answer)
        if reading.alert is not None:
            self._account.alert(reading.alert, message.sid)
        for reply in reading.replies:
            self._send_reply(message, reply)
        self._account.changed()
        return replace(received, answer=str(answer))

    def deliver_soon(self, received: Received, due: float | None = None) -> None:
        """Post the webhook of a text from another thread, now or at `due` (seconds since 1970)."""
        self._dispatcher.schedule(due or time.time(), lambda: self._deliver_quietly(received))

    def receive_at(self, due: float, member: str, body: str) -> None:
        """Take a text from a member's phone at `due` (seconds since 1970), and deliver it."""
        self._dispatcher.schedule(due, lambda: self._deliver_quietly(self.receive(member, body)))

    def ring(self, member: str) -> Answer:
        """Let a member call the number that texts them, and return what the application has read out to them."""
        config = self._account.config
        called = self._account.messages.last_sender_to(member) or config.senders[0]
        params = {
            **place_params("To", called),
            **place_params("From", member),
            "AccountSid": config.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": new_sid("CA"),
            "CallStatus": "ringing",
            "Called": called,
            "Caller": member,
            "Direction": "inbound",
            "From": member,
            "To": called,
        }
        return self._account.poster.post(config.voice_url, params)

    def replay(self, message: Message) -> str:
        """Post the webhook of a stored text once more and return how the application answered."""
        keyword = find_keyword(message.body, message.recipient, self._account.config)
        return self.deliver(Received(message, keyword)).answer or ""

    def params(self, message: Message, keyword: Keyword | None) -> dict[str, str]:
        """Return the parameters of a text's webhook."""
        media: list[dict[str, str]] = json.loads(message.media)
        params = {
            **place_params("To", message.recipient),
            **place_params("From", message.sender or ""),
            "AccountSid": self._account.config.account_sid,
            "ApiVersion": API_VERSION,
            "Body": message.body,
            "From": message.sender or "",
            "MessageSid": message.sid,
            "NumMedia": str(len(media)),
            "NumSegments": str(message.segments),
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": Status.RECEIVED.value,
            "To": message.recipient,
        }
        files = f"{self._account.config.own_url}{account_path(self._account.config)}/Messages/{message.sid}/Media"
        for index, item in enumerate(media):
            params[f"MediaUrl{index}"] = item["url"] or f"{files}/{item['sid']}"
            params[f"MediaContentType{index}"] = item["content_type"]
        if message.service:
            params["MessagingServiceSid"] = message.service
        if keyword is not None and keyword.announced:
            params["OptOutType"] = keyword.type
        return params

    def _deliver_quietly(self, received: Received) -> None:
        self.deliver(received)

    def _message(self, member: str, sender: str, body: str, media: Sequence[Media]) -> Message:
        now = time.time()
        return Message(
            sid=new_sid("MM" if media else "SM"),
            direction=Direction.INBOUND,
            sender=member,
            recipient=sender,
            member=member,
            body=body,
            status=Status.RECEIVED,
            segments=count_segments(body).segments,
            created=now,
            updated=now,
            sent=now,
            media=json.dumps([_described(item) for item in media]),
            service=service_of(sender, self._account.config),
        )

    def _act_on(self, keyword: Keyword, member: str, sender: str) -> None:
        opt_outs, scope = self._account.opt_outs, self._account.scope_of(sender)
        # Twilio answers STOP and START only when they change something, HELP always.
        if keyword.type is OptOutType.STOP and not opt_outs.add(scope, member):
            return
        if keyword.type is OptOutType.START and not opt_outs.remove(scope, member):
            return
        self._outgoing.store_reply(sender, member, REPLIES[keyword.type])

    def _send_reply(self, message: Message, reply: Reply) -> None:
        sender, member = reply.sender or message.recipient, reply.to or message.member
        if not reply.body.strip():
            return
        if self._account.opt_outs.contains(self._account.scope_of(sender), member):
            self._account.alert(21610, message.sid)
            return
        self._outgoing.store_reply(sender, member, reply.body, reply.callback)


def _described(item: Media) -> dict[str, str]:
    own = {} if item.url else {"sid": new_sid("ME")}
    return {"url": item.url, "content_type": item.content_type, **own}
