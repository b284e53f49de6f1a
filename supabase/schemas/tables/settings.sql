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
