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
