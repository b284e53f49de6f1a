"""Building blocks of conversations: lines people say on sales calls.

Each block is a sequence of lines, `A` for the assistant and `U` for the person called; a conversation is one
block from each stage of its outcome. Words in braces are filled in per call.
"""

from __future__ import annotations

Line = tuple[str, str]
Block = tuple[Line, ...]

GREETINGS: tuple[Block, ...] = (
    (("U", "Hello?"),),
    (("U", "Yes, hello."),),
    (("U", "Hi, who is this?"),),
    (("U", "{name} speaking."),),
    (("U", "Good {daytime}."),),
)

PITCHES: tuple[Block, ...] = (
    (
        (
            "A",
            "Thanks for picking up, {first}. We help teams like {company} answer every lead within a minute.",
        ),
        ("U", "Okay, and how does that work exactly?"),
        (
            "A",
            "An assistant calls each new lead, asks a few questions, and books a slot in your calendar.",
        ),
    ),
    (
        ("U", "Okay, what is this about?"),
        (
            "A",
            "We noticed that {company} is hiring in sales, and we take the first call off their desk.",
        ),
        ("U", "Interesting timing, we are short of people right now."),
        ("A", "That is what we hear a lot. Most teams get back about six hours a week per person."),
    ),
    (
        ("U", "I have a minute, go ahead."),
        ("A", "Great. How do you follow up with leads that come in after hours today?"),
        ("U", "Honestly, we get to them the next morning. Sometimes later."),
        (
            "A",
            "We call them back in under a minute, day and night, and hand you the serious ones.",
        ),
    ),
    (
        ("U", "You caught me between two meetings, so make it short."),
        (
            "A",
            "In short: we qualify your leads by phone, and you only talk to people who want to.",
        ),
        ("U", "All right. Is that for companies of our size?"),
        (
            "A",
            "Most of our customers have five to fifty people, so you would be in the middle.",
        ),
    ),
    (
        ("U", "Are you a robot?"),
        ("A", "I am a virtual assistant, yes, and a person from our team takes over whenever you like."),
        ("U", "Ha, fair enough. It sounds quite natural. What do you want?"),
        ("A", "To find out whether {company} loses deals because nobody called back in time."),
    ),
)

QUESTIONS: tuple[Block, ...] = (
    (
        ("U", "What does it cost?"),
        ("A", "It depends on the volume; teams of your size usually pay around {price} dollars a month."),
        ("U", "That is within reason."),
    ),
    (
        ("U", "Does it work with our CRM? We are on {crm}."),
        ("A", "Yes, {crm} is connected in a few minutes, and every call is written to the contact."),
        ("U", "Good, otherwise I would not even look at it."),
    ),
    (
        ("U", "We tried something like that last year and people hated it."),
        ("A", "I understand. What was it that they did not like?"),
        ("U", "It kept talking over them. Nobody could get a word in."),
        ("A", "That is a matter of timing, and it has become much better. You are hearing it right now."),
        ("U", "True, you do let me finish."),
    ),
    (
        ("U", "And where is our data kept?"),
        ("A", "In the region you choose, and recordings are deleted after the time you set."),
        ("U", "Our lawyer will want that in writing."),
        ("A", "Of course, I will have it sent along."),
    ),
    (
        ("U", "How long does it take to get going?"),
        ("A", "Most teams make their first calls within {days} days."),
        ("U", "Okay."),
    ),
    (
        ("U", "Sorry, the line broke up. Can you say that again?"),
        ("A", "Sure. We call your new leads right away and book the good ones for you."),
        ("U", "Got it."),
    ),
)

