"""Texts that the application sends: accepted, carried through their statuses, called back."""

import json
import random
import time
import zlib
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from outreach.sandbox import magic
from outreach.sandbox.account import Account, CallbackRecord
from outreach.sandbox.creation import NewText, read_new_text, service_of
from outreach.sandbox.dispatcher import Dispatcher
from outreach.sandbox.errors import ApiError
from outreach.sandbox.faults import Door, FaultKind
from outreach.sandbox.messages import Direction, Message, Status, new_sid
from outreach.sandbox.resource import API_VERSION
from outreach.sandbox.segments import count_segments
from outreach.sandbox.steps import DueStep, Step, plan_steps, statuses_of


class Outgoing:
    """Twilio's way from a create request to the last status callback."""

    def __init__(self, account: Account, dispatcher: Dispatcher) -> None:
        self._account = account
        self._dispatcher = dispatcher

    def resume(self) -> None:
        """Take up the steps that an earlier run left behind."""
        for due in self._account.steps.pending():
            self._schedule(due)

    def create(self, form: MultiDict[str, str]) -> Message:
        """Accept a text and return it as the create request is answered; raises ApiError."""
        account = self._account
        new = read_new_text(form, account.config, account.opt_outs.contains)
        fault = account.faults.take(Door.CREATE, new.recipient, FaultKind.CODE)
        code = fault.code if fault is not None else magic.DELIVERY_CODES.get(new.recipient)
        if fault is not None and code is not None and not magic.is_delivery_code(code):
            raise ApiError(code, to=new.recipient, sender=new.sender or "")
        accepted = self._accepted(new, form)
        if account.config.instant:
            return self._deliver_at_once(accepted)
        return self._set_out(accepted, new, code)

    def store_reply(self, sender: str, member: str, body: str, callback: str | None = None) -> Message:
        """Store a text that goes out in answer to an inbound one, delivered at once."""
        now = time.time()
        reply = Message(
            sid=new_sid("SM"),
            direction=Direction.OUTBOUND_REPLY,
            sender=sender,
            recipient=member,
            member=member,
            body=body,
            status=Status.DELIVERED,
            segments=count_segments(body).segments,
            created=now,
            updated=now,
            sent=now,
            service=service_of(sender, self._account.config),
            callback=callback,
        )
        return self._account.store_text(reply, unanswered=None)

    def post_callback(self, message: Message, status: str, code: int | None) -> str:
        """Post one status callback and return how the application answered."""
        if message.callback is None:
            return "no StatusCallback"
        answer = self._account.poster.post(message.callback, self._callback_params(message, status, code))
        if not answer.succeeded:
            self._account.alert(11200 if answer.status else 11205, message.sid)
        self._account.posted.append(CallbackRecord(message.sid, status, str(answer), time.time()))
        return str(answer)

    def _accepted(self, new: NewText, form: MultiDict[str, str]) -> Message:
        now = time.time()
        received = {name: values if len(values) > 1 else values[0] for name, values in form.to_dict(flat=False).items()}
        return Message(
            sid=new_sid("MM" if new.media else "SM"),
            direction=Direction.OUTBOUND_API,
            sender=new.sender,
            recipient=new.recipient,
            member=new.recipient,
            body=new.body,
            status=Status.ACCEPTED if new.service else Status.QUEUED,
            segments=1 if new.media else count_segments(new.body).segments,
            created=now,
            updated=now,
            media=json.dumps([{"url": url} for url in new.media]),
            service=new.service,
            callback=new.callback,
            form=json.dumps(received, ensure_ascii=False),
        )

    def _deliver_at_once(self, accepted: Message) -> Message:
        sender = accepted.sender or self._sender_for(accepted.recipient)
        self._account.store_text(
            replace(accepted, status=Status.DELIVERED, sender=sender, sent=accepted.created), unanswered=True
        )
        return accepted

    def _set_out(self, accepted: Message, new: NewText, code: int | None) -> Message:
        account = self._account
        statuses = statuses_of(new.recipient, code, with_service=new.service is not None)
        # Seeded by the text itself, so that a run can be repeated whatever the threads do.
        chance = random.Random(f"{account.config.seed}|{new.recipient}|{new.body}")  # noqa: S311
        steps = _expiring(plan_steps(statuses, account.config, chance), new.validity)
        with account.database.transaction():
            message = account.store_text(accepted, unanswered=True)
            due = [account.steps.insert(message.sid, message.created, step) for step in steps]
        for step in due:
            if step.step.after > 0:
                self._schedule(step)
        for step in due:
            if step.step.after <= 0:
                self._carry_out(step)
        return message

    def _schedule(self, due: DueStep) -> None:
        self._dispatcher.schedule(due.due, lambda: self._carry_out(due))

    def _carry_out(self, due: DueStep) -> None:
        account, step = self._account, due.step
        found = account.messages.find(due.sid)
        if found is not None:
            message = found if found.sender else replace(found, sender=self._sender_for(found.recipient))
            if step.applies:
                account.messages.advance(message, step.status, step.error_code, str(message.sender))
                account.changed()
            if step.posts and message.callback and not self._lost(message):
                self.post_callback(message, step.status, step.error_code)
        account.steps.delete(due.id)

    def _lost(self, message: Message) -> bool:
        return self._account.faults.take(Door.CREATE, message.recipient, FaultKind.LOSE_CALLBACKS) is not None

    def _sender_for(self, recipient: str) -> str:
        """Choose a sender of the pool, always the same for one recipient."""
        senders = self._account.config.senders
        return senders[zlib.crc32(recipient.encode()) % len(senders)]

    def _callback_params(self, message: Message, status: str, code: int | None) -> dict[str, str]:
        params = {
            "AccountSid": self._account.config.account_sid,
            "ApiVersion": API_VERSION,
            "From": message.sender or "",
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.recipient,
        }
        if message.service:
            params["MessagingServiceSid"] = message.service
        if code is not None:
            params["ErrorCode"] = str(code)
        if status == Status.DELIVERED:
            params["RawDlrDoneDate"] = time.strftime("%y%m%d%H%M", time.gmtime())
        return params


def _expiring(steps: list[Step], validity: int) -> list[Step]:
    """Turn what would happen after the validity period into a failure with code 30036."""
    if all(step.after <= validity for step in steps):
        return steps
    kept = [step for step in steps if step.after <= validity]
    return [*kept, Step(float(validity), Status.FAILED, 30036)]
