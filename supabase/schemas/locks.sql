-- The order in which every function takes its locks; whoever needs several takes them from the top down, so nobody
-- waits in a circle (`tests/database/test_locks.py` races every pair):
--   0. the process's own row of heartbeats
--   1. the claim lock                    claim_calls, take_repairs, what changes a cap
--   2. the do-not-call lock              begin_dial shares it; who adds a number has it alone
--      one lock for each call that is being adopted; nobody who waits for it holds that call
--   3. rows of calls, several by id      without waiting (skip locked, nowait) under the claim lock; stop_campaign may wait
--   4. the row of the campaign           several only under the claim lock
--   5. rows of contacts, of that campaign
--   6. the row of settings
--   7. the row of provider_health
--   8. all others (dial_pace, alarms, audit_log): nothing further is waited for
-- The numbers of the advisory locks are those below, and stand nowhere else.
-- load_time_zones has a lock of its own, before the row of settings; nobody else takes it.
--
-- And how long anybody waits for one lock that somebody keeps: `set lock_timeout` of the function that is called, which holds
-- behind a pooler and PostgREST as well. 150 ms for a message of the provider, which the webhook server tries again without
-- holding a connection; 2 s where a person waits for the answer; 5 s for the dialing. Who waits no longer is told 55P03, and
-- nothing has happened.

-- Effect: one at a time until the end of the transaction: count, then claim.
create function internal.lock_claims() returns void
language sql volatile security invoker set search_path = ''
as $$
    select pg_catalog.pg_advisory_xact_lock(5062170417)
$$;

-- Effect: none. The number of the do-not-call lock, which some share and others have alone.
create function internal.do_not_call_lock() returns bigint
language sql immutable security invoker set search_path = ''
as $$
    select 5062170418
$$;

-- Effect: nobody is added to the do-not-call list until the end of the transaction.
create function internal.lock_do_not_call() returns void
language sql volatile security invoker set search_path = ''
as $$
    select pg_catalog.pg_advisory_xact_lock_shared(internal.do_not_call_lock())
$$;

-- Effect: who puts a number on the do-not-call list, by whatever way, waits for the dials that are being given leave,
-- and they for him: when he has committed, no request leaves for that number any more.
create function internal.keep_dials_out() returns trigger
language plpgsql security invoker set search_path = ''
as $$
begin
    perform pg_catalog.pg_advisory_xact_lock(internal.do_not_call_lock());
    return null;
end
$$;
create trigger do_not_call_waits_for_dials before insert or update on public.do_not_call
    for each statement execute function internal.keep_dials_out();

-- Effect: nobody else adopts this call until the end of the transaction.
create function internal.lock_adoption(p_call_id uuid) returns void
language sql volatile security invoker set search_path = ''
as $$
    select pg_catalog.pg_advisory_xact_lock(50621704, hashtext(p_call_id::text))
$$;

-- Effect: nobody else loads the rules of time zones until the end of the transaction.
create function internal.lock_time_zones() returns void
language sql volatile security invoker set search_path = ''
as $$
    select pg_catalog.pg_advisory_xact_lock(5062170419)
$$;

revoke all on function internal.lock_claims, internal.do_not_call_lock, internal.lock_do_not_call,
    internal.keep_dials_out, internal.lock_adoption, internal.lock_time_zones from public, anon, authenticated;
grant execute on function internal.lock_claims, internal.do_not_call_lock, internal.lock_do_not_call,
    internal.keep_dials_out, internal.lock_adoption, internal.lock_time_zones to service_role;
