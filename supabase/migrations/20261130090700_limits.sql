-- Effect: none. How many dials the provider may be sent now: null for no limit, 0 for none, 1 for a try.
create function internal.provider_leave(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select case when state = 'closed' then null when retry_at > p_now then 0 else 1 end from public.provider_health
$$;

-- Effect: one dial is trying whether the provider is back; no other until it has answered or its time is up.
create function internal.note_provider_try(p_seconds int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.provider_health set state = 'half_open', retry_at = p_now + make_interval(secs => p_seconds)
    where only_row and state <> 'closed'
$$;

-- Effect: the provider answered a dial as it should: failures are forgotten, a try has succeeded. A pause that the
-- provider asked for is kept until its time is up.
create function internal.note_provider_answer(p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    update public.provider_health
    set state = 'closed', failures = 0, openings = 0, since = null, retry_at = null, reason = null
    where only_row and (state = 'half_open' or (state = 'closed' and failures > 0) or (state = 'open' and retry_at <= p_now));
    if found then
        perform internal.wake_schedulers(null);
    end if;
end
$$;

-- Effect: a dial met a fault of the provider (no answer, 5xx), or, with p_is_slow_down, its wish for fewer requests.
-- Five faults in a row, a failed try, or one such wish open the breaker: for p_retry_after_seconds, or 5 s, doubled each
-- time up to five minutes. -> {"state", "retry_at"}. Codes: none.
create function public.note_provider_trouble(
    p_reason text, p_is_slow_down boolean default false, p_retry_after_seconds numeric default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_health public.provider_health;
    v_pause interval;
begin
    select * into v_health from public.provider_health where only_row for no key update;
    v_health.failures := v_health.failures + 1;
    if v_health.state = 'half_open' or (v_health.state = 'closed' and (p_is_slow_down or v_health.failures >= 5)) then
        v_pause := make_interval(secs => greatest(
            coalesce(p_retry_after_seconds, 0)::double precision, least(5 * 2 ^ least(v_health.openings, 10), 300)));
        v_health.state := 'open';
        v_health.openings := v_health.openings + 1;
        v_health.since := coalesce(v_health.since, p_now);
        v_health.retry_at := p_now + v_pause;
        v_health.reason := p_reason;
    elsif v_health.state = 'open' and p_is_slow_down then  -- sent before the pause began
        v_health.retry_at := greatest(
            v_health.retry_at, p_now + make_interval(secs => coalesce(p_retry_after_seconds, 0)::double precision));
    end if;
    update public.provider_health
    set state = v_health.state, failures = v_health.failures, openings = v_health.openings, since = v_health.since,
        retry_at = v_health.retry_at, reason = v_health.reason
    where only_row;
    return jsonb_build_object('state', v_health.state, 'retry_at', v_health.retry_at);
end
$$;

-- Effect: none. The breaker as people read it. -> {"state", "since", "retry_at", "reason"}. Codes: none.
create function public.get_provider_health() returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object('state', state, 'since', since, 'retry_at', retry_at, 'reason', reason)
    from public.provider_health
$$;

revoke all on function internal.provider_leave, internal.note_provider_try, internal.note_provider_answer,
    public.note_provider_trouble, public.get_provider_health from public, anon, authenticated;
grant execute on function internal.provider_leave, internal.note_provider_try, internal.note_provider_answer,
    public.note_provider_trouble, public.get_provider_health to service_role;

-- Effect: none. Whether the claim that is being made may try one line more than was learned: the time has come, and
-- every line that was learned is busy.
create function internal.is_probing(p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select learned_cap is not null and probe_at <= p_now and internal.count_active_calls() >= learned_cap
    from public.settings
$$;

-- Effect: none. How many calls the organisation may have at once: the setting, what the account's lines are said to be,
-- and what they were when a call found none (one more when it is time to try). The least counts.
create function internal.organization_cap(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(organization_cap, case when told_cap_until > p_now then told_cap end,
                 learned_cap + internal.is_probing(p_now)::int)
    from public.settings
$$;

-- Effect: a call found no free line: there are no more than what is under way besides it, whatever the account is said to
-- have (calls that come in use lines, too). One more is tried in a few seconds, twice as long after each refusal,
-- up to a minute. p_told: the account's lines, if the provider told.
create function internal.learn_no_line(p_call_id uuid, p_told int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set learned_cap = least(internal.count_active_calls(p_call_id), learned_cap, p_told),
        probe_seconds = v.probe_seconds, probe_at = p_now + make_interval(secs => v.probe_seconds::double precision),
        no_line_at = p_now, updated_at = p_now
    from (select case when no_line_at > p_now - interval '3 seconds' then probe_seconds  -- of one burst
                      else least(probe_seconds * 2, 60) end as probe_seconds from public.settings) v
    where only_row
$$;

-- Effect: one line more than was learned is being tried; the next in half the time where the last try found its line. When all
-- are in use again, what was learned is forgotten.
create function internal.note_probe(p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set learned_cap = case when learned_cap + 1 < least(organization_cap, told_cap) then learned_cap + 1 end,
        probe_seconds = v.probe_seconds, probed_at = p_now,
        probe_at = case when learned_cap + 1 < least(organization_cap, told_cap)
                        then p_now + make_interval(secs => v.probe_seconds::double precision) end,
        updated_at = p_now
    from (select case when no_line_at < probed_at then greatest(probe_seconds / 2, 1) else probe_seconds end
              as probe_seconds from public.settings) v
    where only_row and learned_cap is not null
$$;

-- Effect: the provider says how many lines the account has. It raises nothing that a refusal has taught.
create function internal.note_told_cap(p_told int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set told_cap = p_told, told_cap_until = p_now + interval '1 hour', updated_at = p_now
    where only_row and p_told is not null
      and (told_cap is distinct from p_told or told_cap_until < p_now + interval '30 minutes')
$$;

-- Effect: stores the organisation's cap, pace and bound of dials in doubt. Safe to repeat. Codes: none.
create function public.set_organization_cap(
    p_cap int, p_dials_per_minute int default null, p_dial_visibility_seconds int default 600,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    perform internal.lock_claims();
    update public.settings
    set organization_cap = p_cap, dials_per_minute = p_dials_per_minute,
        dial_visibility_seconds = p_dial_visibility_seconds, updated_at = p_now
    where only_row and (organization_cap, dials_per_minute, dial_visibility_seconds)
                       is distinct from (p_cap, p_dials_per_minute, p_dial_visibility_seconds);
    return jsonb_build_object('organization_cap', p_cap, 'dials_per_minute', p_dials_per_minute,
                              'dial_visibility_seconds', p_dial_visibility_seconds);
end
$$;

-- Effect: gives a phone line a cap of its own, or with null takes it away. Codes: LX208 the cap is out of range.
create function public.set_phone_line_cap(
    p_phone_number_id text, p_cap int, p_actor text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    if p_cap < 1 then
        raise exception 'The line''s cap is %; accepted is a whole number from 1, or nothing for no cap.', p_cap
            using errcode = 'LX208';
    end if;
    perform internal.lock_claims();
    delete from public.phone_lines where phone_number_id = p_phone_number_id;
    insert into public.phone_lines (phone_number_id, cap, updated_at)
    select p_phone_number_id, p_cap, p_now where p_cap is not null;
    perform internal.audit(p_actor, 'phone_line.capped', 'phone_line', p_phone_number_id,
                           jsonb_build_object('cap', p_cap), p_now);
    perform internal.wake_schedulers(null);
    return jsonb_build_object('phone_number_id', p_phone_number_id, 'cap', p_cap);
end
$$;

revoke all on function internal.is_probing, internal.organization_cap, internal.learn_no_line, internal.note_probe,
    internal.note_told_cap, public.set_organization_cap, public.set_phone_line_cap from public, anon, authenticated;
grant execute on function internal.is_probing, internal.organization_cap, internal.learn_no_line,
    internal.note_probe, internal.note_told_cap, public.set_organization_cap, public.set_phone_line_cap
    to service_role;

-- Effect: none. Whether a process is alive: it has missed less than three of its signs of life, of which each says when
-- the next is due (a scheduler's every ten seconds, a tick by cron's every DEFAULT_CRON_CADENCE).
create function internal.is_alive(p_heartbeat public.heartbeats, p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select p_heartbeat.seen_at > p_now - make_interval(
        secs => 3 * coalesce((p_heartbeat.details ->> 'beats_every_seconds')::double precision, 10))
$$;

-- Effect: none. The schedulers' last sign of life, and whether one of them is alive: the one answer that pages, checks, metrics
-- and explanations give. -> {"is_alive", "seen_at", "seconds_ago"}; the latter two null where none has run for a day.
create function internal.scheduler_life(p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select jsonb_build_object(
        'is_alive', coalesce(bool_or(internal.is_alive(h, p_now)), false), 'seen_at', max(h.seen_at),
        'seconds_ago', round(extract(epoch from p_now - max(h.seen_at)), 1))
    from public.heartbeats h where h.kind = 'scheduler'
$$;

-- Effect: none. The limits that the live schedulers were started with, and of each the strictest: the lowest cap, the
-- slowest pace, the longest bound; since when two of them differ, null where none do. No row while nobody has told any.
create function internal.live_limits(p_now timestamptz)
returns table (cap int, dials_per_minute int, dial_visibility_seconds int, differ_since timestamptz)
language sql stable security invoker set search_path = ''
as $$
    select min((l ->> 'organization_cap')::int), min((l ->> 'dials_per_minute')::int),
           max((l ->> 'dial_visibility_seconds')::int), (array_agg(since_at order by since_at))[2]
    from (
        select l, min(h.since_at) as since_at
        from public.heartbeats h, lateral (select h.details -> 'limits' as l) told
        where h.kind = 'scheduler' and l is not null and internal.is_alive(h, p_now)
        group by l) limits
    having count(*) > 0
$$;

-- Effect: the strictest of the live schedulers' limits holds. It is written when one comes that is stricter, or when
-- the strictest is gone, and by nobody else. p_is_news: one has come, come back, gone or changed: then it is
-- looked at under the lock, since another who comes or goes at the same moment sees nothing of that yet.
create function internal.keep_strictest_limits(p_is_news boolean, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_limits record;
begin
    select * into v_limits from internal.live_limits(p_now);
    if p_is_news or (found and exists (
        select from public.settings s
        where (s.organization_cap, s.dials_per_minute, s.dial_visibility_seconds)
              is distinct from (v_limits.cap, v_limits.dials_per_minute, v_limits.dial_visibility_seconds))) then
        perform internal.lock_claims();
        select * into v_limits from internal.live_limits(p_now);  -- anew: another may have come while we waited
        perform public.set_organization_cap(
            v_limits.cap, v_limits.dials_per_minute, v_limits.dial_visibility_seconds, p_now) where found;
    end if;
end
$$;

-- Effect: a process says that it is alive. p_details: "beats_every_seconds"; of a scheduler also "limits", what it was
-- started with: {"organization_cap", "dials_per_minute", "dial_visibility_seconds"}; where schedulers differ, the
-- strictest holds. Codes: none.
create function public.beat(
    p_process text, p_kind text, p_details jsonb default '{}'::jsonb, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_is_news boolean := p_details ? 'limits' and not exists (
        select from public.heartbeats h
        where name = p_process and details -> 'limits' = p_details -> 'limits' and internal.is_alive(h, p_now));
begin
    insert into public.heartbeats as h (name, kind, seen_at, since_at, details)
    values (p_process, p_kind, p_now, p_now, p_details)
    on conflict (name) do update set seen_at = p_now, details = p_details, kind = excluded.kind,
        since_at = case when internal.is_alive(h, p_now) and h.details -> 'limits' is not distinct from p_details -> 'limits'
                        then h.since_at else p_now end;
    delete from public.heartbeats where name in (
        select name from public.heartbeats where seen_at < p_now - interval '1 day' for update skip locked);
    perform internal.keep_strictest_limits(v_is_news, p_now);
    return jsonb_build_object('name', p_process);
end
$$;

-- Effect: a process says that it stops in good order. Safe to repeat. Codes: none.
create function public.say_goodbye(p_process text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
begin
    delete from public.heartbeats where name = p_process;
    perform internal.keep_strictest_limits(found, p_now);
    return jsonb_build_object('name', p_process);
end
$$;

revoke all on function internal.is_alive, internal.scheduler_life, internal.live_limits,
    internal.keep_strictest_limits, public.beat, public.say_goodbye from public, anon, authenticated;
grant execute on function internal.is_alive, internal.scheduler_life, internal.live_limits,
    internal.keep_strictest_limits, public.beat, public.say_goodbye to service_role;
