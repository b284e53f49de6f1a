-- Effect: counts a message by its type, whatever becomes of it; on the first row of the type that nobody holds, else on a new
-- one, so that only the first messages of a type wait for each other. Codes: none.
create function public.count_message(p_type text, p_now timestamptz default now()) returns jsonb
language sql volatile security invoker set search_path = ''
set lock_timeout = '150ms'
as $$
    with free as (
        select slot from public.message_counts where type = left(p_type, 100)
        order by slot limit 1 for no key update skip locked)
    insert into public.message_counts as m (type, slot, count, last_seen_at)
    values (left(p_type, 100),
            coalesce((select slot from free),
                     (select max(slot) + 1 from public.message_counts where type = left(p_type, 100)), 0),
            1, p_now)
    on conflict (type, slot) do update set count = m.count + 1, last_seen_at = p_now
    returning jsonb_build_object('type', type)
$$;

-- Effect: keeps a message that no call could be found for or that could not be read. p_call_id: ours, where it says so.
-- Safe to repeat. Codes: none.
create function public.keep_stray_event(
    p_payload jsonb, p_dedup_key text, p_reason text, p_type text default null, p_provider_call_id text default null,
    p_call_id uuid default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '150ms'
as $$
begin
    insert into public.stray_senders (id, call_id) values (coalesce(p_provider_call_id, p_dedup_key), p_call_id)
    on conflict (id) do nothing;
    update public.stray_senders set call_id = p_call_id
    where id = p_provider_call_id and call_id is null and p_call_id is not null;
    insert into public.stray_events (sender, provider_call_id, type, payload, reason, created_at, dedup_key)
    values (coalesce(p_provider_call_id, p_dedup_key), p_provider_call_id, p_type, p_payload, p_reason, p_now, p_dedup_key)
    on conflict (dedup_key) do nothing;
    return jsonb_build_object('result', case when found then 'kept' else 'duplicate' end);
end
$$;

-- Effect: finds the call that an event is of, and locks it: by p_provider_call_id, or, while that is not known to us yet, by
-- p_call_id from our metadata; one we do not know is taken over where p_origin says whose it is (internal.adopt_call).
-- -> v_call; where there is none, v_reason says why, and null there: it was deleted on purpose. Alarms: second_call,
-- unknown_call. Codes: none.
create function internal.call_of_event(
    p_provider_call_id text, p_call_id uuid, p_status public.call_status, p_origin jsonb, p_now timestamptz,
    out v_call public.calls, out v_reason text
)
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_is_another boolean := false;  -- our call is another one of the provider
begin
    select * into v_call from public.calls where provider_call_id = p_provider_call_id for no key update;
    if not found and p_call_id is not null then
        select * into v_call from public.calls where id = p_call_id for no key update;
        if v_call.provider_call_id <> p_provider_call_id then  -- equal: the confirm came just now
            v_is_another := true;
            if p_status is not null then
                perform internal.raise_alarm('second_call', p_call_id::text, format(
                    'Vapi tells of a second call out of one dial, %s. It is not counted here: look at it in the dashboard '
                    'of Vapi, and end it there should it still be under way.', p_provider_call_id), p_now);
            end if;
            v_call := null;
        end if;
    end if;
    if v_call.id is null and exists (
        select from public.erased_calls where provider_call_id = p_provider_call_id or call_id = p_call_id) then
        if internal.status_rank(p_status) < 3 then
            perform internal.raise_alarm('unknown_call', 'deleted',
                'Vapi tells that a call is under way whose contact was deleted here. It is not counted: look at it in the '
                'dashboard of Vapi, and end it there.', p_now);
        end if;
        return;
    end if;
    if v_call.id is null and p_call_id is not null and p_origin is not null and not v_is_another then
        v_call := internal.adopt_call(p_call_id, p_origin, p_now);
        if v_call.provider_call_id <> p_provider_call_id then  -- another of its messages was first
            v_is_another := true;
            v_call := null;
        end if;
    end if;
    if v_call.id is null and p_call_id is not null and p_status is not null and not v_is_another
       and exists (select from public.settings where forgot_since is null) then  -- nobody has told yet
        perform internal.raise_alarm('unknown_call', 'messages',
            'Vapi tells of a call with an id like ours that this database does not know, and of no campaign here that could '
            'have it. It is not counted. Was the database restored or replaced? Then run: python -m autolynx check '
            '--after-restore --since TIME-OF-THE-BACKUP. Else look at it in the dashboard of Vapi.', p_now);
    end if;
    v_reason := case when v_is_another then format('our call %s is another call of the provider', p_call_id)
                     else 'no call with this id' end;
end
$$;

-- Effect: brings a call to what an event says: of its result what counts beside what is known (internal.what_is_taken), its status
-- as far as that has come (internal.move_status). p_status: null where the event does not say.
create function internal.apply_event(
    p_call public.calls, p_status public.call_status, p_is_guess boolean, p_is_final boolean, p_fields jsonb,
    p_rank int, p_now timestamptz
) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls := p_call;
    v_counts jsonb := internal.what_is_taken(p_call, p_fields, p_rank, p_status);
    v_said public.calls := jsonb_populate_record(null::public.calls, v_counts);
    v_is_over boolean;
begin
    v_call.said_by := v_call.said_by || (
        select coalesce(jsonb_object_agg(field, p_rank), '{}'::jsonb) from jsonb_object_keys(v_counts) field);
    v_call := internal.move_status(v_call, v_said, p_status, p_is_guess, v_counts ? 'ended_reason');
    v_is_over := internal.status_rank(v_call.status) = 3;
    v_call.started_at := coalesce(
        v_said.started_at, v_call.started_at, case when p_status = 'IN_PROGRESS' and not v_is_over then p_now end);
    if v_is_over then
        v_call := internal.note_end(v_call, p_call, v_said, p_now);
    end if;
    v_call.cost_usd := coalesce(v_said.cost_usd, v_call.cost_usd);
    v_call.recording_url := coalesce(v_said.recording_url, v_call.recording_url);
    v_call.transcript_json := nullif(
        coalesce(v_call.transcript_json, '{}'::jsonb) || internal.transcript_parts(v_counts), '{}'::jsonb);
    v_call.success_evaluation := coalesce(v_said.success_evaluation, v_call.success_evaluation);
    v_call.control_url := coalesce(v_call.control_url, v_said.control_url);
    -- of what the provider says was no attempt nothing more is awaited, unless it was one; a second call of a contact has its
    -- result, too
    v_call.report_at := case
        when (p_is_final or not coalesce(v_said.is_attempt, true)) and v_is_over then coalesce(v_call.report_at, p_now)
        when v_call.is_attempt and not p_call.is_attempt then null else v_call.report_at end;
    update public.calls set
        status = v_call.status, status_is_guess = v_call.status_is_guess, started_at = v_call.started_at,
        ended_at = v_call.ended_at, duration_seconds = v_call.duration_seconds, ended_reason = v_call.ended_reason,
        outcome = v_call.outcome, human_reached = v_call.human_reached, is_attempt = v_call.is_attempt,
        cost_usd = v_call.cost_usd, recording_url = v_call.recording_url, transcript_json = v_call.transcript_json,
        success_evaluation = v_call.success_evaluation, control_url = v_call.control_url, report_at = v_call.report_at,
        said_by = v_call.said_by, end_said = v_call.end_said, over_since = v_call.over_since,
        hang_up_at = internal.hang_up_due_at(calls, v_call.control_url, p_now),
        provider_call_id = v_call.provider_call_id, dial_state = 'confirmed', hold_reason = null,
        last_status_at = p_now, check_after = null, unanswered_since = null, failed_checks = 0, unknown_since = null,
        unknown_answers = 0, ask_again_at = case when not (p_is_final and v_is_over) then ask_again_at end
    where id = v_call.id;
    v_call.dial_state := 'confirmed';
    return v_call;
end
$$;

-- Effect: what follows for the contact, the campaign, the lines and the schedulers from an event that was applied to a call.
-- p_before: the call before it. p_is_over_limit, p_was_lost_sight_of: it ended for want of a line; it had been given up.
create function internal.follow_event(
    p_call public.calls, p_before public.calls, p_is_over_limit boolean, p_was_lost_sight_of boolean, p_now timestamptz
) returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_was_active boolean := internal.is_active(p_before.status);
    v_was_settled boolean := p_before.report_at is not null;
    v_was_confirmed boolean := p_before.dial_state = 'confirmed';
    v_had_control boolean := p_before.control_url is not null;
begin
    if p_call.report_at is not null and p_is_over_limit and not v_was_settled then
        perform internal.return_without_line(p_call, p_now);
    elsif p_call.report_at is not null and (not v_was_settled or p_call.is_attempt or p_was_lost_sight_of) then
        perform internal.settle_contact(p_call, p_now);
    else
        perform internal.keep_figures(p_call.campaign_id);
    end if;
    if p_is_over_limit and v_was_active then
        perform internal.learn_no_line(p_call.id, null, p_now);
    end if;
    if (v_was_active and internal.status_rank(p_call.status) = 3)
       or (p_call.hang_up_by is not null  -- wished for while the dial was on its way, or nobody knew where to
           and (not v_was_confirmed or (not v_had_control and p_call.control_url is not null))) then
        perform internal.wake_schedulers(p_call.campaign_id);
    end if;
end
$$;

-- What is told of one message of the provider, or of its answer when asked. What is left out is null, false, or no field.
create type internal.provider_event as (
    payload jsonb,             -- as it came, and is kept
    type text,                 -- of a message; 'reconcile' of an answer
    dedup_key text,            -- what two deliveries of it have in common, and nothing else has
    provider_call_id text,
    call_id uuid,              -- ours, where the provider repeats it: for an event that outruns the answer to its dial
    status public.call_status, -- what it means for the call; null for nothing
    is_guess boolean,          -- the provider did not say how the call ended
    is_final boolean,          -- the result is whole with this
    fields jsonb,              -- columns of public.calls
    is_over_limit boolean,     -- it ended since the account had no line free
    origin jsonb,              -- what the provider's call carries of ours, so that one we do not know is taken over
    patience_seconds int,      -- the result is whole, too, when the end has been known for so long
    pause_reason text,         -- every further call would end the same way: the campaign pauses with this sentence
    resume_at timestamptz      -- until then, where given
);

-- Effect: none. The same, from JSON.
create function internal.read_event(p_event jsonb) returns internal.provider_event
language plpgsql immutable security invoker set search_path = ''
as $$
declare
    v_told internal.provider_event := jsonb_populate_record(null::internal.provider_event, p_event);
begin
    v_told.is_guess := coalesce(v_told.is_guess, false);
    v_told.is_final := coalesce(v_told.is_final, false);
    v_told.is_over_limit := coalesce(v_told.is_over_limit, false);
    v_told.fields := coalesce(v_told.fields, '{}'::jsonb);
    return v_told;
end
$$;

-- Effect: one message of the provider, whole: keeps it as an immutable event, applies it to its call, settles the contact and
-- completes the campaign, all or nothing. Safe to repeat: a duplicate changes nothing. p_event: internal.provider_event. The
-- call is found by the provider's id, or, while that is not known to us yet, by ours from the metadata. A field that it lacks,
-- and one that does not count beside what is known, leaves the call's as it is.
-- -> {"result": applied|duplicate|unmatched|unused, "call_id", "campaign_id", "status"}; unused: the call was deleted on purpose.
-- Codes: none.
create function public.record_event(p_event jsonb, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '150ms'
as $$
declare
    v_told internal.provider_event := internal.read_event(p_event);
    v_found record;
    v_call public.calls;
    v_before public.calls;
    v_is_final boolean;
    v_was_in_doubt boolean;
    v_was_lost_sight_of boolean;
begin
    select * into v_found
    from internal.call_of_event(v_told.provider_call_id, v_told.call_id, v_told.status, v_told.origin, p_now);
    v_call := v_found.v_call;
    if v_call.id is null and v_found.v_reason is null then
        return jsonb_build_object('result', 'unused');  -- deleted on purpose: nothing of it is kept
    elsif v_call.id is null then
        perform public.keep_stray_event(
            v_told.payload, v_told.dedup_key, v_found.v_reason, v_told.type, v_told.provider_call_id, v_told.call_id, p_now);
        return jsonb_build_object('result', 'unmatched', 'reason', v_found.v_reason);
    end if;

    insert into public.call_events (call_id, status, payload, created_at, type, dedup_key)
    values (v_call.id, coalesce(v_told.status, v_call.status), v_told.payload, p_now, v_told.type, v_told.dedup_key)
    on conflict (dedup_key) do nothing;
    -- the provider's answer when asked is kept once and taken each time: that it is still the same is news, too
    if not found and v_told.type <> 'reconcile' then
        return jsonb_build_object('result', 'duplicate', 'call_id', v_call.id, 'campaign_id', v_call.campaign_id,
                                  'status', v_call.status);
    end if;

    v_was_in_doubt := v_call.dial_state in ('unknown', 'lost', 'refused');
    v_was_lost_sight_of := v_call.status = 'TIMEOUT' and v_call.status_is_guess;
    v_call := internal.take_back_call(v_call, p_now, internal.status_rank(v_told.status) < 3);
    v_before := v_call;
    v_call.provider_call_id := coalesce(v_call.provider_call_id, v_told.provider_call_id);
    v_is_final := v_told.is_final
        or coalesce(v_call.over_since <= p_now - make_interval(secs => v_told.patience_seconds), false);
    v_call := internal.apply_event(v_call, v_told.status, v_told.is_guess, v_is_final, v_told.fields,
                                   internal.source_rank(v_told.type, v_told.is_final), p_now);
    perform internal.note_campaign_progress(v_call.campaign_id, true, p_now);
    perform internal.pause_for_account(v_call, v_told.pause_reason, v_told.resume_at, p_now);
    if v_was_in_doubt or v_was_lost_sight_of then
        v_call := internal.hang_up_if_unwanted(v_call, p_now, not v_was_in_doubt);
    end if;
    perform internal.follow_event(v_call, v_before, v_told.is_over_limit, v_was_lost_sight_of, p_now);
    return jsonb_build_object('result', 'applied', 'call_id', v_call.id, 'campaign_id', v_call.campaign_id,
                              'status', v_call.status);
end
$$;

revoke all on function public.count_message, public.keep_stray_event, internal.call_of_event, internal.apply_event,
    internal.follow_event, internal.read_event, public.record_event from public, anon, authenticated;
grant execute on function public.count_message, public.keep_stray_event, internal.call_of_event,
    internal.apply_event, internal.follow_event, internal.read_event, public.record_event to service_role;
