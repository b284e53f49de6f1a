drop function public.set_phone_line_cap(text, int, text, timestamptz);
drop function public.set_organization_cap(int, int, timestamptz);
drop function internal.organization_cap(timestamptz);
