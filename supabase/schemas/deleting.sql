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
