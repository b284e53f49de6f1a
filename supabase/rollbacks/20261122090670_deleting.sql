drop function public.erase_person(text, text, boolean, timestamptz);
drop function internal.without_rows_of(jsonb, text);
drop function public.delete_campaign(uuid, text, text, timestamptz);
drop function internal.delete_contacts(uuid[], timestamptz);
