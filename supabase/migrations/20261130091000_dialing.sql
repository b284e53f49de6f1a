-- Effect: the worker may now send the request; from here on the call may exist at the provider. Asked at the last moment
-- before every request, the repeated ones too (p_send: which one, from 1): a claim that repair took back, whose
-- campaign does not dial, whose number may not be called or not now, must not be sent; its contact is given back,
-- or settled. Each request is given leave once. p_provider_now: what the provider's clock shows, if it told.
-- -> {"go": bool}. Codes: none.
create function public.begin_dial(
    p_call_id uuid, p_worker text, p_lease_seconds int default 60, p_send int default 1,
    p_provider_now timestamptz default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
    v_campaign public.campaigns;
    v_contact public.contacts;
    v_block text;
begin
    perform internal.lock_do_not_call();
    select * into v_call from public.calls
    where id = p_call_id and claimed_by = p_worker and sends = p_send - 1
      and dial_state = case when p_send = 1 then 'claimed' else 'dialing' end::public.dial_state
    for no key update;
    if not found then
        return jsonb_build_object('go', false);
    end if;
    v_campaign := internal.lock_campaign(v_call.campaign_id);
    select * into v_contact from public.contacts where id = v_call.contact_id;
    v_block := internal.contact_block(v_contact, v_campaign, p_now);
    -- the number may be busy with a call that has turned up since the claim
    if v_block is not null or v_call.lease_expires_at <= p_now or v_call.hang_up_by is not null
       or v_campaign.status not in ('QUEUED', 'DIALING', 'RUNNING')
       or internal.is_number_busy(v_call.phone, p_call_id)
       or exists (select from public.settings where forgot_since is not null) then
        -- the requests before this one, if any, were refused: nothing was created
        perform internal.withdraw_call(v_call);
        perform internal.return_contact(
            v_call, null, p_now, case when v_block = 'do_not_call' then 'not_called_do_not_call'::public.call_outcome end);
        return jsonb_build_object('go', false);
    end if;
    update public.calls
    set dial_state = 'dialing', sends = p_send, dialed_at = coalesce(dialed_at, p_now),
        provider_ahead_seconds = extract(epoch from p_provider_now - p_now),
        lease_expires_at = p_now + make_interval(secs => p_lease_seconds),
        on_wire_until = p_now + make_interval(secs => p_lease_seconds)
    where id = p_call_id;
    return jsonb_build_object('go', true);
end
$$;

-- Effect: none. When a call is to be hung up, now that the address is known to end it by: at once, where only that was
-- missing.
create function internal.hang_up_due_at(p_call public.calls, p_control_url text, p_now timestamptz) returns timestamptz
language sql immutable security invoker set search_path = ''
as $$
    select case when p_call.control_url is null and p_control_url is not null and p_call.hang_up_at > p_now then p_now
                else p_call.hang_up_at end
$$;

-- Effect: stores the provider's id for a call it accepted, now or found later by repair. Safe to repeat; a call
-- whose events came first keeps what they said. Should the provider have made another call of it before, this one is the
-- second: see internal.take_second_call. p_concurrency_limit: the provider's own cap, if it told. Codes: LX003 no such call.
create function public.confirm_call(
    p_call_id uuid, p_provider_call_id text, p_control_url text default null, p_concurrency_limit int default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
    v_was_in_doubt boolean;
    v_second jsonb;
begin
    select * into v_call from public.calls where id = p_call_id for no key update;
    if not found then
        raise exception 'There is no call with the id %.', p_call_id using errcode = 'LX003';
    elsif v_call.provider_call_id <> p_provider_call_id then
        v_second := internal.take_second_call(v_call, p_provider_call_id, p_control_url, p_now);
        perform internal.note_told_cap(p_concurrency_limit, p_now);
        perform internal.note_provider_answer(p_now);
        return v_second;
    end if;
    v_was_in_doubt := v_call.dial_state in ('unknown', 'lost', 'refused');
    v_call := internal.take_back_call(v_call, p_now);
    update public.calls
    set provider_call_id = p_provider_call_id, dial_state = 'confirmed', hold_reason = null,
        hang_up_at = internal.hang_up_due_at(calls, p_control_url, p_now),
        control_url = coalesce(p_control_url, control_url),
        last_status_at = greatest(last_status_at, p_now),
        -- a message that could not be matched before this id was known is fetched from the provider at once
        check_after = case when exists (select from public.stray_events where provider_call_id = p_provider_call_id)
                           then p_now end
    where id = p_call_id returning * into v_call;
    perform internal.note_campaign_progress(v_call.campaign_id, false, p_now);
    perform internal.keep_figures(v_call.campaign_id);
    if v_was_in_doubt then
        v_call := internal.hang_up_if_unwanted(v_call, p_now);
    end if;
    if v_call.hang_up_by is not null then
        perform internal.wake_schedulers(v_call.campaign_id);
    end if;
    perform internal.note_told_cap(p_concurrency_limit, p_now);
    perform internal.note_provider_answer(p_now);
    return jsonb_build_object('call_id', p_call_id, 'status', v_call.status);
end
$$;

-- Effect: the answer to the request was lost: the call may exist, or come to exist, and keeps its line. The request is off
-- the wire by now. p_is_answered: the provider did answer, with a fault of its own. Safe to repeat. Codes: none.
create function public.hold_call(
    p_call_id uuid, p_reason text, p_is_answered boolean default false, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_campaign_id uuid;
begin
    update public.calls
    set dial_state = 'unknown', hold_reason = p_reason, is_answered = p_is_answered, on_wire_until = p_now,
        check_after = p_now + interval '1 second'
    where id = p_call_id and dial_state = 'dialing' returning campaign_id into v_campaign_id;
    if not found then  -- repair was faster: the request was on the wire longer than it took for granted
        update public.calls set hold_reason = p_reason, on_wire_until = greatest(on_wire_until, p_now)
        where id = p_call_id and dial_state = 'unknown' returning campaign_id into v_campaign_id;
    end if;
    perform internal.keep_figures(v_campaign_id);
    return jsonb_build_object('call_id', p_call_id, 'changed', v_campaign_id is not null);
end
$$;

revoke all on function public.begin_dial, internal.hang_up_due_at, public.confirm_call, public.hold_call
    from public, anon, authenticated;
grant execute on function public.begin_dial, internal.hang_up_due_at, public.confirm_call, public.hold_call
    to service_role;

-- Effect: the provider refused a call for good: the attempt is spent, the contact settled with p_outcome. The caller holds
-- the call. Codes: none.
create function internal.refuse_call(p_id uuid, p_reason text, p_outcome public.call_outcome, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    update public.calls
    set status = 'FAILED', status_is_guess = false, dial_state = 'refused', ended_at = p_now, ended_reason = p_reason,
        outcome = p_outcome, human_reached = false, report_at = p_now, last_status_at = p_now, hold_reason = null
    where id = p_id returning * into v_call;
    perform internal.settle_contact(v_call, p_now);
end
$$;

-- Effect: the provider refused this contact for good (a bad number): the attempt is spent, the contact settled.
-- Safe to repeat. Codes: LX003 no such call.
create function public.fail_call(
    p_call_id uuid, p_reason text, p_outcome public.call_outcome, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls where id = p_call_id for no key update;
    if not found then
        raise exception 'There is no call with the id %.', p_call_id using errcode = 'LX003';
    elsif v_call.dial_state not in ('claimed', 'dialing', 'unknown') then
        return jsonb_build_object('call_id', p_call_id, 'changed', false);
    end if;
    perform internal.refuse_call(p_call_id, p_reason, p_outcome, p_now);
    perform internal.note_provider_answer(p_now);
    return jsonb_build_object('call_id', p_call_id, 'changed', true);
end
$$;

-- Effect: locks a call whose dial came to nothing, and its campaign. -> it; null for one that is no dial any more.
create function internal.lock_dial(p_call_id uuid) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls
    where id = p_call_id and dial_state in ('claimed', 'dialing', 'unknown') for no key update;
    if not found then
        return null;
    end if;
    perform internal.lock_campaign(v_call.campaign_id);
    return v_call;
end
$$;

-- Effect: the provider refused a call for now: the contact is given back, at no cost of an attempt, and dialed not before
-- p_retry_seconds; the call leaves no row. p_pause_reason: also pause the campaign, until p_resume_at where given;
-- p_is_trouble: the provider did not answer as it should. Safe to repeat. Codes: none.
create function public.release_call(
    p_call_id uuid, p_retry_seconds numeric default 0, p_pause_reason text default null,
    p_resume_at timestamptz default null, p_is_trouble boolean default false, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls := internal.lock_dial(p_call_id);
begin
    if v_call.id is null then
        return jsonb_build_object('call_id', p_call_id, 'changed', false);
    end if;
    perform internal.pause_for_account(v_call, p_pause_reason, p_resume_at, p_now);
    perform internal.withdraw_call(v_call);
    perform internal.return_contact(v_call, p_now + make_interval(secs => p_retry_seconds::double precision), p_now);
    if not p_is_trouble then  -- a clear no is an answer, too
        perform internal.note_provider_answer(p_now);
    end if;
    return jsonb_build_object('call_id', p_call_id, 'changed', true);
end
$$;

-- Effect: the request surely never reached the provider, which said nothing: the contact is given back as above.
-- Safe to repeat. Codes: none.
create function public.lose_call(
    p_call_id uuid, p_retry_seconds numeric default 0, p_now timestamptz default now()
) returns jsonb
language sql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
    select public.release_call(p_call_id, p_retry_seconds, p_is_trouble => true, p_now => p_now)
$$;

-- Effect: the account's lines are all busy: the contact waits the longer the more often, at no cost of an attempt, and the
-- organisation's cap is learned. p_told_cap: how many lines there are, where the provider told. p_provider_call_id: of a
-- call that it accepted and ended at once; that one stays, FAILED, as no attempt; any other leaves no row.
-- Safe to repeat. Codes: none.
create function public.block_call(
    p_call_id uuid, p_reason text, p_told_cap int default null, p_provider_call_id text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls := internal.lock_dial(p_call_id);
begin
    if v_call.id is null then
        return jsonb_build_object('call_id', p_call_id, 'changed', false);
    elsif p_provider_call_id is not null then
        update public.calls
        set status = 'FAILED', status_is_guess = false, is_attempt = false, provider_call_id = p_provider_call_id,
            dial_state = 'confirmed', ended_at = p_now, ended_reason = p_reason, outcome = 'never_dialed',
            report_at = p_now, last_status_at = p_now, hold_reason = null
        where id = p_call_id;
    else
        perform internal.withdraw_call(v_call);
    end if;
    perform internal.return_without_line(v_call, p_now);
    perform internal.learn_no_line(p_call_id, p_told_cap, p_now);
    perform internal.note_provider_answer(p_now);
    return jsonb_build_object('call_id', p_call_id, 'changed', true);
end
$$;

-- Effect: the provider refused the request in words we do not know: this contact steps aside, a minute and then two, and the
-- third refusal settles it. When three contacts in a row were refused alike, it is not their fault: the campaign pauses
-- with p_sentence. Safe to repeat. Codes: none.
create function public.step_aside(
    p_call_id uuid, p_reason text, p_sentence text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls := internal.lock_dial(p_call_id);
    v_refusals int;
    v_in_a_row int;
begin
    if v_call.id is null then
        return jsonb_build_object('call_id', p_call_id, 'changed', false);
    end if;
    update public.contacts set refusals = refusals + 1
    where id = v_call.contact_id returning refusals into v_refusals;
    if v_refusals = 1 then  -- a contact that is refused again is no further one
        update public.campaigns set refused_in_a_row = refused_in_a_row + 1
        where id = v_call.campaign_id returning refused_in_a_row into v_in_a_row;
    end if;
    if v_in_a_row >= 3 then
        perform internal.pause_for_account(v_call, p_sentence, null, p_now);
    end if;
    if v_refusals >= 3 then
        perform internal.refuse_call(p_call_id, p_reason, 'refused', p_now);
    else
        perform internal.withdraw_call(v_call);
        perform internal.return_contact(v_call, p_now + v_refusals * interval '1 minute', p_now);
    end if;
    perform internal.note_provider_answer(p_now);
    return jsonb_build_object('call_id', p_call_id, 'changed', true);
end
$$;

revoke all on function internal.refuse_call, public.fail_call, internal.lock_dial, public.release_call, public.lose_call,
    public.block_call, public.step_aside
    from public, anon, authenticated;
grant execute on function internal.refuse_call, public.fail_call, internal.lock_dial, public.release_call, public.lose_call,
    public.block_call, public.step_aside
    to service_role;
