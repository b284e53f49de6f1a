drop function internal.adopt_call(uuid, jsonb, timestamptz);
drop function internal.take_second_call(public.calls, text, text, timestamptz);
drop function internal.hang_up_if_unwanted(public.calls, timestamptz, boolean);
drop function internal.take_back_call(public.calls, timestamptz, boolean);
drop function internal.pause_for_account(public.calls, text, timestamptz, timestamptz);
drop function internal.note_campaign_progress(uuid, boolean, timestamptz);
drop function internal.settle_contact(public.calls, timestamptz);
drop function internal.return_without_line(public.calls, timestamptz);
drop function internal.return_contact(public.calls, timestamptz, timestamptz, text);
