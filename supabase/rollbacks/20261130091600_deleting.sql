drop function public.erase_traces, internal.without_rows_of, internal.tells_of, internal.number_pattern,
    internal.with_plain_digits;
drop function public.erase_person, public.delete_campaign, internal.delete_contacts, internal.allow_deleting;
