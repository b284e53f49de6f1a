drop function internal.resume_due_campaigns, public.stop_campaign, public.resume_campaign, public.pause_campaign,
    public.start_campaign;
drop function public.create_campaign, internal.add_contacts, internal.check_new_campaign, internal.check_fields,
    public.find_do_not_call, internal.contact_zones, internal.hours_columns, internal.check_calling_hours;
drop function public.find_calling_times, internal.next_calling_time, internal.first_calling_time,
    internal.is_calling_time, internal.zones_inside_hours, internal.hours_of_day, internal.has_time_zones,
    public.time_zones_version, public.load_time_zones;
drop trigger contacts_keep_their_attempts on public.contacts;
drop trigger campaigns_move_along_the_arrows on public.campaigns;
drop function internal.pause_for_account, internal.note_campaign_progress, internal.complete_campaign,
    internal.keep_figures, internal.lock_campaign, internal.wake_schedulers, internal.check_attempts,
    internal.check_campaign_transition;
