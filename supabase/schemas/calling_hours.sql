-- Calling hours are those of the person called: a number that may lie in several time zones is called only inside hours
-- in all of them. The rules of the zones are in a table that our programs fill from PyPI's tzdata; the database's own zone
-- files, as old as its server, are never asked. Where the rules are missing, or have run out, nobody is called by them.

-- Effect: puts the rules of all time zones in place of those that are there, unless those are as new.
-- p_version: the IANA's, like 2026f; p_until: when the rules end; p_rules: {"<name>": [[<epoch seconds>, <offset in seconds
-- east of UTC, or null from where on nothing is known>], ...]}. Safe to repeat, and from several programs at once.
-- -> {"version", "until": those in force, "loaded": bool}. Codes: LX209 these are no rules.
create function public.load_time_zones(p_version text, p_until timestamptz, p_rules jsonb, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_settings public.settings;
    v_is_loaded boolean := false;
begin
    if coalesce(p_version, '') !~ '^\d{4}[a-z]{1,2}$' or p_until is null or p_rules -> 'UTC' is null then
        raise exception 'These are no time zone rules: version "%", until %.', coalesce(p_version, ''),
            coalesce(p_until::text, 'nothing') using errcode = 'LX209';
    end if;
    perform internal.lock_time_zones();  -- alone, and before anything else
    select * into v_settings from public.settings;
    if v_settings.time_zones_version is null
       or (p_version collate "C", p_until) > (v_settings.time_zones_version collate "C", v_settings.time_zones_until) then
        delete from public.time_zone_rules where name is not null;
        insert into public.time_zone_rules (name, from_at, offset_seconds)
        select zone.key, timestamptz '1970-01-01T00:00:00Z' + make_interval(secs => (rule ->> 0)::double precision), (rule ->> 1)::int
        from jsonb_each(p_rules) zone, jsonb_array_elements(zone.value) rule;
        update public.settings
        set time_zones_version = p_version, time_zones_until = p_until, updated_at = p_now
        where only_row returning * into v_settings;
        v_is_loaded := true;
    end if;
    return jsonb_build_object('version', v_settings.time_zones_version, 'until', v_settings.time_zones_until,
                              'loaded', v_is_loaded);
end
$$;

-- Effect: none. Which rules are in force. -> {"version", "until"}; both null where none were loaded. Codes: none.
create function public.time_zones_version() returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object('version', time_zones_version, 'until', time_zones_until) from public.settings
$$;

-- Effect: none. Whether there are rules to go by at this time.
create function internal.has_time_zones(p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select coalesce(time_zones_until > p_now, false) from public.settings
$$;

-- Effect: none. The calling hours of one local day, where clocks are so many seconds ahead of UTC: the one place that says
-- what it is to be inside hours. Empty on other days; null where the offset is not known. PL/pgSQL: a tenth of the time.
create function internal.hours_of_day(p_campaign public.campaigns, p_day date, p_offset_seconds int) returns tstzrange
language plpgsql immutable security invoker set search_path = ''
as $$
begin
    return case when extract(isodow from p_day)::int = any (p_campaign.calling_days) then tstzrange(
        (p_day + p_campaign.calling_from - make_interval(secs => p_offset_seconds)) at time zone 'UTC',
        (p_day + p_campaign.calling_until - make_interval(secs => p_offset_seconds)) at time zone 'UTC')
        else 'empty' end;
end
$$;

-- Effect: none. Those of these time zones where it is inside a campaign's hours.
create function internal.zones_inside_hours(p_campaign public.campaigns, p_zones text[], p_now timestamptz) returns text[]
language sql stable security invoker set search_path = ''
as $$
    select array(
        select zone from unnest(p_zones) zone
        cross join lateral (
            select offset_seconds, ((p_now at time zone 'UTC') + make_interval(secs => offset_seconds))::date as day
            from public.time_zone_rules where name = zone and from_at <= p_now order by from_at desc limit 1) clock
        where p_now <@ internal.hours_of_day(p_campaign, clock.day, clock.offset_seconds))
$$;

-- Effect: none. Whether somebody whose number may lie in any of these time zones may be called now: it is inside hours in
-- all of them, or the campaign has none.
create function internal.is_calling_time(p_campaign public.campaigns, p_zones text[], p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select p_campaign.calling_from is null
        or coalesce(p_zones <> '{}' and p_zones <@ internal.zones_inside_hours(p_campaign, p_zones, p_now), false)
$$;

-- Effect: none. The first moment of a span at which anybody may be called, each given by the time zones of the number: when it
-- is inside hours in all of them. null: there is none. p_zone_sets: [["Europe/Berlin", ...], ...].
create function internal.first_calling_time(
    p_campaign public.campaigns, p_zone_sets jsonb, p_from timestamptz, p_until timestamptz
) returns timestamptz
language sql stable security invoker set search_path = ''
as $$
    with wanted as materialized (
        select place, zone from jsonb_array_elements(p_zone_sets) with ordinality s (zones, place), jsonb_array_elements_text(zones) zone
    ), rule as (
        select name, offset_seconds, make_interval(secs => offset_seconds) as ahead,
               greatest(from_at, p_from) as from_at, least(until_at, p_until) as until_at
        from (select *, lead(from_at) over (partition by name order by from_at) as until_at
              from public.time_zone_rules where name = any (array(select zone from wanted))) r
        where until_at > p_from and from_at < p_until and offset_seconds is not null
    ), inside as materialized (  -- each zone's times inside hours, a span a day
        select name, range_agg(span) filter (where not isempty(span)) as spans
        from rule cross join lateral (
            select internal.hours_of_day(p_campaign, (from_at at time zone 'UTC' + ahead)::date + day, offset_seconds)
                   * tstzrange(from_at, until_at) as span
            from generate_series(
                0, (until_at at time zone 'UTC' + ahead)::date - (from_at at time zone 'UTC' + ahead)::date) day) d
        group by name
    )
    select min(first) from (
        select lower(range_intersect_agg(coalesce(spans, '{}'))) as first
        from wanted left join inside on name = zone group by place) s
$$;

-- Effect: none. When anybody may next be called, each given by the time zones of the number: now, if it is inside hours;
-- null where it never is within a year.
create function internal.next_calling_time(p_campaign public.campaigns, p_zone_sets jsonb, p_now timestamptz) returns timestamptz
language sql stable security invoker set search_path = ''
as $$
    select coalesce(  -- a week and the width of the date line; as much after each change of a clock, where that has to come first
        internal.first_calling_time(p_campaign, p_zone_sets, p_now, p_now + interval '9 days'),
        (select min(internal.first_calling_time(p_campaign, p_zone_sets, lower(span), upper(span)))
         from unnest((
             select range_agg(tstzrange(from_at, from_at + interval '9 days')) from public.time_zone_rules
             where name = any (array(select jsonb_array_elements_text(jsonb_array_elements(p_zone_sets))))
               and from_at > p_now and from_at < p_now + interval '1 year')) span))
$$;

-- Effect: none. Codes: LX202 calling hours that cannot be kept; LX112 nothing is known of any time zone now.
create function internal.check_calling_hours(p_hours jsonb, p_now timestamptz) returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
    if p_hours is null then
        return;
    elsif coalesce(p_hours ->> 'from', '') !~ '^([01]\d|2[0-3]):[0-5]\d$'
          or coalesce(p_hours ->> 'until', '') !~ '^([01]\d|2[0-3]):[0-5]\d$'
          or p_hours ->> 'from' >= p_hours ->> 'until' then
        raise exception 'The calling hours are "%" to "%"; accepted are two times of a day like 09:00 and 18:00, the earlier first.',
            coalesce(p_hours ->> 'from', ''), coalesce(p_hours ->> 'until', '') using errcode = 'LX202';
    elsif p_hours -> 'days' = '[]' then
        raise exception 'No calling day is chosen; at least one is needed.' using errcode = 'LX202';
    elsif jsonb_typeof(p_hours -> 'days') is distinct from 'array'
          or exists (select from jsonb_array_elements_text(p_hours -> 'days') day where day !~ '^[1-7]$') then
        raise exception 'The calling days are %; accepted are numbers from 1 for Monday to 7 for Sunday, at least one.',
            coalesce((p_hours -> 'days')::text, 'missing') using errcode = 'LX202';
    elsif not internal.has_time_zones(p_now) then
        raise exception 'The rules of time zones are missing or have run out, so calling hours cannot be kept; a scheduler or '
            'webhook server that is up to date loads them at its start, and so does `python -m autolynx migrate`.'
            using errcode = 'LX112';
    elsif p_hours ->> 'time_zone' is not null
          and not exists (select from public.time_zone_rules where name = p_hours ->> 'time_zone') then
        raise exception 'The time zone is "%"; accepted is a name like America/New_York.', p_hours ->> 'time_zone'
            using errcode = 'LX202';
    end if;
end
$$;

-- Effect: none. Calling hours as the columns of a campaign.
create function internal.hours_columns(p_hours jsonb) returns jsonb
language sql immutable security invoker set search_path = ''
as $$
    select jsonb_build_object(
        'calling_from', p_hours ->> 'from', 'calling_until', p_hours ->> 'until',
        'calling_days', (select jsonb_agg(distinct day::int) from jsonb_array_elements_text(p_hours -> 'days') day),
        'time_zone', coalesce(p_hours ->> 'time_zone', 'UTC'))
$$;

-- Effect: none. When people may next be called in these calling hours (as create_campaign takes them), each given by the
-- time zones of the number. p_zone_sets: [["America/Chicago", "America/Denver"], ...]; [] is the hours' own zone.
-- -> {"times": [...]}, one for each set; null: never within a year. Codes: LX202 such hours cannot be kept.
create function public.find_calling_times(p_calling_hours jsonb, p_zone_sets jsonb, p_now timestamptz default now())
returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns;
begin
    perform internal.check_calling_hours(p_calling_hours, p_now);
    v_campaign := jsonb_populate_record(null::public.campaigns, internal.hours_columns(p_calling_hours));
    return jsonb_build_object('times', coalesce((
        select jsonb_agg(internal.next_calling_time(v_campaign, jsonb_build_array(to_jsonb(internal.zones_to_keep(
                   array(select jsonb_array_elements_text(zones)), v_campaign))), p_now) order by place)
        from jsonb_array_elements(p_zone_sets) with ordinality as given (zones, place)), '[]'::jsonb));
end
$$;

revoke all on function public.load_time_zones, public.time_zones_version, internal.has_time_zones, internal.hours_of_day,
    internal.zones_inside_hours, internal.is_calling_time, internal.first_calling_time,
    internal.next_calling_time, internal.check_calling_hours, internal.hours_columns, public.find_calling_times
    from public, anon, authenticated;
grant execute on function public.load_time_zones, public.time_zones_version, internal.has_time_zones, internal.hours_of_day,
    internal.zones_inside_hours, internal.is_calling_time, internal.first_calling_time,
    internal.next_calling_time, internal.check_calling_hours, internal.hours_columns, public.find_calling_times to service_role;
