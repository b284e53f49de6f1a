-- The roles that PostgREST switches to exist on Supabase; elsewhere they are made, so that one set of grants
-- is right everywhere. gen_random_uuid() is core; pgcrypto is enabled only where it is available.
do $$
begin
    if exists (select from pg_catalog.pg_available_extensions where name = 'pgcrypto')
       and not exists (select from pg_catalog.pg_extension where extname = 'pgcrypto')
       and to_regnamespace('extensions') is not null then
        create extension pgcrypto with schema extensions;
    end if;
    if to_regrole('anon') is null then create role anon nologin; end if;
    if to_regrole('authenticated') is null then create role authenticated nologin; end if;
    if to_regrole('service_role') is null then
        begin
            create role service_role nologin bypassrls;
        exception when insufficient_privilege then
            create role service_role nologin;
        end;
    end if;
end
$$;

-- Steps that several public functions share. PostgREST exposes only `public`, so nobody calls these by name.
create schema internal;
revoke all on schema internal from public, anon, authenticated;
grant usage on schema internal to service_role;
grant usage on schema public to service_role;

create type public.call_status as enum (
    'QUEUED',       -- claimed or accepted, not ringing yet: holds a line
    'RINGING',      -- holds a line
    'IN_PROGRESS',  -- answered: holds a line
    'ENDED',        -- over, by a person, a machine or the assistant
    'FAILED',       -- never came to a conversation, or broke off
    'CANCELED',     -- ended by a user
    'TIMEOUT'       -- ran into a time limit, or the provider lost it
);

create type public.campaign_mode as enum (
    'continuous',   -- a line that becomes free takes the next contact
    'batch'         -- the next batch begins when every call of the last is over
);

create type public.assistant_source as enum ('local', 'imported', 'template');

create type public.campaign_status as enum (
    'CREATED',      -- exists; -> QUEUED, CANCELED
    'QUEUED',       -- Start was pressed; -> DIALING, PAUSED, CANCELED, COMPLETED, FAILED
    'DIALING',      -- the first call is confirmed; -> RUNNING, PAUSED, CANCELED, COMPLETED, FAILED
    'RUNNING',      -- calls are being reported; -> PAUSED, CANCELED, COMPLETED, FAILED
    'PAUSED',       -- takes no new calls; -> QUEUED, RUNNING, CANCELED, COMPLETED, FAILED
    'COMPLETED',    -- every contact is settled and no call is active
    'CANCELED',     -- stopped by a user
    'FAILED'        -- cannot go on
);

create type public.contact_state as enum (
    'waiting',      -- will be dialed, not before next_attempt_at
    'calling',      -- has a call whose result is not complete yet
    'settled'       -- will get no further call
);

create type public.dial_state as enum (
    'claimed',      -- the row exists; nothing was sent
    'dialing',      -- the request may be on the wire
    'unknown',      -- the answer was lost: the phone may be ringing
    'confirmed',    -- the provider's call id is known
    'refused',      -- the provider said no, for good
    'lost'          -- surely never reached the provider; the contact was given back
);

create type public.user_role as enum ('viewer', 'manager', 'administrator');
