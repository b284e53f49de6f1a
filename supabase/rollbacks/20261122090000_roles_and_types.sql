-- The roles stay: other projects on the same server may use them.
drop schema internal;
drop type public.user_role;
drop type public.dial_state;
drop type public.contact_state;
drop type public.campaign_status;
drop type public.assistant_source;
drop type public.campaign_mode;
drop type public.call_status;
