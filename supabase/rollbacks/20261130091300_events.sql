drop function public.record_event, internal.read_event, internal.follow_event, internal.apply_event, internal.call_of_event,
    public.keep_stray_event, public.count_message;
drop function internal.note_end, internal.transcript_parts, internal.move_status, internal.status_at_end,
    internal.ended_after, internal.what_is_taken, internal.what_counts, internal.result_fields, internal.weight,
    internal.source_rank;
drop type internal.provider_event;
