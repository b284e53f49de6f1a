drop function public.get_health;
drop function public.note_provider_clock, public.clear_alarm, public.list_alarms, internal.open_alarms,
    internal.raise_alarm;
