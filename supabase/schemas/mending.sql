-- Effect: none. For how long after a request its call may still appear at the provider.
create function internal.dial_visibility() returns interval
language sql stable security invoker set search_path = ''
as $$
    select make_interval(secs => dial_visibility_seconds) from public.settings
$$;

-- Effect: none. How far apart two looks must be to count as two: half a minute; less where the bound itself is short.
create function internal.between_looks() returns interval
language sql stable security invoker set search_path = ''
as $$
    select least(interval '30 seconds', internal.dial_visibility() / 4)
$$;

-- Effect: none. For how long after a request that was answered with a 5xx its call may still appear: created within half a
-- minute, listed within another.
create function internal.fault_visibility() returns interval
language sql stable security invoker set search_path = ''
as $$
    select least(interval '90 seconds', internal.dial_visibility())
$$;

-- Effect: none. When a call in doubt is looked up again: after half its age, at least five seconds (less where the bound itself
-- is short) and at most a minute; but not later than a look can decide something.
create function internal.next_look_at(p_call public.calls, p_now timestamptz) returns timestamptz
language sql stable security invoker set search_path = ''
as $$
    select coalesce(least(
        p_now + greatest(least(interval '5 seconds', internal.between_looks()),
                         least((p_now - p_call.dialed_at) / 2, internal.between_looks() * 2)),
        (select min(decides_at) + interval '100 milliseconds'
         from (values (p_call.first_look_at + internal.between_looks()),
                      (case when p_call.is_answered then p_call.on_wire_until + internal.fault_visibility() end),
                      (p_call.on_wire_until + internal.dial_visibility())) d (decides_at)
         where decides_at > p_now)), p_now + interval '5 seconds')
$$;

-- Effect: none. By how much our clock has gained on the provider's between p_from and p_to; two seconds are nothing, since
-- the provider tells its time in whole ones, and more than has passed by ours is the provider's own step.
-- p_ahead_then, p_ahead_now: how many seconds it was and is ahead of ours; null: it did not tell.
create function internal.clock_gain(
    p_from timestamptz, p_ahead_then numeric, p_to timestamptz, p_ahead_now numeric
) returns interval
language sql immutable security invoker set search_path = ''
as $$
    select case when p_ahead_then - p_ahead_now between 2 and extract(epoch from p_to - p_from) + 2
                then make_interval(secs => (p_ahead_then - p_ahead_now)::double precision) else interval '0' end
$$;

