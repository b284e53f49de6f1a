create type public.assistant_source as enum ('local', 'imported', 'template');

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

alter table public.assistants enable row level security;
alter table public.assistant_versions enable row level security;
revoke all on public.assistants, public.assistant_versions from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.assistants, public.assistant_versions to service_role;

create type public.campaign_mode as enum (
    'continuous',   -- a line that becomes free takes the next contact
    'batch'         -- the next batch begins when every call of the last is over
);

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

alter table public.campaigns enable row level security;
revoke all on public.campaigns from public, anon, authenticated, service_role;
revoke all on sequence public.campaign_turns from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.campaigns to service_role;
grant usage on sequence public.campaign_turns to service_role;

create type public.contact_state as enum (
    'waiting',      -- will be dialed, not before next_attempt_at
    'calling',      -- has a call whose result is not complete yet
    'settled'       -- will get no further call
);

-- What a call came to, and with it its contact.
create type public.call_outcome as enum (
    'conversation',                -- the contact ended it
    'assistant_ended',             -- the assistant ended it
    'transferred',                 -- to a person
    'transfer_failed',             -- nobody took it over, or it broke off
    'line_ended',                  -- the carrier ended it
    'voicemail',                   -- a machine took it
    'no_answer',                   -- it rang, and nobody took it
    'busy',                        -- the contact was on the phone
    'wrong_number',                -- there is no such number
    'not_connected',               -- the carrier could not reach the number, or would not
    'went_silent',                 -- nobody spoke any more
    'time_limit',                  -- it took as long as a call may
    'canceled',                    -- a user ended it
    'technical_fault',             -- at the provider; it passes by itself
    'setup_problem',               -- the assistant or the line, which somebody must mend: no phone rang, or it broke off
    'account_limit',               -- the provider's account may place no call, or no further one: no phone rang
    'line_limit',                  -- the line may not place this call, or no more today: no phone rang
    'refused',                     -- the provider refused the request again and again, in words that nobody knows
    'never_dialed',                -- it surely never became a call
    'lost_track',                  -- the provider does not tell of it any more
    'not_called_stopped',          -- the campaign was stopped before the contact's turn
    'not_called_do_not_call',      -- the number is on the do-not-call list
    'not_called_provider_silent',  -- twice the provider gave no answer, and no call was there
    'unknown'                      -- the provider's reason says nothing
);

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
    outcome         public.call_outcome,
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

create table public.do_not_call (
    phone      text primary key check (phone ~ '^\+[1-9]\d{1,14}$'),
    reason     text not null default '',
    created_at timestamptz not null default now(),
    created_by text not null
);

alter table public.contacts enable row level security;
alter table public.do_not_call enable row level security;
revoke all on public.contacts, public.do_not_call from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.contacts, public.do_not_call to service_role;

create type public.call_status as enum (
    'QUEUED',       -- claimed or accepted, not ringing yet: holds a line
    'RINGING',      -- holds a line
    'IN_PROGRESS',  -- answered: holds a line
    'ENDED',        -- over, by a person, a machine or the assistant
    'FAILED',       -- never came to a conversation, or broke off
    'CANCELED',     -- ended by a user
    'TIMEOUT'       -- ran into a time limit, or the provider lost it
);

create type public.dial_state as enum (
    'claimed',      -- the row exists; nothing was sent
    'dialing',      -- the request may be on the wire
    'unknown',      -- the answer was lost: the phone may be ringing
    'confirmed',    -- the provider's call id is known
    'refused',      -- the provider said no, for good
    'lost'          -- surely never reached the provider; the contact was given back
);

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
    claimed_by         text,                            -- null: by nobody here, the provider told of it
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
    outcome            public.call_outcome,
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
    is_hang_up_ours    boolean not null default false,  -- AutoLynx's own wish, nobody's
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

alter table public.calls enable row level security;
alter table public.withdrawn_calls enable row level security;
alter table public.erased_calls enable row level security;
revoke all on public.calls, public.withdrawn_calls, public.erased_calls from public, anon, authenticated,
    service_role;
grant select, insert, update, delete on public.calls to service_role;
grant select, insert on public.withdrawn_calls, public.erased_calls to service_role;
