drop function public.explain_contact(uuid, timestamptz);
drop function public.explain_campaign(uuid, timestamptz);
drop function internal.waiting_reasons(public.campaigns, timestamptz);
drop function internal.organization_reasons(timestamptz);
drop function internal.block_reason(public.campaigns, text, timestamptz);
drop function internal.zones_text(text[]);
drop function internal.hours_text(public.campaigns);
drop function internal.hours_reason(timestamptz, text, text, timestamptz);
drop function internal.reason(text, text, timestamptz, timestamptz);
