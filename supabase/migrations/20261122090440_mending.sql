-- Effect: hands out the dials that nobody finished, each to one caller every five seconds, and when its lease ends. A claim that never
-- began is given back here; the others must be looked up at the provider.
-- -> {"calls": [{"call_id", "phone_number_id", "dialed_at", "may_release", "hold_reason"}], "given_back": n};
-- may_release: long enough ago that a request still on the wire can be excluded. Codes: none.
create function public.take_repairs(p_limit int default 50, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
    v_calls jsonb := '[]'::jsonb;
    v_given_back int := 0;
begin
    -- who gives contacts of several campaigns back waits in the same line as who claims them
    perform pg_catalog.pg_advisory_xact_lock(5062170417);  -- the claim lock
    for v_call in
        select * from public.calls
        where report_at is null and status in ('QUEUED', 'RINGING', 'IN_PROGRESS')
          and ((dial_state in ('claimed', 'dialing') and lease_expires_at <= p_now)
               or (dial_state = 'unknown' and coalesce(check_after, p_now) <= p_now))
        order by last_status_at limit p_limit
        for no key update skip locked
    loop
        if v_call.dial_state = 'claimed' then
            delete from public.calls where id = v_call.id;
            perform internal.return_contact(v_call, null, p_now);
            v_given_back := v_given_back + 1;
            continue;
        end if;
        update public.calls
        set dial_state = 'unknown',
            check_after = least(p_now + interval '5 seconds', greatest(lease_expires_at, p_now + interval '1 second')),
            hold_reason = coalesce(hold_reason, 'The scheduler that dialed stopped before the answer came.')
        where id = v_call.id returning * into v_call;
        v_calls := v_calls || jsonb_build_object(
            'call_id', v_call.id, 'phone_number_id', v_call.phone_number_id, 'dialed_at', v_call.dialed_at,
            'may_release', v_call.lease_expires_at <= p_now, 'hold_reason', v_call.hold_reason);
    end loop;
    return jsonb_build_object('calls', v_calls, 'given_back', v_given_back);
end
$$;
revoke all on function public.take_repairs(int, timestamptz) from public, anon, authenticated;
grant execute on function public.take_repairs(int, timestamptz) to service_role;

-- Effect: hands out the confirmed calls that have been silent for p_silent_seconds, active or still without their
-- report, each to one caller in that time. -> {"calls": [{"call_id", "provider_call_id", "status"}]}. Codes: none.
create function public.take_checks(
    p_silent_seconds int default 60, p_limit int default 50, p_now timestamptz default now()
) returns jsonb
language sql volatile security invoker set search_path = ''
as $$
    with due as (
        select id from public.calls
        where report_at is null and dial_state = 'confirmed'
          and coalesce(check_after, last_status_at + make_interval(secs => p_silent_seconds)) <= p_now
        order by last_status_at limit p_limit
        for no key update skip locked
    ), taken as (
        update public.calls k set check_after = p_now + make_interval(secs => p_silent_seconds)
        from due where k.id = due.id
        returning k.id, k.provider_call_id, k.status, k.last_status_at
    )
    select jsonb_build_object('calls', coalesce(jsonb_agg(jsonb_build_object(
        'call_id', id, 'provider_call_id', provider_call_id, 'status', status) order by last_status_at), '[]'::jsonb))
    from taken
$$;
revoke all on function public.take_checks(int, int, timestamptz) from public, anon, authenticated;
grant execute on function public.take_checks(int, int, timestamptz) to service_role;

-- Effect: the provider does not know the call (p_is_unknown), or could not tell us about it; after ten minutes of
-- that, or at once when it is unknown, the call is TIMEOUT, as a guess that the provider's own report replaces.
-- Codes: none.
create function public.note_silence(
    p_call_id uuid, p_is_unknown boolean, p_reason text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    update public.calls set unanswered_since = coalesce(unanswered_since, p_now)
    where id = p_call_id and report_at is null returning * into v_call;
    if not found then
        return jsonb_build_object('call_id', p_call_id, 'given_up', false);
    end if;
    if not p_is_unknown and v_call.unanswered_since > p_now - interval '10 minutes' then
        return jsonb_build_object('call_id', p_call_id, 'given_up', false);
    end if;
    if v_call.status in ('QUEUED', 'RINGING', 'IN_PROGRESS') then
        update public.calls
        set status = 'TIMEOUT', status_is_guess = true, ended_at = p_now, ended_reason = coalesce(ended_reason, p_reason),
            outcome = 'Lost track of the call'
        where id = p_call_id;
    end if;
    update public.calls set report_at = p_now, last_status_at = p_now where id = p_call_id returning * into v_call;
    perform internal.settle_contact(v_call, p_now);
    perform internal.wake_schedulers(v_call.campaign_id);
    return jsonb_build_object('call_id', p_call_id, 'given_up', true);
end
$$;
revoke all on function public.note_silence(uuid, boolean, text, timestamptz) from public, anon, authenticated;
grant execute on function public.note_silence(uuid, boolean, text, timestamptz) to service_role;

-- Effect: hands out the calls a user wants ended, each to one caller every five seconds until it is over.
-- -> {"calls": [{"call_id", "provider_call_id", "control_url"}]}. Codes: none.
create function public.take_hang_ups(p_limit int default 50, p_now timestamptz default now()) returns jsonb
language sql volatile security invoker set search_path = ''
as $$
    with due as (
        select id from public.calls
        where hang_up_at <= p_now and status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and dial_state = 'confirmed'
        order by hang_up_at limit p_limit
        for no key update skip locked
    ), taken as (
        update public.calls k set hang_up_at = p_now + interval '5 seconds'
        from due where k.id = due.id
        returning k.id, k.provider_call_id, k.control_url
    )
    select jsonb_build_object('calls', coalesce(jsonb_agg(jsonb_build_object(
        'call_id', id, 'provider_call_id', provider_call_id, 'control_url', control_url)), '[]'::jsonb))
    from taken
$$;
revoke all on function public.take_hang_ups(int, timestamptz) from public, anon, authenticated;
grant execute on function public.take_hang_ups(int, timestamptz) to service_role;

-- Effect: a user wants one call ended; the next scheduler that looks hangs up. Safe to repeat.
-- Codes: LX003 no such call; LX121 it is over already.
create function public.hang_up_call(p_id uuid, p_actor text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls where id = p_id for no key update;
    if not found then
        raise exception 'There is no call with the id %.', p_id using errcode = 'LX003';
    elsif v_call.status not in ('QUEUED', 'RINGING', 'IN_PROGRESS') then
        raise exception 'The call is over already: %.', v_call.status using errcode = 'LX121';
    end if;
    update public.calls set hang_up_at = coalesce(hang_up_at, p_now), hang_up_by = coalesce(hang_up_by, p_actor)
    where id = p_id;
    perform internal.audit(p_actor, 'call.hung_up', 'call', p_id::text, null, p_now);
    perform internal.wake_schedulers(v_call.campaign_id);
    return jsonb_build_object('id', p_id);
end
$$;
revoke all on function public.hang_up_call(uuid, text, timestamptz) from public, anon, authenticated;
grant execute on function public.hang_up_call(uuid, text, timestamptz) to service_role;
