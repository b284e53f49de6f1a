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
