drop function public.find_calling_times(jsonb, jsonb, timestamptz);
drop function internal.next_calling_time(public.campaigns, jsonb, timestamptz);
drop function internal.first_calling_time(public.campaigns, jsonb, timestamptz, timestamptz);
drop function internal.is_calling_time(public.campaigns, text[], timestamptz);
drop function internal.zones_inside_hours(public.campaigns, text[], timestamptz);
drop function internal.hours_of_day(public.campaigns, date, int);
drop function internal.has_time_zones(timestamptz);
drop function public.time_zones_version();
drop function public.load_time_zones(text, timestamptz, jsonb, timestamptz);
