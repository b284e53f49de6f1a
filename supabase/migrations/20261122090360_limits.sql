-- Effect: none. How many calls the organisation may have at once: the setting, lowered by what the provider reported.
create function internal.organization_cap(p_now timestamptz) returns int
language sql stable security invoker set search_path = ''
as $$
    select least(organization_cap, case when learned_cap_until > p_now then learned_cap end) from public.settings
$$;
revoke all on function internal.organization_cap(timestamptz) from public, anon, authenticated;
grant execute on function internal.organization_cap(timestamptz) to service_role;

-- Effect: stores the organisation's cap and pace from the settings of this installation. Safe to repeat. Codes: none.
create function public.set_organization_cap(
    p_cap int, p_dials_per_minute int default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    update public.settings set organization_cap = p_cap, dials_per_minute = p_dials_per_minute, updated_at = p_now
    where only_row and (organization_cap <> p_cap or dials_per_minute is distinct from p_dials_per_minute);
    return jsonb_build_object('organization_cap', p_cap, 'dials_per_minute', p_dials_per_minute);
end
$$;
revoke all on function public.set_organization_cap(int, int, timestamptz) from public, anon, authenticated;
grant execute on function public.set_organization_cap(int, int, timestamptz) to service_role;

-- Effect: gives a phone line a cap of its own, or with null takes it away. Codes: LX208 the cap is out of range.
create function public.set_phone_line_cap(
    p_phone_number_id text, p_cap int, p_actor text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
begin
    if p_cap < 1 then
        raise exception 'The line''s cap is %; accepted is a whole number from 1, or nothing for no cap.', p_cap
            using errcode = 'LX208';
    end if;
    delete from public.phone_lines where phone_number_id = p_phone_number_id;
    insert into public.phone_lines (phone_number_id, cap, updated_at)
    select p_phone_number_id, p_cap, p_now where p_cap is not null;
    perform internal.audit(p_actor, 'phone_line.capped', 'phone_line', p_phone_number_id,
                           jsonb_build_object('cap', p_cap), p_now);
    perform internal.wake_schedulers(null);
    return jsonb_build_object('phone_number_id', p_phone_number_id, 'cap', p_cap);
end
$$;
revoke all on function public.set_phone_line_cap(text, int, text, timestamptz) from public, anon, authenticated;
grant execute on function public.set_phone_line_cap(text, int, text, timestamptz) to service_role;
