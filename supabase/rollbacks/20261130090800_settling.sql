drop function internal.adopt_call, internal.take_second_call, internal.hang_up_if_unwanted, internal.take_back_call;
drop function internal.take_contact_back, internal.settle_contact, internal.return_without_line,
    internal.return_contact, internal.withdraw_call;
