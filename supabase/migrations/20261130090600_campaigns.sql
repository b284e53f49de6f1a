-- A campaign's status only moves along the arrows drawn beside public.campaign_status.
create function internal.check_campaign_transition() returns trigger
language plpgsql security invoker set search_path = ''
as $$
begin
    if old.status = new.status then
        return new;
    end if;
    if not (case old.status
        when 'CREATED' then new.status in ('QUEUED', 'CANCELED')
        when 'QUEUED' then new.status in ('DIALING', 'PAUSED', 'CANCELED', 'COMPLETED', 'FAILED')
        when 'DIALING' then new.status in ('RUNNING', 'PAUSED', 'CANCELED', 'COMPLETED', 'FAILED')
        when 'RUNNING' then new.status in ('PAUSED', 'CANCELED', 'COMPLETED', 'FAILED')
        when 'PAUSED' then new.status in ('QUEUED', 'RUNNING', 'CANCELED', 'COMPLETED', 'FAILED')
        else false
    end) then
        raise exception 'A campaign cannot go from % to %.', old.status, new.status using errcode = 'LX110';
    end if;
    return new;
end
$$;
create trigger campaigns_move_along_the_arrows before update of status on public.campaigns
    for each row execute function internal.check_campaign_transition();

-- Nobody is tried more often than the campaign allows, whatever asks for it.
create function internal.check_attempts() returns trigger
language plpgsql security invoker set search_path = ''
as $$
begin
    if new.attempts > (select max_attempts from public.campaigns where id = new.campaign_id) then
        raise exception 'The contact % has had all the attempts its campaign allows.', new.id using errcode = 'LX122';
    end if;
    return new;
end
$$;
create trigger contacts_keep_their_attempts before insert or update of attempts on public.contacts
    for each row when (new.attempts > 1) execute function internal.check_attempts();

-- Effect: tells waiting schedulers that there may be something to dial.
create function internal.wake_schedulers(p_campaign_id uuid) returns void
language sql volatile security invoker set search_path = ''
as $$
    select pg_catalog.pg_notify('autolynx_work', p_campaign_id::text)
$$;

-- Effect: locks a campaign for the rest of the transaction. Codes: LX002 no such campaign.
create function internal.lock_campaign(p_id uuid) returns public.campaigns
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_campaign public.campaigns;
begin
    select * into v_campaign from public.campaigns where id = p_id for no key update;
    if not found then
        raise exception 'There is no campaign with the id %.', p_id using errcode = 'LX002';
    end if;
    return v_campaign;
end
$$;

-- Effect: the figures of a campaign that is over are kept in stats_json, and kept anew when a late report changes them.
-- Locks the campaign, and counts only then: what others have committed meanwhile is in. Codes: none.
create function internal.keep_figures(p_id uuid) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    perform from public.campaigns where id = p_id and completed_at is not null for no key update;
    if found then
        update public.campaigns set stats_json = internal.campaign_progress(p_id) where id = p_id;
    end if;
end
$$;

-- Effect: completes a campaign whose contacts are all settled, and keeps its figures. The caller holds the campaign's lock.
-- Codes: none.
create function internal.complete_campaign(p_id uuid, p_now timestamptz) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    if exists (select from public.contacts where campaign_id = p_id and state <> 'settled')
       or exists (select from internal.active_calls where campaign_id = p_id) then
        perform internal.keep_figures(p_id);
        return;
    end if;
    update public.campaigns
    set status = 'COMPLETED', completed_at = p_now, status_reason = null, resume_at = null
    where id = p_id and status in ('QUEUED', 'DIALING', 'RUNNING', 'PAUSED');
    perform internal.keep_figures(p_id);
end
$$;

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
    update public.campaigns set refused_in_a_row = 0 where id = p_id and refused_in_a_row > 0;
end
$$;

-- Effect: pauses a campaign for trouble of the account, unless the call that met it is older than the last resume, or
-- the trouble is over by now. The caller holds the campaign's lock.
create function internal.pause_for_account(
    p_call public.calls, p_reason text, p_resume_at timestamptz, p_now timestamptz
) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.campaigns
    set status = 'PAUSED', status_reason = p_reason, resume_at = p_resume_at, refused_in_a_row = 0
    where id = p_call.campaign_id and p_reason is not null and status in ('QUEUED', 'DIALING', 'RUNNING')
      and (p_resume_at is null or p_resume_at > p_now) and (resumed_at is null or resumed_at < p_call.created_at)
$$;

