drop trigger audit_log_is_never_truncated on public.audit_log;
drop trigger audit_log_is_append_only on public.audit_log;
drop trigger stray_events_are_never_truncated on public.stray_events;
drop trigger stray_events_are_append_only on public.stray_events;
drop trigger call_events_are_never_truncated on public.call_events;
drop trigger call_events_are_append_only on public.call_events;
drop function internal.audit, internal.refuse_change;
drop trigger do_not_call_waits_for_dials on public.do_not_call;
drop function internal.lock_time_zones, internal.lock_adoption, internal.keep_dials_out, internal.lock_do_not_call,
    internal.do_not_call_lock, internal.lock_claims;
