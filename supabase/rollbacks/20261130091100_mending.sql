drop function public.hang_up_call, public.note_nothing_to_end, public.take_hang_ups;
drop function public.note_silence, public.take_checks, internal.next_question_at, public.note_absent,
    public.take_repairs, internal.clock_gain, internal.next_look_at, internal.fault_visibility,
    internal.between_looks, internal.dial_visibility;
