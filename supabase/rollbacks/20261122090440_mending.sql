drop function public.hang_up_call(uuid, text, timestamptz);
drop function public.take_hang_ups(int, timestamptz);
drop function public.note_silence(uuid, boolean, text, timestamptz);
drop function public.take_checks(int, int, timestamptz);
drop function public.note_absent(uuid, timestamptz, timestamptz);
drop function public.take_repairs(int, boolean, timestamptz);
drop function internal.next_look_at(public.calls, timestamptz);
drop function internal.between_looks();
drop function internal.dial_visibility();
