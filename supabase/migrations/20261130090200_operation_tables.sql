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

-- Settings that every process shares: one row.
create table public.settings (
    only_row          boolean primary key default true check (only_row),
    organization_cap  int not null default 10 check (organization_cap >= 1),
    told_cap          int check (told_cap >= 0),          -- the lines the account has, by the provider's own word
    told_cap_until    timestamptz,
    learned_cap       int check (learned_cap >= 0),       -- the lines there were when a call found none: never more
    probe_at          timestamptz,                        -- one line more is tried from then on
    probe_seconds     numeric not null default 2,         -- between two tries: doubled by a refusal, halved without
    no_line_at        timestamptz,                        -- the last time that a call found no line
    probed_at         timestamptz,                        -- the last time that one line more was tried
    dials_per_minute  int check (dials_per_minute >= 1),  -- null: as fast as lines become free
    dial_visibility_seconds int not null default 600 check (dial_visibility_seconds >= 1),
    forgot_since      timestamptz,                        -- this database may have forgotten the dials since then
    forgot_at         timestamptz,                        -- ... and was told so then; nobody is dialed meanwhile
    recovery_after    timestamptz,                        -- the next list not before
    recovery_began_at timestamptz,                        -- when the first list of the provider's calls was asked for
    recovery_ahead_seconds numeric,                       -- the provider's clock against ours, then
    time_zones_version text,                              -- of time_zone_rules: the IANA's, like 2026f; null: none are loaded
    time_zones_until  timestamptz,                        -- when those rules end
    updated_at        timestamptz not null default now(),
    constraint probing_what_was_learned check ((learned_cap is null) = (probe_at is null)),
    constraint forgetting_is_told check ((forgot_since is null) = (forgot_at is null)),
    constraint time_zones_are_whole check ((time_zones_version is null) = (time_zones_until is null))
);
insert into public.settings default values;

-- How far clocks are ahead of UTC, by the IANA's rules as load_time_zones got them, and from when on.
create table public.time_zone_rules (
    name           text collate "C" not null,
    from_at        timestamptz not null,
    offset_seconds int,                                   -- east of UTC; null: here the rules end
    primary key (name, from_at)
);

-- How many calls were begun when: what a pace is kept by, whatever became of the calls since.
create table public.dial_pace (
    created_at timestamptz not null,
    calls      int not null check (calls > 0)
);
create index idx_dial_pace on public.dial_pace (created_at);

-- The caller ids that have a limit of their own.
create table public.phone_lines (
    phone_number_id text primary key,
    cap             int not null check (cap >= 1),
    updated_at      timestamptz not null default now()
);

-- Whether the provider takes dials: a circuit breaker that every scheduler shares. One row.
create table public.provider_health (
    only_row boolean primary key default true check (only_row),
    state    text not null default 'closed',  -- closed: dial; open: do not, until retry_at; half_open: one dial tries
    failures int not null default 0,          -- in a row
    openings int not null default 0,          -- in a row: each doubles the pause
    since    timestamptz,                     -- not closed since
    retry_at timestamptz,
    reason   text,
    constraint provider_state check (state in ('closed', 'open', 'half_open')),
    constraint trouble_has_a_beginning check ((state = 'closed') = (since is null)),
    constraint trouble_has_an_end check ((state = 'closed') = (retry_at is null))
);
insert into public.provider_health default values;

alter table public.settings enable row level security;
alter table public.time_zone_rules enable row level security;
alter table public.dial_pace enable row level security;
alter table public.phone_lines enable row level security;
alter table public.provider_health enable row level security;
revoke all on public.settings, public.time_zone_rules, public.dial_pace, public.phone_lines, public.provider_health
    from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.settings, public.time_zone_rules, public.dial_pace, public.phone_lines
    to service_role;
grant select, update on public.provider_health to service_role;

create type public.user_role as enum ('viewer', 'manager', 'administrator');

create table public.users (
    id            uuid primary key default gen_random_uuid(),
    -- one form, in which the application writes it: small letters by ASCII alone, whatever the database's locale
    email         text collate "C" not null unique
                  check (email = lower(email) and email ~ '^[!-?A-~]+@[!-?A-~]+$' and length(email) <= 254),
    name          text not null,
    role          public.user_role not null default 'manager',
    password_hash text not null,
    is_active     boolean not null default true,
    created_at    timestamptz not null default now()
);

create table public.user_sessions (
    token_hash text primary key,
    user_id    uuid not null references public.users (id) on delete cascade,
    -- the page's it was opened at, as the browser told it: live connections come from there
    origin     text,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);

-- Who did what. Append-only.
create table public.audit_log (
    id           bigint generated always as identity primary key,
    created_at   timestamptz not null default now(),
    actor        text not null,
    action       text not null,
    subject_type text not null,
    subject_id   text,
    details      jsonb not null default '{}'::jsonb
);
create index idx_audit_log_subject on public.audit_log (subject_type, subject_id);

alter table public.users enable row level security;
alter table public.user_sessions enable row level security;
alter table public.audit_log enable row level security;
revoke all on public.users, public.user_sessions, public.audit_log from public, anon, authenticated, service_role;
revoke all on sequence public.audit_log_id_seq from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.users, public.user_sessions to service_role;
grant select, insert on public.audit_log to service_role;
grant usage on sequence public.audit_log_id_seq to service_role;

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
