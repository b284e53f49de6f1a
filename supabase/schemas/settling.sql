-- Effect: a dial leaves no call behind. Where a request may have been sent, its id is kept with its contact: the provider may
-- have made a call all the same. Codes: none.
create function internal.withdraw_call(p_call public.calls) returns void
language sql volatile security invoker set search_path = ''
as $$
    delete from public.calls where id = p_call.id;
    insert into public.withdrawn_calls (call_id, contact_id) select p_call.id, p_call.contact_id where p_call.sends > 0
    on conflict (call_id) do nothing
$$;

-- Effect: the contact of a call that came to nothing may be dialed again, as if this dial had not been; where its
-- campaign is over, it is settled instead, and where a user has meanwhile asked for the call to be hung up, too: that
-- wish was about the person. A contact that has another call by now is left alone; one that had a call which this database
-- had forgotten keeps that. p_outcome: settle it with this instead. Locks the campaign, then the contact. Codes: none.
create function internal.return_contact(
    p_call public.calls, p_not_before timestamptz, p_now timestamptz, p_outcome public.call_outcome default null
) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_campaign public.campaigns := internal.lock_campaign(p_call.campaign_id);
    v_outcome public.call_outcome := case when p_call.hang_up_by is not null and not p_call.is_hang_up_ours then 'canceled'
                           when v_campaign.completed_at is not null then 'not_called_stopped'
                           else p_outcome end;
    v_other public.calls;
begin
    select * into v_other from public.calls
    where contact_id = p_call.contact_id and id <> p_call.id and claimed_by is null and dial_state = 'confirmed'
      and (outcome is null or outcome not in ('account_limit', 'line_limit', 'setup_problem'))  -- no phone rang
    order by created_at desc, id limit 1
    for no key update nowait;  -- the campaign is locked by now: who waited here might wait in a circle
    if v_other.id is not null and v_outcome is null then
        update public.contacts
        set last_call_id = v_other.id, state = case when v_other.report_at is null then state else 'settled' end,
            settled_at = case when v_other.report_at is not null then p_now end, outcome = v_other.outcome
        where id = p_call.contact_id and state = 'calling' and last_call_id = p_call.id;
        if found then
            update public.calls set is_attempt = false where id = p_call.id;
            update public.calls set is_attempt = true where id = v_other.id;
        end if;
        perform internal.complete_campaign(p_call.campaign_id, p_now);
        return;
    end if;
    update public.contacts
    set state = case when v_outcome is null then 'waiting' else 'settled' end::public.contact_state,
        attempts = greatest(attempts - 1, 0), outcome = v_outcome,
        next_attempt_at = case when v_outcome is null then p_not_before end,
        settled_at = case when v_outcome is not null then p_now end
    where id = p_call.contact_id and state = 'calling' and last_call_id = p_call.id;
    if found and v_outcome is null then
        perform internal.wake_schedulers(p_call.campaign_id);
    else  -- a call that is not its contact's own may have been the last under way
        perform internal.complete_campaign(p_call.campaign_id, p_now);
    end if;
end
$$;

-- Effect: the contact of a call that found no free line is given back; it waits three seconds, twice as long
-- each further time, up to five minutes. Locks the campaign, then the contact. Codes: none.
create function internal.return_without_line(p_call public.calls, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_missed int;
begin
    perform internal.lock_campaign(p_call.campaign_id);
    update public.contacts set lines_missed = lines_missed + 1
    where id = p_call.contact_id and last_call_id = p_call.id returning lines_missed into v_missed;
    perform internal.return_contact(
        p_call, p_now + make_interval(secs => least(3 * 2 ^ least(v_missed - 1, 10), 300)), p_now);
end
$$;

-- Effect: settles the contact of a call whose result is complete, or lets it wait for its next attempt, and
-- completes the campaign if that was the last. Locks the campaign, then the contact. Codes: none.
create function internal.settle_contact(p_call public.calls, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    if not p_call.is_attempt then
        update public.contacts set outcome = p_call.outcome  -- not dialed again, but not lost track of either
        where id = p_call.contact_id and last_call_id = p_call.id and outcome = 'lost_track';
        perform internal.return_contact(p_call, p_now + interval '15 seconds', p_now);
        return;
    end if;
    perform internal.lock_campaign(p_call.campaign_id);
    update public.contacts
    set state = 'settled', settled_at = p_now, outcome = p_call.outcome, lines_missed = 0
    where id = p_call.contact_id and state = 'calling' and last_call_id = p_call.id;
    -- a late report of a call already settled still corrects what the contact came to
    update public.contacts set outcome = p_call.outcome
    where id = p_call.contact_id and state = 'settled' and last_call_id = p_call.id
      and outcome is distinct from p_call.outcome;
    perform internal.complete_campaign(p_call.campaign_id, p_now);
end
$$;

-- Effect: a call that rang somebody after all takes its contact back, which is not dialed again, unless that has happened
-- already. -> whether it did. Locks the campaign, then the contact. Codes: none.
create function internal.take_contact_back(p_call public.calls) returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    perform internal.lock_campaign(p_call.campaign_id);
    update public.contacts
    set state = case when state = 'waiting' then 'calling' else state end,
        attempts = greatest(attempts, p_call.attempt), next_attempt_at = null, last_call_id = p_call.id
    where id = p_call.contact_id
      and (last_call_id = p_call.id or not exists (select from public.calls k where k.id = contacts.last_call_id
                                                     and (k.is_attempt or k.dial_state <> 'confirmed')));
    return found;
end
$$;

revoke all on function internal.withdraw_call, internal.return_contact, internal.return_without_line,
    internal.settle_contact, internal.take_contact_back from public, anon, authenticated;
grant execute on function internal.withdraw_call, internal.return_contact, internal.return_without_line,
    internal.settle_contact, internal.take_contact_back to service_role;
