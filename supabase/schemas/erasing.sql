-- Effect: none. A text with the digits of full width and the Arabic and Persian ones as 0 to 9.
create function internal.with_plain_digits(p_text text) returns text
language sql immutable security invoker set search_path = ''
as $$
    select translate(p_text, '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '012345678901234567890123456789')
$$;

-- Effect: none. A pattern of a number however it is written, with signs between its digits, with its country code or a 0 before
-- it or without, but not with another country's; no longer number has it within. p_digits: those without the country code.
create function internal.number_pattern(p_phone text, p_digits text) returns text
language sql immutable security invoker set search_path = ''
as $$
    select '(?:^|\D)(?:(?:00|011)?\D{0,3}' || substr(p_phone, 2, length(p_phone) - length(p_digits) - 1)
        || '\D{0,3}(?:0\D{0,3})?|(?<!\+\d{1,3}\D{0,3})(?:0\D{0,3})?)'
        || array_to_string(regexp_split_to_array(p_digits, ''), '[^0-9A-Za-z]{0,3}') || '(?:\D|$)'
$$;

-- Effect: none. Whether a number stands in a text: quickly, then surely.
create function internal.tells_of(p_text text, p_digits text, p_pattern text) returns boolean
language sql immutable security invoker set search_path = ''
as $$
    select case when regexp_replace(internal.with_plain_digits(p_text), '\D+', '', 'g') like '%' || p_digits || '%'
                then internal.with_plain_digits(p_text) ~ p_pattern else false end
$$;

-- Effect: none. An import report without the rows in which a number stands, or that were read as it ("numbers": {row: E.164}): of
-- them their place is left.
create function internal.without_rows_of(p_report jsonb, p_phone text, p_digits text, p_pattern text) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select coalesce(jsonb_object_agg(part.key, case
        when part.key = 'numbers' and jsonb_typeof(part.value) = 'object' then (
            select coalesce(jsonb_object_agg(row, phone), '{}'::jsonb) from jsonb_each_text(part.value) as read (row, phone)
            where phone <> p_phone)
        when jsonb_typeof(part.value) <> 'array' then part.value
        else (
            select coalesce(jsonb_agg(case
                when jsonb_typeof(line) = 'object' and ((p_report -> 'numbers' ->> (line ->> 'row')) is not distinct from p_phone
                                                        or internal.tells_of((line - 'row')::text, p_digits, p_pattern))
                then (select jsonb_object_agg(f.key, case
                          when f.key = 'reason' then '"Erased on request."'::jsonb
                          when jsonb_typeof(f.value) = 'string' then '""' when jsonb_typeof(f.value) = 'object' then '{}'
                          when jsonb_typeof(f.value) = 'array' then '[]' else f.value end) from jsonb_each(line) f)
                else line end order by place), '[]'::jsonb)
            from jsonb_array_elements(part.value) with ordinality as lines (line, place)) end), '{}'::jsonb)
    from jsonb_each(p_report) part
$$;

-- Effect: erases what else tells of a number: the rows of import reports in which it stands, what Vapi said of it where the
-- reason of a pause is kept, and the messages of no call. Some of it at a time (p_most characters), the campaigns first and of
-- those one that changes: nobody's dialing waits for more. p_digits: the number's without its country code; p_after: where the last
-- call ended, null for the first. Safe to repeat. -> {"after": null when all is looked through}. Codes: none.
create function public.erase_traces(
    p_phone text, p_digits text, p_after jsonb default null, p_most int default 4000000
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_erased constant text := 'What Vapi said was erased on request.';
    v_pattern text := internal.number_pattern(p_phone, p_digits);
    v_left bigint := p_most;
    v_found record;
    v_told text;
begin
    if p_after is null or p_after ->> 'part' = 'campaigns' then
        for v_found in
            select id, import_report::text as report, internal.tells_of(status_reason, p_digits, v_pattern) as is_reason
            from public.campaigns where p_after is null or id > (p_after ->> 'id')::uuid order by id
        loop
            v_left := v_left - coalesce(length(v_found.report), 0);
            if v_found.is_reason or v_found.report like '%' || p_phone || '%'
               or internal.tells_of(v_found.report, p_digits, v_pattern) then
                update public.campaigns
                set import_report = internal.without_rows_of(import_report, p_phone, p_digits, v_pattern),
                    status_reason = case when v_found.is_reason then v_erased else status_reason end
                where id = v_found.id;
                v_left := -1;
            end if;
            if v_left < 0 then
                return jsonb_build_object('after', jsonb_build_object('part', 'campaigns', 'id', v_found.id));
            end if;
        end loop;
        update public.provider_health set reason = v_erased where internal.tells_of(reason, p_digits, v_pattern);
        return jsonb_build_object('after', jsonb_build_object('part', 'messages', 'id', ''));
    end if;
    perform internal.allow_deleting(true);
    for v_found in select id from public.stray_senders where id > p_after ->> 'id' order by id loop
        for v_told in select payload::text from public.stray_events where sender = v_found.id loop
            v_left := v_left - length(v_told);
            if internal.tells_of(v_told, p_digits, v_pattern) then
                delete from public.stray_senders where id = v_found.id;
                exit;
            end if;
        end loop;
        if v_left < 0 then
            perform internal.allow_deleting(false);
            return jsonb_build_object('after', jsonb_build_object('part', 'messages', 'id', v_found.id));
        end if;
    end loop;
    perform internal.allow_deleting(false);
    return jsonb_build_object('after', null);
end
$$;

revoke all on function internal.with_plain_digits, internal.number_pattern, internal.tells_of,
    internal.without_rows_of, public.erase_traces from public, anon, authenticated;
grant execute on function internal.with_plain_digits, internal.number_pattern, internal.tells_of,
    internal.without_rows_of, public.erase_traces to service_role;
