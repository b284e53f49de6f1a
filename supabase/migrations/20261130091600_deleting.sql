-- Effect: events may be deleted in this transaction, or may no longer. Codes: none.
create function internal.allow_deleting(p_is_allowed boolean) returns void
language sql volatile security invoker set search_path = ''
as $$
    select pg_catalog.set_config(
        'autolynx.deleting_in', case when p_is_allowed then pg_catalog.pg_current_xact_id()::text else '' end, true)
$$;

-- Effect: deletes contacts with their calls, the events of these and whatever else was kept of them: the one way in which
-- a call's events are deleted. Of each dial its ids are remembered, so that what the provider still says of it is not kept either.
-- The caller holds the claim lock and the campaigns, and has made sure since that no call may be live. -> how many contacts, and
-- of their calls what a campaign's figures tell, how many were attempts and what these cost; the provider's ids of all. Codes: none.
create function internal.delete_contacts(p_ids uuid[], p_now timestamptz) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_calls jsonb;
begin
    select jsonb_build_object(
        'contacts', cardinality(p_ids), 'calls', count(*) filter (where is_attempt),
        'cost_usd', coalesce(sum(cost_usd) filter (where is_attempt), 0),
        'provider_call_ids', coalesce(jsonb_agg(provider_call_id order by created_at, id)
            filter (where provider_call_id is not null), '[]'::jsonb))
    into v_calls from public.calls where contact_id = any (p_ids);
    insert into public.erased_calls (call_id, provider_call_id, erased_at)
    select id, provider_call_id, p_now from public.calls where contact_id = any (p_ids)
    on conflict do nothing;
    insert into public.erased_calls (call_id, erased_at)
    select call_id, p_now from public.withdrawn_calls where contact_id = any (p_ids)
    on conflict do nothing;
    update public.alarms a set cleared_at = p_now, cleared_by = 'AutoLynx'
    where cleared_at is null
      and exists (select from public.calls k where k.contact_id = any (p_ids) and k.id::text = a.subject);
    perform internal.allow_deleting(true);
    delete from public.stray_senders where id in (
        select provider_call_id from public.calls where contact_id = any (p_ids));
    delete from public.stray_senders where call_id in (
        select id from public.calls where contact_id = any (p_ids)
        union all select call_id from public.withdrawn_calls where contact_id = any (p_ids));
    delete from public.contacts where id = any (p_ids);
    perform internal.allow_deleting(false);
    return v_calls;
end
$$;

