drop function public.record_event(jsonb, text, text, text, uuid, text, boolean, boolean, jsonb, text, timestamptz, boolean, jsonb, int, timestamptz);
drop function internal.apply_event(public.calls, public.call_status, boolean, boolean, jsonb, int, timestamptz);
drop function public.keep_stray_event(jsonb, text, text, text, text, uuid, timestamptz);
drop function public.count_message(text, timestamptz);
drop function internal.status_rank(public.call_status);
