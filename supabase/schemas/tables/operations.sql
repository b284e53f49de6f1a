-- What somebody should look at: each once while it is open.
create table public.alarms (
    id         uuid primary key default gen_random_uuid(),
    code       text not null,
    subject    text not null,
    text       text not null,
    created_at timestamptz not null default now(),
    cleared_at timestamptz,
    cleared_by text,
    constraint cleared_by_somebody check ((cleared_at is null) = (cleared_by is null))
);
create unique index one_open_alarm_a_subject on public.alarms (code, subject) where cleared_at is null;

-- The processes that are alive.
create table public.heartbeats (
    name     text primary key,
    kind     text not null,
    seen_at  timestamptz not null default now(),
    -- since when it has been alive with the limits in its details
    since_at timestamptz not null default now(),
    details  jsonb not null default '{}'::jsonb
);

alter table public.alarms enable row level security;
alter table public.heartbeats enable row level security;
revoke all on public.alarms, public.heartbeats from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.alarms, public.heartbeats to service_role;
