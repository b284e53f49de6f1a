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

revoke all on function internal.check_fields, internal.check_new_campaign, internal.add_contacts, public.create_campaign
    from public, anon, authenticated;
grant execute on function internal.check_fields, internal.check_new_campaign, internal.add_contacts, public.create_campaign to service_role;
