-- Effect: something that somebody should look at; once while it is open.
create function internal.raise_alarm(p_code text, p_subject text, p_text text, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    insert into public.alarms (code, subject, text, created_at) values (p_code, p_subject, p_text, p_now)
    on conflict (code, subject) where cleared_at is null do nothing
$$;
revoke all on function internal.raise_alarm(text, text, text, timestamptz) from public, anon, authenticated;
grant execute on function internal.raise_alarm(text, text, text, timestamptz) to service_role;

-- Effect: none. How many calls are under way. p_besides: all but this one.
create function internal.active_calls(p_besides uuid default null) returns int
language sql stable security invoker set search_path = ''
as $$
    select count(*)::int from public.calls
    where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and (p_besides is null or id <> p_besides)
$$;
revoke all on function internal.active_calls(uuid) from public, anon, authenticated;
grant execute on function internal.active_calls(uuid) to service_role;

-- Effect: none. Whether the claim that is being made may try one line more than was learned: the time has come, and
-- every line that was learned is busy.
create function internal.is_probing(p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select learned_cap is not null and probe_at <= p_now and internal.active_calls() >= learned_cap
    from public.settings
$$;
revoke all on function internal.is_probing(timestamptz) from public, anon, authenticated;
grant execute on function internal.is_probing(timestamptz) to service_role;

-- Effect: none. How many calls the organisation may have at once: the setting, what the account's lines are said to be,
-- and what they were when a call found none (one more when it is time to try). The least counts.
create function internal.organization_cap(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(organization_cap, case when told_cap_until > p_now then told_cap end,
                 learned_cap + internal.is_probing(p_now)::int)
    from public.settings
$$;
revoke all on function internal.organization_cap(timestamptz) from public, anon, authenticated;
grant execute on function internal.organization_cap(timestamptz) to service_role;

-- Effect: a call found no free line: there are no more than what is under way besides it, whatever the account is said to
-- have (calls that come in use lines, too). One more is tried in a few seconds, twice as long after each refusal,
-- up to a minute. p_told: the account's lines, if the provider told.
create function internal.learn_no_line(p_call_id uuid, p_told int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set learned_cap = least(internal.active_calls(p_call_id), learned_cap, p_told),
        probe_seconds = v.probe_seconds, probe_at = p_now + make_interval(secs => v.probe_seconds::double precision),
        no_line_at = p_now, updated_at = p_now
    from (select case when no_line_at > p_now - interval '3 seconds' then probe_seconds  -- of one burst
                      else least(probe_seconds * 2, 60) end as probe_seconds from public.settings) v
    where only_row
$$;
revoke all on function internal.learn_no_line(uuid, int, timestamptz) from public, anon, authenticated;
grant execute on function internal.learn_no_line(uuid, int, timestamptz) to service_role;

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
revoke all on function internal.note_probe(timestamptz) from public, anon, authenticated;
grant execute on function internal.note_probe(timestamptz) to service_role;

-- Effect: the provider says how many lines the account has. It raises nothing that a refusal has taught.
create function internal.note_told_cap(p_told int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set told_cap = p_told, told_cap_until = p_now + interval '1 hour', updated_at = p_now
    where only_row and p_told is not null
      and (told_cap is distinct from p_told or told_cap_until < p_now + interval '30 minutes')
$$;
revoke all on function internal.note_told_cap(int, timestamptz) from public, anon, authenticated;
grant execute on function internal.note_told_cap(int, timestamptz) to service_role;

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
revoke all on function public.set_organization_cap(int, int, int, timestamptz) from public, anon, authenticated;
grant execute on function public.set_organization_cap(int, int, int, timestamptz) to service_role;

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
revoke all on function public.set_phone_line_cap(text, int, text, timestamptz) from public, anon, authenticated;
grant execute on function public.set_phone_line_cap(text, int, text, timestamptz) to service_role;

-- Effect: none. Whether a process is alive: it has missed less than three of its signs of life, of which each says when
-- the next is due (a scheduler's every ten seconds, a tick by cron's every DEFAULT_CRON_CADENCE).
create function internal.is_alive(p_heartbeat public.heartbeats, p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select p_heartbeat.seen_at > p_now - make_interval(
        secs => 3 * coalesce((p_heartbeat.details ->> 'beats_every_seconds')::double precision, 10))
$$;
revoke all on function internal.is_alive(public.heartbeats, timestamptz) from public, anon, authenticated;
grant execute on function internal.is_alive(public.heartbeats, timestamptz) to service_role;

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
revoke all on function internal.scheduler_life(timestamptz) from public, anon, authenticated;
grant execute on function internal.scheduler_life(timestamptz) to service_role;

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
revoke all on function internal.live_limits(timestamptz) from public, anon, authenticated;
grant execute on function internal.live_limits(timestamptz) to service_role;

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
revoke all on function internal.keep_strictest_limits(boolean, timestamptz) from public, anon, authenticated;
grant execute on function internal.keep_strictest_limits(boolean, timestamptz) to service_role;
