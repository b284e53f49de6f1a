-- Effect: none. What health and metrics report: who is alive, how much is open, how many messages came in.
create function public.get_health(p_now timestamptz default now()) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object(
        'now', p_now,
        'processes', coalesce((
            select jsonb_agg(jsonb_build_object(
                'name', name, 'kind', kind, 'seconds_ago', round(extract(epoch from p_now - seen_at), 1)) order by kind, name)
            from public.heartbeats where seen_at > p_now - interval '1 hour'), '[]'::jsonb),
        'scheduler', internal.scheduler_life(p_now),
        'campaigns_dialing', (select count(*) from public.campaigns where status in ('QUEUED', 'DIALING', 'RUNNING')),
        'active_calls', (select count(*) from internal.active_calls),
        'held_calls', (select count(*) from public.calls where dial_state = 'unknown'),
        'calls_without_report', (select count(*) from public.calls where report_at is null),
        'organization_cap', internal.organization_cap(p_now),
        'calls_by_status', coalesce((
            select jsonb_object_agg(status, n) from (select status, count(*) as n from public.calls group by status) s),
            '{}'::jsonb),
        'provider', public.get_provider_health(),
        'stray_events', (select count(*) from public.stray_events),
        'time_zones', public.time_zones_version(),
        'alarms', internal.open_alarms(p_now),
        'messages', coalesce((
            select jsonb_object_agg(type, n) from (select type, sum(count) as n from public.message_counts group by type) m),
            '{}'::jsonb))
$$;

revoke all on function public.get_health from public, anon, authenticated;
grant execute on function public.get_health to service_role;
