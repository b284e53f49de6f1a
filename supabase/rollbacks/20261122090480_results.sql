drop function internal.what_counts(public.calls, jsonb, int, public.call_status);
drop function internal.transcript_parts(jsonb);
drop function internal.result_fields(jsonb);
drop function internal.weight(text, jsonb, int, public.call_status);
drop function internal.source_rank(text, boolean);
