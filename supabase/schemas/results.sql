-- What a call came to is told several times, by sources of different rank, late and in any order. Each field of the result has the
-- value that counts most of all that were said, so whatever the order, and however often each comes, the row is the same.

-- Effect: none. How much a source is to be believed: a report 3, a complete answer to our asking 2, what else tells of the
-- end 1; what nobody said but ourselves has no rank (0).
create function internal.source_rank(p_type text, p_is_complete boolean) returns int
language sql immutable security invoker set search_path = ''
as $$
    select case when not p_is_complete then 1 when p_type = 'reconcile' then 2 else 3 end
$$;

-- Effect: none. How much a value of a field counts: the rank of who said it, and of two of the same rank the fuller. A cost of
-- 0 counts as nothing beside a real one and a conversation with fewer turns beside a longer one, whoever says so. p_status:
-- the end that goes with a reason: one that was a conversation counts more than one that was none.
create function internal.weight(p_field text, p_value jsonb, p_rank int, p_status public.call_status) returns numeric[]
language sql stable security invoker set search_path = ''
as $$
    select case p_field
        when 'cost_usd' then array[(p_value <> '0')::int, p_rank, p_value::numeric]
        when 'transcript_json.messages' then array[
            case when jsonb_typeof(p_value) = 'array' then jsonb_array_length(p_value) else 0 end, p_rank, length(p_value::text)]
        when 'ended_reason' then array[p_rank, (p_status = 'ENDED')::int, length(p_value::text)]
        when 'started_at' then array[p_rank, -extract(epoch from (p_value #>> '{}')::timestamptz)]
        when 'ended_at' then array[p_rank, extract(epoch from (p_value #>> '{}')::timestamptz)]
        when 'duration_seconds' then array[p_rank, p_value::numeric]
        else array[p_rank, (p_value = 'true')::int, length(p_value::text)] end
$$;

-- Effect: none. The fields of a result that say something, each part of a transcript on its own, as "transcript_json.summary".
create function internal.result_fields(p_fields jsonb) returns table (field text, value jsonb)
language sql immutable security invoker set search_path = ''
as $$
    select key, value from jsonb_each(p_fields)
    where key <> 'transcript_json' and value not in ('null', '""')
    union all
    select 'transcript_json.' || key, value
    from jsonb_each(case when jsonb_typeof(p_fields -> 'transcript_json') = 'object' then p_fields -> 'transcript_json' else '{}' end)
    where value not in ('null', '""', '[]', '{}')
$$;

-- Effect: none. What a source says of a call that counts more than what is known of it: {field: value}. p_status: how it says
-- that the call ended.
create function internal.what_counts(
    p_call public.calls, p_fields jsonb, p_rank int, p_status public.call_status
) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_object_agg(said.field, said.value), '{}'::jsonb)
    from internal.result_fields(p_fields) said
    left join internal.result_fields(jsonb_build_object(
        'started_at', p_call.started_at, 'ended_at', p_call.ended_at, 'duration_seconds', p_call.duration_seconds,
        'ended_reason', p_call.ended_reason, 'outcome', p_call.outcome, 'human_reached', p_call.human_reached,
        'cost_usd', p_call.cost_usd, 'recording_url', p_call.recording_url, 'control_url', p_call.control_url,
        'success_evaluation', p_call.success_evaluation, 'transcript_json', p_call.transcript_json)) known
        on known.field = said.field
    where known.field is null
       or (internal.weight(said.field, said.value, p_rank, p_status), said.value::text collate "C")
          > (internal.weight(known.field, known.value, coalesce((p_call.said_by ->> known.field)::int, 0), p_call.end_said),
             known.value::text collate "C")
$$;

-- Effect: none. Of what an event says of a result what counts beside what is known (internal.what_counts); how a call ended -
-- status, reason, outcome, whether it was an attempt - is of one source.
create function internal.what_is_taken(
    p_call public.calls, p_fields jsonb, p_rank int, p_status public.call_status
) returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
    v_counts jsonb := internal.what_counts(p_call, p_fields, p_rank, p_status);
begin
    if p_fields ? 'ended_reason' and not v_counts ? 'ended_reason' then
        v_counts := v_counts - array['outcome', 'is_attempt'];  -- they belong to a reason that does not count
    elsif v_counts ? 'ended_reason' then
        v_counts := v_counts || jsonb_strip_nulls(
            jsonb_build_object('outcome', p_fields -> 'outcome', 'is_attempt', p_fields -> 'is_attempt'));
    end if;
    return v_counts;
end
$$;

-- Effect: none. Whether a call that ended at p_ended_at, by the provider's clock, was under way at p_at by ours; by some two
-- seconds nobody can tell. Where the provider does not say when, it was.
create function internal.ended_after(p_call public.calls, p_ended_at timestamptz, p_at timestamptz) returns boolean
language sql immutable security invoker set search_path = ''
as $$
    select p_at is not null and coalesce(p_ended_at >= p_at - interval '2 seconds' + make_interval(
        secs => coalesce(p_call.provider_ahead_seconds, 0)::double precision), true)
$$;

-- Effect: none. The status of a call that ended as p_said: what a user hung up is canceled, whatever the provider calls it, and
-- so is what AutoLynx hung up; not what was over before we could. p_ended_at: when, as the provider says.
create function internal.status_at_end(
    p_call public.calls, p_said public.call_status, p_ended_at timestamptz
) returns public.call_status
language sql immutable security invoker set search_path = ''
as $$
    select case when p_call.hang_up_by is not null
                     and (not p_call.is_hang_up_ours
                          or internal.ended_after(p_call, p_ended_at, p_call.hang_up_sent_at))
                then 'CANCELED' else p_said end
$$;

-- Effect: none. The call with the status that an event means. It only moves forward; a terminal one gives way only to a source
-- that ranks higher (p_is_reason_taken: its reason counts), or where it was our guess, and one that a user brought about never.
-- p_said: what is taken of the event.
create function internal.move_status(
    p_call public.calls, p_said public.calls, p_status public.call_status, p_is_guess boolean, p_is_reason_taken boolean
) returns public.calls
language plpgsql immutable security invoker set search_path = ''
as $$
declare
    v_call public.calls := p_call;
    v_is_end boolean := p_status is not null and internal.status_rank(p_status) = 3;
begin
    if v_is_end and (internal.status_rank(v_call.status) < 3 or v_call.status_is_guess or p_is_reason_taken) then
        v_call.end_said := p_status;
        v_call.status_is_guess := p_is_guess;
    elsif p_status is not null and internal.status_rank(p_status) > internal.status_rank(v_call.status) then
        v_call.status := p_status;
        v_call.status_is_guess := p_is_guess;
    end if;
    if v_call.end_said is not null then
        v_call.status := internal.status_at_end(
            v_call, v_call.end_said,
            coalesce(p_said.ended_at, case when v_call.said_by ? 'ended_at' then v_call.ended_at end));
    end if;
    return v_call;
end
$$;

-- Effect: none. The parts of a transcript among the fields of a result: {"summary", "messages", "text", "structured"}.
create function internal.transcript_parts(p_fields jsonb) returns jsonb
language sql immutable security invoker set search_path = ''
as $$
    select coalesce(jsonb_object_agg(substr(key, length('transcript_json.') + 1), value), '{}'::jsonb)
    from jsonb_each(p_fields) where key like 'transcript\_json.%'
$$;

-- Effect: the call with what is taken of an event that tells of its end. Where it was an attempt after all, its contact is taken
-- back, which locks the campaign, then the contact. p_before: the call before this event.
create function internal.note_end(
    p_call public.calls, p_before public.calls, p_said public.calls, p_now timestamptz
) returns public.calls
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    v_call public.calls := p_call;
begin
    v_call.ended_at := coalesce(p_said.ended_at, v_call.ended_at, p_now);
    -- what the provider says of the length, else between the times we know
    v_call.duration_seconds := case
        when v_call.said_by ? 'duration_seconds' then coalesce(p_said.duration_seconds, v_call.duration_seconds)
        -- of two clocks nothing can be told
        when v_call.started_at is null or (v_call.said_by ? 'started_at') = (v_call.said_by ? 'ended_at') then
            least(greatest(extract(epoch from v_call.ended_at - v_call.started_at), 0), 9999999) end;
    v_call.ended_reason := coalesce(p_said.ended_reason, v_call.ended_reason);
    v_call.outcome := coalesce(p_said.outcome, v_call.outcome);
    v_call.human_reached := coalesce(p_said.human_reached, v_call.human_reached);
    -- what was none before is one again only while its contact, which was given back, has no other call
    v_call.is_attempt := case
        when p_before.is_attempt then coalesce(p_said.is_attempt, true)
        when p_said.is_attempt and p_before.said_by ? 'is_attempt' then internal.take_contact_back(p_before)
        else false end;
    v_call.over_since := coalesce(v_call.over_since, p_now);
    return v_call;
end
$$;

revoke all on function internal.source_rank, internal.weight, internal.result_fields, internal.what_counts,
    internal.what_is_taken, internal.ended_after, internal.status_at_end, internal.move_status,
    internal.transcript_parts, internal.note_end from public, anon, authenticated;
grant execute on function internal.source_rank, internal.weight, internal.result_fields, internal.what_counts,
    internal.what_is_taken, internal.ended_after, internal.status_at_end, internal.move_status,
    internal.transcript_parts, internal.note_end to service_role;
