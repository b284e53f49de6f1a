drop function public.renew_password_hash(uuid, text, text);
drop function public.note_wrong_token(text, text, int, timestamptz);
drop function public.close_session(text);
drop function public.note_sign_in_refusal(text, text, text, uuid, timestamptz);
drop function public.get_session(text, timestamptz);
drop function public.open_session(uuid, text, int, text, text, timestamptz);
drop function public.find_user(text);
drop function public.save_user(text, text, text, text, text, timestamptz);
