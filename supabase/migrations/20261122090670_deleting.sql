-- Effect: deletes contacts with their calls, the events of these and whatever else was kept of them: the one way in which
-- events are deleted. Of each call its ids are remembered, so that what the provider still says of it is not kept either.
-- The caller has made sure that none of them is under way, and holds the claim lock and the campaigns. -> how many calls, what
-- they cost, and the provider's ids of them. Codes: none.
create function internal.delete_contacts(p_ids uuid[], p_now timestamptz) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_calls jsonb;
begin
    select jsonb_build_object('contacts', cardinality(p_ids), 'calls', count(*), 'cost_usd', coalesce(sum(cost_usd), 0),
                              'provider_call_ids', coalesce(jsonb_agg(provider_call_id order by created_at, id)
                                  filter (where provider_call_id is not null), '[]'::jsonb))
    into v_calls from public.calls where contact_id = any (p_ids);
    insert into public.erased_calls (call_id, provider_call_id, erased_at)
    select id, provider_call_id, p_now from public.calls where contact_id = any (p_ids)
    on conflict do nothing;
    update public.alarms a set cleared_at = p_now, cleared_by = 'AutoLynx'
    where cleared_at is null
      and exists (select from public.calls k where k.contact_id = any (p_ids) and k.id::text = a.subject);
    perform pg_catalog.set_config('autolynx.deleting_in', pg_catalog.pg_current_xact_id()::text, true);
    delete from public.stray_senders s using public.calls k
    where k.contact_id = any (p_ids) and s.id = k.provider_call_id;
    delete from public.contacts where id = any (p_ids);
    perform pg_catalog.set_config('autolynx.deleting_in', '', true);
    return v_calls;
end
$$;
revoke all on function internal.delete_contacts(uuid[], timestamptz) from public, anon, authenticated;
grant execute on function internal.delete_contacts(uuid[], timestamptz) to service_role;

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
    perform from public.calls where campaign_id = p_id order by id for update;
    v_campaign := internal.lock_campaign(p_id);
    if p_confirmation is not null and btrim(p_confirmation) <> v_campaign.name then
        raise exception 'The confirmation is "%"; accepted is the campaign''s name, "%".', p_confirmation, v_campaign.name
            using errcode = 'LX209';
    elsif v_campaign.status not in ('CREATED', 'COMPLETED', 'CANCELED', 'FAILED') then
        raise exception 'The campaign "%" is %; stop it before it is deleted.', v_campaign.name, v_campaign.status
            using errcode = 'LX114';
    elsif exists (select from public.calls where campaign_id = p_id
                  and (status in ('QUEUED', 'RINGING', 'IN_PROGRESS') or dial_state = 'unknown')) then
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
revoke all on function public.delete_campaign(uuid, text, text, timestamptz) from public, anon, authenticated;
grant execute on function public.delete_campaign(uuid, text, text, timestamptz) to service_role;

-- Effect: none. An import report without the rows in which a number stands, written in whatever way: of them their place is
-- left. p_digits: the number's last digits.
create function internal.without_rows_of(p_report jsonb, p_digits text) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_object_agg(part.key, case when jsonb_typeof(part.value) <> 'array' then part.value else (
        select coalesce(jsonb_agg(case
            when jsonb_typeof(line) <> 'object' or regexp_replace(line::text, '\D', '', 'g') not like '%' || p_digits || '%'
                then line
            else (select jsonb_object_agg(f.key, case
                      when f.key = 'reason' then '"Erased on request."'::jsonb
                      when jsonb_typeof(f.value) = 'string' then '""' when jsonb_typeof(f.value) = 'object' then '{}'
                      when jsonb_typeof(f.value) = 'array' then '[]' else f.value end) from jsonb_each(line) f) end
            order by place), '[]'::jsonb)
        from jsonb_array_elements(part.value) with ordinality as lines (line, place)) end), '{}'::jsonb)
    from jsonb_each(p_report) part
$$;
revoke all on function internal.without_rows_of(jsonb, text) from public, anon, authenticated;
grant execute on function internal.without_rows_of(jsonb, text) to service_role;

-- Effect: erases one person: every contact with this number, in whatever campaign, with calls, conversations, events and the
-- rows of import reports. The audit log keeps how many, and not whom. p_is_kept_out: the number alone goes on the do-not-call
-- list, so that no later list calls it. Safe to repeat. -> {"contacts", "calls", "cost_usd", "provider_call_ids", "is_kept_out"}.
-- Codes: LX210 no number in E.164; LX113 a call to it is under way or in doubt.
create function public.erase_person(
    p_phone text, p_actor text, p_is_kept_out boolean default true, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_digits text := substr(p_phone, 2);
    v_ids uuid[];
    v_campaigns uuid[];
    v_campaign_id uuid;
    v_deleted jsonb;
begin
    if coalesce(p_phone, '') !~ '^\+[1-9]\d{1,14}$' then
        raise exception 'The phone number is "%"; accepted is one like +14155550123.', coalesce(p_phone, '') using errcode = 'LX210';
    end if;
    perform internal.lock_claims();
    insert into public.do_not_call (phone, reason, created_at, created_by)
    select p_phone, 'Erased on request.', p_now, p_actor where p_is_kept_out
    on conflict (phone) do nothing;
    perform from public.calls where phone = p_phone order by id for update;
    if exists (select from public.calls where phone = p_phone
               and (status in ('QUEUED', 'RINGING', 'IN_PROGRESS') or dial_state = 'unknown')) then
        raise exception 'A call to this number is under way, or nobody knows yet whether one is; erase the person when it is over.'
            using errcode = 'LX113';
    end if;
    select coalesce(array_agg(id), '{}'), coalesce(array_agg(distinct campaign_id), '{}') into v_ids, v_campaigns
    from public.contacts where phone = p_phone;
    perform from public.campaigns where id = any (v_campaigns) order by id for no key update;
    v_deleted := internal.delete_contacts(v_ids, p_now);
    perform pg_catalog.set_config('autolynx.deleting_in', pg_catalog.pg_current_xact_id()::text, true);
    delete from public.stray_senders where id in (
        select sender from public.stray_events where payload::text ~ ('(^|\D)' || v_digits || '($|\D)'));
    perform pg_catalog.set_config('autolynx.deleting_in', '', true);
    update public.campaigns set import_report = internal.without_rows_of(import_report, right(v_digits, 8))
    where regexp_replace(import_report::text, '[^0-9{}]', '', 'g') like '%' || right(v_digits, 8) || '%';
    foreach v_campaign_id in array v_campaigns loop
        update public.campaigns
        set total_contacts = (select count(*) from public.contacts where campaign_id = v_campaign_id)
        where id = v_campaign_id;
        perform internal.complete_campaign(v_campaign_id, p_now);
    end loop;
    perform internal.audit(p_actor, 'person.erased', 'person', null, v_deleted - 'provider_call_ids', p_now);
    return v_deleted || jsonb_build_object('is_kept_out', p_is_kept_out);
end
$$;
revoke all on function public.erase_person(text, text, boolean, timestamptz) from public, anon, authenticated;
grant execute on function public.erase_person(text, text, boolean, timestamptz) to service_role;