revoke all on function internal.check_campaign_transition, internal.check_attempts, internal.wake_schedulers,
    internal.lock_campaign, internal.keep_figures, internal.complete_campaign, internal.note_campaign_progress,
    internal.pause_for_account from public, anon, authenticated;
grant execute on function internal.check_campaign_transition, internal.check_attempts, internal.wake_schedulers,
    internal.lock_campaign, internal.keep_figures, internal.complete_campaign, internal.note_campaign_progress,
    internal.pause_for_account to service_role;

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

revoke all on function public.load_time_zones, public.time_zones_version, internal.has_time_zones,
    internal.hours_of_day, internal.zones_inside_hours, internal.is_calling_time, internal.first_calling_time,
    internal.next_calling_time, public.find_calling_times from public, anon, authenticated;
grant execute on function public.load_time_zones, public.time_zones_version, internal.has_time_zones,
    internal.hours_of_day, internal.zones_inside_hours, internal.is_calling_time, internal.first_calling_time,
    internal.next_calling_time, public.find_calling_times to service_role;

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

-- Effect: none. A contact's time zones as they are stored, sorted and each once. p_zones: a list of names, or null.
-- Codes: LX205 no such list, a name that is none, or more than 60; where no rules were loaded yet, any name may be one.
create function internal.contact_zones(p_zones jsonb) returns text[]
language plpgsql stable security invoker set search_path = ''
as $$
declare
    v_zones text[];
begin
    if coalesce(jsonb_typeof(p_zones), 'null') not in ('null', 'array') then
        raise exception 'A contact''s time zones are %; accepted is a list of names like ["America/New_York"].', p_zones
            using errcode = 'LX205';
    end if;
    v_zones := array(
        select distinct name collate "C" from jsonb_array_elements_text(nullif(p_zones, 'null')) name order by 1);
    if cardinality(v_zones) > 60 or (exists (select from public.time_zone_rules) and exists (
        select from unnest(v_zones) zone where not exists (select from public.time_zone_rules where name = zone))) then
        raise exception 'A contact''s time zones are %; accepted are up to 60 names like America/New_York.', p_zones
            using errcode = 'LX205';
    end if;
    return v_zones;
end
$$;

-- Effect: none. Which of these numbers are on the do-not-call list. p_phones: ["+14155550123", ...]. -> {"phones": [...]}. Codes: none.
create function public.find_do_not_call(p_phones jsonb) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object('phones', coalesce(jsonb_agg(phone order by phone), '[]'::jsonb))
    from public.do_not_call where phone in (select jsonb_array_elements_text(p_phones))
$$;

-- Effect: none. p_kinds: each field that there is, with its kind as jsonb_typeof calls it; null stands for a field not
-- given. Codes: LX202 no object, a field that there is not, or one of another kind.
create function internal.check_fields(p_of text, p_given jsonb, p_kinds jsonb) returns void
language plpgsql immutable security invoker set search_path = ''
as $$
declare
    v_wrong record;
begin
    if jsonb_typeof(p_given) is distinct from 'object' then
        raise exception '% is %; it must be a JSON object.', p_of, coalesce(jsonb_typeof(p_given), 'missing')
            using errcode = 'LX202';
    end if;
    select key, left(value::text, 60) as given, p_kinds ->> key as kind into v_wrong from jsonb_each(p_given)
    where not p_kinds ? key or jsonb_typeof(value) not in ('null', p_kinds ->> key)
    order by key limit 1;
    if not found then
        return;
    elsif v_wrong.kind is null then
        raise exception '% has no field "%"; accepted are %.', p_of, v_wrong.key,
            (select string_agg(field, ', ' order by field) from jsonb_object_keys(p_kinds) field) using errcode = 'LX202';
    end if;
    raise exception '% is %; it must be %.', v_wrong.key, v_wrong.given,
        case v_wrong.kind when 'string' then 'a text' when 'number' then 'a number' when 'boolean' then 'true or false'
                          when 'array' then 'a list' else 'a JSON object' end
        using errcode = 'LX202';
end
$$;

-- Effect: none. Codes: LX202 name, cap, mode, line or attempts out of range, or a field that there is not or of another
-- kind; LX203 no contacts.
create function internal.check_new_campaign(p_new jsonb, p_list jsonb) returns void
language plpgsql immutable security invoker set search_path = ''
as $$
declare
    v_name_length int := char_length(btrim(coalesce(p_new ->> 'name', '')));
