-- Effect: none. A campaign's figures, from the contacts and calls themselves. "on_line" and "in_doubt" are contacts, by
-- the call they have; the rest of "calling" are those whose call is over and whose result is awaited.
create function internal.campaign_progress(p_id uuid) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    with contact_counts as (
        select count(*) as total, count(*) filter (where state = 'waiting') as waiting,
               count(*) filter (where state = 'calling') as calling, count(*) filter (where state = 'settled') as settled
        from public.contacts where campaign_id = p_id
    ), under_way as (
        select count(*) as in_doubt,
               (select count(*) from public.contacts c join internal.active_calls k on k.id = c.last_call_id
                where c.campaign_id = p_id and c.state = 'calling' and k.dial_state <> 'unknown') as on_line
        from public.contacts c join public.calls k on k.id = c.last_call_id
        where c.campaign_id = p_id and c.state = 'calling' and k.dial_state = 'unknown'
    ), outcomes as (
        select jsonb_object_agg(outcome, n) as by_outcome
        from (select coalesce(outcome, 'unknown') as outcome, count(*) as n from public.contacts
              where campaign_id = p_id and state = 'settled' group by 1) o
    ), call_counts as (
        select count(*) as calls, coalesce(sum(cost_usd), 0) as cost_usd,
               coalesce(sum(duration_seconds) filter (where started_at is not null), 0) as talk_seconds,
               count(*) filter (where human_reached) as humans_reached,
               count(*) filter (where success_evaluation) as successes
        from public.calls where campaign_id = p_id and is_attempt
    ), lines as (  -- whatever else a call is, it is on one, as the caps count
        select (select count(*) from internal.active_calls where campaign_id = p_id) as active_calls,
               count(*) filter (where dial_state = 'unknown') as held_calls
        from public.calls where campaign_id = p_id
    ), statuses as (
        select jsonb_object_agg(status, n) as by_status
        from (select status, count(*) as n from public.calls where campaign_id = p_id and is_attempt group by 1) s
    )
    select to_jsonb(contact_counts) || to_jsonb(under_way) || to_jsonb(lines) || to_jsonb(call_counts)
        || jsonb_build_object('by_outcome', coalesce(by_outcome, '{}'::jsonb),
                              'by_status', coalesce(by_status, '{}'::jsonb))
    from contact_counts, under_way, lines, outcomes, call_counts, statuses
$$;

-- Effect: none. A campaign's row as the services read it, with its assistant's name and its progress; stats_json is the
-- same, in every state.
create function internal.campaign_json(p_campaign public.campaigns) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    with figures as materialized (select internal.campaign_progress(p_campaign.id) as progress)
    select to_jsonb(p_campaign) - 'turn' - 'import_report' || jsonb_build_object(
        'assistant_name', (select name from public.assistants where id = p_campaign.assistant_id),
        'progress', progress, 'stats_json', progress)
    from figures
$$;

-- Effect: none. -> {"campaigns": [...], "total": n}, newest first; p_status: only these statuses.
create function public.list_campaigns(
    p_statuses jsonb default null, p_page int default 1, p_limit int default 50
) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    with found as (
        select * from public.campaigns where p_statuses is null or p_statuses ? status::text
    ), page as (
        select * from found order by created_at desc, id
        limit greatest(p_limit, 0) offset greatest(p_page - 1, 0) * greatest(p_limit, 0)
    )
    select jsonb_build_object(
        'campaigns', coalesce((select jsonb_agg(internal.campaign_json(p::public.campaigns) order by p.created_at desc, p.id)
                               from page p), '[]'::jsonb),
        'total', (select count(*) from found))
$$;

-- Effect: none. One campaign with its progress, import report, the calls on its lines now ("active_calls") and those whose
-- answer was lost ("calls_in_doubt"), on a line or not; "in_doubt_until": the bound, when absence is proven at the earliest.
-- Codes: LX002 no such campaign.
create function public.get_campaign(p_id uuid) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns;
begin
    select * into v_campaign from public.campaigns where id = p_id;
    if not found then
        raise exception 'There is no campaign with the id %.', p_id using errcode = 'LX002';
    end if;
    return internal.campaign_json(v_campaign) || (
        with shown as (
            select * from internal.active_calls where campaign_id = p_id
            union all
            select * from public.calls
            where campaign_id = p_id and dial_state = 'unknown' and not internal.is_active(status)
        ), lines as (
            select k.id, k.status, k.dial_state, k.created_at, jsonb_build_object(
                'id', k.id, 'status', k.status, 'dial_state', k.dial_state, 'hold_reason', k.hold_reason,
                'in_doubt_until', case when k.dial_state = 'unknown' then k.on_wire_until + internal.dial_visibility() end,
                'turned_up_at', k.turned_up_at, 'created_at', k.created_at, 'dialed_at', k.dialed_at,
                'started_at', k.started_at, 'name', c.name, 'business_name', c.business_name, 'phone', c.phone) as line
            from shown k join public.contacts c on c.id = k.contact_id
        )
        select jsonb_build_object(
            'import_report', v_campaign.import_report,
            'active_calls', coalesce(jsonb_agg(line order by created_at, id)
                filter (where internal.is_active(status)), '[]'::jsonb),
            'calls_in_doubt', coalesce(jsonb_agg(line order by created_at, id)
                filter (where dial_state = 'unknown'), '[]'::jsonb))
        from lines);
end
$$;

-- Effect: none. The first page: the campaigns that are open, the lines, today's figures and the latest calls.
-- p_day_start: when today began for the reader.
create function public.get_overview(p_day_start timestamptz, p_now timestamptz default now()) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object(
        'open_campaigns', coalesce((
            select jsonb_agg(internal.campaign_json(c) order by c.created_at desc, c.id) from public.campaigns c
            where c.status in ('QUEUED', 'DIALING', 'RUNNING', 'PAUSED')), '[]'::jsonb),
        'campaigns_total', (select count(*) from public.campaigns),
        'assistants_total', (select count(*) from public.assistants where deleted_at is null),
        'organization_cap', internal.organization_cap(p_now),
        'active_calls', (select count(*) from internal.active_calls),
        'held_calls', (select count(*) from public.calls where dial_state = 'unknown'),
        'today', (
            select jsonb_build_object(
                'calls', count(*), 'cost_usd', coalesce(sum(cost_usd), 0),
                'humans_reached', count(*) filter (where human_reached),
                'successes', count(*) filter (where success_evaluation),
                'talk_seconds', coalesce(sum(duration_seconds) filter (where started_at is not null), 0))
            from public.calls where created_at >= p_day_start and is_attempt),
        'latest_calls', coalesce((
            select jsonb_agg(to_jsonb(l) order by l.created_at desc, l.id) from (
                select k.id, k.campaign_id, k.status, k.status_is_guess, k.dial_state, k.outcome, k.created_at, k.cost_usd,
                       case when k.started_at is not null then k.duration_seconds end as duration_seconds,
                       c.name, c.business_name
                from public.calls k join public.contacts c on c.id = k.contact_id
                where k.is_attempt order by k.created_at desc, k.id limit 10) l), '[]'::jsonb))
$$;

revoke all on function internal.campaign_progress, internal.campaign_json, public.list_campaigns,
    public.get_campaign, public.get_overview from public, anon, authenticated;
grant execute on function internal.campaign_progress, internal.campaign_json, public.list_campaigns,
    public.get_campaign, public.get_overview to service_role;
