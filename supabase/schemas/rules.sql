-- The rules that keep a campaign, or one of its contacts, from being dialed now. Claiming obeys them, and so does every request;
-- explanations.sql says them in words.

-- Effect: none. The batch a campaign is at: the lowest that is not over; null outside batch mode. It is over when nobody in
-- it waits, holds a line, or may yet be given back: a call in doubt, or one that ended without saying how.
create function internal.current_batch(p_campaign public.campaigns) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(
        (select min(batch_index) from public.contacts
         where p_campaign.mode = 'batch' and campaign_id = p_campaign.id and state = 'waiting'),
        (select min(c.batch_index) from public.calls k join public.contacts c on c.id = k.contact_id
         where p_campaign.mode = 'batch' and k.campaign_id = p_campaign.id and k.report_at is null
           and c.state = 'calling' and c.last_call_id = k.id
           and (internal.is_active(k.status) or k.dial_state = 'unknown'
                or k.status_is_guess or not k.is_attempt)))
$$;

-- Effect: none. The time zones by which a contact's hours are kept: those of the number, or the campaign's.
create function internal.zones_to_keep(p_zones text[], p_campaign public.campaigns) returns text[]
language sql immutable security invoker set search_path = ''
as $$
    select case when p_zones <> '{}' then p_zones else array[p_campaign.time_zone] end
$$;

-- Effect: none. Each set of time zones that somebody has who waits (in batch mode, in the current batch); for a campaign
-- without hours none.
create function internal.waiting_zones(p_campaign public.campaigns) returns setof text[]
language sql stable security invoker set search_path = ''
as $$
    with recursive step as (  -- from set to set along the index: as many steps as sets
        (select time_zones from public.contacts
         where campaign_id = p_campaign.id and state = 'waiting'
           and p_campaign.calling_from is not null and p_campaign.mode = 'continuous'
         order by time_zones limit 1)
        union all
        select (select time_zones from public.contacts
                where campaign_id = p_campaign.id and state = 'waiting' and time_zones > step.time_zones
                order by time_zones limit 1)
        from step where step.time_zones is not null
    )
    select time_zones from step where time_zones is not null
    union all
    (select distinct time_zones from public.contacts
     where p_campaign.calling_from is not null and p_campaign.mode = 'batch'
       and campaign_id = p_campaign.id and state = 'waiting' and batch_index = internal.current_batch(p_campaign))
$$;

-- Effect: none. Those sets, as text, in all of whose zones the campaign may call now; null for a campaign without hours.
create function internal.open_zones(p_campaign public.campaigns, p_now timestamptz) returns text[]
language sql stable security invoker set search_path = ''
as $$
    with waiting as materialized (
        select zones, internal.zones_to_keep(zones, p_campaign) as kept from internal.waiting_zones(p_campaign) zones
    ), inside as materialized (  -- each zone is looked at once, in however many sets it is
        select internal.zones_inside_hours(
            p_campaign, array(select distinct unnest(kept) from waiting), p_now) as zones
    )
    select case when p_campaign.calling_from is not null then array(
        select waiting.zones::text from waiting, inside where waiting.kept <@ inside.zones) end
$$;

-- Effect: none. The rule, of those that concern a campaign as a whole, that keeps it from dialing now: null for none.
-- claim_calls obeys what this says, and explain_campaign says what claim_calls obeys.
create function internal.campaign_block(p_campaign public.campaigns, p_now timestamptz) returns text
language plpgsql stable security invoker set search_path = ''
as $$
declare
    v_batch int;
begin
    if p_campaign.cap <= (select count(*) from internal.active_calls where campaign_id = p_campaign.id) then
        return 'campaign_cap';
    elsif (select cap from public.phone_lines where phone_number_id = p_campaign.phone_number_id)
          <= (select count(*) from internal.active_calls where phone_number_id = p_campaign.phone_number_id) then
        return 'line_cap';
    elsif p_campaign.quiet_line and exists (
        select from internal.active_calls
        where phone_number_id = p_campaign.phone_number_id and campaign_id <> p_campaign.id) then
        return 'line_not_quiet';
    end if;
    v_batch := internal.current_batch(p_campaign);
    if v_batch is not null and not exists (
        select from public.contacts
        where campaign_id = p_campaign.id and state = 'waiting' and batch_index = v_batch) then
        return 'batch';
    elsif internal.open_zones(p_campaign, p_now) = '{}' then
        return 'calling_hours';
    end if;
    return null;
end
$$;

-- Effect: none. The rule that keeps one contact from being called now: do_not_call, calling_hours; null for none.
create function internal.contact_block(
    p_contact public.contacts, p_campaign public.campaigns, p_now timestamptz
) returns text
language sql stable security invoker set search_path = ''
as $$
    select case
        when exists (select from public.do_not_call d where d.phone = p_contact.phone) then 'do_not_call'
        when not internal.is_calling_time(p_campaign, internal.zones_to_keep(p_contact.time_zones, p_campaign), p_now)
            then 'calling_hours' end
$$;

revoke all on function internal.current_batch, internal.zones_to_keep, internal.waiting_zones, internal.open_zones,
    internal.campaign_block, internal.contact_block from public, anon, authenticated;
grant execute on function internal.current_batch, internal.zones_to_keep, internal.waiting_zones,
    internal.open_zones, internal.campaign_block, internal.contact_block to service_role;
