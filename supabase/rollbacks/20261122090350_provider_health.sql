drop function public.get_provider_health();
drop function public.note_provider_trouble(text, boolean, numeric, timestamptz);
drop function internal.note_provider_answer(timestamptz);
drop function internal.note_provider_try(int, timestamptz);
drop function internal.provider_leave(timestamptz);
drop table public.provider_health;
