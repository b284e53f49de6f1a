"""The settings class: what it accepts, and the sentence when it does not."""

from __future__ import annotations

import base64
import os
import random
import re
import string
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from autolynx.secrecy.guessing import why_guessable
from autolynx.settings import Settings, WrongSetting, environment_names, load_settings

REGION = "a country's two letters as in ISO 3166, such as US, GB or DE"
ADDRESS = "an address that begins with http:// or https://"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in environment_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)  # no .env here


def sentence(**values: str) -> str:
    for name, value in values.items():
        os.environ[name] = value
    try:
        with pytest.raises(WrongSetting) as caught:
            load_settings()
    finally:
        for name in values:
            del os.environ[name]
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "given", "accepted"),
    [
        ("APP_PORT", "abc", "a whole number from 1 to 65535"),
        ("APP_PORT", "0", "a whole number from 1 to 65535"),
        ("WEBHOOK_PORT", "65536", "a whole number from 1 to 65535"),
        ("DEFAULT_CONCURRENCY_CAP", "51", "a whole number from 1 to 50"),
        ("DEFAULT_CONCURRENCY_CAP", "2.5", "a whole number from 1 to 50"),
        ("SIMULATOR_SEED", "x", "a whole number"),
        ("SIMULATOR_SPEED", "fast", "a number above 0, at most 10000"),
        ("SIMULATOR_SPEED", "0", "a number above 0, at most 10000"),
        ("SIMULATOR_SPEED", "nan", "a number above 0, at most 10000"),
        ("LOG_LEVEL", "loud", "debug, info, warning or error"),
        ("LOG_FORMAT", "xml", "auto, console or json"),
        ("FEATURE_COST_TRACKING", "maybe", "true or false"),
        ("DEFAULT_PHONE_REGION", "USA", f"{REGION}; or nothing"),
        ("DEFAULT_PHONE_REGION", "UK", f"{REGION}; or nothing"),
        ("DEFAULT_PHONE_REGION", "+1", f"{REGION}; or nothing"),
        ("VAPI_BASE_URL", "api.vapi.ai", ADDRESS),
        ("WEBHOOK_PUBLIC_URL", "http://[x", ADDRESS),
        ("WEBHOOK_PUBLIC_URL", "https://", ADDRESS),
        ("WEBHOOK_PUBLIC_URL", "http://h:99999", ADDRESS),
    ],
)
def test_it_says_in_one_line_what_is_accepted_when_a_value_is_wrong(name: str, given: str, accepted: str) -> None:
    assert sentence(**{name: given}) == f"{name} is '{given}'; accepted is {accepted}."


def test_it_reads_a_region_in_any_case_and_an_empty_one_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().default_phone_region is None
    monkeypatch.setenv("DEFAULT_PHONE_REGION", "gb")
    assert load_settings().default_phone_region == "GB"
    monkeypatch.setenv("DEFAULT_PHONE_REGION", " ")
    assert load_settings().default_phone_region is None


def test_it_never_shows_a_secret_when_it_is_wrong() -> None:
    said = sentence(DATABASE_URL="mysql://root:hunter2@db/x")
    assert said.startswith("DATABASE_URL is set to something else (not shown); accepted is an address that begins")
    assert "hunter2" not in said


def test_it_hides_the_password_inside_an_address_when_it_is_wrong() -> None:
    assert "hunter2" not in sentence(SUPABASE_URL="postgres://root:hunter2@db.example/x")


def test_it_hides_a_key_pasted_into_another_variable() -> None:
    assert "tail" not in sentence(SUPABASE_URL="eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "x" * 100 + "tail")


def test_it_refuses_half_of_supabase() -> None:
    assert sentence(SUPABASE_URL="https://x.supabase.co") == (
        "SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY go together; only one is set."
    )


def test_it_refuses_a_dotenv_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"APP_PORT=\xff\xfe")
    assert sentence().startswith(".env cannot be read (")


def test_it_reads_a_dotenv_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("APP_PORT=9000\n")
    assert load_settings().app_port == 9000


def test_it_counts_an_empty_variable_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PORT", "")
    monkeypatch.setenv("VAPI_API_KEY", "")
    assert load_settings().app_port == 8501
    assert load_settings().is_simulated


@pytest.mark.parametrize(
    ("values", "transport"),
    [
        ({}, "embedded"),
        ({"database_url": "postgresql://localhost/x"}, "postgres"),
        ({"supabase_url": "https://x.supabase.co", "supabase_service_role_key": "k"}, "supabase"),
        (
            {
                "supabase_url": "https://x.supabase.co",
                "supabase_service_role_key": "k",
                "database_url": "postgres://localhost/x",
            },
            "supabase",
        ),
    ],
)
def test_it_chooses_the_transport_by_what_is_set(values: dict[str, str], transport: str) -> None:
    assert load_settings(**values).transport == transport


