-- Effect: something that somebody should look at; once while it is open.
create function internal.raise_alarm(p_code text, p_subject text, p_text text, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    insert into public.alarms (code, subject, text, created_at) values (p_code, p_subject, p_text, p_now)
    on conflict (code, subject) where cleared_at is null do nothing
$$;

-- Effect: none. What somebody should look at, newest first: alarms that were raised and not cleared, and what is so just
-- now: schedulers that were started with different limits, a recovery under way, no time zones to go by. Texts name nobody,
-- since anybody may ask for our health; "campaign_name" and "contact_name" tell those who may know whom an alarm's subject
-- is about.
create function internal.open_alarms(p_now timestamptz) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', a.id, 'code', a.code, 'subject', a.subject, 'text', a.text, 'created_at', a.created_at,
        'campaign_name', c.name, 'contact_name', t.name)
        order by a.created_at desc, a.id, a.code), '[]'::jsonb)
    from (
        select id, code, subject, text, created_at from public.alarms where cleared_at is null
        union all
        select null, 'limits_differ', 'schedulers', format(
            'Schedulers were started with different limits (%s); the strictest of each holds. Give all the same settings.',
            (select string_agg(distinct format('%s, %s a minute, dials in doubt for %s s',
                internal.counted((h.details -> 'limits' ->> 'organization_cap')::int, 'line'),
                coalesce(internal.counted((h.details -> 'limits' ->> 'dials_per_minute')::int, 'dial'), 'any number of dials'),
                h.details -> 'limits' ->> 'dial_visibility_seconds'), '; ')
             from public.heartbeats h
             where h.kind = 'scheduler' and h.details ? 'limits' and internal.is_alive(h, p_now))), differ_since
        from internal.live_limits(p_now) where differ_since is not null
        union all
        select null, 'after_restore', 'database', 'The database was restored or replaced: Vapi is being asked for every call '
            'since, and nobody is dialed until all of them are known.', forgot_at
        from public.settings where forgot_since is not null
        union all
        select null, 'time_zones_missing', 'time zones', 'The rules of time zones are missing or have run out, so no campaign '
            'with calling hours calls anybody. Bring AutoLynx up to date; its processes load the rules when they start.',
            (select min(created_at) from public.campaigns
             where status in ('QUEUED', 'DIALING', 'RUNNING') and calling_from is not null)
        where not internal.has_time_zones(p_now) and exists (
            select from public.campaigns
            where status in ('QUEUED', 'DIALING', 'RUNNING') and calling_from is not null)) a
    cross join lateral (select case when a.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then a.subject::uuid end as id) s
    left join public.calls k on k.id = s.id
    left join public.contacts t on t.id = k.contact_id
    left join public.campaigns c on c.id = coalesce(k.campaign_id, s.id)
$$;

-- Effect: none. -> {"alarms": [{"id", "code", "subject", "text", "created_at", "campaign_name", "contact_name"}]}; an id of
-- null clears itself. Codes: none.
create function public.list_alarms(p_now timestamptz default now()) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object('alarms', internal.open_alarms(p_now))
$$;

-- Effect: somebody has looked at an alarm. Safe to repeat. Codes: LX007 no such alarm.
create function public.clear_alarm(p_id uuid, p_actor text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    if not exists (select from public.alarms where id = p_id) then
        raise exception 'There is no alarm with the id %.', p_id using errcode = 'LX007';
    end if;
    update public.alarms set cleared_at = p_now, cleared_by = p_actor where id = p_id and cleared_at is null;
    if found then
        perform internal.audit(p_actor, 'alarm.cleared', 'alarm', p_id::text, null, p_now);
    end if;
    return jsonb_build_object('id', p_id);
end
$$;

revoke all on function internal.raise_alarm, internal.open_alarms, public.list_alarms, public.clear_alarm
    from public, anon, authenticated;
grant execute on function internal.raise_alarm, internal.open_alarms, public.list_alarms, public.clear_alarm to service_role;
