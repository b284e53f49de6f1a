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

-- Effect: none. How many calls the organisation may have at once: the setting, lowered by what the provider reported.
create function internal.organization_cap(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(organization_cap, case when learned_cap_until > p_now then learned_cap end) from public.settings
$$;
revoke all on function internal.organization_cap(timestamptz) from public, anon, authenticated;
grant execute on function internal.organization_cap(timestamptz) to service_role;

-- Effect: none. What a contact is dialed with.
create function internal.dial_order(p_call public.calls) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select jsonb_build_object(
        'call_id', p_call.id, 'campaign_id', p_call.campaign_id, 'contact_id', p_call.contact_id,
        'attempt', p_call.attempt, 'phone_number_id', p_call.phone_number_id,
        'provider_assistant_id', a.provider_assistant_id, 'phone', k.phone, 'name', k.name,
        'business_name', k.business_name, 'variables', k.variables)
    from public.contacts k
    join public.campaigns c on c.id = k.campaign_id
    join public.assistants a on a.id = c.assistant_id
    where k.id = p_call.contact_id
$$;
revoke all on function internal.dial_order(public.calls) from public, anon, authenticated;
grant execute on function internal.dial_order(public.calls) to service_role;

-- Effect: none. Whether somebody in a time zone may be called at this time of a campaign's week.
create function internal.is_calling_time(p_campaign public.campaigns, p_zone text, p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select p_campaign.calling_from is null or (
        extract(isodow from p_now at time zone p_zone)::int = any (p_campaign.calling_days)
        and (p_now at time zone p_zone)::time >= p_campaign.calling_from
        and (p_now at time zone p_zone)::time < p_campaign.calling_until)
$$;
revoke all on function internal.is_calling_time(public.campaigns, text, timestamptz) from public, anon, authenticated;
grant execute on function internal.is_calling_time(public.campaigns, text, timestamptz) to service_role;

-- Effect: none. When a campaign's calling hours next begin in one of these zones.
create function internal.next_calling_time(p_campaign public.campaigns, p_zones text[], p_now timestamptz) returns timestamptz
language sql stable security invoker set search_path = ''
as $$
    select min(opens) from unnest(p_zones) zone, generate_series(0, 7) day,
        lateral (select (((p_now at time zone zone)::date + day) + p_campaign.calling_from) at time zone zone as opens) o
    where opens > p_now
      and extract(isodow from (p_now at time zone zone)::date + day)::int = any (p_campaign.calling_days)
$$;
revoke all on function internal.next_calling_time(public.campaigns, text[], timestamptz) from public, anon, authenticated;
grant execute on function internal.next_calling_time(public.campaigns, text[], timestamptz) to service_role;

-- Effect: none. The batch a campaign is at: the lowest with somebody waiting; null outside batch mode.
create function internal.current_batch(p_campaign public.campaigns) returns int
language sql stable security invoker set search_path = ''
as $$
    select min(batch_index) from public.contacts
    where p_campaign.mode = 'batch' and campaign_id = p_campaign.id and state = 'waiting'
$$;
revoke all on function internal.current_batch(public.campaigns) from public, anon, authenticated;
grant execute on function internal.current_batch(public.campaigns) to service_role;

-- Effect: none. The zones of those who wait (in batch mode, in the current batch); null for a campaign without hours.
create function internal.waiting_zones(p_campaign public.campaigns) returns text[]
language sql stable security invoker set search_path = ''
as $$
    with recursive step as (  -- from zone to zone along the index: as many steps as zones
        (select time_zone from public.contacts
         where campaign_id = p_campaign.id and state = 'waiting' and time_zone is not null
           and p_campaign.calling_from is not null and p_campaign.mode = 'continuous'
         order by time_zone limit 1)
        union all
        select (select time_zone from public.contacts
                where campaign_id = p_campaign.id and state = 'waiting' and time_zone > step.time_zone
                order by time_zone limit 1)
        from step where step.time_zone is not null
    )
    select case
        when p_campaign.calling_from is null then null
        when p_campaign.mode = 'batch' then array(
            select distinct coalesce(time_zone, p_campaign.time_zone) from public.contacts
            where campaign_id = p_campaign.id and state = 'waiting'
              and batch_index = internal.current_batch(p_campaign))
        else array(
            select time_zone from step where time_zone is not null
            union
            select p_campaign.time_zone where exists (
                select from public.contacts
                where campaign_id = p_campaign.id and state = 'waiting' and time_zone is null)) end
$$;
revoke all on function internal.waiting_zones(public.campaigns) from public, anon, authenticated;
grant execute on function internal.waiting_zones(public.campaigns) to service_role;

-- Effect: none. Those of them where the campaign may call now; null for a campaign without hours.
create function internal.open_zones(p_campaign public.campaigns, p_now timestamptz) returns text[]
language sql stable security invoker set search_path = ''
as $$
    select case when p_campaign.calling_from is not null then array(
        select zone from unnest(internal.waiting_zones(p_campaign)) zone
        where internal.is_calling_time(p_campaign, zone, p_now)) end
$$;
revoke all on function internal.open_zones(public.campaigns, timestamptz) from public, anon, authenticated;
grant execute on function internal.open_zones(public.campaigns, timestamptz) to service_role;

-- Effect: none. The rule, of those that concern a campaign as a whole, that keeps it from dialing now: null for none.
-- claim_calls obeys what this says, and explain_campaign says what claim_calls obeys.
create function internal.campaign_block(p_campaign public.campaigns, p_now timestamptz) returns text
language plpgsql stable security invoker set search_path = ''
as $$
declare
    v_batch int;
begin
    if p_campaign.cap <= (select count(*) from public.calls
                          where campaign_id = p_campaign.id and status in ('QUEUED', 'RINGING', 'IN_PROGRESS')) then
        return 'campaign_cap';
    elsif (select cap from public.phone_lines where phone_number_id = p_campaign.phone_number_id)
          <= (select count(*) from public.calls
              where phone_number_id = p_campaign.phone_number_id and status in ('QUEUED', 'RINGING', 'IN_PROGRESS')) then
        return 'line_cap';
    elsif p_campaign.quiet_line and exists (
        select from public.calls
        where phone_number_id = p_campaign.phone_number_id and campaign_id <> p_campaign.id
          and status in ('QUEUED', 'RINGING', 'IN_PROGRESS')) then
        return 'line_not_quiet';
    elsif internal.open_zones(p_campaign, p_now) = '{}' then
        return 'calling_hours';
    end if;
    v_batch := internal.current_batch(p_campaign);
    if exists (select from public.calls k join public.contacts c on c.id = k.contact_id
               where k.campaign_id = p_campaign.id and c.batch_index < v_batch
                 and k.status in ('QUEUED', 'RINGING', 'IN_PROGRESS')) then
        return 'batch';
    end if;
    return null;
end
$$;
revoke all on function internal.campaign_block(public.campaigns, timestamptz) from public, anon, authenticated;
grant execute on function internal.campaign_block(public.campaigns, timestamptz) to service_role;

-- Effect: takes the next contact of a campaign and writes its call row. The caller holds the claim lock and
-- has found room. -> the call, or null when nothing is due. A contact on the do-not-call list is settled instead.
create function internal.claim_next_contact(
    p_campaign public.campaigns, p_worker text, p_lease_seconds int, p_now timestamptz
) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_contact public.contacts;
    v_call public.calls;
    v_batch int := internal.current_batch(p_campaign);
    v_open_zones text[] := internal.open_zones(p_campaign, p_now);
begin
    loop
        select * into v_contact from public.contacts
        where campaign_id = p_campaign.id and state = 'waiting' and (v_batch is null or batch_index = v_batch)
          and (next_attempt_at is null or next_attempt_at <= p_now)
          and (v_open_zones is null or coalesce(time_zone, p_campaign.time_zone) = any (v_open_zones))
        order by batch_index, position limit 1
        for update skip locked;
        if not found then
            return null;
        end if;
        exit when not exists (select from public.do_not_call d where d.phone = v_contact.phone);
        update public.contacts set state = 'settled', settled_at = p_now, outcome = 'Not called: on the do-not-call list'
        where id = v_contact.id;
        perform internal.complete_campaign(p_campaign.id, p_now);
    end loop;
    insert into public.calls (campaign_id, contact_id, phone_number_id, attempt, claimed_by, lease_expires_at,
                              created_at, last_status_at)
    values (p_campaign.id, v_contact.id, p_campaign.phone_number_id, v_contact.attempts + 1, p_worker,
            p_now + make_interval(secs => p_lease_seconds), p_now, p_now)
    returning * into v_call;
    update public.contacts
    set state = 'calling', attempts = attempts + 1, last_call_id = v_call.id, next_attempt_at = null
    where id = v_contact.id;
    return v_call;
end
$$;
revoke all on function internal.claim_next_contact(public.campaigns, text, int, timestamptz) from public, anon, authenticated;
grant execute on function internal.claim_next_contact(public.campaigns, text, int, timestamptz) to service_role;

-- Effect: none. How many calls may be begun now, whatever the campaign: the organisation's cap, the pace and what
-- the provider's state allows.
create function internal.organization_room(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(
        internal.provider_leave(p_now),
        internal.organization_cap(p_now)
            - (select count(*) from public.calls where status in ('QUEUED', 'RINGING', 'IN_PROGRESS')),
        (select dials_per_minute from public.settings)
            - (select coalesce(sum(calls), 0) from public.dial_pace where created_at > p_now - interval '1 minute'))
$$;
revoke all on function internal.organization_room(timestamptz) from public, anon, authenticated;
grant execute on function internal.organization_room(timestamptz) to service_role;

-- Effect: remembers for two minutes how many calls were begun, where a pace is kept.
create function internal.note_pace(p_calls int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    delete from public.dial_pace where created_at < p_now - interval '2 minutes';
    insert into public.dial_pace (created_at, calls)
    select p_now, p_calls from public.settings where dials_per_minute is not null
$$;
revoke all on function internal.note_pace(int, timestamptz) from public, anon, authenticated;
grant execute on function internal.note_pace(int, timestamptz) to service_role;

-- Effect: the pauses that end by themselves end.
create function internal.resume_due_campaigns(p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.campaigns
    set status = case when started_at is null then 'QUEUED' else 'RUNNING' end::public.campaign_status,
        status_reason = null, resume_at = null, resumed_at = p_now
    where resume_at <= p_now and status = 'PAUSED'
$$;
revoke all on function internal.resume_due_campaigns(timestamptz) from public, anon, authenticated;
grant execute on function internal.resume_due_campaigns(timestamptz) to service_role;

-- Effect: none. Whether somebody waits whose time has come. Two looks at an index rather than one at everybody.
create function internal.is_somebody_due(p_campaign_id uuid, p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select exists (select from public.contacts
                   where campaign_id = p_campaign_id and state = 'waiting' and next_attempt_at is null)
        or exists (select from public.contacts
                   where campaign_id = p_campaign_id and state = 'waiting' and next_attempt_at <= p_now)
$$;
revoke all on function internal.is_somebody_due(uuid, timestamptz) from public, anon, authenticated;
grant execute on function internal.is_somebody_due(uuid, timestamptz) to service_role;

-- Effect: none. The campaigns that dial, have a line of their own cap free and somebody due, in the order of their
-- turns: one look at the few active calls instead of one a campaign, however many campaigns there are.
create function internal.campaigns_with_room(p_now timestamptz) returns uuid[]
language sql stable security invoker set search_path = ''
as $$
    select coalesce(array_agg(c.id order by c.turn, c.created_at), '{}')
    from public.campaigns c
    left join (
        select campaign_id, count(*) as busy from public.calls
        where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') group by campaign_id) a on a.campaign_id = c.id
    where c.status in ('QUEUED', 'DIALING', 'RUNNING')
      and case when c.cap > coalesce(a.busy, 0) then internal.is_somebody_due(c.id, p_now) else false end
$$;
revoke all on function internal.campaigns_with_room(timestamptz) from public, anon, authenticated;
grant execute on function internal.campaigns_with_room(timestamptz) to service_role;

-- Effect: one call of one campaign, if its rules let it dial now. The caller holds the claim lock and has found room.
-- -> the call, or null.
create function internal.claim_for_campaign(
    p_id uuid, p_worker text, p_lease_seconds int, p_now timestamptz
) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_campaign public.campaigns;
    v_call public.calls;
begin
    select * into v_campaign from public.campaigns where id = p_id;
    if internal.campaign_block(v_campaign, p_now) is not null then
        return null;
    end if;
    -- the row lock keeps a pause or a stop from slipping in between
    perform from public.campaigns
    where id = p_id and status in ('QUEUED', 'DIALING', 'RUNNING') for no key update;
    if not found then
        return null;
    end if;
    v_call := internal.claim_next_contact(v_campaign, p_worker, p_lease_seconds, p_now);
    if v_call.id is not null then
        update public.campaigns set turn = nextval('public.campaign_turns') where id = p_id;
    end if;
    return v_call;
end
$$;
revoke all on function internal.claim_for_campaign(uuid, text, int, timestamptz) from public, anon, authenticated;
grant execute on function internal.claim_for_campaign(uuid, text, int, timestamptz) to service_role;

-- Effect: takes up to p_limit contacts to dial, with their call rows, in fair turns between the campaigns that
-- dial, while campaign, organisation and phone line have room. One lock, then count, then claim: any number of
-- schedulers may call it at once.
-- -> {"orders": [...], "is_live": some campaign dials, "repairs_due", "checks_due", "hang_ups_due": bool}.
-- p_lease_seconds: how long the worker may take before its claim is given to repair;
-- p_silent_seconds: after how long a silent call is asked about. Codes: none.
create function public.claim_calls(
    p_worker text, p_limit int, p_lease_seconds int default 60, p_silent_seconds int default 60,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_orders jsonb := '[]'::jsonb;
    v_is_live boolean;
    v_round uuid[] := '{}';
    v_next_round uuid[];
    v_id uuid;
    v_call public.calls;
    v_room int := 0;
begin
    perform internal.resume_due_campaigns(p_now);
    v_is_live := exists (select from public.campaigns where status in ('QUEUED', 'DIALING', 'RUNNING'));
    if p_limit > 0 and v_is_live then
        perform pg_catalog.pg_advisory_xact_lock(5062170417);  -- the claim lock
        v_room := least(p_limit, internal.organization_room(p_now));
    end if;
    if v_room > 0 then
        v_round := internal.campaigns_with_room(p_now);
    end if;
    -- a round gives each campaign one call; who got one is in the next round
    while v_room > 0 and v_round <> '{}' loop
        v_next_round := '{}';
        foreach v_id in array v_round loop
            exit when v_room <= 0;
            v_call := internal.claim_for_campaign(v_id, p_worker, p_lease_seconds, p_now);
            if v_call.id is not null then
                v_orders := v_orders || internal.dial_order(v_call);
                v_room := v_room - 1;
                v_next_round := v_next_round || v_id;
            end if;
        end loop;
        v_round := v_next_round;
    end loop;
    if v_orders <> '[]' then
        perform internal.note_pace(jsonb_array_length(v_orders), p_now);
        if internal.provider_leave(p_now) = 1 then
            perform internal.note_provider_try(p_lease_seconds, p_now);
        end if;
    end if;
    return jsonb_build_object(
        'orders', v_orders,
        'is_live', v_is_live,
        'repairs_due', exists (
            select from public.calls
            where report_at is null and status in ('QUEUED', 'RINGING', 'IN_PROGRESS')
              and ((dial_state in ('claimed', 'dialing') and lease_expires_at <= p_now)
                   or (dial_state = 'unknown' and coalesce(check_after, p_now) <= p_now))),
        'checks_due', exists (
            select from public.calls
            where report_at is null and dial_state = 'confirmed'
              and coalesce(check_after, last_status_at + make_interval(secs => p_silent_seconds)) <= p_now),
        'hang_ups_due', exists (
            select from public.calls
            where hang_up_at <= p_now and status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and dial_state = 'confirmed'));
end
$$;
revoke all on function public.claim_calls(text, int, int, int, timestamptz) from public, anon, authenticated;
grant execute on function public.claim_calls(text, int, int, int, timestamptz) to service_role;

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

-- Effect: stores the organisation's cap and pace from the settings of this installation. Safe to repeat. Codes: none.
create function public.set_organization_cap(
    p_cap int, p_dials_per_minute int default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    update public.settings set organization_cap = p_cap, dials_per_minute = p_dials_per_minute, updated_at = p_now
    where only_row and (organization_cap <> p_cap or dials_per_minute is distinct from p_dials_per_minute);
    return jsonb_build_object('organization_cap', p_cap, 'dials_per_minute', p_dials_per_minute);
end
$$;
revoke all on function public.set_organization_cap(int, int, timestamptz) from public, anon, authenticated;
grant execute on function public.set_organization_cap(int, int, timestamptz) to service_role;

-- Effect: gives a phone line a cap of its own, or with null takes it away. Codes: LX208 the cap is out of range.
create function public.set_phone_line_cap(
    p_phone_number_id text, p_cap int, p_actor text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    if p_cap < 1 then
        raise exception 'The line''s cap is %; accepted is a whole number from 1, or nothing for no cap.', p_cap
            using errcode = 'LX208';
    end if;
    delete from public.phone_lines where phone_number_id = p_phone_number_id;
    insert into public.phone_lines (phone_number_id, cap, updated_at)
    select p_phone_number_id, p_cap, p_now where p_cap is not null;
    perform internal.audit(p_actor, 'phone_line.capped', 'phone_line', p_phone_number_id,
                           jsonb_build_object('cap', p_cap), p_now);
    perform internal.wake_schedulers(null);
    return jsonb_build_object('phone_number_id', p_phone_number_id, 'cap', p_cap);
end
$$;
revoke all on function public.set_phone_line_cap(text, int, text, timestamptz) from public, anon, authenticated;
grant execute on function public.set_phone_line_cap(text, int, text, timestamptz) to service_role;
