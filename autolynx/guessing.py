"""Can a secret be guessed? A small rule of our own: how much of it is surprising.

A text is read from left to right as a guesser would write it down: a known word, a run along the alphabet, the digits
or the keyboard, and a repetition of what came before count as one sign each, everything else as one sign a character.
"""

from __future__ import annotations

SHORTEST = 24  # characters
_FEWEST_SIGNS = 16  # that surprise; 16 random hexadecimal digits are 64 bits
_FEWEST_DIFFERENT = 6  # characters
_SHORTEST_RUN, _SHORTEST_REPETITION = 3, 3
_LONGEST_BY_CHANCE = 3  # characters of a word

ACCEPTED = (
    f"a random text of at least {SHORTEST} characters that no other setting or example has, "
    "such as `openssl rand -hex 24` prints"
)
_KEYBOARDS = (
    "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba", "01234567890", "09876543210", "qwertyuiop",
    "poiuytrewq", "asdfghjkl", "lkjhgfdsa", "zxcvbnm", "mnbvcxz", "qwertzuiop", "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn", "qazwsxedcrfvtgbyhnujmik", "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()", "!\"$%&/()=",
)  # fmt: skip
#: what people and examples write for a secret; in lower case, without figures for letters
_WORD_LIST = """
about above access account admin administrator agent allow and any api apikey app apple application april ashley
assistant at august auth autolynx autumn base baseball batman battery bearer before berlin between big black blue
call calling campaign cat change changeit changeme char characters charlie chars cheese choose client cloud code
coffee company computer config contact correct cron daily dallas daniel data database date december default demo
desk dev development dialer docker dog dragon dummy eight english enter env example fake fall february file fill
final first five flower foobar football for four freedom friday from generate german ginger global goes good google
green guess guest hallo hash hello here hex hidden hockey hook horse house http https hunter id iloveyou insert
install internal january jessica jordan july june just keep key killer least letmein life live local localhost login
london long look love lynx make manager march master michael mine monday monkey month moon much must mustang name
new nicole nine ninja none not november number october old only open openai openssl operator our ours outbound over
own pass passphrase password passwort paste pepper personal phone pizza placeholder please postgres power princess
print private process prod production project provider public put pw pwd qwerty rand random read real red replace
replaceme robert root route safe sales salt same sample saturday scheduler secret secrets secure security september
server service set seven shadow shared sign sim simulator six sms soccer some somebody something spring staging
staple star start string strings strong summer sun sunday supabase super superman supersecret system team temp
temporary ten test tester testing tests text that the their there this thomas three thursday tiger time today todo
token toor top treat true trustno tuesday twenty twilio two unique unsafe update uri url use user users uuid value
vapi version very wait wars web webhook webhooks wednesday welcome what whatever when white winter with word words
work world write year yes york your yours zero
"""
_WORDS = frozenset(_WORD_LIST.split())
_LONGEST_WORD = max(map(len, _WORDS))
_AS_LETTERS = str.maketrans("0134578@$!", "oieastbasi")


def why_guessable(secret: str) -> str | None:
    """What is wrong with a secret, to be put after its name; None where it is hard to guess. Never quotes it."""
    if len(secret) < SHORTEST:
        return f"has {len(secret)} character{'s' * (len(secret) != 1)}"
    if len(set(secret.lower())) < _FEWEST_DIFFERENT:
        return "is made of few different characters"
    if _signs(secret.lower()) < _FEWEST_SIGNS:
        return "can be guessed: it is made of words, runs or repetitions"
    return None


def _signs(text: str) -> int:
    count = at = 0
    while at < len(text):
        at += max(1, _word(text, at), _run(text, at), _repetition(text, at))
        count += 1
    return count


def _word(text: str, at: int) -> int:
    """How long the known word is that begins here; a short one must stand alone, as chance makes some of them."""
    begins_alone = at == 0 or not text[at - 1].isalnum()
    for length in range(min(_LONGEST_WORD, len(text) - at), 0, -1):
        word = text[at : at + length].translate(_AS_LETTERS)
        if length <= _LONGEST_BY_CHANCE:
            is_known = begins_alone and word.isalpha() and not text[at + length : at + length + 1].isalnum()
        else:
            is_known = word in _WORDS
        if is_known:
            return length
    return 0


def _run(text: str, at: int) -> int:
    """How far the text goes on along a row of keys, or repeats one character."""
    longest = len(text[at:]) - len(text[at:].lstrip(text[at]))
    for row in _KEYBOARDS:
        found = row.find(text[at])
        length = 0
        while found >= 0 and found + length < len(row) and text[at + length : at + length + 1] == row[found + length]:
            length += 1
        longest = max(longest, length)
    return longest if longest >= _SHORTEST_RUN else 0


def _repetition(text: str, at: int) -> int:
    """How long what begins here has been there before."""
    length = _SHORTEST_REPETITION
    while at + length <= len(text) and text.find(text[at : at + length], 0, at + length - 1) >= 0:
        length += 1
    return length - 1 if length > _SHORTEST_REPETITION else 0
