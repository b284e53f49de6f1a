"""What must hold whatever happens, by the provider's books; our database is only compared with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from bench.simulation.call import Call
from bench.simulation.figures import miscounted
from bench.simulation.people import CLOSES_AT, OPENS_AT
from rig.books import differences, our_calls

DIALING = ("QUEUED", "DIALING", "RUNNING")
SEND_SECONDS = 0.2  # from leave to the wire, where nothing went wrong
LEAVE_LASTS = 5.0  # the product's own bound
FAULT_BOUND_SECONDS = 90.0  # how long a request that was answered with a 5xx holds its line
BOUND_SECONDS = 600.0  # DIAL_VISIBILITY_SECONDS: what is created later is beyond what is promised
HANG_UP_SECONDS = 1.0
FOUND_WITHIN = 90.0  # of being listed, where nothing but other dials in doubt is in the way
_ACTIVE = "status in ('QUEUED', 'RINGING', 'IN_PROGRESS')"
_OPEN = f"""
select exists (select from public.calls where {_ACTIVE} or report_at is null or dial_state = 'unknown')
    or exists (select from public.campaigns where completed_at is null)
    or exists (select from public.settings where forgot_since is not null)
"""
_LEFT = f"""
select 'campaign ' || name || ' ' || status || coalesce(' ' || status_reason, '') from public.campaigns
where completed_at is null
union all select 'contact ' || phone || ' ' || state from public.contacts where state <> 'settled'
union all select 'call to ' || phone || ' ' || status || ' ' || dial_state from public.calls
where {_ACTIVE} or report_at is null or dial_state = 'unknown'
"""
_OVER_CAPS = f"""
with active as (select campaign_id, phone_number_id, turned_up_at from public.calls where {_ACTIVE})
select 'campaign ' || c.name, c.cap, count(*), count(a.turned_up_at)
from active a join public.campaigns c on c.id = a.campaign_id
group by c.id having count(*) > c.cap
union all
select 'line ' || l.phone_number_id, l.cap, count(*), count(a.turned_up_at)
from active a join public.phone_lines l using (phone_number_id)
group by l.phone_number_id, l.cap having count(*) > l.cap
union all
select 'organization', s.organization_cap, count(*), count(a.turned_up_at)
from active a, public.settings s group by s.organization_cap having count(*) > s.organization_cap
"""


class Books:
    """Watches one story."""

    def __init__(self, story: Any) -> None:
        self._story = story
        self.broken: list[str] = []
        self._claimed_at: dict[str, float] = {}
        self._leaves: dict[str, tuple[float, float]] = {}  # our call -> its last leave: asked for, committed
        self._departures: Counter[str] = Counter()
        self._status: dict[str, tuple[str, float]] = {}  # campaign -> status, since
        self._barred: dict[str, float] = {}
        self._given_back: dict[str, float] = {}
        self._forgotten: tuple[float, float] | None = None  # from when to when a restore has forgotten everything
        self._adopted: dict[str, float] = {}
        self._known: dict[str, float] = {}
        self._batches: dict[str, int] = {}  # campaign -> the furthest batch that was dialed
        self._refused: dict[str, set[str]] = defaultdict(set)  # campaign -> contacts refused in words nobody knows
        self._alarms: set[tuple[str, str]] = set()
        cap = float(story.plan.organization_cap)
        self._in_vain = cap, 2 * cap, 0.0  # requests that may find no line, at once and on average; counted when
        self._to_hang_up: dict[str, float] = {}  # provider's call -> due since
        self._phoned: dict[tuple[str, str], list[Call]] = defaultdict(list)

    def broke(self, code: str, text: str) -> None:
        """A promise was broken."""
        self.broken.append(f"{code}: {text}")
        self._story.tell("BROKEN", f"{code}: {text}")

    @property
    def _now(self) -> float:
        return float(self._story.world.now)

    # -- what the database did ----------------------------------------------------------------------------------

    def claimed(self, orders: list[dict[str, Any]]) -> None:
        """Calls were claimed: ours, at least, must be within the caps, but for what has turned up since."""
        for order in orders:
            self._claimed_at[order["call_id"]] = self._now
        for what, cap, active, turned_up in self._story.ground.rows(_OVER_CAPS):
            if active > cap and turned_up == 0:
                self.broke("our-cap", f"{active} calls of {what} are active, its cap is {cap}")

    def leave_given(self, call_id: str, asked_at: float) -> None:
        """begin_dial said yes; until a request makes use of it."""
        self._leaves[call_id] = asked_at, self._now

    def noticed(self, notice: dict[str, Any]) -> None:
        """Something changed in the database; see `database.sql`."""
        what, now = notice["what"], self._now
        if what == "campaign":
            self._status[notice["id"]] = (notice["status"], now)
            self._look_at_pause(notice)
            self._story.tell("database", f"{self._story.name_of(notice['id'])} is {notice['status']}")
        elif what == "do_not_call":
            self._barred.setdefault(notice["phone"], now)
        elif what == "alarm":
            self._alarms.add((notice["code"], notice["subject"]))
        elif what == "given_back":
            self._given_back.setdefault(notice["id"], now)
            if notice["id"] in self._known:
                self.broke("given-up", f"{self._story.name_of(notice['id'])} was given up when it had long been known")
        elif what == "unconfirmed":
            self.broke("unconfirmed", f"{self._story.name_of(notice['id'])} was confirmed, and is {notice['to']} again")
        elif what == "hang_up":
            self._hang_up_is_due(notice["provider_call_id"])
        else:
            self.broke("backwards", f"{self._story.name_of(notice['id'])} went from {notice['from']} to {notice['to']}")

    def found_again(self, call_id: str | None) -> None:
        """The database has learned that a call exists; from now on it counts."""
        if call_id:
            self._known.setdefault(call_id, self._now)
        if call_id in self._given_back:
            self._adopted.setdefault(call_id, self._now)

    def told_of(self, provider_call_id: str, answer: dict[str, Any]) -> None:
        """Something was stored about a call of the provider's. While that lives, ours does, and holds its line."""
        call = self._story.provider.calls[provider_call_id]
        is_over = answer.get("status") in ("ENDED", "FAILED", "CANCELED", "TIMEOUT")
        if call.is_live and is_over and answer.get("result") != "duplicate":
            self.broke("uncounted", f"{call.key} is under way, and its row is {answer['status']}")

    def forget(self, kept_at: float) -> None:
        """The database is that of an earlier time again."""
        self._barred = {phone: at for phone, at in self._barred.items() if at < kept_at}
        self._given_back = {call_id: at for call_id, at in self._given_back.items() if at < kept_at}
        self._forgotten = kept_at, self._now
        self._batches.clear()
        self._leaves.clear()
        self._known.clear()
        self._to_hang_up.clear()
        for campaign_id, status in self._story.ground.rows("select id::text, status::text from public.campaigns"):
            self._status[campaign_id] = (status, self._now)

    def refused_oddly(self, campaign_id: str, contact: str) -> None:
        """The provider refused a dial in words that nobody knows."""
        self._refused[campaign_id].add(contact)

    def _look_at_pause(self, notice: dict[str, Any]) -> None:
        """Nothing but three contacts refused alike pauses a campaign here, and people."""
        campaign = notice["id"]
        if notice["status"] == "PAUSED" and not notice["by_people"] and len(self._refused[campaign]) < 3:
            self.broke(
                "paused-early", f"{self._story.name_of(campaign)} was paused for {self._refused[campaign] or 'nothing'}"
            )

    # -- requests -----------------------------------------------------------------------------------------------

    def departed(self, body: dict[str, Any]) -> None:
        """A dial left: was it allowed to?"""
        story, now = self._story, self._now
        call_id, campaign = body["name"], body["assistantOverrides"]["metadata"]["autolynx_campaign_id"]
        who = story.contact_of(call_id)
        self._departures[call_id] += 1
        self._look_at_batch(campaign, body["customer"]["number"], who)
        asked, given = self._leaves.pop(call_id, (0.0, None))
        if given is None or now - given > LEAVE_LASTS:
            when = "none was given" if given is None else f"it was given {now - given:.1f} s ago"
            self.broke("no-leave", f"{who} was dialed without leave: {when}")
            return
        allowed = now - SEND_SECONDS if now - given <= SEND_SECONDS else given  # a slow answer is no fault of the leave
        status, since = self._status.get(campaign, ("CREATED", 0.0))
        if status not in DIALING and since < allowed:
            self.broke("not-dialing", f"{who} was dialed {now - since:.1f} s after its campaign was {status}")
        barred = self._barred.get(body["customer"]["number"])
        if barred is not None and barred < allowed:
            self.broke("do-not-call", f"{who} was dialed {now - barred:.1f} s after it was barred")
        if story.campaigns[campaign].has_hours and CLOSES_AT <= asked < OPENS_AT:
            self.broke("hours", f"{who} was dialed, by a leave asked for {asked - CLOSES_AT:.1f} s after closing")

    def _look_at_batch(self, campaign_id: str, number: str, who: str) -> None:
        campaign = self._story.campaigns[campaign_id]
        if campaign.mode == "batch":
            batch = campaign.numbers.index(number) // campaign.cap
            furthest = self._batches.get(campaign_id, 0)
            if batch < furthest:
                self.broke("batch", f"{who} of batch {batch} was dialed after batch {furthest} had begun")
            self._batches[campaign_id] = max(batch, furthest)

    def found_no_line(self) -> None:
        """A request beyond the lines: two a second and a burst of one cap's size; in the long run one a second."""
        cap = float(self._story.plan.organization_cap)
        at_once, on_average, counted_at = self._in_vain
        passed = self._now - counted_at
        at_once, on_average = min(cap, at_once + 2 * passed) - 1, min(2 * cap, on_average + passed) - 1
        if min(at_once, on_average) < 0:
            self.broke("too-fast", "more requests found no line than one a second, or than two and a burst")
            at_once, on_average = cap, 2 * cap
        self._in_vain = at_once, on_average, self._now

    # -- calls --------------------------------------------------------------------------------------------------

    def created(self, call: Call) -> None:
        """The provider has a call that will ring: within every cap, and the only one to its number?"""
        story = self._story
        earlier = self._phoned[call.campaign_id, call.number]
        earlier.append(call)
        if len(earlier) > 1 and not self._is_adopted_beyond(earlier) and not self._is_anothers(call):
            self.broke("phoned-twice", f"{call.key.split('/')[1]} was phoned {len(earlier)} times")
        live = [other for other in story.provider.calls.values() if other.is_live and not other.is_blocked]
        if any(
            other is not call and other.number == call.number and not self._could_not_be_foreseen(other, call)
            for other in live
        ):
            self.broke("two-at-once", f"{call.number} has two calls at once")
        campaign = story.campaigns[call.campaign_id]
        self._within(call, "campaign", campaign.cap, [c for c in live if c.campaign_id == call.campaign_id])
        if cap := story.plan.line_caps.get(call.line):
            self._within(call, call.line, cap, [c for c in live if c.line == call.line])
        self._within(call, "organization", story.plan.organization_cap, live)

    def _within(self, call: Call, what: str, cap: int, live: list[Call]) -> None:
        excused = sum(self._is_excused(other, call) for other in live)
        if len(live) - excused > cap:
            who = ", ".join(other.key.split("/")[1] for other in live)
            self.broke("cap", f"{len(live)} calls at once for {what}, its cap is {cap}: {who}")

    def _is_excused(self, other: Call, call: Call) -> bool:
        """A call whose line had been given back after a 5xx, since it was listed late or left out, and that nobody had
        found when the newest was claimed."""
        is_late = other.listed_at > other.departed_at + FAULT_BOUND_SECONDS or other.is_left_out
        if not is_late or other.our_id not in self._given_back:
            return False
        adopted = self._adopted.get(other.our_id)
        return other is call or adopted is None or adopted > self._claimed_at.get(call.our_id, 0.0)

    def _is_anothers(self, call: Call) -> bool:
        """Whether a forgotten call of this campaign was taken for one of another's: where the provider repeats no more
        than the number, that is all we can know, and the number is not called more often than all of them may."""
        campaigns = [c.id for c in self._story.plan.campaigns if call.number in c.numbers]
        calls = [other for id_ in campaigns for other in self._phoned[id_, call.number]]
        since, until = self._forgotten or (0.0, 0.0)
        is_forgotten = any(other.is_bare and since <= other.departed_at <= until for other in calls)
        return is_forgotten and len(calls) <= len(campaigns)

    def _is_adopted_beyond(self, calls: list[Call]) -> bool:
        return any(map(_is_beyond, calls))

    def _could_not_be_foreseen(self, other: Call, call: Call) -> bool:
        """One of the two was created beyond the bound, and nobody knew of it when leave was given for the newer one."""
        known = self._known.get(other.our_id, float("inf"))
        return _is_beyond(call) or (_is_beyond(other) and known > call.departed_at - LEAVE_LASTS)

    # -- hanging up ---------------------------------------------------------------------------------------------

    def _hang_up_is_due(self, provider_call_id: str) -> None:
        due = self._now
        self._to_hang_up[provider_call_id] = due
        self._story.world.after(HANG_UP_SECONDS, lambda: self._was_hung_up(provider_call_id, due))

    def hanging_up(self, provider_call_id: str) -> None:
        """A request for it is being made."""
        self._to_hang_up.pop(provider_call_id, None)

    def _was_hung_up(self, provider_call_id: str, due: float) -> None:
        """Where nothing was amiss on our side; the provider may be as slow as it likes."""
        call = self._story.provider.calls[provider_call_id]
        is_well = self._story.is_everybody_well(since=due - 1)
        if self._to_hang_up.get(provider_call_id) == due and call.is_live and is_well:
            self.broke("hang-up", f"nobody hung up {call.key} in {HANG_UP_SECONDS:.1f} s")

    # -- the end ------------------------------------------------------------------------------------------------

    def is_anything_open(self) -> bool:
        """Whether our side still has something under way."""
        return bool(self._story.ground.rows(_OPEN)[0][0])

    def say_who_is_left(self) -> None:
        """Why a story does not end."""
        for (line,) in self._story.ground.rows(_LEFT)[:5]:
            self.broke("never-ends", line)

    def look_for_unseen(self) -> None:
        """In a crowd, those that can be found are, in good time."""
        for call in self._story.provider.calls.values():
            found_at = self._known.get(call.our_id)
            if found_at is None or found_at > call.listed_at + FOUND_WITHIN:
                took = "never" if found_at is None else f"after {found_at - call.listed_at:.0f} s"
                self.broke("overlooked", f"{call.key} was found {took}")

    def compare(self) -> None:
        """All is quiet: is everything known, and everybody settled?"""
        story = self._story
        provider = story.provider
        blocked = {call.id for call in provider.calls.values() if call.is_blocked}
        truth = [call.truth() for call in provider.calls.values()]
        with_rows = our_calls(story.ground.admin)
        for line in differences(
            {key: row for key, row in with_rows.items() if key not in blocked},
            [call for call in truth if call["id"] not in blocked],
        ):
            call = provider.calls.get(line.partition(":")[0])
            self.broke("books", f"{call.key if call else ''} {line}")
        for call_id in self._given_back:
            made = [call for call in provider.calls.values() if call.our_id == call_id and not call.is_blocked]
            if made and ("call_turned_up", call_id) not in self._alarms:
                self.broke("no-alarm", f"{made[0].key} turned up, and nobody was told")
        for (line,) in story.ground.rows(_LEFT)[:5]:
            self.broke("left", line)
        self.look_at_figures()
        self._look_for_leaks()
        self._look_for_forgotten()

    def look_at_figures(self) -> None:
        """What people are shown, counted by hand."""
        for line in miscounted(self._story.ground, self._story.world.date):
            self.broke("figures", line)

    def _look_for_leaks(self) -> None:
        last = self._story.world.date + timedelta(days=2)
        for column, at in self._story.ground.leaks(last)[:3]:
            self.broke("real-time", f"{column} holds {at}")

    def _look_for_forgotten(self) -> None:
        """A contact that is settled as called, has had a call; nobody has had more attempts than allowed."""
        query = """
            select k.phone, k.outcome, k.attempts from public.contacts k
            where k.outcome::text !~ '^not_called_' and k.outcome not in ('canceled', 'wrong_number', 'refused')
              and not exists (select from public.calls c where c.contact_id = k.id and c.provider_call_id is not null)
        """
        for phone, outcome, attempts in self._story.ground.rows(query):
            self.broke("forgotten", f"{phone} is settled ({outcome}, {attempts} attempts), and was never called")


def _is_beyond(call: Call) -> bool:
    return call.created_at > call.departed_at + BOUND_SECONDS
