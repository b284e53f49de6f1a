"""The vendor's own Python client works against the simulator, unchanged but for its address and its haste.

Each of its two thousand models has pydantic build it anew, with all that it names, as soon as its module is imported;
here each is built once, at its first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.simulator_fixtures import MAIN_LINE, SimulatorProcess, running

if TYPE_CHECKING:  # its import takes 5 s and 250 MB, which only the worker that runs these tests is to pay
    from vapi import Vapi
    from vapi.types import Assistant

ONCE: Any = {"max_retries": 0}  # the client's RequestOptions


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def vapi(simulator: SimulatorProcess) -> Iterator[Vapi]:
    from vapi.core import pydantic_utilities

    pydantic_utilities.update_forward_refs = lambda _model, **_names: None
    from vapi import Vapi

    with httpx.Client(timeout=30, trust_env=False) as http:
        yield Vapi(token="any", base_url=simulator.url, httpx_client=http)


def an_assistant(vapi: Vapi) -> Assistant:
    from vapi.types import OpenAiMessage, Server
    from vapi.types.create_assistant_dto_model import CreateAssistantDtoModel_Openai

    prompt = OpenAiMessage(role="system", content="Sell to {{customer.name}}.")
    return vapi.assistants.create(
        name="Vendor made",
        first_message="Hi {{customer.name}}!",
        model=CreateAssistantDtoModel_Openai(model="gpt-4.1", messages=[prompt], temperature=0.3),
        server=Server(url="http://127.0.0.1:9/hook", timeout_seconds=20),
        request_options=ONCE,
    )


def test_it_serves_assistants_when_the_vendors_client_asks(vapi: Vapi) -> None:
    from vapi.core.api_error import ApiError
    from vapi.types import Assistant

    created = an_assistant(vapi)
    assert isinstance(created, Assistant)
    assert isinstance(created.created_at, datetime)
    assert created.model is not None
    assert created.model.model == "gpt-4.1"
    assert vapi.assistants.get(created.id, request_options=ONCE) == created
    renamed = vapi.assistants.update(created.id, name="Renamed", request_options=ONCE)
    assert (renamed.name, renamed.first_message) == ("Renamed", "Hi {{customer.name}}!")
    assert renamed.id in [one.id for one in vapi.assistants.list(limit=5, request_options=ONCE)]
    assert vapi.assistants.delete(created.id, request_options=ONCE).id == created.id
    with pytest.raises(ApiError) as refused:
        vapi.assistants.get(created.id, request_options=ONCE)
    assert refused.value.status_code == 404


def test_it_serves_calls_when_the_vendors_client_asks(vapi: Vapi, simulator: SimulatorProcess) -> None:
    from vapi.types import AssistantOverrides, Call, CreateCustomerDto

    simulator.turn(outcome_by_number={"+14155551001": "demo_booked"})
    begun = datetime.now(UTC) - timedelta(seconds=1)
    assistant = an_assistant(vapi)
    created = vapi.calls.create(
        assistant_id=assistant.id,
        phone_number_id=MAIN_LINE,
        customer=CreateCustomerDto(number="+14155551001", name="Ana Bell", external_id="lead-42"),
        assistant_overrides=AssistantOverrides(metadata={"attempt": "a1"}, variable_values={"day": "Monday"}),
        request_options=ONCE,
    )
    assert isinstance(created, Call)
    assert created.status == "queued"
    assert created.monitor is not None
    assert created.monitor.control_url is not None
    simulator.reported(created.id)
    call = vapi.calls.get(created.id, request_options=ONCE)
    assert call.status == "ended"
    assert isinstance(call.ended_at, datetime)
    assert call.analysis is not None
    assert call.analysis.success_evaluation == "true"
    assert call.cost_breakdown is not None
    assert call.cost_breakdown.total == call.cost
    assert call.artifact is not None
    assert "Hi Ana Bell!" in str(call.artifact.transcript)
    assert [item.role for item in call.messages or []][:2] == ["system", "bot"]
    assert [item.type for item in call.costs or []][:2] == ["transport", "transcriber"]
    found = vapi.calls.list(
        assistant_id=assistant.id,
        phone_number_id=MAIN_LINE,
        created_at_ge=begun,
        created_at_lt=datetime.now(UTC) + timedelta(seconds=1),
        limit=10,
        request_options=ONCE,
    )
    assert [one.id for one in found] == [created.id]
    assert vapi.calls.update(created.id, name="done", request_options=ONCE).name == "done"


def test_it_serves_phone_numbers_when_the_vendors_client_asks(vapi: Vapi) -> None:
    lines = vapi.phone_numbers.list(request_options=ONCE)
    kinds = sorted(type(line).__name__.rpartition("_")[2] for line in lines)
    assert kinds == ["Twilio", "Twilio", "Vapi"]
    line = vapi.phone_numbers.get(MAIN_LINE, request_options=ONCE)
    assert line.number == "+14155550100"
    page = vapi.phone_numbers.phone_number_controller_find_all_paginated(request_options=ONCE)
    assert len(page.results) == 3


def test_it_refuses_the_vendors_client_when_a_field_is_unknown(vapi: Vapi) -> None:
    from vapi.core.api_error import ApiError

    extra = {"additional_body_parameters": {"systemPrompt": "Sell."}} | ONCE
    with pytest.raises(ApiError) as refused:
        vapi.assistants.create(name="Wrong", request_options=extra)
    assert refused.value.body["message"] == ["property systemPrompt should not exist"]
