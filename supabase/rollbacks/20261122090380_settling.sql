drop function internal.pause_for_account(public.calls, text, timestamptz, timestamptz);
drop function internal.learn_cap(int, uuid, timestamptz);
drop function internal.revive_lost_call(public.calls, timestamptz);
drop function internal.note_campaign_progress(uuid, boolean, timestamptz);
drop function internal.settle_contact(public.calls, timestamptz);
drop function internal.return_contact(public.calls, timestamptz, timestamptz);
drop function internal.give_back_contact(uuid, uuid, timestamptz, timestamptz);
