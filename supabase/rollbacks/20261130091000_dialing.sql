drop function public.step_aside, public.block_call, public.lose_call, public.release_call, internal.lock_dial, public.fail_call, internal.refuse_call;
drop function public.hold_call, public.confirm_call, internal.hang_up_due_at, public.begin_dial;
