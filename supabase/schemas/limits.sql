-- Effect: none. Whether the claim that is being made may try one line more than was learned: the time has come, and
-- every line that was learned is busy.
create function internal.is_probing(p_now timestamptz) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select learned_cap is not null and probe_at <= p_now and internal.count_active_calls() >= learned_cap
    from public.settings
$$;

-- Effect: none. How many calls the organisation may have at once: the setting, what the account's lines are said to be,
-- and what they were when a call found none (one more when it is time to try). The least counts.
create function internal.organization_cap(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(organization_cap, case when told_cap_until > p_now then told_cap end,
                 learned_cap + internal.is_probing(p_now)::int)
    from public.settings
$$;

-- Effect: a call found no free line: there are no more than what is under way besides it, whatever the account is said to
-- have (calls that come in use lines, too). One more is tried in a few seconds, twice as long after each refusal,
-- up to a minute. p_told: the account's lines, if the provider told.
create function internal.learn_no_line(p_call_id uuid, p_told int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set learned_cap = least(internal.count_active_calls(p_call_id), learned_cap, p_told),
        probe_seconds = v.probe_seconds, probe_at = p_now + make_interval(secs => v.probe_seconds::double precision),
        no_line_at = p_now, updated_at = p_now
    from (select case when no_line_at > p_now - interval '3 seconds' then probe_seconds  -- of one burst
                      else least(probe_seconds * 2, 60) end as probe_seconds from public.settings) v
    where only_row
$$;

-- Effect: one line more than was learned is being tried; the next in half the time where the last try found its line. When all
-- are in use again, what was learned is forgotten.
create function internal.note_probe(p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set learned_cap = case when learned_cap + 1 < least(organization_cap, told_cap) then learned_cap + 1 end,
        probe_seconds = v.probe_seconds, probed_at = p_now,
        probe_at = case when learned_cap + 1 < least(organization_cap, told_cap)
                        then p_now + make_interval(secs => v.probe_seconds::double precision) end,
        updated_at = p_now
    from (select case when no_line_at < probed_at then greatest(probe_seconds / 2, 1) else probe_seconds end
              as probe_seconds from public.settings) v
    where only_row and learned_cap is not null
$$;

-- Effect: the provider says how many lines the account has. It raises nothing that a refusal has taught.
create function internal.note_told_cap(p_told int, p_now timestamptz) returns void
language sql volatile security invoker set search_path = ''
as $$
    update public.settings
    set told_cap = p_told, told_cap_until = p_now + interval '1 hour', updated_at = p_now
    where only_row and p_told is not null
      and (told_cap is distinct from p_told or told_cap_until < p_now + interval '30 minutes')
$$;

-- Effect: stores the organisation's cap, pace and bound of dials in doubt. Safe to repeat. Codes: none.
create function public.set_organization_cap(
    p_cap int, p_dials_per_minute int default null, p_dial_visibility_seconds int default 600,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    perform internal.lock_claims();
    update public.settings
    set organization_cap = p_cap, dials_per_minute = p_dials_per_minute,
        dial_visibility_seconds = p_dial_visibility_seconds, updated_at = p_now
    where only_row and (organization_cap, dials_per_minute, dial_visibility_seconds)
                       is distinct from (p_cap, p_dials_per_minute, p_dial_visibility_seconds);
    return jsonb_build_object('organization_cap', p_cap, 'dials_per_minute', p_dials_per_minute,
                              'dial_visibility_seconds', p_dial_visibility_seconds);
end
$$;

-- Effect: gives a phone line a cap of its own, or with null takes it away. Codes: LX208 the cap is out of range.
create function public.set_phone_line_cap(
    p_phone_number_id text, p_cap int, p_actor text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    if p_cap < 1 then
        raise exception 'The line''s cap is %; accepted is a whole number from 1, or nothing for no cap.', p_cap
            using errcode = 'LX208';
    end if;
    perform internal.lock_claims();
    delete from public.phone_lines where phone_number_id = p_phone_number_id;
    insert into public.phone_lines (phone_number_id, cap, updated_at)
    select p_phone_number_id, p_cap, p_now where p_cap is not null;
    perform internal.audit(p_actor, 'phone_line.capped', 'phone_line', p_phone_number_id,
                           jsonb_build_object('cap', p_cap), p_now);
    perform internal.wake_schedulers(null);
    return jsonb_build_object('phone_number_id', p_phone_number_id, 'cap', p_cap);
end
$$;

revoke all on function internal.is_probing, internal.organization_cap, internal.learn_no_line, internal.note_probe,
    internal.note_told_cap, public.set_organization_cap, public.set_phone_line_cap from public, anon, authenticated;
grant execute on function internal.is_probing, internal.organization_cap, internal.learn_no_line,
    internal.note_probe, internal.note_told_cap, public.set_organization_cap, public.set_phone_line_cap
    to service_role;
