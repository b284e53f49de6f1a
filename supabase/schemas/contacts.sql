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

revoke all on function internal.contact_zones, public.find_do_not_call
    from public, anon, authenticated;
grant execute on function internal.contact_zones, public.find_do_not_call to service_role;
