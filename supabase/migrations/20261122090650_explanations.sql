-- Effect: none. One reason as people read it. since, until: null where there is none.
create function internal.reason(p_code text, p_text text, p_since timestamptz default null, p_until timestamptz default null)
returns jsonb
language sql immutable security invoker set search_path = ''
as $$
    select jsonb_build_object('code', p_code, 'text', p_text, 'since', p_since, 'until', p_until)
$$;
revoke all on function internal.reason(text, text, timestamptz, timestamptz) from public, anon, authenticated;
grant execute on function internal.reason(text, text, timestamptz, timestamptz) to service_role;

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
        when 'calling_hours' then internal.reason(p_code, format(
            'It is outside the calling hours (%s to %s where the contact is) for everybody on the list.',
            to_char(p_campaign.calling_from, 'HH24:MI'), to_char(p_campaign.calling_until, 'HH24:MI')),
            null, internal.next_calling_time(p_campaign, internal.waiting_zones(p_campaign), p_now))
        when 'batch' then internal.reason(p_code, format(
            'Batch %s begins when every call of the batch before it is over.', internal.current_batch(p_campaign) + 2))
    end
$$;
revoke all on function internal.block_reason(public.campaigns, text, timestamptz) from public, anon, authenticated;
grant execute on function internal.block_reason(public.campaigns, text, timestamptz) to service_role;

-- Effect: none. What keeps everybody from dialing now, most important first.
create function internal.organization_reasons(p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_agg(reason order by place), '[]'::jsonb) from (
        select 1 as place, internal.reason('no_scheduler',
            'No scheduler is running, so nobody dials. Start one: python scheduler.py.',
            (select max(seen_at) from public.heartbeats where kind = 'scheduler')) as reason
        where not exists (select from public.heartbeats h where kind = 'scheduler' and internal.is_alive(h, p_now))
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
        where internal.organization_cap(p_now) <= internal.active_calls()
        union all
        select 5, internal.reason('pace', format(
            'The pace of %s a minute is used up.', internal.counted(s.dials_per_minute, 'dial')), null,
            (select min(created_at) + interval '1 minute' from public.dial_pace where created_at > p_now - interval '1 minute'))
        from public.settings s
        where s.dials_per_minute
              <= (select sum(calls) from public.dial_pace where created_at > p_now - interval '1 minute')) r
$$;
revoke all on function internal.organization_reasons(timestamptz) from public, anon, authenticated;
grant execute on function internal.organization_reasons(timestamptz) to service_role;

-- Effect: none. Why nobody of a campaign that dials is due: all held, or all waiting for a later time.
create function internal.waiting_reasons(p_campaign public.campaigns, p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_agg(reason order by place), '[]'::jsonb) from (
        select 1 as place, internal.reason('held', format(
            'Vapi''s answer to %s was lost, so somebody''s phone may be ringing, or ring yet. Vapi is asked what became of '
            'it; meanwhile this keeps %s busy, and nobody concerned is dialed again.', internal.counted(count(*), 'dial'),
            internal.counted(count(*) filter (where status in ('QUEUED', 'RINGING', 'IN_PROGRESS')), 'line')),
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
revoke all on function internal.waiting_reasons(public.campaigns, timestamptz) from public, anon, authenticated;
grant execute on function internal.waiting_reasons(public.campaigns, timestamptz) to service_role;

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
revoke all on function public.explain_campaign(uuid, timestamptz) from public, anon, authenticated;
grant execute on function public.explain_campaign(uuid, timestamptz) to service_role;

-- Effect: none. Why one contact is not being called. -> as explain_campaign. Codes: LX006 no such contact.
create function public.explain_contact(p_id uuid, p_now timestamptz default now()) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_contact public.contacts;
    v_call public.calls;
    v_campaign public.campaigns;
    v_ahead int;
    v_reasons jsonb := '[]'::jsonb;
begin
    select * into v_contact from public.contacts where id = p_id;
    if not found then
        raise exception 'There is no contact with the id %.', p_id using errcode = 'LX006';
    end if;
    select * into v_call from public.calls where id = v_contact.last_call_id;
    select * into v_campaign from public.campaigns where id = v_contact.campaign_id;
    if v_contact.state = 'settled' then
        v_reasons := jsonb_build_array(internal.reason('settled', coalesce(v_contact.outcome, 'Settled') || '.',
                                                       v_contact.settled_at));
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
        if exists (select from public.do_not_call where phone = v_contact.phone) then
            v_reasons := v_reasons || internal.reason('do_not_call',
                'The number is on the do-not-call list; it will be settled without a call.');
        end if;
        if internal.is_number_busy(v_contact.phone) then
            v_reasons := v_reasons || internal.reason('number_busy',
                'The number has a call under way in another campaign, or one whose answer was lost.');
        end if;
        if v_contact.next_attempt_at > p_now then
            v_reasons := v_reasons || internal.reason('not_due', 'The contact was given back and waits a moment.', null,
                                                      v_contact.next_attempt_at);
        end if;
        if not internal.is_calling_time(v_campaign, coalesce(v_contact.time_zone, v_campaign.time_zone), p_now) then
            v_reasons := v_reasons || internal.reason('calling_hours', format(
                'It is outside the calling hours where the contact is (%s).',
                coalesce(v_contact.time_zone, v_campaign.time_zone)), null,
                internal.next_calling_time(v_campaign, array[coalesce(v_contact.time_zone, v_campaign.time_zone)], p_now));
        end if;
        select count(*) into v_ahead from public.contacts
        where campaign_id = v_contact.campaign_id and state = 'waiting'
          and (batch_index, position) < (v_contact.batch_index, v_contact.position);
        if v_ahead > 0 then
            v_reasons := v_reasons || internal.reason('in_line', format(
                'The list has %s before this one.', internal.counted(v_ahead, 'contact')));
        end if;
        v_reasons := v_reasons || (public.explain_campaign(v_contact.campaign_id, p_now) -> 'reasons');
    end if;
    return jsonb_build_object('is_dialing', v_reasons = '[]'::jsonb, 'reasons', v_reasons);
end
$$;
revoke all on function public.explain_contact(uuid, timestamptz) from public, anon, authenticated;
grant execute on function public.explain_contact(uuid, timestamptz) to service_role;
