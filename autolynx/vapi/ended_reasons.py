"""The table of Vapi's ended reasons: which kind of ending each one is. What a kind means is in `outcomes.py`.

Values: VapiAI/docs OpenAPI, 2026-08-18 (595 of them) and older releases (40). The set grows and values
vanish, so what is not listed is judged by its beginning; the kinds are our reading, not Vapi's.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class Ending(Enum):
    """A kind of ending: reasons that are told and treated alike."""

    CUSTOMER_ENDED = auto()
    ASSISTANT_ENDED = auto()
    TRANSFERRED = auto()
    TRANSFER_MISSED = auto()
    TRANSFER_BROKEN = auto()
    CARRIER_ENDED = auto()
    VOICEMAIL = auto()
    NO_ANSWER = auto()
    BUSY = auto()
    WRONG_NUMBER = auto()
    NOT_CONNECTED = auto()
    CARRIER_REFUSES = auto()
    CARRIER_LOGIN = auto()
    SILENCE = auto()
    TIME_LIMIT = auto()
    NEVER_JOINED = auto()
    CANCELED = auto()
    CANCELED_LIVE = auto()
    NO_AUDIO = auto()
    FAULT_BEFORE_ANSWER = auto()
    FAULT = auto()
    ASSISTANT_FAULT = auto()
    SETUP = auto()
    ACCOUNT = auto()
    LINES_BUSY = auto()
    LINE_DAILY_LIMIT = auto()
    LINE_NOT_INTERNATIONAL = auto()
    NOT_AN_OUTBOUND_CALL = auto()
    UNKNOWN = auto()


#: looked at first; a text is split at white space
_EXACT = {
    Ending.CUSTOMER_ENDED: "customer-ended-call",
    Ending.ASSISTANT_ENDED: """
        assistant-ended-call assistant-said-end-call-phrase assistant-said-message-with-end-call-enabled
        call.ending.hook-executed-say""",
    Ending.TRANSFERRED: "assistant-forwarded-call call.ending.hook-executed-transfer",
    Ending.TRANSFER_MISSED: "call.forwarding.operator-busy call.forwarding.no-answer",
    Ending.TRANSFER_BROKEN: "call.in-progress.error-transfer-failed",
    Ending.CARRIER_ENDED: """
        call.in-progress.twilio-completed-call call.in-progress.sip-completed-call vonage-completed
        vonage-disconnected""",
    Ending.VOICEMAIL: "voicemail",
    Ending.NO_ANSWER: """
        customer-did-not-answer
        call.in-progress.error-providerfault-outbound-sip-408-request-timeout
        call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable""",
    Ending.BUSY: "customer-busy",
    Ending.WRONG_NUMBER: "twilio-reported-customer-misdialed",
    Ending.NOT_CONNECTED: """
        twilio-failed-to-connect-call vonage-failed-to-connect-call vonage-rejected
        sip-gateway-failed-to-connect-call call.in-progress.error-sip-outbound-call-failed-to-connect
        call.in-progress.error-sip-telephony-provider-failed-to-connect-call
        call.in-progress.error-providerfault-transport-never-connected""",
    Ending.CARRIER_REFUSES: "call.in-progress.error-providerfault-outbound-sip-403-forbidden",
    Ending.CARRIER_LOGIN: """
        call.in-progress.error-providerfault-outbound-sip-407-proxy-authentication-required""",
    Ending.SILENCE: "silence-timed-out",
    Ending.TIME_LIMIT: "exceeded-max-duration",
    Ending.NEVER_JOINED: "assistant-join-timed-out",
    Ending.CANCELED: "call-deleted scheduled-call-deleted",
    Ending.CANCELED_LIVE: "manually-canceled",
    Ending.NO_AUDIO: "call.in-progress.error-assistant-did-not-receive-customer-audio",
    Ending.FAULT_BEFORE_ANSWER: "database-error db-error",
    Ending.FAULT: """
        worker-shutdown phone-call-provider-closed-websocket
        call.in-progress.error-vapifault-call-started-but-connection-to-transport-missing
        call.in-progress.error-vapifault-transport-connected-but-call-not-active
        call.in-progress.error-vapifault-transport-never-connected""",
    Ending.SETUP: """
        assistant-not-found assistant-not-valid assistant-not-invalid assistant-not-provided
        call-start-error-neither-assistant-nor-server-set call.start.error-get-assistant
        call.start.error-get-customer call.start.error-get-phone-number
        call.start.error-get-resources-validation call.start.assistant-version-error-validation""",
    Ending.ACCOUNT: """
        license-check-failed call.start.error-fraud-check-failed
        call.start.error-enterprise-feature-not-available-recording-consent""",
    Ending.LINES_BUSY: "call.start.error-subscription-concurrency-limit-reached",
    Ending.LINE_DAILY_LIMIT: "call.start.error-vapi-number-outbound-daily-limit",
    Ending.LINE_NOT_INTERNATIONAL: "call.start.error-vapi-number-international",
    Ending.NOT_AN_OUTBOUND_CALL: """
        customer-did-not-give-microphone-permission phone-call-provider-bypass-enabled-but-no-call-received
        vapifault-web-call-worker-setup-failed call.in-progress.error-sip-inbound-call-failed-to-connect
        call.in-progress.error-vapifault-chat-pipeline-failed-to-start""",
    Ending.UNKNOWN: "unknown-error",
}
EXACT: dict[str, Ending] = {reason: ending for ending, reasons in _EXACT.items() for reason in reasons.split()}

#: looked at next, in this order
BEGINNINGS: tuple[tuple[str, Ending], ...] = (
    ("customer-ended-call-", Ending.CUSTOMER_ENDED),
    ("assistant-ended-call-", Ending.ASSISTANT_ENDED),
    ("assistant-request-", Ending.SETUP),
    ("call.in-progress.error-warm-transfer-", Ending.TRANSFER_BROKEN),
    ("call.in-progress.error-providerfault-outbound-sip-", Ending.NOT_CONNECTED),
    ("call.in-progress.error-vapifault-worker-", Ending.FAULT),
    ("call.ringing.", Ending.NOT_AN_OUTBOUND_CALL),
    ("call.start.error-subscription-", Ending.ACCOUNT),
    ("call.start.", Ending.FAULT_BEFORE_ANSWER),
    ("vapifault-", Ending.FAULT),
)

#: last: model, voice or transcriber gave out. Every value exists under several of these
PIPELINE = re.compile(r"pipeline-|call\.in-progress\.error-(pipeline|vapifault|providerfault)-")
#: it passes by itself; what else a pipeline says (keys, quotas, voices) somebody must mend
TRANSIENT = re.compile(
    r"(llm|voice|transcriber|video|connection)-failed$|-5\d\d-(?!invalid-schema)|server-error$|rate-limit|busy"
    r"|socket-hang-up|econnreset|timed-out|unexpected-error|concurrent-requests|request-canceled"
)


def ending(reason: str) -> Ending | None:
    """The kind of ending a reason stands for, or None for one unlike all we know."""
    if reason in EXACT:
        return EXACT[reason]
    for beginning, found in BEGINNINGS:
        if reason.startswith(beginning):
            return found
    if PIPELINE.match(reason):
        return Ending.FAULT if TRANSIENT.search(reason) else Ending.ASSISTANT_FAULT
    return None
