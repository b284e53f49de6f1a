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
