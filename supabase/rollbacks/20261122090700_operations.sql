drop function public.get_health(timestamptz);
drop function public.clear_alarm(uuid, text, timestamptz);
drop function public.list_alarms(timestamptz);
drop function internal.open_alarms(timestamptz);
drop function public.note_provider_clock(timestamptz, timestamptz);
drop function public.say_goodbye(text, timestamptz);
drop function public.beat(text, text, jsonb, timestamptz);
