"""What the caller asks of the assistant itself, told from plain wordings."""

from __future__ import annotations

import re
from enum import StrEnum


class Request(StrEnum):
    """Something to be answered before anything else (but never before safety)."""

    GOODBYE = "goodbye"
    BREAK = "break"
    ARE_YOU_HUMAN = "are_you_human"
    ABOUT_YOU = "about_you"
    HELP = "help"
    LOOK_UP = "look_up"
    NOT_UNDERSTOOD = "not_understood"
    NOT_HELPING = "not_helping"
    OTHER_RULES = "other_rules"
    """To be something else than it is."""


_PATTERNS: tuple[tuple[Request, str], ...] = (
    (
        Request.NOT_UNDERSTOOD,
        r"you(?:'re| are) not listening|not what i (?:said|meant)"
        r"|i (?:already|just) (?:said|told you)"
        r"|you(?:'re| are)n't listening|you don't (?:understand|get it)"
        r"|stop (?:saying that|asking me)"
        r"|you got (?:that|it) wrong|that(?:'s| is) not right",
    ),
    (
        Request.NOT_HELPING,
        r"(?:is|are)(?:n't| not) (?:really |even )?helping"
        r"|(?:does|do)(?:n't| not) (?:really )?help me"
        r"|making (?:it|this|me feel) (?:worse|harder)|(?:no|zero) help (?:at all)?\W*$"
        r"|you(?:'re| are) (?:so |just |completely )?(?:useless|stupid|rubbish|annoying|pathetic"
        r"|an idiot|a joke|no (?:use|help|good)|hopeless|terrible)|shut up|fuck (?:you|off)"
        r"|(?:this|that) (?:is|was) (?:useless|pointless|a waste of time)"
        r"|^(?:it's |a bit |a little |much |making it )?(?:worse|harder)\W*$",
    ),
    (
        Request.OTHER_RULES,
        r"(?:ignore|forget|disregard|override) (?:all )?(?:of )?"
        r"(?:your|the|previous|prior|any|my last)"
        r"(?: \w+)? (?:instructions?|rules?|prompts?|programming|guidelines|training)"
        r"|(?:pretend|imagine) (?:to be|you(?:'re| are)) (?:a|an|my|human|not)"
        r"|you are now (?:a|an|in)"
        r"|(?:your|the) system prompt|developer mode|jail ?break|act as (?:a|an|my|if)"
        r"|repeat after me|from now on you (?:are|will)",
    ),
    (
        Request.BREAK,
        r"(?:need|take|want|have|let's take|can we take) (?:a|some|a little|a short) "
        r"(?:break|pause|rest|breather)|give me (?:a|one) (?:moment|minute|second)"
        r"|^(?:just )?(?:one|a) (?:moment|minute|second)(?: please)?\W*$|^hold on\W*$|^wait\W*$",
    ),
    (
        Request.GOODBYE,
        r"^(?:okay |ok |all right |well )*(?:thank you |thanks )?(?:very much |so much )?(?:and )?"
        r"(?:good ?bye|bye|bye bye|see you|good night)\b|\b(?:good ?bye|bye)\W*$"
        r"|(?:have|got|need) to (?:go|hang up) now|that(?:'s| is) (?:all|it) for (?:now|today)",
    ),
    (
        Request.ARE_YOU_HUMAN,
        r"are you (?:a |an )?(?:real|human|robot|machine|person|computer|bot|ai|alive)"
        r"|am i (?:talking|speaking) to (?:a|an) ",
    ),
    (
        Request.ABOUT_YOU,
        r"who are you|what are you\W*$|what(?:'s| is) your name|what can you do|what do you do",
    ),
    (
        Request.LOOK_UP,
        r"what time is it|what(?:'s| is) the (?:time|date|weather|news)|what day is (?:it|today)",
    ),
    (
        Request.HELP,
        r"what (?:should|can|could|shall|do) i do|can you help|help me|(?:any|some) advice"
        r"|what would you do"
        r"|how (?:can|do|should|could) i (?:stop|cope|deal|handle|manage|get|make)",
    ),
)
_COMPILED = tuple((request, re.compile(pattern)) for request, pattern in _PATTERNS)


def request_in(text: str) -> Request | None:
    """The first request found, in order of urgency."""
    plain = re.sub(r"[’‘]", "'", text.lower()).replace(",", "").strip()
    for request, pattern in _COMPILED:
        if pattern.search(plain):
            return request
    return None