DEMO_BOOKED: tuple[Block, ...] = (
    (
        ("A", "Would a fifteen minute demo help? I have {day} at {hour} open."),
        ("U", "{day} works. Send me an invite, please."),
        ("A", "Done. You will get the invitation for {day} at {hour} in a moment, {first}."),
        ("U", "Perfect, thank you."),
    ),
    (
        ("U", "I would like to see it with our own leads."),
        ("A", "Happy to show you. Is {day} at {hour} good for you?"),
        ("U", "Let me check. Yes, {hour} is free."),
        ("A", "Then I have booked {day} at {hour}. Shall I invite a colleague as well?"),
        ("U", "Yes, bring in our head of sales. I will forward it."),
        ("A", "Wonderful. Talk to you on {day}."),
    ),
    (
        ("A", "Shall we look at it together on {day}? It takes twenty minutes."),
        ("U", "Not {day} morning. After {hour}?"),
        ("A", "{day} at {hour} it is. I am sending the invitation now."),
        ("U", "Great, see you then."),
    ),
)
INTERESTED: tuple[Block, ...] = (
    (
        ("A", "May I send you a short summary by email?"),
        ("U", "Please do. I will read it over the weekend."),
        ("A", "It is on its way. May I check back next week?"),
        ("U", "Sure, do that."),
    ),
    (
        ("U", "I need to talk to my partner first, but it sounds good."),
        ("A", "Of course. I will send two pages you can show around."),
        ("U", "That would help. Thanks for the call."),
    ),
    (
        ("U", "Can you send me prices and two references?"),
        ("A", "Certainly, both go out today. Is the address on your website the right one?"),
        ("U", "Yes, mark it for my attention."),
        ("A", "Will do, {first}. Thank you for your time."),
    ),
)
CALLBACK: tuple[Block, ...] = (
    (
        ("U", "This is a bad moment, I am driving."),
        ("A", "No problem at all. When may I call you again?"),
        ("U", "Try me on {day}, around {hour}."),
        ("A", "I will call on {day} at {hour}. Drive safely, {first}."),
    ),
    (
        ("U", "I am walking into a meeting. Can you call back?"),
        ("A", "Gladly. Would {day} at {hour} suit you?"),
        ("U", "Yes, {day} is better."),
        ("A", "Noted. Have a good meeting."),
    ),
    (
        ("U", "Our budget opens next quarter. Call me again then."),
        ("A", "I will. Is there anything I should send before that?"),
        ("U", "Just an email with the basics. And call on a {day}, those are quiet."),
        ("A", "A {day} it is. Thank you, {first}."),
    ),
    (
        ("U", "I have a screaming toddler here, sorry. Another time?"),
        ("A", "Of course. How about {day} at {hour}?"),
        ("U", "Fine. Bye."),
    ),
)
NOT_INTERESTED: tuple[Block, ...] = (
    (
        ("U", "No thanks, we are all set."),
        ("A", "I see. May I ask what you use today?"),
        ("U", "We have two people who do only that, and they are good at it."),
        ("A", "Then I will not keep you. Thank you, and have a nice {daytime}."),
    ),
    (
        ("U", "We just signed with somebody else for two years."),
        ("A", "Understood. I hope it goes well. Goodbye, {first}."),
        ("U", "Bye."),
    ),
    (
        ("U", "It is too expensive for what it does."),
        ("A", "We do have a smaller plan, if that helps."),
        ("U", "No, really. It is not for us."),
        ("A", "All right, thank you for being frank."),
    ),
    (
        ("U", "I do not buy anything over the phone."),
        ("A", "That is fair. I wish you a pleasant {daytime}."),
        ("U", "You too."),
    ),
    (
        ("U", "We are closing that branch at the end of the year, so there is no point."),
        ("A", "I am sorry to hear that. I will update our records."),
        ("U", "Please do."),
    ),
)
DO_NOT_CALL: tuple[Block, ...] = (
    (
        ("U", "Where did you get this number? Take me off your list."),
        ("A", "I apologise. I have noted it, and we will not call you again."),
        ("U", "I hope so."),
    ),
    (
        ("U", "Please never call me again."),
        ("A", "Understood. You are off our list as of now. Goodbye."),
    ),
)
WRONG_PERSON: tuple[Block, ...] = (
    (
        ("U", "There is no {first} here. You have the wrong number."),
        ("A", "I am sorry for the trouble. Is this not {company}?"),
        ("U", "No, this is a private line."),
        ("A", "Then I will correct that. Excuse me, and goodbye."),
    ),
    (
        ("U", "{name} left the company in spring."),
        ("A", "Thank you for telling me. Who looks after sales now?"),
        ("U", "I would rather not say on the phone. Write to the general address."),
        ("A", "I will do that. Have a good {daytime}."),
    ),
    (
        ("U", "I think you want my colleague, I am in accounting."),
        ("A", "My mistake. Could you tell me who decides about sales tools?"),
        ("U", "That would be Marion, but she is away until {day}."),
        ("A", "Thank you, I will ask for her."),
    ),
)
GATEKEEPER: tuple[Block, ...] = (
    (
        ("U", "{company}, front desk. How may I help you?"),
        ("A", "Hello, I would like to speak with {name}, please."),
        ("U", "What is it regarding?"),
        ("A", "It is about following up on incoming leads."),
        ("U", "{first} does not take unannounced calls. Please send an email."),
        ("A", "I will do that, thank you for your help."),
    ),
    (
        ("U", "{first}'s office, good {daytime}."),
        ("A", "Good {daytime}. Is {first} available for a moment?"),
        ("U", "Not before {day}. Can I take a message?"),
        ("A", "Please say that we called about the sales assistant. I will try again on {day}."),
        ("U", "I will pass it on."),
    ),
)
HANGUPS: tuple[Block, ...] = (
    (("U", "No thanks."),),
    (("U", "Not interested. Bye."),),
    (("U", "Hello? Hello?"),),
    (("U", "Is this a recording?"),),
    (("U", "Stop calling."),),
    (("U", "Sorry, wrong time."),),
)
MACHINES: tuple[Block, ...] = (
    (
        (
            "U",
            "You have reached {name}. I cannot take your call. Please leave a message after the tone.",
        ),
    ),
    (("U", "The person you are calling is not available. At the tone, please record your message."),),
    (("U", "Hi, this is {first}. Leave your name and number and I will get back to you. Beep."),),
    (("U", "Thank you for calling {company}. Our office is closed. Please leave a message after the beep."),),
)
RAMBLES: tuple[Block, ...] = (
    (
        ("U", "Let me tell you how we got here. It started with my uncle's workshop."),
        ("A", "That sounds like a long story. What became of it?"),
    ),
    (
        ("U", "And then the supplier changed the contract again, can you imagine?"),
        ("A", "That must have been tiresome. How did you deal with it?"),
    ),
    (
        ("U", "One more question. What happens when somebody answers in another language?"),
        ("A", "Then the assistant offers to go on in that language, or hands over to a colleague."),
    ),
    (
        ("U", "Hold on, there is somebody at the door."),
        ("A", "Take your time."),
        ("U", "Sorry. Where were we?"),
        ("A", "We were talking about your incoming leads."),
    ),
)

