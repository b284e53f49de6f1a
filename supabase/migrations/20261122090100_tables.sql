-- The directory of voice assistants.
create table public.assistants (
    id                    uuid primary key default gen_random_uuid(),
    name                  text not null,
    source                public.assistant_source not null default 'local',
    provider              text not null default 'vapi',
    provider_assistant_id text unique not null,
    config_json           jsonb not null default '{}'::jsonb,
    active                boolean not null default true,
    ephemeral             boolean not null default false,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    version               int not null default 1,
    deleted_at            timestamptz,
    constraint assistant_name_length check (char_length(name) between 1 and 40)
);
create index idx_assistants_active on public.assistants (active);
create index idx_assistants_source on public.assistants (source);
-- two installations that start at once seed the templates once
create unique index one_template_a_name on public.assistants (name) where source = 'template' and deleted_at is null;

-- Every configuration an assistant ever had; the newest equals assistants.config_json.
create table public.assistant_versions (
    assistant_id uuid not null references public.assistants (id) on delete cascade,
    version      int not null,
    name         text not null,
    config_json  jsonb not null,
    created_at   timestamptz not null default now(),
    created_by   text not null,
    primary key (assistant_id, version)
);

create table public.campaigns (
    id              uuid primary key default gen_random_uuid(),
    name            text not null,
    mode            public.campaign_mode not null default 'continuous',
    cap             int not null default 8 check (cap between 1 and 50),
    assistant_id    uuid not null references public.assistants (id),
    phone_number_id text not null,
    created_at      timestamptz not null default now(),
    started_at      timestamptz,
    completed_at    timestamptz,
    total_contacts  int not null default 0,
    stats_json      jsonb not null default '{}'::jsonb,
    status          public.campaign_status not null default 'CREATED',
    status_reason   text,
    max_attempts    int not null default 1 check (max_attempts between 1 and 10),
    import_report   jsonb not null default '{}'::jsonb,
    created_by      text not null default 'unknown',
    turn            bigint not null default 0,
    resume_at       timestamptz,                           -- a pause that ends by itself
    quiet_line      boolean not null default false,        -- dial only while no other campaign uses the line
    calling_from    time,                                  -- calling hours in all time zones of the contact's number,
    calling_until   time,                                  -- or in the campaign's where nothing is known of it
    calling_days    int[],                                 -- 1 Monday to 7 Sunday
    time_zone       text not null default 'UTC',
    resumed_at      timestamptz,                           -- account trouble older than this is over
    refused_in_a_row int not null default 0,               -- contacts Vapi refused one after the other, alike
    constraint reasonable_cap check (cap between 1 and 50),
    constraint campaign_name_length check (char_length(name) between 1 and 120),
    constraint completed_iff_over check ((completed_at is not null) = (status in ('COMPLETED', 'CANCELED', 'FAILED'))),
    constraint only_a_pause_resumes check (resume_at is null or status = 'PAUSED'),
    constraint hours_are_whole check (num_nulls(calling_from, calling_until, calling_days) in (0, 3)
                                      and (calling_from is null or calling_from < calling_until)),
    constraint pause_has_reason check (status not in ('PAUSED', 'CANCELED', 'FAILED') or status_reason is not null)
);
create index idx_campaigns_status on public.campaigns (started_at, completed_at);
create index idx_campaigns_assistant on public.campaigns (assistant_id);
-- claim_calls walks the campaigns that dial.
create index idx_campaigns_live on public.campaigns (id) where status in ('QUEUED', 'DIALING', 'RUNNING');
create index idx_campaigns_resuming on public.campaigns (resume_at) where resume_at is not null;
create sequence public.campaign_turns;

create table public.contacts (
    id              uuid primary key default gen_random_uuid(),
    campaign_id     uuid not null references public.campaigns (id) on delete cascade,
    name            text not null,
    business_name   text not null,
    phone           text not null,
    batch_index     int not null default 0,
    position        int not null,
    variables       jsonb not null default '{}'::jsonb,
    time_zones      text[] collate "C" not null default '{}',  -- all that the number may lie in, sorted; {}: nothing is known
    state           public.contact_state not null default 'waiting',
    attempts        int not null default 0,
    next_attempt_at timestamptz,
    settled_at      timestamptz,
    outcome         text,
    last_call_id    uuid,
    lost_dials      int not null default 0,                -- dials that surely never became a call
    lines_missed    int not null default 0,                -- dials in a row that found no free line
    refusals        int not null default 0,                -- dials Vapi refused for this contact's sake alone
    unique (campaign_id, phone),
    unique (campaign_id, position),
    constraint phone_format check (phone ~ '^\+[1-9]\d{1,14}$'),
    constraint time_zones_fit_an_index check (cardinality(time_zones) <= 60),
    constraint settled_iff_settled check ((settled_at is not null) = (state = 'settled'))
);
create index idx_contacts_campaign on public.contacts (campaign_id);
create index idx_contacts_phone on public.contacts (phone);
create index idx_contacts_batch on public.contacts (campaign_id, batch_index);
-- claim_calls takes the next one of a campaign from here.
create index idx_contacts_waiting on public.contacts (campaign_id, batch_index, position) where state = 'waiting';
-- "is anybody due?", and "in which time zones do they wait?", without walking everybody who waits
create index idx_contacts_due on public.contacts (campaign_id, next_attempt_at) where state = 'waiting';
create index idx_contacts_zones on public.contacts (campaign_id, time_zones) where state = 'waiting';
-- "is the campaign complete?" asks whether this holds a row.
create index idx_contacts_unsettled on public.contacts (campaign_id) where state <> 'settled';

