-- What the provider said, word for word. Append-only.
create table public.call_events (
    id         uuid primary key default gen_random_uuid(),
    call_id    uuid not null references public.calls (id) on delete cascade,
    status     public.call_status not null,
    payload    jsonb not null,
    created_at timestamptz not null default now(),
    type       text not null,
    dedup_key  text not null unique
);
create index idx_call_events_call on public.call_events (call_id);
create index idx_call_events_created on public.call_events (created_at);

-- Messages that no call could be found for, or that could not be read: kept raw, never lost. They are of a sender, the
-- provider's call where it says which, so that what is kept of one can be deleted with it.
create table public.stray_senders (
    id      text primary key,
    call_id uuid  -- ours, where a message said so
);
create index idx_stray_senders_call on public.stray_senders (call_id);
create table public.stray_events (
    id               uuid primary key default gen_random_uuid(),
    sender           text references public.stray_senders (id) on delete cascade,
    provider_call_id text,
    type             text,
    payload          jsonb not null,
    reason           text not null,
    created_at       timestamptz not null default now(),
    dedup_key        text not null unique
);
create index idx_stray_events_provider on public.stray_events (provider_call_id);
create index idx_stray_events_sender on public.stray_events (sender);

-- How many messages of each type came in that are not used, or cannot be read. A type has as many rows as were once counted at
-- the same moment, and their sum counts: on one row every message would wait for the commit of the one before.
create table public.message_counts (
    type         text not null,
    slot         int not null default 0,
    count        bigint not null default 0,
    last_seen_at timestamptz not null default now(),
    primary key (type, slot)
);

alter table public.call_events enable row level security;
alter table public.stray_senders enable row level security;
alter table public.stray_events enable row level security;
alter table public.message_counts enable row level security;
revoke all on public.call_events, public.stray_senders, public.stray_events, public.message_counts from public, anon,
    authenticated, service_role;
grant select, insert, update, delete on public.stray_senders, public.message_counts to service_role;
grant select, insert on public.call_events, public.stray_events to service_role;
