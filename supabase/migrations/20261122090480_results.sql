-- What a call came to is told several times, by sources of different rank, late and in any order. Each field of the result has the
-- value that counts most of all that were said, so whatever the order, and however often each comes, the row is the same.

-- Effect: none. How much a source is to be believed: a report 3, a complete answer to our asking 2, what else tells of the
-- end 1; what nobody said but ourselves has no rank (0).
create function internal.source_rank(p_type text, p_is_complete boolean) returns int
language sql immutable security invoker set search_path = ''
as $$
    select case when not p_is_complete then 1 when p_type = 'reconcile' then 2 else 3 end
$$;
revoke all on function internal.source_rank(text, boolean) from public, anon, authenticated;
grant execute on function internal.source_rank(text, boolean) to service_role;

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
revoke all on function internal.weight(text, jsonb, int, public.call_status) from public, anon, authenticated;
grant execute on function internal.weight(text, jsonb, int, public.call_status) to service_role;

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
revoke all on function internal.result_fields(jsonb) from public, anon, authenticated;
grant execute on function internal.result_fields(jsonb) to service_role;

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
revoke all on function internal.what_counts(public.calls, jsonb, int, public.call_status) from public, anon, authenticated;
grant execute on function internal.what_counts(public.calls, jsonb, int, public.call_status) to service_role;

-- Effect: none. Whether a call that ended at p_ended_at, by the provider's clock, was under way at p_at by ours; by some two
-- seconds nobody can tell. Where the provider does not say when, it was.
create function internal.ended_after(p_call public.calls, p_ended_at timestamptz, p_at timestamptz) returns boolean
language sql immutable security invoker set search_path = ''
as $$
    select p_at is not null and coalesce(p_ended_at >= p_at - interval '2 seconds' + make_interval(
        secs => coalesce(p_call.provider_ahead_seconds, 0)::double precision), true)
$$;
revoke all on function internal.ended_after(public.calls, timestamptz, timestamptz) from public, anon, authenticated;
grant execute on function internal.ended_after(public.calls, timestamptz, timestamptz) to service_role;

-- Effect: none. The status of a call that ended as p_said: what a user hung up is canceled, whatever the provider calls it, and
-- so is what AutoLynx hung up; not what was over before we could. p_ended_at: when, as the provider says.
create function internal.status_at_end(
    p_call public.calls, p_said public.call_status, p_ended_at timestamptz
) returns public.call_status
language sql immutable security invoker set search_path = ''
as $$
    select case when p_call.hang_up_by is not null
                     and (p_call.hang_up_by <> 'AutoLynx'
                          or internal.ended_after(p_call, p_ended_at, p_call.hang_up_sent_at))
                then 'CANCELED' else p_said end
$$;
revoke all on function internal.status_at_end(public.calls, public.call_status, timestamptz) from public, anon, authenticated;
grant execute on function internal.status_at_end(public.calls, public.call_status, timestamptz) to service_role;

-- Effect: none. The parts of a transcript among the fields of a result: {"summary", "messages", "text", "structured"}.
create function internal.transcript_parts(p_fields jsonb) returns jsonb
language sql immutable security invoker set search_path = ''
as $$
    select coalesce(jsonb_object_agg(substr(key, length('transcript_json.') + 1), value), '{}'::jsonb)
    from jsonb_each(p_fields) where key like 'transcript\_json.%'
$$;
revoke all on function internal.transcript_parts(jsonb) from public, anon, authenticated;
grant execute on function internal.transcript_parts(jsonb) to service_role;
