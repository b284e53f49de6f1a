drop function public.delete_assistant, public.update_assistant, public.save_assistant, public.get_assistant,
    public.list_assistants, internal.assistant_json, internal.counted;
