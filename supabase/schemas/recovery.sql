-- Effect: this database may have forgotten dials: it comes from a backup, or from a replica that was behind. Nobody is
-- dialed until the provider has been asked for every call since, and its answers have been taken over. p_since: what was
-- written later may be lost; null for the last sign that somebody dialed with this database before: neither the schedulers
-- that live, nor what they dialed within a day, nor messages count, which may have come since; and of several that died
-- within a day, all but the first may have, too. Safe to repeat.
-- -> {"forgot_since"}. Codes: none.
create function public.begin_recovery(
    p_actor text, p_since timestamptz default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_since timestamptz;
begin
    perform internal.lock_claims();
    v_since := least(p_now, coalesce(
        p_since,
        (select min(seen_at) from public.heartbeats h where kind = 'scheduler' and not internal.is_alive(h, p_now)),
        (select max(created_at) from public.calls
         where claimed_by is not null and (created_at <= p_now - interval '1 day' or claimed_by not in (
             select name from public.heartbeats h where kind = 'scheduler' and internal.is_alive(h, p_now)))),
        (select min(created_at) from public.campaigns), p_now));
    update public.settings
    set forgot_since = least(forgot_since, v_since), forgot_at = p_now, recovery_after = null,
        recovery_began_at = null, recovery_ahead_seconds = null
    where only_row returning forgot_since into v_since;
    perform internal.audit(p_actor, 'database.recovery_began', 'database', null,
                           jsonb_build_object('since', v_since), p_now);
    perform internal.wake_schedulers(null);
    return jsonb_build_object('forgot_since', v_since);
end
$$;

-- Effect: hands the recovery to one caller a minute. -> {"is_due", "age_seconds": since when calls may have been forgotten,
-- "asked_at": now, "forgot_until": when the last request that may have been forgotten can have made its call}. Codes: none.
create function public.take_recovery(p_now timestamptz default now()) returns jsonb
language sql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
    with taken as (
        update public.settings
        set recovery_after = p_now + least(interval '1 minute', internal.dial_visibility() / 4)
        where only_row and forgot_since is not null and coalesce(recovery_after, p_now) <= p_now
        returning forgot_since, forgot_at
    )
    select coalesce(
        (select jsonb_build_object('is_due', true, 'age_seconds', extract(epoch from p_now - forgot_since), 'asked_at', p_now,
                                   'forgot_until', forgot_at + internal.dial_visibility())
         from taken),
        jsonb_build_object('is_due', false))
$$;

-- Effect: a call of ours that the provider has, as its list shows it, is known here from now on. p_origin: see
-- internal.adopt_call; null: it carries nothing. p_is_live: it is surely ours and under way; where no campaign is known that
-- could have it, as one made after the backup, that raises an alarm. Safe to repeat.
-- -> {"call_id", "is_known", "is_new"}: not confirmed before. Codes: none.
create function public.adopt_call(
    p_call_id uuid, p_provider_call_id text, p_origin jsonb, p_control_url text default null,
    p_is_live boolean default false, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_call public.calls;
begin
    select * into v_call from public.calls where id = p_call_id for no key update;
    if not found then
        v_call := internal.adopt_call(p_call_id, p_origin, p_now);
    end if;
    if v_call.provider_call_id <> p_provider_call_id then
        perform internal.take_second_call(v_call, p_provider_call_id, p_control_url, p_now);
    end if;
    if v_call.id is null and p_is_live then
        perform internal.raise_alarm('foreign_call', p_call_id::text,
            'Vapi has a call of ours under way that belongs to no campaign of this database. Nobody is dialed before it is over.',
            p_now);
    end if;
    if v_call.id is null or v_call.provider_call_id is not null then
        return jsonb_build_object('call_id', p_call_id, 'is_known', v_call.id is not null, 'is_new', false);
    end if;
    perform public.confirm_call(p_call_id, p_provider_call_id, p_control_url, null, p_now);
    return jsonb_build_object('call_id', p_call_id, 'is_known', true, 'is_new', true);
end
$$;

-- Effect: every call that the provider listed, asked for at p_asked_at (our time), has been taken over. Dialing goes on when that
-- was so twice, the last time the bound for dials in doubt after the first: a request that this database forgot may have been
-- on the wire when it was told. p_provider_ahead_seconds: the provider's clock against ours, then; what ours has gained on it
-- since the first time, as one that was set forward does, has not passed. -> {"is_over"}. Codes: none.
create function public.note_recovery(
    p_asked_at timestamptz, p_provider_ahead_seconds numeric default null, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '5s'
as $$
declare
    v_settings public.settings;
    v_is_over boolean;
begin
    update public.settings
    set recovery_began_at = coalesce(recovery_began_at, p_asked_at),
        recovery_ahead_seconds = coalesce(recovery_ahead_seconds, p_provider_ahead_seconds)
    where only_row and forgot_at <= p_asked_at returning * into v_settings;
    v_is_over := p_asked_at - internal.clock_gain(
            v_settings.recovery_began_at, v_settings.recovery_ahead_seconds, p_asked_at, p_provider_ahead_seconds)
        >= v_settings.recovery_began_at + internal.dial_visibility();
    if v_is_over then
        update public.settings
        set forgot_since = null, forgot_at = null, recovery_after = null, recovery_began_at = null,
            recovery_ahead_seconds = null
        where only_row;
        perform internal.audit('AutoLynx', 'database.recovery_ended', 'database', null, null, p_now);
        perform internal.wake_schedulers(null);
    end if;
    return jsonb_build_object('is_over', coalesce(v_is_over, false));
end
$$;

revoke all on function public.begin_recovery, public.take_recovery, public.adopt_call, public.note_recovery
    from public, anon, authenticated;
grant execute on function public.begin_recovery, public.take_recovery, public.adopt_call, public.note_recovery
    to service_role;
