-- Effect: the worker may now send the request; from here on the call may exist at the provider. Asked once, just
-- before the request: a claim that repair took back, or whose campaign no longer dials, must not be sent.
-- -> {"go": bool}. Codes: none.
create function public.begin_dial(
    p_call_id uuid, p_worker text, p_lease_seconds int default 60, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls
    where id = p_call_id and claimed_by = p_worker and dial_state = 'claimed' for no key update;
    if not found then
        return jsonb_build_object('go', false);
    end if;
    if v_call.lease_expires_at <= p_now or v_call.hang_up_by is not null
       or not exists (select from public.campaigns
                      where id = v_call.campaign_id and status in ('QUEUED', 'DIALING', 'RUNNING')) then
        delete from public.calls where id = p_call_id;
        perform internal.return_contact(v_call, null, p_now);
        return jsonb_build_object('go', false);
    end if;
    update public.calls
    set dial_state = 'dialing', dialed_at = p_now, lease_expires_at = p_now + make_interval(secs => p_lease_seconds)
    where id = p_call_id;
    return jsonb_build_object('go', true);
end
$$;
revoke all on function public.begin_dial(uuid, text, int, timestamptz) from public, anon, authenticated;
grant execute on function public.begin_dial(uuid, text, int, timestamptz) to service_role;

-- Effect: stores the provider's id for a call it accepted, now or found later by repair. Safe to repeat; a call
-- whose events came first keeps what they said. p_concurrency_limit: the provider's own cap, if it told.
-- Codes: LX003 no such call; LX120 it is confirmed with another provider call.
create function public.confirm_call(
    p_call_id uuid, p_provider_call_id text, p_control_url text default null, p_concurrency_limit int default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls where id = p_call_id for no key update;
    if not found then
        raise exception 'There is no call with the id %.', p_call_id using errcode = 'LX003';
    elsif v_call.provider_call_id <> p_provider_call_id then
        raise exception 'The call % is the provider''s call % already, not %.',
            p_call_id, v_call.provider_call_id, p_provider_call_id using errcode = 'LX120';
    end if;
    v_call := internal.revive_lost_call(v_call, p_now);
    update public.calls
    set provider_call_id = p_provider_call_id, dial_state = 'confirmed', hold_reason = null,
        control_url = coalesce(p_control_url, control_url),
        last_status_at = greatest(last_status_at, p_now),
        -- a message that could not be matched before this id was known is fetched from the provider at once
        check_after = case when exists (select from public.stray_events where provider_call_id = p_provider_call_id)
                           then p_now end
    where id = p_call_id returning * into v_call;
    perform internal.note_campaign_progress(v_call.campaign_id, false, p_now);
    perform internal.note_provider_answer(p_now);
    if p_concurrency_limit is not null then
        update public.settings
        set learned_cap = p_concurrency_limit, learned_cap_until = p_now + interval '1 hour', updated_at = p_now
        where only_row and (learned_cap is distinct from p_concurrency_limit or learned_cap_until < p_now + interval '30 minutes');
    end if;
    return jsonb_build_object('call_id', p_call_id, 'status', v_call.status);
end
$$;
revoke all on function public.confirm_call(uuid, text, text, int, timestamptz) from public, anon, authenticated;
grant execute on function public.confirm_call(uuid, text, text, int, timestamptz) to service_role;

-- Effect: the provider refused this contact for good (a bad number): the attempt is spent, the contact settled.
-- Safe to repeat. Codes: LX003 no such call.
create function public.fail_call(
    p_call_id uuid, p_reason text, p_outcome text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls where id = p_call_id for no key update;
    if not found then
        raise exception 'There is no call with the id %.', p_call_id using errcode = 'LX003';
    elsif v_call.report_at is not null then
        return jsonb_build_object('call_id', p_call_id, 'changed', false);
    end if;
    update public.calls
    set status = 'FAILED', dial_state = 'refused', ended_at = p_now, ended_reason = p_reason, outcome = p_outcome,
        human_reached = false, report_at = p_now, last_status_at = p_now, hold_reason = null
    where id = p_call_id returning * into v_call;
    perform internal.settle_contact(v_call, p_now);
    perform internal.note_provider_answer(p_now);
    return jsonb_build_object('call_id', p_call_id, 'changed', true);
end
$$;
revoke all on function public.fail_call(uuid, text, text, timestamptz) from public, anon, authenticated;
grant execute on function public.fail_call(uuid, text, text, timestamptz) to service_role;

-- Effect: the provider surely has no such call: the contact is given back, at no cost of an attempt, and dialed
-- not before p_retry_seconds. A call the provider refused in so many words leaves no row; one that only the
-- lookup missed (p_is_lost) stays, FAILED as a guess, so that a report would still find it; and so does one that
-- the provider accepted and ended at once for want of a line (p_provider_call_id), as no attempt.
-- p_pause_reason: also pause the campaign, until p_resume_at where given; p_is_over_limit: the account's lines are all
-- busy, p_learned_cap: how many it has, if it told; p_is_trouble: the provider did not answer as it should.
-- Safe to repeat. Codes: none.
create function public.release_call(
    p_call_id uuid, p_reason text, p_retry_seconds numeric default 0, p_is_lost boolean default false,
    p_pause_reason text default null, p_learned_cap int default null, p_provider_call_id text default null,
    p_resume_at timestamptz default null, p_is_over_limit boolean default false, p_is_trouble boolean default false,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    if p_is_over_limit then
        perform internal.learn_cap(p_learned_cap, p_call_id, p_now);
    end if;
    select * into v_call from public.calls
    where id = p_call_id and dial_state in ('claimed', 'dialing', 'unknown') for no key update;
    if not found then
        return jsonb_build_object('call_id', p_call_id, 'changed', false);
    end if;
    if p_is_lost or p_provider_call_id is not null then
        update public.calls
        set status = 'FAILED', status_is_guess = p_is_lost, is_attempt = false, provider_call_id = p_provider_call_id,
            dial_state = case when p_is_lost then 'lost' else 'confirmed' end::public.dial_state,
            ended_at = p_now, ended_reason = p_reason, outcome = 'Never dialed', report_at = p_now,
            last_status_at = p_now, hold_reason = null
        where id = p_call_id;
    else
        delete from public.calls where id = p_call_id;
    end if;
    perform internal.lock_campaign(v_call.campaign_id);
    perform internal.pause_for_account(v_call, p_pause_reason, p_resume_at, p_now);
    perform internal.return_contact(
        v_call, p_now + make_interval(secs => p_retry_seconds::double precision), p_now);
    if not (p_is_lost or p_is_trouble) then  -- a clear no is an answer, too
        perform internal.note_provider_answer(p_now);
    end if;
    return jsonb_build_object('call_id', p_call_id, 'changed', true);
end
$$;
revoke all on function public.release_call(uuid, text, numeric, boolean, text, int, text, timestamptz, boolean, boolean, timestamptz) from public, anon, authenticated;
grant execute on function public.release_call(uuid, text, numeric, boolean, text, int, text, timestamptz, boolean, boolean, timestamptz) to service_role;

-- Effect: the answer to the request was lost: the call keeps its line until repair knows. Codes: none.
create function public.hold_call(p_call_id uuid, p_reason text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    update public.calls set dial_state = 'unknown', hold_reason = p_reason, check_after = p_now + interval '1 second'
    where id = p_call_id and dial_state = 'dialing';
    return jsonb_build_object('call_id', p_call_id, 'changed', found);
end
$$;
revoke all on function public.hold_call(uuid, text, timestamptz) from public, anon, authenticated;
grant execute on function public.hold_call(uuid, text, timestamptz) to service_role;
