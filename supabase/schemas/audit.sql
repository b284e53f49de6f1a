-- Rows are never changed, and deleted only where internal.allow_deleting has named the transaction.
create function internal.refuse_change() returns trigger
language plpgsql security invoker set search_path = ''
as $$
begin
    if tg_op = 'DELETE' and tg_table_name <> 'audit_log'
       and pg_catalog.current_setting('autolynx.deleting_in', true) = pg_catalog.pg_current_xact_id()::text then
        return old;
    end if;
    raise exception '% is append-only: rows are never changed or deleted.', tg_table_name using errcode = 'LX150';
end
$$;
create trigger call_events_are_append_only before update or delete on public.call_events
    for each row execute function internal.refuse_change();
create trigger call_events_are_never_truncated before truncate on public.call_events
    for each statement execute function internal.refuse_change();
create trigger stray_events_are_append_only before update or delete on public.stray_events
    for each row execute function internal.refuse_change();
create trigger stray_events_are_never_truncated before truncate on public.stray_events
    for each statement execute function internal.refuse_change();
create trigger audit_log_is_append_only before update or delete on public.audit_log
    for each row execute function internal.refuse_change();
create trigger audit_log_is_never_truncated before truncate on public.audit_log
    for each statement execute function internal.refuse_change();

-- Effect: writes one line of the audit log. Codes: none.
create function internal.audit(
    p_actor text, p_action text, p_subject_type text, p_subject_id text, p_details jsonb, p_now timestamptz
) returns void
language sql volatile security invoker set search_path = ''
as $$
    insert into public.audit_log (created_at, actor, action, subject_type, subject_id, details)
    values (p_now, p_actor, p_action, p_subject_type, p_subject_id, coalesce(p_details, '{}'::jsonb))
$$;

revoke all on function internal.refuse_change, internal.audit from public, anon, authenticated;
grant execute on function internal.audit to service_role;