create table public.calls (
    id                 uuid primary key default gen_random_uuid(),
    campaign_id        uuid not null references public.campaigns (id) on delete cascade,
    contact_id         uuid not null references public.contacts (id) on delete cascade,
    provider_call_id   text unique,
    status             public.call_status not null default 'QUEUED',
    started_at         timestamptz,
    ended_at           timestamptz,
    ended_reason       text,
    cost_usd           numeric(10, 4),
    recording_url      text,
    transcript_json    jsonb,
    success_evaluation boolean,
    last_status_at     timestamptz not null default now(),
    created_at         timestamptz not null default now(),
    attempt            int not null default 1,
    is_attempt         boolean not null default true,   -- false: the contact was never really tried
    phone              text not null,                   -- the number dialed
    status_is_guess    boolean not null default false,  -- gives way to the provider's own report
    phone_number_id    text not null,
    dial_state         public.dial_state not null default 'claimed',
    claimed_by         text not null,
    lease_expires_at   timestamptz not null,
    dialed_at          timestamptz,                     -- leave for the first request
    sends              int not null default 0,          -- requests that were given leave
    on_wire_until      timestamptz,                     -- no request can have been on the wire later
    provider_ahead_seconds numeric,                     -- the provider's clock against ours when it was dialed
    is_answered        boolean not null default false,  -- in doubt, but the provider did answer: with a 5xx
    looks              int not null default 0,          -- whole lists at the provider that did not show it
    first_look_at      timestamptz,
    last_look_at       timestamptz,
    turned_up_at       timestamptz,                     -- found after its line or its contact had been given back
    is_known_by_number boolean not null default false,  -- nothing else tells that it is ours: AutoLynx itself ends it never
    hold_reason        text,
    control_url        text,
    outcome            text,
    human_reached      boolean,
    duration_seconds   numeric(10, 3),
    said_by            jsonb not null default '{}'::jsonb,  -- {field of the result: rank of who said it}
    end_said           public.call_status,              -- how it ended as the provider said; status tells who ended it, too
    over_since         timestamptz,                     -- when we learned that it is over, by our own clock
    report_at          timestamptz,                     -- when the result was complete
    check_after        timestamptz,                     -- ask the provider not before
    ask_again_at       timestamptz,                     -- given up, and still asked about now and then, for a day
    unanswered_since   timestamptz,                     -- the provider cannot tell since
    failed_checks      int not null default 0,          -- how often it could not
    unknown_since      timestamptz,                     -- the provider has no such call, or not its end, since
    unknown_answers    int not null default 0,          -- how often it said so
    hang_up_at         timestamptz,                     -- somebody wants it ended: (next) try to hang up
    hang_up_by         text,                            -- who
    hang_up_sent_at    timestamptz,                     -- handed out to be hung up, the first time
    constraint positive_cost check (cost_usd is null or cost_usd >= 0),
    constraint ended_iff_over check ((ended_at is not null) = (status not in ('QUEUED', 'RINGING', 'IN_PROGRESS'))),
    constraint confirmed_has_provider_call check ((dial_state <> 'confirmed') or provider_call_id is not null)
);
create index idx_calls_campaign_status on public.calls (campaign_id, status);
create index idx_calls_provider on public.calls (provider_call_id);
create index idx_calls_contact on public.calls (contact_id);
create index idx_calls_phone on public.calls (phone);
create index idx_calls_active on public.calls (campaign_id) where status in ('QUEUED', 'RINGING', 'IN_PROGRESS');
create index idx_calls_active_line on public.calls (phone_number_id) where status in ('QUEUED', 'RINGING', 'IN_PROGRESS');
-- Nobody has two phones ringing at once: not a contact, and not a number that several campaigns share. What turned up
-- after it had been given up may be a second one; it is counted, and hung up where that is AutoLynx's to do.
create unique index one_active_call_a_contact on public.calls (contact_id)
    where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and turned_up_at is null;
create unique index one_active_call_a_number on public.calls (phone)
    where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and turned_up_at is null;
create unique index one_call_an_attempt on public.calls (contact_id, attempt) where is_attempt;
-- "may this number be dialed?"
create index idx_calls_busy_number on public.calls (phone)
    where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') or dial_state = 'unknown';
