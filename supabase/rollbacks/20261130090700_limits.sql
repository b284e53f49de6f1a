drop function public.say_goodbye, public.beat, internal.keep_strictest_limits, internal.live_limits,
    internal.scheduler_life, internal.is_alive;
drop function public.set_phone_line_cap, public.set_organization_cap, internal.note_told_cap, internal.note_probe,
    internal.learn_no_line, internal.organization_cap, internal.is_probing;
drop function public.get_provider_health, public.note_provider_trouble, internal.note_provider_answer,
    internal.note_provider_try, internal.provider_leave;
