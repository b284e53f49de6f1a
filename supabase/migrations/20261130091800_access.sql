-- Effect: adds a user, or changes the one with this address and ends their sessions. p_email in the form in which it is
-- kept (the check of public.users); p_password_hash: never a password. Safe to repeat.
-- Codes: LX206 not an e-mail address in that form; LX207 no such role.
create function public.save_user(
    p_email text, p_name text, p_role text, p_password_hash text, p_actor text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_user public.users;
begin
    if p_email collate "C" is distinct from lower(p_email collate "C") or p_email collate "C" !~ '^[!-?A-~]+@[!-?A-~]+$' then
        raise exception '"%" is not an e-mail address.', p_email using errcode = 'LX206';
    elsif p_role not in ('viewer', 'manager', 'administrator') then
        raise exception 'The role is "%"; accepted are viewer, manager and administrator.', p_role using errcode = 'LX207';
    end if;
    insert into public.users (email, name, role, password_hash, created_at)
    values (p_email, btrim(p_name), p_role::public.user_role, p_password_hash, p_now)
    on conflict (email) do update
        set name = excluded.name, role = excluded.role, password_hash = excluded.password_hash, is_active = true
    returning * into v_user;
    delete from public.user_sessions where user_id = v_user.id;
    perform internal.audit(p_actor, 'user.saved', 'user', v_user.id::text, jsonb_build_object('role', p_role), p_now);
    return to_jsonb(v_user) - 'password_hash';
end
$$;

-- Effect: none. -> {"users_total": n, "user": {... "password_hash"} or null}: how many accounts there are, switched off
-- or not, and the one asked for, if it may sign in.
create function public.find_user(p_email text default null) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object(
        'users_total', (select count(*) from public.users),
        'user', (select to_jsonb(u) from public.users u where u.email = p_email and u.is_active))
$$;

-- Effect: opens a session; only the token's hash is kept. p_origin: that of the page, where a browser told it; p_source:
-- where it was asked for, for the audit log. Codes: LX005 no such user.
create function public.open_session(
    p_user_id uuid, p_token_hash text, p_valid_seconds int, p_origin text default null, p_source text default null,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_email text;
begin
    select email into v_email from public.users where id = p_user_id and is_active;
    if not found then
        raise exception 'There is no user with the id %.', p_user_id using errcode = 'LX005';
    end if;
    delete from public.user_sessions where expires_at <= p_now;
    insert into public.user_sessions (token_hash, user_id, origin, created_at, expires_at)
    values (p_token_hash, p_user_id, p_origin, p_now, p_now + make_interval(secs => p_valid_seconds));
    perform internal.audit(v_email, 'user.signed_in', 'user', p_user_id::text, jsonb_build_object('source', p_source), p_now);
    return jsonb_build_object('expires_at', p_now + make_interval(secs => p_valid_seconds));
end
$$;

-- Effect: none. -> {"users_total": n, "user": {"id", "email", "name", "role"} or null, "origin"} for a session's token hash.
-- users_total counts accounts that are switched off, too: the desk is not open again when the last one is.
create function public.get_session(p_token_hash text default null, p_now timestamptz default now()) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    select jsonb_build_object(
        'users_total', (select count(*) from public.users),
        'user', (select jsonb_build_object('id', u.id, 'email', u.email, 'name', u.name, 'role', u.role)
                 from public.user_sessions s join public.users u on u.id = s.user_id
                 where s.token_hash = p_token_hash and s.expires_at > p_now and u.is_active),
        'origin', (select origin from public.user_sessions where token_hash = p_token_hash))
$$;

-- Effect: writes into the audit log that somebody was not let in. The caller bounds how often. p_reason: failed, a first
-- failure, or locked, too many of them; p_address_hash: short, of the address that was tried; p_user_id: whose it is.
-- Codes: LX209 another reason.
create function public.note_sign_in_refusal(
    p_reason text, p_source text, p_address_hash text, p_user_id uuid default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    if p_reason is null or p_reason not in ('failed', 'locked') then
        raise exception 'The reason is "%"; accepted are failed and locked.', p_reason using errcode = 'LX209';
    end if;
    perform internal.audit('a visitor', 'sign_in.' || p_reason, 'user', p_user_id::text,
                           jsonb_build_object('source', p_source, 'address_hash', p_address_hash), p_now);
    return jsonb_build_object('noted', true);
end
$$;

-- Effect: ends a session. Safe to repeat. Codes: none.
create function public.close_session(p_token_hash text) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    delete from public.user_sessions where token_hash = p_token_hash;
    return jsonb_build_object('closed', found);
end
$$;

-- Effect: writes into the audit log that a source showed a wrong token. The caller bounds how often. p_door: which token was
-- asked for; p_count: how many within the minute. Codes: LX221 no such door.
create function public.note_wrong_token(p_door text, p_source text, p_count int, p_now timestamptz default now())
returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    if p_door is null or p_door not in ('api', 'cron', 'metrics', 'webhook') then
        raise exception 'The door is "%"; accepted are api, cron, metrics and webhook.', p_door using errcode = 'LX221';
    end if;
    perform internal.audit('a stranger', 'token.refused', 'token', p_door,
                           jsonb_build_object('source', p_source, 'count', p_count), p_now);
    return jsonb_build_object('noted', true);
end
$$;

-- Effect: keeps another hash of the same password, unless p_old_hash is no longer the one that is kept: who has changed the
-- password meanwhile wins. Sessions stay. p_password_hash: never a password. Safe to repeat. Codes: none.
create function public.renew_password_hash(p_user_id uuid, p_old_hash text, p_password_hash text) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
begin
    update public.users set password_hash = p_password_hash where id = p_user_id and password_hash = p_old_hash;
    return jsonb_build_object('renewed', found);
end
$$;

revoke all on function public.save_user, public.find_user, public.open_session, public.get_session,
    public.note_sign_in_refusal, public.close_session, public.note_wrong_token,
    public.renew_password_hash from public, anon, authenticated;
grant execute on function public.save_user, public.find_user, public.open_session, public.get_session,
    public.note_sign_in_refusal, public.close_session, public.note_wrong_token,
    public.renew_password_hash to service_role;
