drop function public.note_recovery, public.adopt_call, public.take_recovery, public.begin_recovery;
