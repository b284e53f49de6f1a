"""Mutants of what keeps strangers out and lets nobody act who has left."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_ACCESS, _UI, _UNIT = "autolynx/access/", "autolynx/ui/", "tests/unit/test_"
_SQL = "supabase/migrations/20261122090800_access.sql"
_SERVER, _PORT = "tests/flows/test_ui_server.py::test_it_", "tests/flows/test_pages_port.py::test_it_"


def _mutant(name: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, file, old, new, tests)


VISITORS: tuple[Mutant, ...] = (
    _mutant("a viewer who was a manager acts", f"{_UI}acting.py", "    (access.require_delete_right if deletes else access.require_change_right)(visitor)\n", "", "tests/browser/test_acts.py"),
    _mutant("a manager deletes for good", f"{_UI}acting.py", "    (access.require_delete_right if deletes else access.require_change_right)(visitor)\n", "    access.require_change_right(visitor)\n", f"{_UNIT}deleting_rights.py"),
    _mutant("an act is done in a remembered name", f"{_UI}call_drawer.py", "call.id, actor=actor", "call.id, actor=access.actor(visitor)", f"{_UNIT}acts.py"),
    _mutant("the desk opens when the last account is switched off", _SQL, "jsonb_build_object(\n        'users_total', (select count(*) from public.users),\n        'user', (select jsonb", "jsonb_build_object(\n        'users_total', (select count(*) from public.users where is_active),\n        'user', (select jsonb", f"{_UNIT}access.py"),
    _mutant("a switched off account's session lives on", _SQL, "s.expires_at > p_now and u.is_active", "s.expires_at > p_now", f"{_UNIT}access.py"),
    _mutant("an address locks wherever it is tried", f"{_ACCESS}failures.py", '("pair", address, source)', '("pair", address, "")', f"{_UNIT}failures.py"),
    _mutant("a source may try every address", f"{_ACCESS}failures.py", "            is_in_line = self._count(by_source) >= MOST_OF_A_SOURCE\n", "            is_in_line = False\n", f"{_UNIT}failures.py"),
    _mutant("a source locks those who never failed there", f"{_ACCESS}failures.py", "if self._count(pair) >= (1 if is_in_line else MOST_OF_A_PAIR):", "if is_in_line or self._count(pair) >= MOST_OF_A_PAIR:", f"{_UNIT}failures.py"),
    _mutant("a source's line has no end", f"{_ACCESS}failures.py", "        if turn_at - now > LONGEST_LINE_SECONDS:\n", "        if False:\n", f"{_UNIT}failures.py"),
    _mutant("attempts under way do not count", f"{_ACCESS}failures.py", "len(self._times.get(key, ())) + self._open.get(key, 0)", "len(self._times.get(key, ()))", f"{_UNIT}failures.py"),
    _mutant("a full book forgets", f"{_ACCESS}failures.py", "            if len(self._kept) >= MOST_KEPT:\n", "            if False:\n", f"{_UNIT}failures.py"),
    _mutant("one's own password forgives the source", f"{_ACCESS}failures.py", "            self._times.pop(_keys(attempt.address, attempt.source)[0], None)\n", "            for key in _keys(attempt.address, attempt.source):\n                self._times.pop(key, None)\n", f"{_UNIT}failures.py"),
    _mutant("an address is made small by Python's rules", f"{_ACCESS}addresses.py", "    if not stripped.isascii():\n", "    if False:\n", f"{_UNIT}access.py"),
    _mutant("the user's own words are no hint", f"{_ACCESS}passwords.py", "for word in (*words, *whole, *joined, *OWN_WORDS) if word", "for word in OWN_WORDS if word", f"{_UNIT}passwords.py"),
    _mutant("signs between make a password", f"{_ACCESS}passwords.py", "        or _guesses(_rest(core, words), words) < _FEWEST_FOR_THE_REST\n", "", f"{_UNIT}passwords.py"),
    _mutant("a word with a year behind it is a password", f"{_ACCESS}passwords.py", "        or _is_short_word(core, words)\n", "", f"{_UNIT}passwords.py"),
    _mutant("a neighbour of IPv6 is another source", f"{_ACCESS}machine.py", "_IPV6_NETWORK_BITS = 64", "_IPV6_NETWORK_BITS = 128", f"{_SERVER}logs_and_audits_failed_sign_ins_without_what_was_typed"),
    _mutant("a page of the same site is ours", f"{_UI}origin.py", 'site in ("same-origin", "none")', 'site in ("same-origin", "same-site", "none")', f"{_UNIT}origin.py"),
    _mutant("any origin is ours", f"{_UI}origin.py", "    return page is not None and page in {", "    return page is not None or page in {", f"{_UNIT}origin.py"),
    _mutant("a live connection is no act", f"{_UI}gate.py", 'is_act = scope["type"] == "websocket" or scope["method"] not in _READING', 'is_act = scope["type"] != "websocket" and scope["method"] not in _READING', f"{_SERVER}refuses_the_live_connection_when_another_page_opens_it"),
    _mutant("passwords wait in any number", f"{_UI}turnstile.py", "            if self._inside >= self._most:\n", "            if False:\n", f"{_UNIT}turnstile.py"),
    _mutant("who left makes room too early", f"{_UI}turnstile.py", "        turn.add_done_callback(self._left)  # not before it is over, also when the visitor has gone\n        return await asyncio.wrap_future(turn)\n", "        try:\n            return await asyncio.wrap_future(turn)\n        finally:\n            self._left(turn)\n", f"{_UNIT}turnstile.py"),
    _mutant("strangers take no turns", f"{_UI}strangers.py", "            if seconds := pace.turn(now):\n", "            if seconds := 0 * pace.turn(now):\n", f"{_UNIT}strangers.py", f"{_SERVER}keeps_those_who_are_in_out_of_the_strangers_line"),
    _mutant("who is in waits with the strangers", f"{_UI}lookups.py", "        return token is not None and access.token_hash(token) in self._known\n", "        return False\n", f"{_SERVER}keeps_those_who_are_in_out_of_the_strangers_line"),
    _mutant("a link signs out", f"{_UI}signing.py", '    Route("/sign-out", ask_to_sign_out, methods=["GET"]),\n', '    Route("/sign-out", sign_out, methods=["GET"]),\n', f"{_SERVER}keeps_the_session_when_a_link_leads_to_sign_out"),
    _mutant("a form is as long as it says", f"{_UI}sign_in_form.py", "return await _forms.read(request.receive, _LARGEST)", "return await request.body()", f"{_PORT}reads_no_form_that_is_larger_than_it_says"),
    _mutant("half a head keeps the pages waiting", f"{_UI}server.py", "    listening.use_pages_protocol()\n", "", f"{_PORT}drops_half_sent_heads_and_keeps_live_connections"),
    _mutant("a live connection is cut off as an idle one", "autolynx/listening.py", "        self._is_live = True\n", "", f"{_PORT}drops_half_sent_heads_and_keeps_live_connections"),
    _mutant("what comes before a live connection is let in is kept", f"{_UI}listening.py", "            self.transport.pause_reading()\n", "", f"{_PORT}reads_nothing_of_who_waits_for_a_live_connection"),
    _mutant("the session knows no origin", f"{_UI}origin.py", "    if origin is None or origin == session_origin:\n", "    if origin is None:\n", f"{_UNIT}origin.py"),
)
