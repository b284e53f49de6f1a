drop function public.get_call, public.export_contacts, public.list_contacts, internal.contact_json;
drop function public.get_overview, public.get_campaign, public.list_campaigns, internal.campaign_json,
    internal.campaign_progress;
