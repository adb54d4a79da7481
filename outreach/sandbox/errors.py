"""The errors of Twilio's REST API, with the wording and status that Twilio gives them."""

MESSAGES: dict[int, tuple[int, str]] = {
    20001: (400, "Unknown parameters"),
    20003: (401, "Authenticate"),
    20005: (403, "Account is not active"),
    20403: (403, "Forbidden"),
    20404: (404, "The requested resource {path} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21211: (400, "Invalid 'To' Phone Number: {to}"),
    21212: (400, "Invalid From Number (caller ID): {sender}"),
    21217: (400, "Phone number does not appear to be valid"),
    21266: (400, "'To' and 'From' number cannot be the same: {to}"),
    21401: (400, "Invalid phone number"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number {sender} is not a valid, message-capable Twilio phone number for this destination",
    ),
    21608: (
        400,
        "The number {to} is unverified. Trial accounts cannot send messages to unverified numbers",
    ),
    21609: (400, "The 'StatusCallback' URL {callback} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (400, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (
        400,
        "Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' ({sender}) parameters",
    ),
    21614: (400, "'To' number: {to}, is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21619: (400, "A text message body or media urls must be specified."),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit (10)"),
    21624: (400, "The Validity Period value is invalid: an integer from 1 to 36000 is required"),
    21635: (400, "'To' number: {to}, cannot be a landline"),
    21659: (400, "'From' {sender} is not a Twilio phone number or Short Code country mismatch"),
    21701: (400, "The Messaging Service does not exist"),
    21703: (400, "The Messaging Service does not have a phone number available to send a message"),
    21704: (400, "The Messaging Service contains no phone numbers"),
    21712: (400, "The 'From' number {sender} does not belong to the Messaging Service"),
    35111: (400, "'SendAt' cannot be scheduled: the sandbox keeps no schedule, schedule in the application"),
}
"""HTTP status and wording per code; the braces are filled from the request."""


class ApiError(Exception):
    """A request that Twilio refuses: becomes its JSON error body."""

    def __init__(self, code: int, *, status: int | None = None, **values: str) -> None:
        known_status, wording = MESSAGES.get(code, (400, "The request was refused"))
        self.code = code
        self.status = status or known_status
        self.message = wording.format_map({"to": "", "sender": "", "callback": "", "path": "", **values})
        super().__init__(f"Twilio error {code}")

    def body(self) -> dict[str, object]:
        """The error's JSON, as v2010 answers it."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
