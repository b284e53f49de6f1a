-- Effect: none. One reason as people read it. since, until: null where there is none.
create function internal.reason(p_code text, p_text text, p_since timestamptz default null, p_until timestamptz default null)
returns jsonb
language sql immutable security invoker set search_path = ''
as $$
    select jsonb_build_object('code', p_code, 'text', p_text, 'since', p_since, 'until', p_until)
$$;

-- Effect: none. Why nobody is called by calling hours now, and until when. p_next: when somebody may be called again, null for
-- never; p_closed and p_never: what is said of whom it concerns, then.
create function internal.hours_reason(p_next timestamptz, p_closed text, p_never text, p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select case
        when not internal.has_time_zones(p_now) then internal.reason('time_zones_missing',
            'The rules of time zones are missing or have run out, so nobody knows what time it is where people are, and nobody '
            'with calling hours is called. Bring AutoLynx up to date; its processes load the rules when they start.')
        when p_next is null then internal.reason('no_calling_time', p_never)
        else internal.reason('calling_hours', p_closed, null, p_next) end
$$;

-- Effect: none. Calling hours in words: "09:00 to 18:00".
create function internal.hours_text(p_campaign public.campaigns) returns text
language sql immutable security invoker set search_path = ''
as $$
    select to_char(p_campaign.calling_from, 'HH24:MI') || ' to ' || to_char(p_campaign.calling_until, 'HH24:MI')
$$;

-- Effect: none. Time zones in words: all of a few, the first of many.
create function internal.zones_text(p_zones text[]) returns text
language sql immutable security invoker set search_path = ''
as $$
    select case when cardinality(p_zones) <= 4 then array_to_string(p_zones, ', ')
                else format('%s and %s more', array_to_string(p_zones[1:3], ', '), cardinality(p_zones) - 3) end
$$;

-- Effect: none. A rule of internal.campaign_block in words.
create function internal.block_reason(p_campaign public.campaigns, p_code text, p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select case p_code
        when 'campaign_cap' then internal.reason(p_code, format(
            'This campaign may use %s at once, and none is free; the next call begins when one ends.',
            internal.counted(p_campaign.cap, 'line')))
        when 'line_cap' then internal.reason(p_code, format(
            'The phone line carries at most %s at once and is full.', internal.counted(
                (select cap from public.phone_lines where phone_number_id = p_campaign.phone_number_id), 'call')))
        when 'line_not_quiet' then internal.reason(p_code,
            'This campaign waits for a quiet line, and another campaign has a call on it.')
        when 'calling_hours' then internal.hours_reason(
            internal.next_calling_time(p_campaign, (
                select jsonb_agg(to_jsonb(internal.zones_to_keep(zones, p_campaign)))
                from internal.waiting_zones(p_campaign) zones), p_now),
            format('It is outside the calling hours (%s where the contact is) for everybody who waits.',
                   internal.hours_text(p_campaign)),
            format('Nobody %s can ever be called: each number may lie in time zones that share no time of %s on the calling '
                   'days. Stop the campaign, and give the next one longer hours.', case p_campaign.mode
                   when 'batch' then 'of the present batch' else 'who waits' end, internal.hours_text(p_campaign)),
            p_now)
        when 'batch' then internal.reason(p_code, format(
            'Batch %s begins when every call of the batch before it is over.', internal.current_batch(p_campaign) + 2))
    end
$$;

-- Effect: none. What keeps everybody from dialing now, most important first.
create function internal.organization_reasons(p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_agg(reason order by place), '[]'::jsonb) from (
        select 1 as place, internal.reason('no_scheduler',
            'No scheduler is running, so nobody dials. Start one: python scheduler.py.',
            (life ->> 'seen_at')::timestamptz) as reason
        from internal.scheduler_life(p_now) life where not (life ->> 'is_alive')::boolean
        union all
        select 2, internal.reason('provider_down', 'Vapi has trouble: ' || coalesce(reason, 'no answer')
            || case when retry_at > p_now then ' Dialing is tried again by itself.' else ' One call is trying now.' end,
            since, retry_at)
        from public.provider_health where state <> 'closed'
        union all
        select 3, internal.reason('after_restore',
            'The database was restored or replaced: Vapi is being asked for every call since, and nobody is dialed '
            'until all of them are known.', s.forgot_at, s.recovery_began_at + internal.dial_visibility())
        from public.settings s where s.forgot_since is not null
        union all
        select 4, internal.reason('organization_cap', format(
            'The organisation may use %s at once, and none is free%s.', internal.counted(internal.organization_cap(p_now), 'line'),
            case when internal.organization_cap(p_now) < s.organization_cap
                 then format(' (the setting is %s, the Vapi account has fewer free)', s.organization_cap) else '' end))
        from public.settings s
        where internal.organization_cap(p_now) <= internal.count_active_calls()
        union all
        select 5, internal.reason('pace', format(
            'The pace of %s a minute is used up.', internal.counted(s.dials_per_minute, 'dial')), null,
            (select min(created_at) + interval '1 minute' from public.dial_pace where created_at > p_now - interval '1 minute'))
        from public.settings s
        where s.dials_per_minute
              <= (select sum(calls) from public.dial_pace where created_at > p_now - interval '1 minute')) r
$$;

-- Effect: none. Why nobody of a campaign that dials is due: all held, or all waiting for a later time.
create function internal.waiting_reasons(p_campaign public.campaigns, p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_agg(reason order by place), '[]'::jsonb) from (
        select 1 as place, internal.reason('held', format(
            'Vapi''s answer to %s was lost, so somebody''s phone may be ringing, or ring yet. Vapi is asked what became of '
            'it; meanwhile this keeps %s busy, and nobody concerned is dialed again.', internal.counted(count(*), 'dial'),
            internal.counted(count(*) filter (where internal.is_active(status)), 'line')),
            min(dialed_at), max(on_wire_until + internal.dial_visibility())) as reason
        from public.calls where campaign_id = p_campaign.id and dial_state = 'unknown'
        having count(*) > 0
        union all
        select 2, internal.reason('number_busy',
            'Everybody who is due has a call under way in another campaign, or one whose answer was lost.')
        where internal.is_somebody_due(p_campaign.id, p_now) and not exists (
            select from public.contacts
            where campaign_id = p_campaign.id and state = 'waiting' and coalesce(next_attempt_at, p_now) <= p_now
              and not internal.is_number_busy(phone))
        union all
        select 2, internal.reason('not_due', 'Nobody is due yet: every contact that waits was given back a moment ago.', null,
            min(next_attempt_at))
        from public.contacts where campaign_id = p_campaign.id and state = 'waiting'
        having count(*) > 0 and min(coalesce(next_attempt_at, p_now)) > p_now
        union all
        select 3, internal.reason('finishing', 'Everybody has been dialed; the last results are being collected.')
        where not exists (select from public.contacts where campaign_id = p_campaign.id and state = 'waiting')) r
$$;

-- Effect: none. Why a campaign is not dialing (more), by the rules claim_calls obeys.
-- -> {"is_dialing": bool, "reasons": [{"code", "text", "since", "until"}]}; is_dialing: the next tick dials.
-- Codes: LX002 no such campaign.
create function public.explain_campaign(p_id uuid, p_now timestamptz default now()) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns;
    v_block text;
    v_reasons jsonb := '[]'::jsonb;
begin
    select * into v_campaign from public.campaigns where id = p_id;
    if not found then
        raise exception 'There is no campaign with the id %.', p_id using errcode = 'LX002';
    elsif v_campaign.status = 'CREATED' then
        v_reasons := jsonb_build_array(internal.reason('not_started', 'Nobody has pressed Start yet.'));
    elsif v_campaign.status = 'PAUSED' then
        v_reasons := jsonb_build_array(internal.reason('paused', v_campaign.status_reason, null, v_campaign.resume_at));
    elsif v_campaign.completed_at is not null then
        v_reasons := jsonb_build_array(internal.reason('over', coalesce(
            v_campaign.status_reason, 'Every contact is settled.'), v_campaign.completed_at));
    elsif not exists (select from public.contacts where campaign_id = p_id and state = 'waiting') then
        v_reasons := internal.waiting_reasons(v_campaign, p_now);
    else
        v_block := internal.campaign_block(v_campaign, p_now);
        v_reasons := internal.organization_reasons(p_now)
            || case when v_block is null then '[]'::jsonb
                    else jsonb_build_array(internal.block_reason(v_campaign, v_block, p_now)) end
            || internal.waiting_reasons(v_campaign, p_now);
    end if;
    -- a call that is held keeps one line, not the campaign
    return jsonb_build_object('is_dialing', not v_reasons @? '$[*] ? (@.code != "held")', 'reasons', v_reasons);
end
$$;

-- Effect: none. Why a contact that waits is not called, its campaign's reasons included.
create function internal.contact_reasons(p_contact public.contacts, p_now timestamptz) returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
    v_campaign public.campaigns;
    v_zones text[];
    v_ahead int;
    v_reasons jsonb := '[]'::jsonb;
begin
    select * into v_campaign from public.campaigns where id = p_contact.campaign_id;
    if exists (select from public.do_not_call where phone = p_contact.phone) then
        v_reasons := v_reasons || internal.reason('do_not_call',
            'The number is on the do-not-call list; it will be settled without a call.');
    end if;
    if internal.is_number_busy(p_contact.phone) then
        v_reasons := v_reasons || internal.reason('number_busy',
            'The number has a call under way in another campaign, or one whose answer was lost.');
    end if;
    if p_contact.next_attempt_at > p_now then
        v_reasons := v_reasons || internal.reason('not_due', 'The contact was given back and waits a moment.', null,
                                                  p_contact.next_attempt_at);
    end if;
    v_zones := internal.zones_to_keep(p_contact.time_zones, v_campaign);
    if not internal.is_calling_time(v_campaign, v_zones, p_now) then
        v_reasons := v_reasons || internal.hours_reason(
            internal.next_calling_time(v_campaign, jsonb_build_array(to_jsonb(v_zones)), p_now),
            format('It is outside the calling hours where the contact is (%s).', internal.zones_text(v_zones)),
            format('The contact can never be called: the number may lie in %s (%s), and no time of %s on the calling days '
                   'is shared by all of them.', internal.counted(cardinality(v_zones), 'time zone'),
                   internal.zones_text(v_zones), internal.hours_text(v_campaign)),
            p_now);
    end if;
    select count(*) into v_ahead from public.contacts
    where campaign_id = p_contact.campaign_id and state = 'waiting'
      and (batch_index, position) < (p_contact.batch_index, p_contact.position);
    if v_ahead > 0 then
        v_reasons := v_reasons || internal.reason('in_line', format(
            'The list has %s before this one.', internal.counted(v_ahead, 'contact')));
    end if;
    v_reasons := v_reasons || (public.explain_campaign(p_contact.campaign_id, p_now) -> 'reasons');
    return v_reasons;
end
$$;

-- Effect: none. Why one contact is not being called. -> as explain_campaign; the reason of one that is settled has its
-- "outcome" as well. Codes: LX006 no such contact.
create function public.explain_contact(p_id uuid, p_now timestamptz default now()) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_contact public.contacts;
    v_call public.calls;
    v_reasons jsonb := '[]'::jsonb;
begin
    select * into v_contact from public.contacts where id = p_id;
    if not found then
        raise exception 'There is no contact with the id %.', p_id using errcode = 'LX006';
    end if;
    select * into v_call from public.calls where id = v_contact.last_call_id;
    if v_contact.state = 'settled' then
        v_reasons := jsonb_build_array(internal.reason('settled', 'Settled.', v_contact.settled_at)
            || jsonb_build_object('outcome', v_contact.outcome));
    elsif v_contact.state = 'calling' and v_call.dial_state = 'unknown' then
        v_reasons := jsonb_build_array(internal.reason('held',
            'The last dial is unconfirmed, so nobody dials again before it is known what became of it: '
            || coalesce(v_call.hold_reason, 'the answer was lost'), v_call.dialed_at,
            v_call.on_wire_until + internal.dial_visibility()));
    elsif v_contact.state = 'calling' then
        v_reasons := jsonb_build_array(internal.reason('calling', case
            when internal.status_rank(v_call.status) = 3 then 'The call is over; its report is on the way.'
            else 'A call is under way: ' || lower(replace(v_call.status::text, '_', ' ')) || '.' end, v_call.created_at));
    else
        v_reasons := internal.contact_reasons(v_contact, p_now);
    end if;
    return jsonb_build_object('is_dialing', v_reasons = '[]'::jsonb, 'reasons', v_reasons);
end
$$;

revoke all on function internal.reason, internal.hours_reason, internal.hours_text, internal.zones_text,
    internal.block_reason, internal.organization_reasons, internal.waiting_reasons, public.explain_campaign,
    internal.contact_reasons, public.explain_contact from public, anon, authenticated;
grant execute on function internal.reason, internal.hours_reason, internal.hours_text, internal.zones_text,
    internal.block_reason, internal.organization_reasons, internal.waiting_reasons, public.explain_campaign,
    internal.contact_reasons, public.explain_contact to service_role;