-- Effect: deletes a campaign that is over, or was never started, with its contacts, calls, conversations and events; what stays
-- is the audit log's line, with its figures. p_confirmation: what somebody typed to confirm it, the campaign's name; null
-- where nobody had to. -> {"id", "contacts", "calls", "cost_usd", "provider_call_ids"}: Vapi keeps copies of its own.
-- Codes: LX002 none such; LX114 it is not over; LX113 calls are under way or in doubt; LX209 another confirmation.
create function public.delete_campaign(
    p_id uuid, p_actor text, p_confirmation text default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_campaign public.campaigns;
    v_deleted jsonb;
begin
    perform internal.lock_claims();
    perform from public.calls where campaign_id = p_id order by id for update nowait;
    v_campaign := internal.lock_campaign(p_id);
    if p_confirmation is not null and btrim(p_confirmation) <> v_campaign.name then
        raise exception 'The confirmation is "%"; accepted is the campaign''s name, "%".', p_confirmation, v_campaign.name
            using errcode = 'LX209';
    elsif v_campaign.status not in ('CREATED', 'COMPLETED', 'CANCELED', 'FAILED') then
        raise exception 'The campaign "%" is %; stop it before it is deleted.', v_campaign.name, v_campaign.status
            using errcode = 'LX114';
    elsif exists (select from public.calls where campaign_id = p_id and internal.may_be_live(calls)) then
        raise exception 'Calls of the campaign "%" are under way, or nobody knows yet whether they are; delete it when they are over.',
            v_campaign.name using errcode = 'LX113';
    end if;
    v_deleted := internal.delete_contacts(array(select id from public.contacts where campaign_id = p_id), p_now);
    delete from public.campaigns where id = p_id;
    perform internal.audit(p_actor, 'campaign.deleted', 'campaign', p_id::text,
                           (v_deleted - 'provider_call_ids') || jsonb_build_object('name', v_campaign.name), p_now);
    return v_deleted || jsonb_build_object('id', p_id);
end
$$;

-- Effect: erases one person: every contact with this number, in whatever campaign, with calls, conversations and events. The
-- audit log keeps how many, and not whom. p_is_kept_out: the number alone goes on the do-not-call list, so that no later list
-- calls it; one that is there already stays, without what was written beside it. Safe to repeat.
-- -> {"contacts", "calls", "cost_usd", "provider_call_ids", "is_kept_out"}.
-- Codes: LX210 no number in E.164; LX113 a call to it is under way or in doubt.
create function public.erase_person(
    p_phone text, p_actor text, p_is_kept_out boolean default true, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_ids uuid[];
    v_campaigns uuid[];
    v_campaign_id uuid;
    v_deleted jsonb;
begin
    if coalesce(p_phone, '') !~ '^\+[1-9]\d{1,14}$' then
        raise exception 'The phone number is "%"; accepted is one like +14155550123.', coalesce(p_phone, '') using errcode = 'LX210';
    end if;
    perform internal.lock_claims();
    update public.do_not_call set reason = 'Erased on request.', created_by = p_actor where phone = p_phone;
    insert into public.do_not_call (phone, reason, created_at, created_by)
    select p_phone, 'Erased on request.', p_now, p_actor where p_is_kept_out
    on conflict (phone) do nothing;
    perform from public.calls where phone = p_phone order by id for update nowait;
    select coalesce(array_agg(id), '{}'), coalesce(array_agg(distinct campaign_id), '{}') into v_ids, v_campaigns
    from public.contacts where phone = p_phone;
    perform from public.campaigns where id = any (v_campaigns) order by id for no key update;
    if exists (select from public.calls where phone = p_phone and internal.may_be_live(calls)) then
        raise exception 'A call to this number is under way, or nobody knows yet whether one is; erase the person when it is over.'
            using errcode = 'LX113';
    end if;
    v_deleted := internal.delete_contacts(v_ids, p_now);
    foreach v_campaign_id in array v_campaigns loop
        update public.campaigns
        set total_contacts = (select count(*) from public.contacts where campaign_id = v_campaign_id)
        where id = v_campaign_id;
        perform internal.complete_campaign(v_campaign_id, p_now);
    end loop;
    perform internal.audit(p_actor, 'person.erased', 'person', null, v_deleted - 'provider_call_ids', p_now);
    return v_deleted || jsonb_build_object(
        'is_kept_out', exists (select from public.do_not_call where phone = p_phone));
end
$$;

revoke all on function internal.allow_deleting, internal.delete_contacts, public.delete_campaign,
    public.erase_person from public, anon, authenticated;
grant execute on function internal.allow_deleting, internal.delete_contacts, public.delete_campaign,
    public.erase_person to service_role;

-- Effect: none. A text with the digits of full width and the Arabic and Persian ones as 0 to 9.
create function internal.with_plain_digits(p_text text) returns text
language sql immutable security invoker set search_path = ''
as $$
    select translate(p_text, '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '012345678901234567890123456789')
$$;

-- Effect: none. A pattern of a number however it is written, with signs between its digits, with its country code or a 0 before
-- it or without, but not with another country's; no longer number has it within. p_digits: those without the country code.
create function internal.number_pattern(p_phone text, p_digits text) returns text
language sql immutable security invoker set search_path = ''
as $$
    select '(?:^|\D)(?:(?:00|011)?\D{0,3}' || substr(p_phone, 2, length(p_phone) - length(p_digits) - 1)
        || '\D{0,3}(?:0\D{0,3})?|(?<!\+\d{1,3}\D{0,3})(?:0\D{0,3})?)'
        || array_to_string(regexp_split_to_array(p_digits, ''), '[^0-9A-Za-z]{0,3}') || '(?:\D|$)'
$$;

-- Effect: none. Whether a number stands in a text: quickly, then surely.
create function internal.tells_of(p_text text, p_digits text, p_pattern text) returns boolean
language sql immutable security invoker set search_path = ''
as $$
    select case when regexp_replace(internal.with_plain_digits(p_text), '\D+', '', 'g') like '%' || p_digits || '%'
                then internal.with_plain_digits(p_text) ~ p_pattern else false end
$$;

-- Effect: none. An import report without the rows in which a number stands, or that were read as it ("numbers": {row: E.164}): of
-- them their place is left.
create function internal.without_rows_of(p_report jsonb, p_phone text, p_digits text, p_pattern text) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_object_agg(part.key, case
        when part.key = 'numbers' and jsonb_typeof(part.value) = 'object' then (
            select coalesce(jsonb_object_agg(row, phone), '{}'::jsonb) from jsonb_each_text(part.value) as read (row, phone)
            where phone <> p_phone)
        when jsonb_typeof(part.value) <> 'array' then part.value
        else (
            select coalesce(jsonb_agg(case
                when jsonb_typeof(line) = 'object' and ((p_report -> 'numbers' ->> (line ->> 'row')) is not distinct from p_phone
                                                        or internal.tells_of((line - 'row')::text, p_digits, p_pattern))
                then (select jsonb_object_agg(f.key, case
                          when f.key = 'reason' then '"Erased on request."'::jsonb
                          when jsonb_typeof(f.value) = 'string' then '""' when jsonb_typeof(f.value) = 'object' then '{}'
                          when jsonb_typeof(f.value) = 'array' then '[]' else f.value end) from jsonb_each(line) f)
                else line end order by place), '[]'::jsonb)
            from jsonb_array_elements(part.value) with ordinality as lines (line, place)) end), '{}'::jsonb)
    from jsonb_each(p_report) part
$$;

-- Effect: erases what else tells of a number: the rows of import reports in which it stands, what Vapi said of it where the
-- reason of a pause is kept, and the messages of no call. Some of it at a time (p_most characters), the campaigns first and of
-- those one that changes: nobody's dialing waits for more. p_digits: the number's without its country code; p_after: where the last
-- call ended, null for the first. Safe to repeat. -> {"after": null when all is looked through}. Codes: none.
create function public.erase_traces(
    p_phone text, p_digits text, p_after jsonb default null, p_most int default 4000000
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_erased constant text := 'What Vapi said was erased on request.';
    v_pattern text := internal.number_pattern(p_phone, p_digits);
    v_left bigint := p_most;
    v_found record;
    v_told text;
begin
    if p_after is null or p_after ->> 'part' = 'campaigns' then
        for v_found in
            select id, import_report::text as report, internal.tells_of(status_reason, p_digits, v_pattern) as is_reason
            from public.campaigns where p_after is null or id > (p_after ->> 'id')::uuid order by id
        loop
            v_left := v_left - coalesce(length(v_found.report), 0);
            if v_found.is_reason or v_found.report like '%' || p_phone || '%'
               or internal.tells_of(v_found.report, p_digits, v_pattern) then
                update public.campaigns
                set import_report = internal.without_rows_of(import_report, p_phone, p_digits, v_pattern),
                    status_reason = case when v_found.is_reason then v_erased else status_reason end
                where id = v_found.id;
                v_left := -1;
            end if;
            if v_left < 0 then
                return jsonb_build_object('after', jsonb_build_object('part', 'campaigns', 'id', v_found.id));
            end if;
        end loop;
        update public.provider_health set reason = v_erased where internal.tells_of(reason, p_digits, v_pattern);
        return jsonb_build_object('after', jsonb_build_object('part', 'messages', 'id', ''));
    end if;
    perform internal.allow_deleting(true);
    for v_found in select id from public.stray_senders where id > p_after ->> 'id' order by id loop
        for v_told in select payload::text from public.stray_events where sender = v_found.id loop
            v_left := v_left - length(v_told);
            if internal.tells_of(v_told, p_digits, v_pattern) then
                delete from public.stray_senders where id = v_found.id;
                exit;
            end if;
        end loop;
        if v_left < 0 then
            perform internal.allow_deleting(false);
            return jsonb_build_object('after', jsonb_build_object('part', 'messages', 'id', v_found.id));
        end if;
    end loop;
    perform internal.allow_deleting(false);
    return jsonb_build_object('after', null);
end
$$;

revoke all on function internal.with_plain_digits, internal.number_pattern, internal.tells_of,
    internal.without_rows_of, public.erase_traces from public, anon, authenticated;
grant execute on function internal.with_plain_digits, internal.number_pattern, internal.tells_of,
    internal.without_rows_of, public.erase_traces to service_role;
