drop function public.claim_calls, internal.what_is_due, internal.claim_for_campaign, internal.campaigns_with_room,
    internal.is_somebody_due, internal.note_pace, internal.organization_room, internal.claim_next_contact,
    internal.dial_order;
drop function internal.contact_block, internal.campaign_block, internal.open_zones, internal.waiting_zones,
    internal.zones_to_keep, internal.current_batch;
