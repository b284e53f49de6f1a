drop function public.renew_password_hash, public.note_wrong_token, public.close_session, public.note_sign_in_refusal, public.get_session,
    public.open_session, public.find_user, public.save_user;
