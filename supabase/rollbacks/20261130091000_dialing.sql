drop function public.step_aside, public.release_call, public.fail_call, internal.refuse_call;
drop function public.hold_call, public.confirm_call, internal.hang_up_due_at, public.begin_dial;
