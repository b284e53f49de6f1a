drop function public.erase_traces(text, text, jsonb, int);
drop function internal.without_rows_of(jsonb, text);
drop function internal.digits_of(text);
drop function public.erase_person(text, text, boolean, timestamptz);
drop function public.delete_campaign(uuid, text, text, timestamptz);
drop function internal.delete_contacts(uuid[], timestamptz);
drop function internal.allow_deleting(boolean);
