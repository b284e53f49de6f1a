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

-- Effect: a quarter of an hour between the provider's clock and ours is an alarm. p_provider_now: what the provider's shows.
-- -> {"ahead_seconds"}: positive where the provider's is ahead. Codes: none.
create function public.note_provider_clock(p_provider_now timestamptz, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_ahead_seconds numeric := extract(epoch from p_provider_now - p_now);
begin
    if abs(v_ahead_seconds) >= 900 then
        perform internal.raise_alarm('clocks_differ', 'provider', format(
            'Vapi''s clock is %s minutes %s ours. Calls in doubt are still found, but calling hours and daily limits may be '
            'kept wrongly: set the clock of the database''s machine.', round(abs(v_ahead_seconds) / 60),
            case when v_ahead_seconds > 0 then 'ahead of' else 'behind' end), p_now);
    end if;
    return jsonb_build_object('ahead_seconds', v_ahead_seconds);
end
$$;

revoke all on function internal.provider_leave, internal.note_provider_try, internal.note_provider_answer,
    public.note_provider_trouble, public.get_provider_health, public.note_provider_clock
    from public, anon, authenticated;
grant execute on function internal.provider_leave, internal.note_provider_try, internal.note_provider_answer,
    public.note_provider_trouble, public.get_provider_health, public.note_provider_clock to service_role;