begin
    perform internal.check_fields('A new campaign', p_new, '{"name": "string", "mode": "string", "cap": "number",
        "assistant_id": "string", "phone_number_id": "string", "max_attempts": "number", "quiet_line": "boolean",
        "calling_hours": "object"}');
    perform internal.check_fields('A list', p_list, '{"contacts": "array", "import_report": "object"}');
    if v_name_length not between 1 and 120 then
        raise exception 'The campaign''s name has % characters; accepted are 1 to 120.', v_name_length
            using errcode = 'LX202';
    elsif coalesce(p_new ->> 'cap', '') !~ '^([1-9]|[1-4]\d|50)$' then
        raise exception 'The cap is %; accepted is a whole number from 1 to 50.', coalesce(p_new ->> 'cap', 'missing')
            using errcode = 'LX202';
    elsif coalesce(p_new ->> 'mode', '') not in ('continuous', 'batch') then
        raise exception 'The mode is "%"; accepted are continuous and batch.', coalesce(p_new ->> 'mode', '')
            using errcode = 'LX202';
    elsif coalesce(p_new ->> 'assistant_id', '') !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        raise exception '"%" is not the id of an assistant; accepted is a UUID.', coalesce(p_new ->> 'assistant_id', '')
            using errcode = 'LX202';
    elsif btrim(coalesce(p_new ->> 'phone_number_id', '')) = '' then
        raise exception 'No phone line was chosen: give the id of one of your Vapi phone numbers.' using errcode = 'LX202';
    elsif coalesce(p_new ->> 'max_attempts', '1') !~ '^([1-9]|10)$' then
        raise exception 'The attempts are %; accepted is a whole number from 1 to 10.', p_new ->> 'max_attempts'
            using errcode = 'LX202';
    elsif coalesce(jsonb_array_length(nullif(p_list -> 'contacts', 'null')), 0) = 0 then
        raise exception 'The campaign has no contacts; at least one is needed.' using errcode = 'LX203';
    end if;
end
$$;

-- Effect: the contacts of a new campaign, in their order, in batches of p_cap. Codes: LX204 a phone number twice; LX205 a contact
-- lacks something.
create function internal.add_contacts(p_campaign_id uuid, p_cap int, p_contacts jsonb) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    insert into public.contacts (campaign_id, name, business_name, phone, variables, time_zones, position, batch_index)
    select p_campaign_id, c ->> 'name', c ->> 'business_name', c ->> 'phone', coalesce(c -> 'variables', '{}'::jsonb),
           z.zones, position, (position - 1) / p_cap
    from jsonb_array_elements(p_contacts) with ordinality as given (c, position)
    left join (  -- many contacts share a few sets
        select given, internal.contact_zones(given) as zones
        from (select distinct coalesce(c -> 'time_zones', '[]') as given from jsonb_array_elements(p_contacts) c) s
    ) z on z.given = coalesce(c -> 'time_zones', '[]');
exception
    when unique_violation then
        raise exception 'A phone number stands in the list twice; each may be called once a campaign.'
            using errcode = 'LX204';
    when check_violation or not_null_violation then
        raise exception 'A contact lacks a name, a business name or a phone number like +14155550123.'
            using errcode = 'LX205', detail = sqlerrm;
end
$$;

