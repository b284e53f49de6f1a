drop function public.explain_contact, internal.contact_reasons, public.explain_campaign, internal.waiting_reasons,
    internal.organization_reasons, internal.block_reason, internal.zones_text, internal.hours_text,
    internal.hours_reason, internal.reason;
