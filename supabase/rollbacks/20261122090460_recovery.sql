drop function public.note_recovery(timestamptz, numeric, timestamptz);
drop function public.adopt_call(uuid, text, jsonb, text, boolean, timestamptz);
drop function public.take_recovery(timestamptz);
drop function public.begin_recovery(text, timestamptz, timestamptz);
