-- Effect: hands out the calls to be ended, each to one caller every five seconds until it is over. One that is not over
-- half a minute after the first time raises an alarm.
-- -> {"calls": [{"call_id", "provider_call_id", "control_url"}]}. Codes: none.
create function public.take_hang_ups(p_limit int default 50, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
    v_calls jsonb := '[]'::jsonb;
begin
    for v_call in
        with due as (
            select id from internal.active_calls
            where hang_up_at <= p_now and dial_state = 'confirmed'
            order by hang_up_at, id limit p_limit
            for no key update skip locked
        )
        update public.calls k
        set hang_up_at = p_now + interval '5 seconds', hang_up_sent_at = coalesce(hang_up_sent_at, p_now)
        from due where k.id = due.id
        returning k.*
    loop
        v_calls := v_calls || jsonb_build_object(
            'call_id', v_call.id, 'provider_call_id', v_call.provider_call_id, 'control_url', v_call.control_url);
        if v_call.hang_up_sent_at <= p_now - interval '30 seconds' then
            perform internal.raise_alarm('hang_up_fails', v_call.id::text,
                'Vapi has not ended a call that it was asked to end half a minute ago; it is asked again every five seconds. '
                'End it in Vapi''s dashboard if it is still under way there.', p_now);
        end if;
    end loop;
    return jsonb_build_object('calls', v_calls);
end
$$;

-- Effect: the provider was asked to end a call and knows of none that is under way. Its end may have been missed, so the call is
-- asked about at once; not where that has been put down already, as while such a question waits for its answer.
-- -> {"call_id", "is_asked"}. Codes: none.
create function public.note_nothing_to_end(p_call_id uuid, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
begin
    update public.calls set check_after = p_now
    where id = p_call_id and report_at is null and dial_state = 'confirmed' and check_after is null;
    return jsonb_build_object('call_id', p_call_id, 'is_asked', found);
end
$$;

-- Effect: a user wants one call ended; the next scheduler that looks hangs up. Safe to repeat.
-- Codes: LX003 no such call; LX121 it is over already.
create function public.hang_up_call(p_id uuid, p_actor text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls where id = p_id for no key update;
    if not found then
        raise exception 'There is no call with the id %.', p_id using errcode = 'LX003';
    elsif not internal.may_be_live(v_call) then
        raise exception 'The call is over already: %.', v_call.status using errcode = 'LX121';
    end if;
    update public.calls set hang_up_at = coalesce(hang_up_at, p_now), hang_up_by = coalesce(hang_up_by, p_actor)
    where id = p_id;
    perform internal.audit(p_actor, 'call.hung_up', 'call', p_id::text, null, p_now);
    perform internal.wake_schedulers(v_call.campaign_id);
    return jsonb_build_object('id', p_id);
end
$$;

revoke all on function public.take_hang_ups, public.note_nothing_to_end, public.hang_up_call
    from public, anon, authenticated;
grant execute on function public.take_hang_ups, public.note_nothing_to_end, public.hang_up_call to service_role;
