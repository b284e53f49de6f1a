-- Effect: none. A contact with what its last call came to, as lists and the export show it.
create function internal.contact_json(p_contact public.contacts) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select jsonb_build_object(
        'id', p_contact.id, 'campaign_id', p_contact.campaign_id, 'position', p_contact.position,
        'batch_index', p_contact.batch_index, 'name', p_contact.name, 'business_name', p_contact.business_name,
        'phone', p_contact.phone, 'time_zones', p_contact.time_zones, 'state', p_contact.state, 'attempts', p_contact.attempts,
        'next_attempt_at', p_contact.next_attempt_at, 'settled_at', p_contact.settled_at,
        'outcome', p_contact.outcome, 'call_id', k.id, 'provider_call_id', k.provider_call_id,
        'status', coalesce(k.status::text, case when p_contact.state = 'settled' then 'CANCELED' else 'WAITING' end),
        'status_is_guess', k.status_is_guess, 'dial_state', k.dial_state,
        'started_at', k.started_at, 'ended_at', k.ended_at, 'ended_reason', k.ended_reason, 'cost_usd', k.cost_usd,
        'duration_seconds', k.duration_seconds, 'recording_url', k.recording_url,
        'success_evaluation', k.success_evaluation, 'human_reached', k.human_reached,
        'transcript_summary', k.transcript_json ->> 'summary')
    from (select 1) one left join public.calls k on k.id = p_contact.last_call_id and k.is_attempt
$$;

-- Effect: none. -> {"contacts": [...], "total": n} in the order of the list; p_state, p_outcome: only these (an outcome as a
-- campaign's figures count it, of who is settled); p_search: part of a name, business or number. Codes: LX002 no such campaign.
create function public.list_contacts(
    p_campaign_id uuid, p_state public.contact_state default null, p_outcome public.call_outcome default null,
    p_search text default null, p_page int default 1, p_limit int default 50
) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_like text := '%' || replace(replace(replace(lower(p_search), '\', '\\'), '%', '\%'), '_', '\_') || '%';
begin
    if not exists (select from public.campaigns where id = p_campaign_id) then
        raise exception 'There is no campaign with the id %.', p_campaign_id using errcode = 'LX002';
    end if;
    return (
        with found as (
            select c.* from public.contacts c
            where c.campaign_id = p_campaign_id
              and (p_state is null or c.state = p_state)
              and (p_outcome is null or (c.state = 'settled' and coalesce(c.outcome, 'unknown') = p_outcome))
              and (v_like is null or lower(c.name) like v_like or lower(c.business_name) like v_like or c.phone like v_like)
        ), page as (
            select * from found order by position
            limit greatest(p_limit, 0) offset greatest(p_page - 1, 0) * greatest(p_limit, 0)
        )
        select jsonb_build_object(
            'contacts', coalesce((select jsonb_agg(internal.contact_json(p::public.contacts) order by p.position) from page p),
                                 '[]'::jsonb),
            'total', (select count(*) from found)));
end
$$;

-- Effect: none. The next p_limit rows of the export after a position, in order, so that a long export is a series of
-- short calls. -> {"rows": [...]}; fewer than p_limit rows are the last. Codes: LX002 no such campaign.
create function public.export_contacts(p_campaign_id uuid, p_after int default 0, p_limit int default 500) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    if not exists (select from public.campaigns where id = p_campaign_id) then
        raise exception 'There is no campaign with the id %.', p_campaign_id using errcode = 'LX002';
    end if;
    return (
        with page as (
            select * from public.contacts where campaign_id = p_campaign_id and position > p_after
            order by position limit p_limit
        )
        select jsonb_build_object('rows', coalesce(
            jsonb_agg(internal.contact_json(p::public.contacts) order by p.position), '[]'::jsonb)) from page p);
end
$$;

-- Effect: none. One call whole: contact, campaign, transcript and the timeline of its events.
-- Codes: LX003 no such call.
create function public.get_call(p_id uuid) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_result jsonb;
begin
    select to_jsonb(k) - array['claimed_by', 'said_by', 'end_said'] || jsonb_build_object(
        'in_doubt_until', case when k.dial_state = 'unknown' then k.on_wire_until + internal.dial_visibility() end,
        'contact', jsonb_build_object('id', c.id, 'name', c.name, 'business_name', c.business_name, 'phone', c.phone,
                                      'position', c.position),
        'campaign_name', (select name from public.campaigns where id = k.campaign_id),
        'events', coalesce((
            select jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type, 'status', e.status, 'created_at', e.created_at,
                                                'ended_reason', e.payload -> 'message' ->> 'endedReason')
                             order by e.created_at, internal.status_rank(e.status), e.id)
            from public.call_events e where e.call_id = k.id), '[]'::jsonb))
    into v_result
    from public.calls k join public.contacts c on c.id = k.contact_id where k.id = p_id;
    if v_result is null then
        raise exception 'There is no call with the id %.', p_id using errcode = 'LX003';
    end if;
    return v_result;
end
$$;

revoke all on function internal.contact_json, public.list_contacts, public.export_contacts, public.get_call
    from public, anon, authenticated;
grant execute on function internal.contact_json, public.list_contacts, public.export_contacts, public.get_call
    to service_role;
