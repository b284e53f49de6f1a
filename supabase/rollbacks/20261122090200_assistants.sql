drop function public.delete_assistant(uuid, text, timestamptz);
drop function public.update_assistant(uuid, text, jsonb, boolean, text, timestamptz);
drop function public.save_assistant(text, text, text, jsonb, text, timestamptz);
drop function public.get_assistant(uuid);
drop function public.list_assistants(boolean, int, int);
drop function internal.assistant_json(public.assistants);
drop function internal.counted(bigint, text);
drop function internal.audit(text, text, text, text, jsonb, timestamptz);
