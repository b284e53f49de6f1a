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

-- Effect: takes the next contact of a campaign and writes its call row. The caller holds the claim lock and
-- has found room. -> the call, or null when nothing is due. A contact on the do-not-call list is settled instead; one
-- whose number has a call elsewhere waits for its end.
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
          and (v_open_zones is null or time_zones::text = any (v_open_zones))
          and not internal.is_number_busy(phone)
        order by batch_index, position limit 1
        for update skip locked;
        if not found then
            return null;
        end if;
        exit when not exists (select from public.do_not_call d where d.phone = v_contact.phone);
        update public.contacts set state = 'settled', settled_at = p_now, outcome = 'not_called_do_not_call'
        where id = v_contact.id;
        perform internal.complete_campaign(p_campaign.id, p_now);
    end loop;
    insert into public.calls (campaign_id, contact_id, phone, phone_number_id, attempt, claimed_by, lease_expires_at,
                              created_at, last_status_at)
    values (p_campaign.id, v_contact.id, v_contact.phone, p_campaign.phone_number_id, v_contact.attempts + 1, p_worker,
            p_now + make_interval(secs => p_lease_seconds), p_now, p_now)
    returning * into v_call;
    update public.contacts
    set state = 'calling', attempts = attempts + 1, last_call_id = v_call.id, next_attempt_at = null
    where id = v_contact.id;
    return v_call;
end
$$;

-- Effect: none. How many calls may be begun now, whatever the campaign: the organisation's cap, the pace and what
-- the provider's state allows.
create function internal.organization_room(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(
        internal.provider_leave(p_now),
        internal.organization_cap(p_now) - internal.count_active_calls(),
        (select 0 from public.settings where forgot_since is not null),
        (select dials_per_minute from public.settings)
            - (select coalesce(sum(calls), 0) from public.dial_pace where created_at > p_now - interval '1 minute'))
$$;

-- Effect: remembers for two minutes how many calls were begun, where a pace is kept.
create function internal.note_pace(p_calls int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    delete from public.dial_pace where created_at < p_now - interval '2 minutes';
    insert into public.dial_pace (created_at, calls)
    select p_now, p_calls from public.settings where dials_per_minute is not null
$$;

-- Effect: none. Whether somebody waits whose time has come. Two looks at an index rather than one at everybody.
create function internal.is_somebody_due(p_campaign_id uuid, p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select exists (select from public.contacts
                   where campaign_id = p_campaign_id and state = 'waiting' and next_attempt_at is null)
        or exists (select from public.contacts
                   where campaign_id = p_campaign_id and state = 'waiting' and next_attempt_at <= p_now)
$$;

-- Effect: none. The campaigns that dial, have a line of their own cap free and somebody due, in the order of their
-- turns: one look at the few active calls instead of one a campaign, however many campaigns there are.
create function internal.campaigns_with_room(p_now timestamptz) returns uuid[]
language sql stable security invoker set search_path = ''
as $$
    select coalesce(array_agg(c.id order by c.turn, c.created_at, c.id), '{}')
    from public.campaigns c
    left join (
        select campaign_id, count(*) as busy from internal.active_calls group by campaign_id) a on a.campaign_id = c.id
    where c.status in ('QUEUED', 'DIALING', 'RUNNING')
      and case when c.cap > coalesce(a.busy, 0) then internal.is_somebody_due(c.id, p_now) else false end
$$;

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

-- Effect: none. What there is to mend, so that a tick is one call when there is nothing.
create function internal.what_is_due(p_silent_seconds int, p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select jsonb_build_object(
        'repairs_due', exists (
            select from internal.active_calls
            where report_at is null and dial_state in ('claimed', 'dialing') and lease_expires_at <= p_now)
            or exists (
            select from public.calls where dial_state = 'unknown' and coalesce(check_after, p_now) <= p_now),
        'checks_due', exists (
            select from public.calls
            where report_at is null and dial_state = 'confirmed'
              and coalesce(check_after, last_status_at + make_interval(secs => p_silent_seconds)) <= p_now)
            or exists (select from public.calls where ask_again_at <= p_now),
        'hang_ups_due', exists (
            select from internal.active_calls where hang_up_at <= p_now and dial_state = 'confirmed'),
        'recovery_due', exists (
            select from public.settings where forgot_since is not null and coalesce(recovery_after, p_now) <= p_now))
$$;

-- Effect: takes up to p_limit contacts to dial, with their call rows, in fair turns between the campaigns that
-- dial, while campaign, organisation and phone line have room. One lock, then count, then claim: any number of
-- schedulers may call it at once.
-- -> {"orders": [...], "is_live": some campaign dials or some call is under way, "repairs_due", "checks_due",
-- "hang_ups_due", "recovery_due": bool}.
-- p_lease_seconds: how long the worker may take before its claim is given to repair;
-- p_silent_seconds: after how long a silent call is asked about. Codes: none.
create function public.claim_calls(
    p_worker text, p_limit int, p_lease_seconds int default 60, p_silent_seconds int default 60,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_orders jsonb := '[]'::jsonb;
    v_is_live boolean := exists (select from public.campaigns where status in ('QUEUED', 'DIALING', 'RUNNING'));
    v_is_resuming boolean := exists (select from public.campaigns where resume_at <= p_now);
    v_is_probing boolean;
    v_round uuid[] := '{}';
    v_next_round uuid[];
    v_id uuid;
    v_call public.calls;
    v_room int := 0;
begin
    if v_is_resuming or (p_limit > 0 and v_is_live) then
        perform internal.lock_claims();
    end if;
    if v_is_resuming then
        perform internal.resume_due_campaigns(p_now);
        v_is_live := true;
    end if;
    if p_limit > 0 and v_is_live then
        v_is_probing := internal.is_probing(p_now);
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
        if v_is_probing then
            perform internal.note_probe(p_now);
        end if;
        if internal.provider_leave(p_now) = 1 then
            perform internal.note_provider_try(p_lease_seconds, p_now);
        end if;
        perform internal.note_pace(jsonb_array_length(v_orders), p_now);
    end if;
    return internal.what_is_due(p_silent_seconds, p_now) || jsonb_build_object(
        'orders', v_orders, 'is_live', v_is_live or internal.count_active_calls() > 0);
end
$$;

revoke all on function internal.dial_order, internal.claim_next_contact, internal.organization_room,
    internal.note_pace, internal.is_somebody_due, internal.campaigns_with_room, internal.claim_for_campaign,
    internal.what_is_due, public.claim_calls from public, anon, authenticated;
grant execute on function internal.dial_order, internal.claim_next_contact, internal.organization_room,
    internal.note_pace, internal.is_somebody_due, internal.campaigns_with_room, internal.claim_for_campaign,
    internal.what_is_due, public.claim_calls to service_role;
