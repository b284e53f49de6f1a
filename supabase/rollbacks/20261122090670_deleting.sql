drop function public.erase_traces(text, text, jsonb, int);
drop function internal.without_rows_of(jsonb, text, text, text);
drop function internal.tells_of(text, text, text);
drop function internal.number_pattern(text, text);
drop function internal.with_plain_digits(text);
drop function public.erase_person(text, text, boolean, timestamptz);
drop function public.delete_campaign(uuid, text, text, timestamptz);
drop function internal.delete_contacts(uuid[], timestamptz);
drop function internal.allow_deleting(boolean);