# What the analysis says afterwards: summaries by outcome.
SUMMARIES: dict[str, tuple[str, ...]] = {
    "demo_booked": (
        "{name} was interested and booked a demo for {day} at {hour}.",
        "{first} asked about the product and agreed to a demo on {day} at {hour}.",
    ),
    "interested": (
        "{name} showed interest and asked for more information by email.",
        "{first} finds the offer useful and wants to read the details before deciding.",
    ),
    "callback": (
        "{name} had no time and asked to be called back on {day} around {hour}.",
        "The call was short; {first} prefers a callback on {day}.",
    ),
    "not_interested": (
        "{name} declined the offer.",
        "{first} listened briefly and is not interested at present.",
    ),
    "do_not_call": ("{name} asked not to be called again.",),
    "wrong_person": ("The person reached was not the right contact for {company}.",),
    "gatekeeper": ("A receptionist answered; {name} could not be reached directly.",),
    "hangup": ("The customer hung up shortly after the greeting.",),
    "voicemail": ("The call was answered by voicemail.",),
    "silence": ("The customer answered but did not speak any further.",),
    "max_duration": ("A long conversation with {name} was cut off at the time limit.",),
    "pipeline_error": ("The call broke off because of a technical error.",),
}

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
HOURS = ("9:30", "10:00", "11:15", "1:30", "2:00", "3:45", "4:30")
CRMS = ("HubSpot", "Salesforce", "Pipedrive", "Zoho")
PRICES = ("two hundred", "three hundred", "four hundred and fifty")
DAYTIMES = ("morning", "afternoon", "day")

PIPELINE_REASONS = (
    "call.in-progress.error-providerfault-openai-llm-failed",
    "call.in-progress.error-providerfault-openai-503-server-overloaded-error",
    "call.in-progress.error-vapifault-eleven-labs-voice-failed",
    "call.in-progress.error-vapifault-deepgram-transcriber-failed",
    "call.in-progress.error-vapifault-worker-died",
)
CONNECT_REASONS = (
    "twilio-failed-to-connect-call",
    "call.in-progress.error-sip-outbound-call-failed-to-connect",
    "call.in-progress.error-providerfault-outbound-sip-503-service-unavailable",
)