-- dials in doubt; some of them have given their line back
create index idx_calls_in_doubt on public.calls (check_after) where dial_state = 'unknown';
-- repair and reconcile look for what is unfinished
create index idx_calls_unfinished on public.calls (last_status_at) where report_at is null;
create index idx_calls_ask_again on public.calls (ask_again_at) where ask_again_at is not null;
create index idx_calls_open on public.calls (campaign_id) where report_at is null;
create index idx_calls_hanging_up on public.calls (hang_up_at)
    where hang_up_at is not null and status in ('QUEUED', 'RINGING', 'IN_PROGRESS');
create index idx_calls_created on public.calls (created_at);

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

-- Dials that left no call behind, since the provider refused them or a request was never sent: whose they were, should it make
-- one all the same.
create table public.withdrawn_calls (
    call_id    uuid primary key,
    contact_id uuid not null references public.contacts (id) on delete cascade
);
create index idx_withdrawn_calls_contact on public.withdrawn_calls (contact_id);

-- The calls that were deleted on purpose, with nothing that tells whose they were: what the provider still says of them is not kept.
create table public.erased_calls (
    call_id          uuid primary key,
    provider_call_id text unique,
    erased_at        timestamptz not null
);

-- How many messages of each type came in that are not used, or cannot be read. A type has as many rows as were once counted at
-- the same moment, and their sum counts: on one row every message would wait for the commit of the one before.
create table public.message_counts (
    type         text not null,
    slot         int not null default 0,
    count        bigint not null default 0,
    last_seen_at timestamptz not null default now(),
    primary key (type, slot)
);

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

create table public.do_not_call (
    phone      text primary key check (phone ~ '^\+[1-9]\d{1,14}$'),
    reason     text not null default '',
    created_at timestamptz not null default now(),
    created_by text not null
);

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

-- The processes that are alive.
create table public.heartbeats (
    name     text primary key,
    kind     text not null,
    seen_at  timestamptz not null default now(),
    -- since when it has been alive with the limits in its details
    since_at timestamptz not null default now(),
    details  jsonb not null default '{}'::jsonb
);

-- Closed by default, whatever the project's default privileges say: row level security without a policy for
-- anybody, nothing for the API's public roles, and by name what the service needs.
do $$
declare
    v_table text;
begin
    for v_table in
        select format('%I.%I', schemaname, tablename) from pg_catalog.pg_tables
        where schemaname = 'public'
          and tablename in ('assistants', 'assistant_versions', 'campaigns', 'contacts', 'calls', 'call_events',
                            'stray_senders', 'stray_events', 'withdrawn_calls', 'erased_calls', 'message_counts', 'settings',
                            'time_zone_rules', 'dial_pace', 'phone_lines', 'alarms', 'do_not_call',
                            'users', 'user_sessions', 'audit_log', 'heartbeats')
    loop
        execute format('alter table %s enable row level security', v_table);
        execute format('revoke all on %s from public, anon, authenticated, service_role', v_table);
    end loop;
end
$$;
revoke all on sequence public.campaign_turns from public, anon, authenticated, service_role;
revoke all on sequence public.audit_log_id_seq from public, anon, authenticated, service_role;

grant select, insert, update, delete on
    public.assistants, public.assistant_versions, public.campaigns, public.contacts, public.calls,
    public.message_counts, public.settings, public.time_zone_rules, public.dial_pace, public.phone_lines, public.alarms,
    public.do_not_call, public.users, public.user_sessions, public.heartbeats, public.stray_senders
    to service_role;
grant select, insert on public.withdrawn_calls, public.erased_calls, public.call_events, public.stray_events, public.audit_log to service_role;
grant usage on sequence public.campaign_turns, public.audit_log_id_seq to service_role;

-- Rows are never changed, and deleted only where internal.allow_deleting has named the transaction.
create function internal.refuse_change() returns trigger
language plpgsql security invoker set search_path = ''
as $$
begin
    if tg_op = 'DELETE' and tg_table_name <> 'audit_log'
       and pg_catalog.current_setting('autolynx.deleting_in', true) = pg_catalog.pg_current_xact_id()::text then
        return old;
    end if;
    raise exception '% is append-only: rows are never changed or deleted.', tg_table_name using errcode = 'LX150';
end
$$;
revoke all on function internal.refuse_change() from public, anon, authenticated;

create trigger call_events_are_append_only before update or delete on public.call_events
    for each row execute function internal.refuse_change();
create trigger call_events_are_never_truncated before truncate on public.call_events
    for each statement execute function internal.refuse_change();
create trigger stray_events_are_append_only before update or delete on public.stray_events
    for each row execute function internal.refuse_change();
create trigger stray_events_are_never_truncated before truncate on public.stray_events
    for each statement execute function internal.refuse_change();
create trigger audit_log_is_append_only before update or delete on public.audit_log
    for each row execute function internal.refuse_change();
create trigger audit_log_is_never_truncated before truncate on public.audit_log
    for each statement execute function internal.refuse_change();
