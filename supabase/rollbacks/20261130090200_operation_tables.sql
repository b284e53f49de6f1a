drop table public.heartbeats, public.alarms, public.audit_log, public.user_sessions, public.users, public.provider_health,
    public.phone_lines, public.dial_pace, public.time_zone_rules, public.settings, public.message_counts,
    public.stray_events, public.stray_senders, public.call_events;
drop type public.user_role;
