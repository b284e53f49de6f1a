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