def test_it_takes_the_simulator_when_there_is_no_key() -> None:
    assert load_settings(simulator_port=9003).provider_url == "http://127.0.0.1:9003"
    assert load_settings(vapi_api_key="k").provider_url == "https://api.vapi.ai"
    assert load_settings(vapi_base_url="http://vapi.test/").provider_url == "http://vapi.test"


def test_it_derives_one_webhook_secret_per_home_when_simulated(tmp_path: Path) -> None:
    one = load_settings(autolynx_home=tmp_path / "one").webhook_secret
    assert one == load_settings(autolynx_home=tmp_path / "one").webhook_secret
    assert one != load_settings(autolynx_home=tmp_path / "two").webhook_secret
    assert load_settings(vapi_api_key="k").webhook_secret is None


def test_it_shows_no_secret_when_printed() -> None:
    shown = repr(load_settings(vapi_api_key="hunter2", database_url="postgresql://a:hunter3@h/x"))
    assert "hunter" not in shown


# -- secrets that can be guessed ------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
GOOD = "f3a9c1d7e5b2048896dca7713e0b5f42"
REAL = {"VAPI_API_KEY": "0b6f3c1e-9f0a-4f3e-8a53-0f6b7c1d2e3f"}
WORDS = [word for word in FREQUENCY_LISTS["english_wikipedia"] if len(word) > 5 and word.isalpha()]
PRINTABLE = string.digits + string.ascii_letters + string.punctuation
NAMES = ["WEBHOOK_SHARED_SECRET", "API_TOKEN", "CRON_SHARED_SECRET"]
GUESSABLE = {
    "x": "has 1 character",
    "f3a9c1d7e5b2048896dca77": "has 23 characters",
    "a" * 24: "is made of few different characters",
    "abcabcabcabcabcabcabcabcabc": "is made of few different characters",
    "00000000-0000-0000-0000-000000000000": "is made of few different characters",
    "your-256-bit-secret": "has 19 characters",
    "openssl rand -base64 32": "has 23 characters",
} | dict.fromkeys(
    [
        "abcdefghijklmnopqrstuvwxyz", "0123456789012345678901234567890", "qwertyuiopasdfghjklzxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn", "changemechangemechangeme", "passwordpasswordpassword", "passwordpassword12345678",
        "P@ssw0rd-P@ssw0rd-P@ssw0rd", "choose-a-long-random-text", "a-webhook-secret-for-tests",
        "an-api-token-for-tests!!", "Summer2026Summer2026!!!!", "my-super-secret-token-2026",
        "your_api_token_goes_here_please", "deadbeefdeadbeefdeadbeef", "autolynx-webhook-secret-1",
        "insert-your-secret-here-123", "secretsecretsecretsecret1", "TOKEN_TOKEN_TOKEN_TOKEN_1",
        "abcd1234abcd1234abcd1234", "replace-me-in-production-please", "0000000000000000000000000001",
        "this-is-a-test-token-for-vapi", "correct-horse-battery-staple",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "5f4dcc3b5aa765d61d8327deb882cf99",
        "d41d8cd98f00b204e9800998ecf8427e", "31415926535897932384626433", "cafebabedeadbeeffeedface",
        "thequickbrownfoxjumpsoverthelazydog", "supercalifragilisticexpialidocious", "lorem-ipsum-dolor-sit-amet",
        "loremipsumdolorsitametconsectetur", "acme-outbound-calls-2026!!", "monkey-dragon-football-master",
        "please-replace-this-with-your-own-secret-text", "replace-with-output-of-openssl-rand-hex-32",
        "january2026february2026march", "acme-corp-calls-2026-11-30-api", "monday-tuesday-wednesday-thursday",
        "ThisIsMySecretWebhookToken2026", "motdepassesecurise2026paris", "ReplaceThisWithARandomString123",
        "a-string-secret-at-least-256-bits-long", "your-super-secret-jwt-token-with-at-least-32-characters-long",
        "elephant-crocodile-rhinoceros", "elephantcrocodilerhinoceros", "wednesday-2026-elephant-crocodile",
        "http://localhost:8502/webhooks/vapi", "postgresql://kq7v2mzx/p3hd9wf3a9c1", "admin@example.com-admin-2026",
        "kq7v2mz-elephant@crocodile-p3hd9w", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426655440000",
        "550e8400-e29b-41d4-a716-446655440000", "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6", "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "cGFzc3dvcmRwYXNzd29yZHBhc3N3b3Jk", "70617373776f726470617373776f7264", "70:61:73:73:77:6f:72:64:70:61:73:73",
        "cGFzc3dvcmQtcGFzc3dvcmQ=", "Y0dGemMzZHZjbVF0Y0dGemMzZHZjbVE9", "Pz8_Y2hhbmdlbWU_Pz9jaGFuZ2VtZT8_Pw",
        "000102030405060708090a0b0c0d0e0f", "00010203-0405-0607-0809-0a0b0c0d0e0f", "AAECAwQFBgcICQoLDA0ODxAREhM=",
        "ffeeddccbbaa99887766554433221100", "5f4dcc3b-5aa7-65d6-1d83-27deb882cf99",
    ],
    "can be guessed",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", GUESSABLE)
def test_it_refuses_a_secret_that_can_be_guessed_where_calls_are_real(name: str, value: str) -> None:
    said = sentence(**REAL, **{name: value})

    assert said.startswith(f"{name} ")
    assert "accepted is a random text of at least 24 characters" in said
    assert "\n" not in said
    assert value not in said or len(value) == 1
    assert GUESSABLE[value] in said or "is made of few different characters" in said


def test_it_refuses_one_secret_for_two_purposes() -> None:
    assert "API_TOKEN is the same as WEBHOOK_SHARED_SECRET;" in sentence(
        **REAL, WEBHOOK_SHARED_SECRET=GOOD, API_TOKEN=f" {GOOD.upper()}"
    )
    key = REAL["VAPI_API_KEY"]
    assert "CRON_SHARED_SECRET is the same as VAPI_API_KEY;" in sentence(**REAL, CRON_SHARED_SECRET=key)


@pytest.mark.parametrize(
    ("name", "other", "value"),
    [
        ("API_TOKEN", "SUPABASE_ANON_KEY", GOOD),
        ("API_TOKEN", "VAPI_PHONE_NUMBER_ID", "6d4c0a1e-1b9f-47d2-9c3e-5a8f7b2d9e10"),
        ("METRICS_TOKEN", "SUPABASE_SERVICE_ROLE_KEY", GOOD),
        ("WEBHOOK_SHARED_SECRET", "WEBHOOK_PUBLIC_URL", "https://kq7v2mzx.example/p3hd9w/"),
        ("CRON_SHARED_SECRET", "DATABASE_URL", "postgresql://kq7v2mzx@p3hd9w/f3a9c1"),
    ],
)
def test_it_refuses_a_secret_that_another_setting_has(name: str, other: str, value: str) -> None:
    others = REAL | {"SUPABASE_URL": "https://x.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": "k", other: value}
    assert f"{name} is the same as {other};" in sentence(**others | {name: value})


def test_it_refuses_every_example_of_our_own_pages() -> None:
    pages = [ROOT / "README.md", ROOT / ".env.example", *(ROOT / "docs").glob("*.md")]
    written = "|".join(NAMES)
    found = {value for page in pages for value in re.findall(rf"(?:{written})=[\"']?([^\s\"'#$<]+)", page.read_text())}

    assert "choose-a-long-random-text" in found
    for value in found:
        assert sentence(**REAL, API_TOKEN=value)


@pytest.mark.parametrize(
    "make",
    [
        lambda some: "".join(some.choices("0123456789abcdef", k=24)),
        lambda some: "".join(some.choices("0123456789abcdef", k=128)),
        lambda some: "".join(some.choices("0123456789", k=30)),
        lambda some: "".join(some.choices("abcdefghijklmnopqrstuvwxyz", k=24)),
        lambda some: some.randbytes(some.randint(16, 32)).hex(),
        lambda some: base64.b64encode(some.randbytes(18)).decode(),
        lambda some: base64.b64encode(some.randbytes(24)).decode(),
        lambda some: base64.urlsafe_b64encode(some.randbytes(some.randint(18, 48))).decode().rstrip("="),
        lambda some: base64.b64encode(some.randbytes(16).hex().encode()).decode(),
        lambda some: "".join(some.choices(PRINTABLE, k=some.randint(24, 64))),
        lambda some: str(UUID(int=some.getrandbits(128), version=4)),
        lambda some: " ".join(some.sample(WORDS, 4)),
        lambda some: some.choice("-._ ").join(some.sample(WORDS, some.randint(4, 6))),
    ],
    ids=[
        "hex 24", "hex 128", "digits", "letters", "hex", "base64 18", "base64 24", "urlsafe", "base64 of hex",
        "printable", "uuid", "four words", "more words",
    ],
)  # fmt: skip
def test_it_accepts_what_is_random(make: Callable[[random.Random], str]) -> None:
    some = random.Random(7)

    assert [value for value in (make(some) for _ in range(50)) if why_guessable(value)] == []


@pytest.mark.parametrize(
    "values",
    [{}, {"VAPI_BASE_URL": "http://127.0.0.1:8503", "VAPI_API_KEY": "k"}, {"VAPI_BASE_URL": "https://vapi.test"}],
)
def test_it_takes_any_secret_where_nobody_is_really_called(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    for name, value in {"API_TOKEN": "x", "WEBHOOK_SHARED_SECRET": "x", **values}.items():
        monkeypatch.setenv(name, value)

    assert load_settings().api_token


def test_it_takes_good_secrets_with_a_real_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(NAMES):
        monkeypatch.setenv(name, GOOD[number:] + GOOD[:number])
    monkeypatch.setenv("VAPI_API_KEY", REAL["VAPI_API_KEY"])

    assert load_settings().webhook_secret == GOOD


def test_it_names_every_field_in_capitals() -> None:
    assert environment_names() == [name.upper() for name in Settings.model_fields]