-- Effect: hands out the dials that nobody finished: those whose lease ended and those whose answer was lost, those first
-- that have waited longest for a look. Looks at one call become rarer with its age, from five seconds to a minute apart, so
-- that old ones keep no new one waiting. A claim that never began is given back here; the others must be looked up, and are
-- handed out only to one who can do so now (p_can_look).
-- -> {"calls": [{"call_id", "phone_number_id", "age_seconds": since the dial, "provider_ahead_seconds"}], "asked_at": now,
-- "given_back": n}. Codes: none.
create function public.take_repairs(
    p_limit int default 50, p_can_look boolean default true, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
    v_calls jsonb := '[]'::jsonb;
    v_given_back int := 0;
begin
    perform internal.lock_claims();  -- several campaigns may be locked below
    for v_call in
        select * from public.calls
        where (report_at is null and internal.is_active(status)
               and lease_expires_at <= p_now and (dial_state = 'claimed' or (dial_state = 'dialing' and p_can_look)))
           or (p_can_look and dial_state = 'unknown' and coalesce(check_after, p_now) <= p_now)
        order by coalesce(check_after, lease_expires_at), id limit p_limit
        for no key update skip locked
    loop
        if v_call.dial_state = 'claimed' then
            perform internal.withdraw_call(v_call);
            perform internal.return_contact(v_call, null, p_now);
            v_given_back := v_given_back + 1;
            continue;
        end if;
        update public.calls
        set dial_state = 'unknown', check_after = internal.next_look_at(v_call, p_now),
            hold_reason = coalesce(hold_reason, 'The scheduler that dialed stopped before the answer came.')
        where id = v_call.id;
        perform internal.keep_figures(v_call.campaign_id);
        v_calls := v_calls || jsonb_build_object(
            'call_id', v_call.id, 'phone_number_id', v_call.phone_number_id,
            'age_seconds', extract(epoch from p_now - v_call.dialed_at),
            'provider_ahead_seconds', v_call.provider_ahead_seconds);
    end loop;
    return jsonb_build_object('calls', v_calls, 'asked_at', p_now, 'given_back', v_given_back);
end
$$;

-- Effect: the whole list at the provider, asked for at p_asked_at (our time, before the request), did not show a call in doubt.
-- p_provider_ahead_seconds: its clock against ours, then; where ours has gained on it since the dial, as one that was set
-- forward does, that much has not passed. Absence is proven by time, never by one answer: a request may create its call
-- until DIAL_VISIBILITY_SECONDS after it was on the wire. Where the provider answered with a fault of its own, two absent
-- looks half a minute apart, the last of them a minute and a half after the request, give the line back. When the whole bound
-- has passed at the last of at least four looks, the contact is given back as well, once: the second time that happens to
-- it, it is settled. The row stays, FAILED as a guess: should the call turn up, it is taken back.
-- -> {"call_id", "given_back": "nothing" | "line" | "contact"}. Codes: none.
create function public.note_absent(
    p_call_id uuid, p_asked_at timestamptz, p_provider_ahead_seconds numeric default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
    v_looked_at timestamptz;
    v_lost int;
begin
    select * into v_call from public.calls where id = p_call_id and dial_state = 'unknown' for no key update;
    v_looked_at := p_asked_at - internal.clock_gain(
        v_call.dialed_at, v_call.provider_ahead_seconds, p_asked_at, p_provider_ahead_seconds);
    update public.calls
    set looks = looks + 1, first_look_at = coalesce(first_look_at, v_looked_at), last_look_at = v_looked_at
    where id = v_call.id and (last_look_at is null or last_look_at < v_looked_at)
    returning * into v_call;
    if not found or v_call.last_look_at < v_call.first_look_at + internal.between_looks() then
        return jsonb_build_object('call_id', p_call_id, 'given_back', 'nothing');
    elsif v_call.looks < 4 or v_looked_at < v_call.on_wire_until + internal.dial_visibility() then
        update public.calls
        set status = 'FAILED', status_is_guess = true, ended_at = p_now, ended_reason = 'autolynx-answer-lost',
            outcome = 'never_dialed'
        where id = p_call_id and is_answered and internal.is_active(status)
          and v_looked_at >= on_wire_until + internal.fault_visibility();
        if not found then
            return jsonb_build_object('call_id', p_call_id, 'given_back', 'nothing');
        end if;
        perform internal.keep_figures(v_call.campaign_id);
        perform internal.wake_schedulers(v_call.campaign_id);
        return jsonb_build_object('call_id', p_call_id, 'given_back', 'line');
    end if;
    update public.calls
    set status = 'FAILED', status_is_guess = true, is_attempt = false, dial_state = 'lost',
        ended_at = coalesce(ended_at, p_now), ended_reason = 'autolynx-never-dialed', outcome = 'never_dialed',
        report_at = p_now, last_status_at = p_now, hold_reason = null
    where id = p_call_id;
    perform internal.lock_campaign(v_call.campaign_id);
    update public.contacts set lost_dials = lost_dials + 1
    where id = v_call.contact_id and last_call_id = p_call_id returning lost_dials into v_lost;
    perform internal.return_contact(
        v_call, p_now, p_now, case when v_lost > 1 then 'not_called_provider_silent'::public.call_outcome end);
    return jsonb_build_object('call_id', p_call_id, 'given_back', 'contact');
end
$$;

-- Effect: none. When a call that was given up is asked about again: after a minute, then ever more rarely, for a day; null:
-- no more.
create function internal.next_question_at(p_call public.calls, p_now timestamptz) returns timestamptz
language sql immutable security invoker set search_path = ''
as $$
    select case when p_now < p_call.report_at + interval '1 day'
                then p_now + greatest(interval '1 minute', p_now - p_call.report_at) end
$$;

-- Effect: hands out the confirmed calls that have been silent for p_silent_seconds, active or still without their
-- report, each to one caller in that time; and those given up that are to be asked about again.
-- -> {"calls": [{"call_id", "provider_call_id", "status"}]}. Codes: none.
create function public.take_checks(
    p_silent_seconds int default 60, p_limit int default 50, p_now timestamptz default now()
) returns jsonb
language sql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
    with due as (
        select id from public.calls
        where (report_at is null and dial_state = 'confirmed'
               and coalesce(check_after, last_status_at + make_interval(secs => p_silent_seconds)) <= p_now)
           or ask_again_at <= p_now
        order by coalesce(ask_again_at, check_after, last_status_at), id limit p_limit
        for no key update skip locked
    ), taken as (
        update public.calls k
        set check_after = p_now + make_interval(secs => p_silent_seconds),
            ask_again_at = case when ask_again_at is not null then internal.next_question_at(k, p_now) end
        from due where k.id = due.id
        returning k.id, k.provider_call_id, k.status, k.last_status_at
    )
    select jsonb_build_object('calls', coalesce(jsonb_agg(jsonb_build_object(
        'call_id', id, 'provider_call_id', provider_call_id, 'status', status) order by last_status_at, id), '[]'::jsonb))
    from taken
$$;

-- Effect: the provider says that it has no such call (p_is_unknown; so counts one that it shows as under way for longer than
-- a call can last), or could not tell us about it. When it has said so for five minutes, at least four times in a row, or could
-- not tell for ten, asked as often, the call is TIMEOUT, as a guess that the provider's own report replaces; its contact settles
-- so and is not dialed again. Until then it keeps its line. It is still asked about, for a day: what it came to is not lost.
-- -> {"call_id", "given_up"}. Codes: none.
create function public.note_silence(
    p_call_id uuid, p_is_unknown boolean, p_reason text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
begin
    update public.calls
    set unanswered_since = coalesce(unanswered_since, p_now), failed_checks = failed_checks + 1,
        unknown_since = case when p_is_unknown then coalesce(unknown_since, p_now) end,
        unknown_answers = case when p_is_unknown then unknown_answers + 1 else 0 end,
        check_after = least(check_after, p_now + interval '30 seconds')
    where id = p_call_id and report_at is null and dial_state = 'confirmed' returning * into v_call;
    if not found
       or not ((v_call.unknown_answers >= 4 and v_call.unknown_since <= p_now - interval '5 minutes')
               or (v_call.failed_checks >= 4 and v_call.unanswered_since <= p_now - interval '10 minutes')) then
        return jsonb_build_object('call_id', p_call_id, 'given_up', false);
    end if;
    if internal.is_active(v_call.status) then
        update public.calls
        set status = 'TIMEOUT', status_is_guess = true, ended_at = p_now, ended_reason = coalesce(ended_reason, p_reason),
            outcome = 'lost_track'
        where id = p_call_id;
        if not p_is_unknown then
            perform internal.raise_alarm('call_given_up', p_call_id::text,
                'Vapi could not be asked about a call for ten minutes, so its line was given to others. It may still be under '
                'way; then more calls than a cap allows are. It is asked about again and again.', p_now);
        end if;
    end if;
    update public.calls set report_at = p_now, last_status_at = p_now, ask_again_at = p_now + interval '1 minute'
    where id = p_call_id returning * into v_call;
    perform internal.settle_contact(v_call, p_now);
    perform internal.wake_schedulers(v_call.campaign_id);
    return jsonb_build_object('call_id', p_call_id, 'given_up', true);
end
$$;

revoke all on function internal.dial_visibility, internal.between_looks, internal.fault_visibility,
    internal.next_look_at, internal.clock_gain, public.take_repairs, public.note_absent, internal.next_question_at,
    public.take_checks, public.note_silence from public, anon, authenticated;
grant execute on function internal.dial_visibility, internal.between_looks, internal.fault_visibility,
    internal.next_look_at, internal.clock_gain, public.take_repairs, public.note_absent, internal.next_question_at,
    public.take_checks, public.note_silence to service_role;
