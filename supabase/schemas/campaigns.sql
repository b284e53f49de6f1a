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
