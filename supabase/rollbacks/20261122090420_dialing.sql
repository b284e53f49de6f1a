drop function public.hold_call(uuid, text, timestamptz);
drop function public.release_call(uuid, text, numeric, boolean, text, int, text, timestamptz, boolean, boolean, timestamptz);
drop function public.fail_call(uuid, text, text, timestamptz);
drop function public.confirm_call(uuid, text, text, int, timestamptz);
drop function public.begin_dial(uuid, text, int, timestamptz);