-- Effect: creates a campaign with all its contacts, in their order, or nothing.
-- p_new: what models/new_campaign.py says of it, with the cap and the line chosen: {"name", "mode", "cap", "assistant_id",
-- "phone_number_id", "quiet_line": dial only while no other campaign has a call on the line, "calling_hours": null for any
-- time, or {"from": "09:00", "until": "18:00", "days": [1..7, Monday first], "time_zone": for numbers of which nothing is
-- known}}, and "max_attempts", 1 if not given.
-- p_list: {"contacts": [{"name", "business_name", "phone" (E.164), "variables", "time_zones": all that the number may lie
-- in}], "import_report"}.
-- Codes: LX001 no such assistant; LX103 it is switched off; LX202 a field that there is not, of another kind, or out of
-- range; LX203 no contacts; LX204 a phone number twice; LX205 a contact lacks something; LX112 calling hours, and no time
-- zones.
create function public.create_campaign(p_new jsonb, p_list jsonb, p_actor text, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_hours jsonb := nullif(p_new -> 'calling_hours', 'null');
    v_contacts jsonb := p_list -> 'contacts';
    v_new public.campaigns;
    v_assistant public.assistants;
begin
    perform internal.check_new_campaign(p_new, p_list);
    perform internal.check_calling_hours(v_hours, p_now);
    perform internal.check_fields('calling_hours', coalesce(v_hours, '{}'),
                                  '{"from": "string", "until": "string", "days": "array", "time_zone": "string"}');
    v_new := jsonb_populate_record(v_new, p_new || internal.hours_columns(v_hours));
    -- key share: the assistant cannot be deleted until this campaign is there to protect it
    select * into v_assistant from public.assistants where id = v_new.assistant_id and deleted_at is null for key share;
    if not found then
        raise exception 'There is no assistant with the id %.', v_new.assistant_id using errcode = 'LX001';
    elsif not v_assistant.active then
        raise exception 'The assistant "%" is switched off; choose an active one.', v_assistant.name using errcode = 'LX103';
    end if;

    insert into public.campaigns (name, mode, cap, assistant_id, phone_number_id, created_at, total_contacts,
                                  import_report, created_by, max_attempts, quiet_line, calling_from, calling_until,
                                  calling_days, time_zone)
    values (btrim(v_new.name), v_new.mode, v_new.cap, v_new.assistant_id, btrim(v_new.phone_number_id), p_now,
            jsonb_array_length(v_contacts), coalesce(nullif(p_list -> 'import_report', 'null'), '{}'), p_actor,
            coalesce(v_new.max_attempts, 1), coalesce(v_new.quiet_line, false), v_new.calling_from, v_new.calling_until,
            v_new.calling_days, v_new.time_zone)
    returning id into v_new.id;
    perform internal.add_contacts(v_new.id, v_new.cap, v_contacts);
    perform internal.audit(p_actor, 'campaign.created', 'campaign', v_new.id::text,
                           jsonb_build_object('contacts', jsonb_array_length(v_contacts)), p_now);
    return jsonb_build_object('id', v_new.id);
end
$$;

revoke all on function internal.check_calling_hours, internal.hours_columns, internal.contact_zones,
    public.find_do_not_call, internal.check_fields, internal.check_new_campaign, internal.add_contacts,
    public.create_campaign
    from public, anon, authenticated;
grant execute on function internal.check_calling_hours, internal.hours_columns, internal.contact_zones,
    public.find_do_not_call, internal.check_fields, internal.check_new_campaign, internal.add_contacts,
    public.create_campaign
    to service_role;

-- Effect: starts dialing. Safe to repeat. Codes: LX002 none such; LX111 it is over or paused; LX103 assistant off.
create function public.start_campaign(p_id uuid, p_actor text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns := internal.lock_campaign(p_id);
begin
    if v_campaign.status in ('QUEUED', 'DIALING', 'RUNNING') then
        return jsonb_build_object('id', p_id, 'status', v_campaign.status, 'changed', false);
    elsif v_campaign.status <> 'CREATED' then
        raise exception 'The campaign "%" is %; only one that was just created can be started.',
            v_campaign.name, v_campaign.status using errcode = 'LX111';
    elsif exists (select from public.assistants where id = v_campaign.assistant_id and (not active or deleted_at is not null)) then
        raise exception 'The campaign''s assistant is switched off; switch it on first.' using errcode = 'LX103';
    end if;
    update public.campaigns set status = 'QUEUED', status_reason = null where id = p_id;
    perform internal.audit(p_actor, 'campaign.started', 'campaign', p_id::text, null, p_now);
    perform internal.complete_campaign(p_id, p_now);  -- all its calls may be known from a recovery
    perform internal.wake_schedulers(p_id);
    select status into v_campaign.status from public.campaigns where id = p_id;
    return jsonb_build_object('id', p_id, 'status', v_campaign.status, 'changed', true);
end
$$;

-- Effect: takes no new calls; those under way finish. Safe to repeat. Codes: LX002 none such; LX111 it does not dial.
create function public.pause_campaign(
    p_id uuid, p_actor text, p_reason text default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns := internal.lock_campaign(p_id);
begin
    if v_campaign.status = 'PAUSED' then
        -- somebody who presses Pause means it: a pause that would have ended by itself no longer does
        update public.campaigns set resume_at = null, status_reason = coalesce(p_reason, 'Paused by ' || p_actor || '.')
        where id = p_id and resume_at is not null;
        return jsonb_build_object('id', p_id, 'status', 'PAUSED', 'changed', false);
    elsif v_campaign.status not in ('QUEUED', 'DIALING', 'RUNNING') then
        raise exception 'The campaign "%" is %; only one that is dialing can be paused.',
            v_campaign.name, v_campaign.status using errcode = 'LX111';
    end if;
    update public.campaigns
    set status = 'PAUSED', status_reason = coalesce(p_reason, 'Paused by ' || p_actor || '.'), resume_at = null
    where id = p_id;
    perform internal.audit(p_actor, 'campaign.paused', 'campaign', p_id::text,
                           jsonb_build_object('reason', p_reason), p_now);
    return jsonb_build_object('id', p_id, 'status', 'PAUSED', 'changed', true);
end
$$;

-- Effect: dials on after a pause. Safe to repeat. Codes: LX002 none such; LX111 it is not paused.
create function public.resume_campaign(p_id uuid, p_actor text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns := internal.lock_campaign(p_id);
begin
    if v_campaign.status in ('QUEUED', 'DIALING', 'RUNNING') then
        return jsonb_build_object('id', p_id, 'status', v_campaign.status, 'changed', false);
    elsif v_campaign.status <> 'PAUSED' then
        raise exception 'The campaign "%" is %; only a paused one can be resumed.',
            v_campaign.name, v_campaign.status using errcode = 'LX111';
    end if;
    update public.campaigns
    set status = case when started_at is null then 'QUEUED' else 'RUNNING' end::public.campaign_status,
        status_reason = null, resume_at = null, resumed_at = p_now, refused_in_a_row = 0
    where id = p_id returning * into v_campaign;
    perform internal.audit(p_actor, 'campaign.resumed', 'campaign', p_id::text, null, p_now);
    perform internal.wake_schedulers(p_id);
    return jsonb_build_object('id', p_id, 'status', v_campaign.status, 'changed', true);
end
$$;

-- Effect: ends a campaign for good; contacts not called yet are settled. Calls under way finish and are recorded, or,
-- with p_hang_up, are hung up by the next scheduler that looks; asked again with p_hang_up it still does that.
-- Safe to repeat. -> also "live_calls", how many are under way. Codes: LX002 none such; LX111 it is over already.
create function public.stop_campaign(
    p_id uuid, p_actor text, p_hang_up boolean default false, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns;
    v_live_calls int;
begin
    if p_hang_up then  -- no claim meanwhile; calls before their campaign: the order of everybody who reports on a call
        perform internal.lock_claims();
        perform from public.calls
        where campaign_id = p_id and internal.may_be_live(calls) order by id for no key update;
    end if;
    v_campaign := internal.lock_campaign(p_id);
    if v_campaign.status in ('COMPLETED', 'FAILED') then
        raise exception 'The campaign "%" is % already.', v_campaign.name, v_campaign.status using errcode = 'LX111';
    elsif v_campaign.status <> 'CANCELED' then
        update public.campaigns
        set status = 'CANCELED', completed_at = p_now, status_reason = 'Stopped by ' || p_actor || '.', resume_at = null
        where id = p_id;
        update public.contacts
        set state = 'settled', settled_at = p_now, outcome = 'not_called_stopped'
        where campaign_id = p_id and state = 'waiting';
        perform internal.audit(p_actor, 'campaign.stopped', 'campaign', p_id::text,
                               jsonb_build_object('hang_up', p_hang_up), p_now);
    end if;
    perform internal.keep_figures(p_id);
    if p_hang_up then
        update public.calls set hang_up_at = coalesce(hang_up_at, p_now), hang_up_by = coalesce(hang_up_by, p_actor)
        where campaign_id = p_id and internal.may_be_live(calls);
        perform internal.wake_schedulers(p_id);
    end if;
    select count(*) into v_live_calls from internal.active_calls where campaign_id = p_id;
    return jsonb_build_object('id', p_id, 'status', 'CANCELED', 'changed', v_campaign.status <> 'CANCELED',
                              'live_calls', v_live_calls);
end
$$;

-- Effect: the pauses that end by themselves end.
create function internal.resume_due_campaigns(p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.campaigns
    set status = case when started_at is null then 'QUEUED' else 'RUNNING' end::public.campaign_status,
        status_reason = null, resume_at = null, resumed_at = p_now
    where resume_at <= p_now and status = 'PAUSED'
$$;

revoke all on function public.start_campaign, public.pause_campaign, public.resume_campaign, public.stop_campaign,
    internal.resume_due_campaigns from public, anon, authenticated;
grant execute on function public.start_campaign, public.pause_campaign, public.resume_campaign,
    public.stop_campaign, internal.resume_due_campaigns to service_role;
