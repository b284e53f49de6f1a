-- Effect: a process says that it is alive. Codes: none.
create function public.beat(p_name text, p_kind text, p_details jsonb default '{}'::jsonb, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    insert into public.heartbeats as h (name, kind, seen_at, details) values (p_name, p_kind, p_now, p_details)
    on conflict (name) do update set seen_at = p_now, details = p_details, kind = excluded.kind;
    delete from public.heartbeats where seen_at < p_now - interval '1 day';
    return jsonb_build_object('name', p_name);
end
$$;
revoke all on function public.beat(text, text, jsonb, timestamptz) from public, anon, authenticated;
grant execute on function public.beat(text, text, jsonb, timestamptz) to service_role;

-- Effect: none. What health and metrics report: who is alive, how much is open, how many messages came in.
create function public.get_health(p_now timestamptz default now()) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select jsonb_build_object(
        'now', p_now,
        'processes', coalesce((
            select jsonb_agg(jsonb_build_object(
                'name', name, 'kind', kind, 'seconds_ago', round(extract(epoch from p_now - seen_at), 1)) order by kind, name)
            from public.heartbeats where seen_at > p_now - interval '1 hour'), '[]'::jsonb),
        'campaigns_dialing', (select count(*) from public.campaigns where status in ('QUEUED', 'DIALING', 'RUNNING')),
        'active_calls', (select count(*) from public.calls where status in ('QUEUED', 'RINGING', 'IN_PROGRESS')),
        'held_calls', (select count(*) from public.calls where dial_state = 'unknown'),
        'calls_without_report', (select count(*) from public.calls where report_at is null),
        'organization_cap', internal.organization_cap(p_now),
        'calls_by_status', coalesce((
            select jsonb_object_agg(status, n) from (select status, count(*) as n from public.calls group by status) s),
            '{}'::jsonb),
        'provider', public.get_provider_health(),
        'stray_events', (select count(*) from public.stray_events),
        'messages', coalesce((select jsonb_object_agg(type, count) from public.message_counts), '{}'::jsonb))
$$;
revoke all on function public.get_health(timestamptz) from public, anon, authenticated;
grant execute on function public.get_health(timestamptz) to service_role;
