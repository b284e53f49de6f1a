-- A call is active while it holds a line. Who looks for active calls, to count, to lock or to change them, looks here: the view's
-- predicate is that of the partial indexes (idx_calls_active and its like), and plans use them as if it stood in the query; a
-- function's they would not. It has the columns that public.calls had when it was made: a migration that adds one makes it anew.
create view internal.active_calls with (security_invoker = true) as
    select * from public.calls where status in ('QUEUED', 'RINGING', 'IN_PROGRESS');

-- Effect: none. What the view says, of one row at hand: of a variable, in a filter, in one arm of an "or", of a row found by its
-- id. Never what rows are found by: no plan sees through it to an index.
create function internal.is_active(p_status public.call_status) returns boolean
language sql immutable security invoker set search_path = ''
as $$
    select p_status in ('QUEUED', 'RINGING', 'IN_PROGRESS')
$$;

-- Effect: none. Whether a call is under way, or nobody knows yet whether it is: one in doubt, or one that was given up and is
-- still asked about.
create function internal.may_be_live(p_call public.calls) returns boolean
language sql immutable security invoker set search_path = ''
as $$
    select internal.is_active(p_call.status) or p_call.dial_state = 'unknown'
        or (p_call.status = 'TIMEOUT' and p_call.status_is_guess and p_call.ask_again_at is not null)
$$;

-- Effect: none. How far a call has come; a terminal status is as far as it goes.
create function internal.status_rank(p_status public.call_status) returns int
language sql immutable security invoker set search_path = ''
as $$
    select case p_status when 'QUEUED' then 0 when 'RINGING' then 1 when 'IN_PROGRESS' then 2 else 3 end
$$;

-- Effect: none. Whether a number has a call under way or in doubt, in whatever campaign. p_besides: another than this.
create function internal.is_number_busy(p_phone text, p_besides uuid default null) returns boolean
language sql stable security invoker set search_path = ''
as $$
    select exists (select from internal.active_calls
                   where phone = p_phone and (p_besides is null or id <> p_besides)
                   union all
                   select from public.calls
                   where phone = p_phone and (p_besides is null or id <> p_besides) and dial_state = 'unknown')
$$;

-- Effect: none. How many calls are under way. p_besides: all but this one.
create function internal.count_active_calls(p_besides uuid default null) returns int
language sql stable security invoker set search_path = ''
as $$
    select count(*)::int from internal.active_calls where p_besides is null or id <> p_besides
$$;

revoke all on internal.active_calls from public, anon, authenticated, service_role;
grant select, update on internal.active_calls to service_role;
revoke all on function internal.is_active, internal.may_be_live, internal.status_rank, internal.is_number_busy,
    internal.count_active_calls from public, anon, authenticated;
grant execute on function internal.is_active, internal.may_be_live, internal.status_rank, internal.is_number_busy,
    internal.count_active_calls to service_role;
