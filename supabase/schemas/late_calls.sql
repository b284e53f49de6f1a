-- Calls that exist though nobody reckoned with them any more: given up and found, a second one out of one dial, or one that this
-- database has forgotten. Each holds a line, counts in every cap, and raises an alarm.

-- Effect: a call that was given up, its line or its contact with it, or that the provider had refused, exists after all
-- (p_is_live: the provider says that it is under way, so one that we had lost track of is, too). It holds a line again, counts in
-- every cap from now on, and raises an alarm. Its contact is not dialed anew, unless that has happened already: then this
-- is no attempt of the campaign's, and hang_up_if_unwanted decides. -> the call as it is now. Codes: none.
create function internal.take_back_call(
    p_call public.calls, p_now timestamptz, p_is_live boolean default false
) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls := p_call;
    v_is_first boolean;
begin
    if not (p_call.dial_state in ('lost', 'refused') or (p_call.dial_state = 'unknown' and p_call.status = 'FAILED')
            or (p_call.status = 'TIMEOUT' and p_call.status_is_guess and coalesce(p_is_live, false))) then
        return p_call;
    end if;
    v_is_first := internal.take_contact_back(p_call);
    update public.calls
    set status = 'QUEUED', status_is_guess = false, is_attempt = v_is_first, ended_at = null, ended_reason = null,
        outcome = null, report_at = null, over_since = null, ask_again_at = null, turned_up_at = p_now,
        said_by = said_by - array['ended_at', 'ended_reason', 'outcome', 'is_attempt'], end_said = null,
        dial_state = case when dial_state = 'confirmed' then 'confirmed' else 'unknown' end::public.dial_state
    where id = p_call.id returning * into v_call;
    perform internal.raise_alarm('call_turned_up', p_call.id::text, format(
        'A call that Vapi had %s turned up late, when %s. More calls than a cap allows may have been under way at once.',
        case when p_call.dial_state = 'refused' then 'refused' else 'not shown' end,
        case when not v_is_first then 'its contact had been dialed again: somebody may have been phoned twice'
             when p_call.dial_state = 'lost' then 'its contact was to be dialed again, which is not done now'
             else 'its line had been given to others' end), p_now);
    return v_call;
end
$$;

-- Effect: a call that was in doubt has been found, and nobody wants it any more: its campaign was stopped, its number may
-- not be called, or its contact, or another campaign's with the same number, has another call. The next scheduler that
-- looks hangs up. p_was_confirmed: we had only lost track of it, so it may finish like any call under way, but for
-- another call to its number. A call that is known by its number alone may be another program's, and is left alone. Codes: none.
create function internal.hang_up_if_unwanted(
    p_call public.calls, p_now timestamptz, p_was_confirmed boolean default false
) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls := p_call;
begin
    update public.calls k set hang_up_at = p_now, hang_up_by = 'AutoLynx', is_hang_up_ours = true
    where k.id = p_call.id and k.hang_up_by is null and internal.is_active(k.status)
      and not k.is_known_by_number
      and (not p_was_confirmed
               and (exists (select from public.campaigns where id = k.campaign_id and completed_at is not null)
                    or exists (select from public.do_not_call d where d.phone = k.phone)
                    or not exists (select from public.contacts where id = k.contact_id and last_call_id = k.id))
           or exists (select from internal.active_calls o
                      where o.phone = k.phone and o.id <> k.id and o.dial_state in ('dialing', 'confirmed')
                      and o.hang_up_by is null))
    returning * into v_call;
    return case when found then v_call else p_call end;
end
$$;

