drop function internal.status_at_end(public.calls, public.call_status, timestamptz);
drop function internal.ended_after(public.calls, timestamptz, timestamptz);
drop function internal.what_counts(public.calls, jsonb, int, public.call_status);
drop function internal.transcript_parts(jsonb);
drop function internal.result_fields(jsonb);
drop function internal.weight(text, jsonb, int, public.call_status);
drop function internal.source_rank(text, boolean);
