drop function public.get_overview(timestamptz, timestamptz);
drop function public.get_call(uuid);
drop function public.export_contacts(uuid, int, int);
drop function public.list_contacts(uuid, text, text, int, int);
drop function internal.contact_json(public.contacts);
drop function public.get_campaign(uuid);
drop function public.list_campaigns(jsonb, int, int);
drop function internal.campaign_json(public.campaigns);
drop function internal.campaign_progress(uuid);
