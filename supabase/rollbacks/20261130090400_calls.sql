drop function internal.count_active_calls, internal.is_number_busy, internal.status_rank, internal.may_be_live,
    internal.is_active;
drop view internal.active_calls;
