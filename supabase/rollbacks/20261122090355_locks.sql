drop trigger do_not_call_waits_for_dials on public.do_not_call;
drop function internal.keep_dials_out();
drop function internal.lock_do_not_call();
drop function internal.lock_claims();
