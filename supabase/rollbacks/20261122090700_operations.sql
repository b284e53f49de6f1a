drop function public.get_health(timestamptz);
drop function public.beat(text, text, jsonb, timestamptz);
