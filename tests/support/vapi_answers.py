"""A client of Vapi that gets the answers a test wrote down, in turn, and tells what it asked and how long it waited."""

from datetime import UTC, datetime

import httpx

from autolynx.vapi.client import VapiClient
from autolynx.vapi.dialing import CallRequest

CALL_ID = "5f0c1d52-6a39-4c8e-9d6b-1f0e8a7b2c3d"
NOON = datetime(2026, 3, 26, 12, 0, tzinfo=UTC)
REQUEST = CallRequest(CALL_ID, {"name": CALL_ID})
BASE = "https://api.vapi.example"


class Provider:
    """Gives the answers it was made with in turn, the last for ever, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.sleeps = []
        self.now = 1000.0

    def __call__(self, request):
        self.requests.append(request)
        if trace := request.extensions.get("trace"):  # as httpcore does when the connection stands
            trace("http11.send_request_headers.started", {"request": request})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def elapsed(self):
        return self.now

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now += seconds

    def spread(self, seconds):
        return seconds

    def client(self, base_url=BASE, key="key"):
        return VapiClient(base_url, key, transport=httpx.MockTransport(self), clock=self)


def always(_send):
    return True


def answer(status, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return httpx.Response(status, text=body, headers=headers)
    return httpx.Response(status, json=body, headers=headers)


def refusal(status, message):
    return answer(status, {"message": message, "error": "Reason", "statusCode": status})


def dialed(*answers, leave=always, **options):
    provider = Provider(*answers)
    return provider.client().create_call(REQUEST, leave=leave, **options), provider
