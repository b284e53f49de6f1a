"""Mutants of what bounds the webhook server's callers, and of what closes AUTOLYNX_HOME."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_EVENTS = "supabase/migrations/20261122090500_events.sql"
_RECORD_EVENT = "p_patience_seconds int default null, p_now timestamptz default now()\n) returns jsonb\nlanguage plpgsql volatile security invoker set search_path = ''\n"
_LOCKED, _STRANGERS, _HOME, _WEBHOOKS = (
    f"tests/flows/test_{name}.py::test_it_" for name in ("locked_rows", "strangers", "home", "webhook_server")
)


def _mutant(name: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, file, old, new, tests)


EDGES: tuple[Mutant, ...] = (
    _mutant("a message waits for a lock as long as it is kept", _EVENTS, _RECORD_EVENT + "set lock_timeout = '150ms'\n", _RECORD_EVENT, "tests/database/test_catalogue.py"),
    _mutant("a message of no use waits for the one before", _EVENTS, "limit 1 for no key update skip locked)", "limit 1)", f"{_LOCKED}counts_a_message_of_no_use_though_its_count_is_locked"),
    _mutant("each message of a locked call takes a thread", "autolynx/intake.py", "            async with turn.lock:\n", "            if True:\n", f"{_LOCKED}holds_a_connection_for_one_message_of_a_locked_call"),
    _mutant("a message that met a lock is given up", "autolynx/intake.py", "                    turn.is_held_up = True\n", "                    raise\n", f"{_LOCKED}tries_again_when_the_database_takes_a_message_back"),
    _mutant("a message that meets a lock is tried for ever", "autolynx/intake.py", "return asyncio.get_running_loop().time() - self.since > TRY_FOR_SECONDS", "return False", f"{_LOCKED}lets_nobody_else_wait_when_a_call_is_locked"),
    _mutant("a deadlock is somebody's mistake", "autolynx/database/refusals.py", '    "40P01": Busy,  # deadlock\n', "", f"{_LOCKED}tries_again_when_the_database_takes_a_message_back"),
    _mutant("a body is read for an old signature", "autolynx/vapi/signature.py", 'return _is_fresh(given.get(TIMESTAMP_HEADER, b"").strip(), now) and any(', "return any(", f"{_STRANGERS}reads_no_body_when_the_signature_can_be_none"),
    _mutant("a body is read for what is no signature", "autolynx/vapi/signature.py", "and any(map(_SIGNATURE.fullmatch, signatures))", "and any(signatures)", f"{_STRANGERS}reads_no_body_when_the_signature_can_be_none"),
    _mutant("a body is read though nothing can prove it", "autolynx/webhooks.py", "if not self._secret or not is_signed(", "if not is_signed(", f"{_STRANGERS}reads_no_body_when_nobody_can_prove_anything"),
    _mutant("a stranger's body takes its time", "autolynx/bodies.py", "asyncio.timeout(UNPROVEN_SECONDS)", "asyncio.timeout(None)", f"{_STRANGERS}waits_for_a_body_only_for_a_while"),
    _mutant("strangers fill the memory", "autolynx/bodies.py", "if sum(each.received for each in self._readings) > MOST_UNPROVEN_BYTES:", "if False:", f"{_STRANGERS}holds_few_bytes_of_whom_nobody_knows"),
    _mutant("who comes last is put aside", "autolynx/bodies.py", "self._put_aside(max(self._readings, key=lambda each: each.received))", "self._put_aside(reading)", "tests/unit/test_bodies.py"),
    _mutant("a length that is no number is read as one", "autolynx/bodies.py", "    if not _NUMBER.fullmatch(given):\n        raise BadLength\n", "", f"{_STRANGERS}answers_400_when_the_length_is_no_number"),
    _mutant("half a head is waited for", "autolynx/listening.py", '            return "a request"\n', "            return None\n", f"{_STRANGERS}drops_half_a_head"),
    _mutant("the rest of a refused body is read for ever", "autolynx/listening.py", 'return "the rest of a request" if is_answered and', 'return "the rest of a request" if False and', f"{_STRANGERS}throws_the_rest_of_a_refused_body_away_only_for_a_while"),
    _mutant("an answer waits for who does not read it", "autolynx/listening.py", "        self._is_unread = True\n", "", f"{_STRANGERS}drops_who_does_not_read_his_answer"),
    _mutant("idle connections keep everybody out", "autolynx/listening.py", "        self._make_room()\n", "", f"{_STRANGERS}serves_the_next_though_hundreds_hold_connections"),
    _mutant("a token for the figures is not asked for", "autolynx/api/tokens.py", "        if settings.metrics_token is not None:\n", "        if False:\n", f"{_WEBHOOKS}shows_no_figures_when_a_token_is_set_and_not_sent"),
    _mutant("the home stays open", "autolynx/home.py", "            home.chmod(CLOSED_FOLDER)\n", "            pass\n", f"{_HOME}closes_a_folder_that_was_open"),
    _mutant("what is in the home stays open", "autolynx/home.py", "                _close(entry)\n", "                pass\n", f"{_HOME}closes_a_folder_that_was_open"),
    _mutant("anybody's lock is waited for", "autolynx/home.py", "now - ours_at >= STRANGER_SECONDS", "now - began >= patience_seconds", f"{_HOME}believes_no_note_of_somebody_who_is_gone"),
    _mutant("one of ours is a stranger", "autolynx/home.py", "            ours_at = now if is_ours else ours_at\n", "            is_ours = False\n", f"{_HOME}waits_for_one_of_ours"),
    _mutant("root's home is not the server's", "autolynx/database/cluster.py", "        self._give_to(owner)\n", "", f"{_HOME}keeps_the_folder_of_root_closed_though_the_server_is_another_users"),
)