-- Effect: the provider's answer to a dial, or its list, shows that it made two calls. The second gets a row of its own, which
-- counts in every cap, is no attempt, is hung up (unless they are known by their number alone), and raises an alarm; but
-- where the first was none, having found no line, and the contact waits for another, this one is that. The caller holds the
-- first. Safe to repeat. -> the answer of confirm_call. Codes: none.
create function internal.take_second_call(
    p_call public.calls, p_provider_call_id text, p_control_url text, p_now timestamptz
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_second public.calls;
    v_id uuid;
    v_is_attempt boolean;
    v_text text := 'Vapi made two calls out of one dial. Both count in every cap'
        || case when p_call.is_known_by_number then ', and neither is hung up: another program may have made them.'
                else ', and the one too many is hung up.' end;
begin
    perform internal.lock_campaign(p_call.campaign_id);
    v_is_attempt := not p_call.is_attempt and exists (
        select from public.contacts where id = p_call.contact_id and state = 'waiting' and last_call_id = p_call.id);
    insert into public.calls (campaign_id, contact_id, phone, phone_number_id, attempt, is_attempt, claimed_by, dial_state,
                              provider_call_id, control_url, lease_expires_at, dialed_at, created_at, last_status_at,
                              provider_ahead_seconds, turned_up_at, is_known_by_number, check_after)
    values (p_call.campaign_id, p_call.contact_id, p_call.phone, p_call.phone_number_id, p_call.attempt, v_is_attempt,
            null, 'confirmed', p_provider_call_id, p_control_url, p_now, p_call.dialed_at, p_now, p_now,
            p_call.provider_ahead_seconds, p_now, p_call.is_known_by_number, p_now)
    on conflict (provider_call_id) do nothing returning id into v_id;
    if v_id is not null and v_is_attempt then
        update public.contacts set state = 'calling', attempts = attempts + 1, next_attempt_at = null, last_call_id = v_id
        where id = p_call.contact_id;
    end if;
    select * into v_second from public.calls where provider_call_id = p_provider_call_id;
    if v_id is not null then
        v_second := internal.hang_up_if_unwanted(v_second, p_now);
    end if;
    perform internal.keep_figures(p_call.campaign_id);
    update public.alarms set text = v_text where code = 'second_call' and subject = p_call.id::text and cleared_at is null;
    perform internal.raise_alarm('second_call', p_call.id::text, v_text, p_now);
    perform internal.wake_schedulers(p_call.campaign_id);
    return jsonb_build_object('call_id', v_second.id, 'status', v_second.status);
end
$$;

-- Effect: the provider has a call of ours that this database does not know: it was forgotten (a restored backup, a
-- fail-over), or the provider refused it and made it all the same. It gets its row, under our id, and its contact is not
-- dialed again. p_origin: {"campaign_id", "phone", "attempt", "phone_number_id", "created_at"}, what it carries; where the
-- provider does not repeat which campaign it was, one that has this number, of those with its contact waiting the first on that line.
-- -> the call; null when the campaign or the number is none of ours. Locks the campaign, then the contact. Codes: none.
create function internal.adopt_call(p_call_id uuid, p_origin jsonb, p_now timestamptz) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_campaign public.campaigns;
    v_contact public.contacts;
    v_call public.calls;
    v_attempt int := greatest(coalesce((p_origin ->> 'attempt')::int, 1), 1);
    v_is_attempt boolean;
begin
    perform internal.lock_adoption(p_call_id);
    select * into v_call from public.calls where id = p_call_id for no key update;  -- by somebody else, while we waited
    if found then
        return v_call;
    elsif exists (select from public.erased_calls where call_id = p_call_id) then
        return null;
    end if;
    select * into v_campaign from public.campaigns where id = coalesce(
        (p_origin ->> 'campaign_id')::uuid,
        (select c.id from public.contacts k join public.campaigns c on c.id = k.campaign_id
         where k.phone = p_origin ->> 'phone'
         order by k.state = 'waiting' desc, (c.phone_number_id = p_origin ->> 'phone_number_id') is true desc,
                  c.created_at, c.id limit 1)) for no key update;
    select * into v_contact from public.contacts
    where campaign_id = v_campaign.id and phone = p_origin ->> 'phone' for no key update;
    if v_contact.id is null then
        return null;
    end if;
    v_is_attempt := v_attempt <= v_campaign.max_attempts and v_contact.state <> 'calling' and not exists (
        select from public.calls where contact_id = v_contact.id and attempt = v_attempt and is_attempt);
    insert into public.calls (id, campaign_id, contact_id, phone, phone_number_id, attempt, is_attempt, claimed_by,
                              dial_state, lease_expires_at, dialed_at, created_at, last_status_at, turned_up_at,
                              is_known_by_number)
    values (p_call_id, v_campaign.id, v_contact.id, v_contact.phone,
            coalesce(p_origin ->> 'phone_number_id', v_campaign.phone_number_id), v_attempt, v_is_attempt, null, 'unknown',
            p_now, p_now, coalesce((p_origin ->> 'created_at')::timestamptz, p_now), p_now, p_now,
            p_origin ->> 'campaign_id' is null)
    returning * into v_call;
    if v_is_attempt then
        update public.contacts
        set state = case when state = 'waiting' then 'calling' else state end::public.contact_state,
            attempts = greatest(attempts, v_attempt), last_call_id = v_call.id, next_attempt_at = null
        where id = v_contact.id;
    end if;
    perform internal.keep_figures(v_campaign.id);
    if exists (select from public.settings where forgot_since is null) then  -- nobody has told yet
        perform internal.raise_alarm('unknown_call', v_campaign.id::text,
            'Vapi has a call of ours that this database did not know; it was taken over. Was the database restored or '
            'replaced? Then run: python -m autolynx check --after-restore --since TIME-OF-THE-BACKUP.', p_now);
    end if;
    return v_call;
end
$$;

revoke all on function internal.take_back_call, internal.hang_up_if_unwanted, internal.take_second_call,
    internal.adopt_call from public, anon, authenticated;
grant execute on function internal.take_back_call, internal.hang_up_if_unwanted, internal.take_second_call,
    internal.adopt_call to service_role;
