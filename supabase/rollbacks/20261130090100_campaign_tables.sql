drop table public.erased_calls, public.withdrawn_calls, public.calls, public.do_not_call, public.contacts, public.campaigns,
    public.assistant_versions, public.assistants;
drop sequence public.campaign_turns;
drop type public.dial_state, public.call_status, public.call_outcome, public.contact_state, public.campaign_status,
    public.campaign_mode, public.assistant_source;
