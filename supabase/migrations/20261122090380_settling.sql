-- Effect: the contact of a call that came to nothing may be dialed again, as if this dial had not been; where its
-- campaign is over, it is settled instead. Locks the campaign, then the contact. Codes: none.
create function internal.give_back_contact(
    p_contact_id uuid, p_campaign_id uuid, p_not_before timestamptz, p_now timestamptz
) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_campaign public.campaigns := internal.lock_campaign(p_campaign_id);
begin
    if v_campaign.completed_at is null then
        update public.contacts
        set state = 'waiting', attempts = greatest(attempts - 1, 0), next_attempt_at = p_not_before
        where id = p_contact_id and state = 'calling';
        perform internal.wake_schedulers(p_campaign_id);
    else
        update public.contacts
        set state = 'settled', settled_at = p_now, attempts = greatest(attempts - 1, 0),
            outcome = 'Not called: campaign stopped'
        where id = p_contact_id and state = 'calling';
    end if;
end
$$;
revoke all on function internal.give_back_contact(uuid, uuid, timestamptz, timestamptz) from public, anon, authenticated;
grant execute on function internal.give_back_contact(uuid, uuid, timestamptz, timestamptz) to service_role;

-- Effect: the contact of a call that never was a call is given back, not before a time; or settled, where a user has
-- meanwhile asked for the call to be hung up: that wish was about the person. Codes: none.
create function internal.return_contact(p_call public.calls, p_not_before timestamptz, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    if p_call.hang_up_by is null then
        perform internal.give_back_contact(p_call.contact_id, p_call.campaign_id, p_not_before, p_now);
        return;
    end if;
    perform internal.lock_campaign(p_call.campaign_id);
    update public.contacts set state = 'settled', settled_at = p_now, outcome = 'Canceled'
    where id = p_call.contact_id and state = 'calling';
    perform internal.complete_campaign(p_call.campaign_id, p_now);
end
$$;
revoke all on function internal.return_contact(public.calls, timestamptz, timestamptz) from public, anon, authenticated;
grant execute on function internal.return_contact(public.calls, timestamptz, timestamptz) to service_role;

-- Effect: settles the contact of a call whose result is complete, or lets it wait for its next attempt, and
-- completes the campaign if that was the last. Locks the campaign, then the contact. Codes: none.
create function internal.settle_contact(p_call public.calls, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    if not p_call.is_attempt then
        perform internal.return_contact(p_call, p_now + interval '15 seconds', p_now);
        return;
    end if;
    perform internal.lock_campaign(p_call.campaign_id);
    update public.contacts
    set state = 'settled', settled_at = p_now, outcome = p_call.outcome
    where id = p_call.contact_id and state = 'calling' and last_call_id = p_call.id;
    -- a late report of a call already settled still corrects what the contact came to
    update public.contacts set outcome = p_call.outcome
    where id = p_call.contact_id and state = 'settled' and last_call_id = p_call.id
      and outcome is distinct from p_call.outcome;
    perform internal.complete_campaign(p_call.campaign_id, p_now);
end
$$;
revoke all on function internal.settle_contact(public.calls, timestamptz) from public, anon, authenticated;
grant execute on function internal.settle_contact(public.calls, timestamptz) to service_role;

-- Effect: moves a campaign along when its calls prove that it dials: started_at is the first confirmed call.
create function internal.note_campaign_progress(p_id uuid, p_is_reported boolean, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    update public.campaigns set started_at = p_now where id = p_id and started_at is null;
    update public.campaigns set status = 'DIALING' where id = p_id and status = 'QUEUED';
    if p_is_reported then
        update public.campaigns set status = 'RUNNING' where id = p_id and status = 'DIALING';
    end if;
end
$$;
revoke all on function internal.note_campaign_progress(uuid, boolean, timestamptz) from public, anon, authenticated;
grant execute on function internal.note_campaign_progress(uuid, boolean, timestamptz) to service_role;

-- Effect: a call we took for lost exists after all: it holds a line again and its contact is not dialed anew,
-- unless that has happened already. -> the call as it is now. Codes: none.
create function internal.revive_lost_call(p_call public.calls, p_now timestamptz) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls := p_call;
begin
    if p_call.dial_state <> 'lost' then
        return p_call;
    end if;
    perform internal.lock_campaign(p_call.campaign_id);
    update public.contacts
    set state = case when state = 'waiting' then 'calling' else state end, attempts = attempts + 1, next_attempt_at = null
    where id = p_call.contact_id and last_call_id = p_call.id and state in ('waiting', 'settled');
    if found then
        update public.calls
        set status = 'QUEUED', status_is_guess = false, is_attempt = true, ended_at = null, ended_reason = null,
            outcome = null, report_at = null, dial_state = 'unknown'
        where id = p_call.id returning * into v_call;
    end if;
    return v_call;
end
$$;
revoke all on function internal.revive_lost_call(public.calls, timestamptz) from public, anon, authenticated;
grant execute on function internal.revive_lost_call(public.calls, timestamptz) to service_role;

-- Effect: the account has fewer lines than we thought: for a minute the organisation's cap is what the provider told,
-- or else what is under way besides the call that was refused.
create function internal.learn_cap(p_told int, p_call_id uuid, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set learned_cap = coalesce(p_told, (
            select greatest(count(*), 1) from public.calls
            where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and dial_state = 'confirmed' and id <> p_call_id)),
        learned_cap_until = p_now + interval '60 seconds', updated_at = p_now
    where only_row
$$;
revoke all on function internal.learn_cap(int, uuid, timestamptz) from public, anon, authenticated;
grant execute on function internal.learn_cap(int, uuid, timestamptz) to service_role;

-- Effect: pauses a campaign for trouble of the account, unless the call that met it is older than the last resume, or
-- the trouble is over by now. The caller holds the campaign's lock.
create function internal.pause_for_account(
    p_call public.calls, p_reason text, p_resume_at timestamptz, p_now timestamptz
) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.campaigns set status = 'PAUSED', status_reason = p_reason, resume_at = p_resume_at
    where id = p_call.campaign_id and p_reason is not null and status in ('QUEUED', 'DIALING', 'RUNNING')
      and (p_resume_at is null or p_resume_at > p_now) and (resumed_at is null or resumed_at < p_call.created_at)
$$;
revoke all on function internal.pause_for_account(public.calls, text, timestamptz, timestamptz) from public, anon, authenticated;
grant execute on function internal.pause_for_account(public.calls, text, timestamptz, timestamptz) to service_role;
