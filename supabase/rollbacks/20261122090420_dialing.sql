drop function public.hold_call(uuid, text, boolean, timestamptz);
drop function public.step_aside(uuid, text, text, timestamptz);
drop function public.release_call(uuid, text, numeric, text, int, text, timestamptz, boolean, boolean, timestamptz);
drop function public.fail_call(uuid, text, text, timestamptz);
drop function internal.refuse_call(uuid, text, text, timestamptz);
drop function public.confirm_call(uuid, text, text, int, timestamptz);
drop function internal.hang_up_due_at(public.calls, text, timestamptz);
drop function public.begin_dial(uuid, text, int, int, timestamptz, timestamptz);
