"""What the assistant can say. Plain, warm, short; good when spoken aloud.

No commands, no diagnoses, no "calm down", no promises, no claim to be human, and at most one
question to a reply: tests hold every sentence here to that.
"""

from __future__ import annotations

from enum import StrEnum


class Mood(StrEnum):
    """How a reply meets the caller."""

    HEAVY = "heavy"
    ANGRY = "angry"
    BRIGHT = "bright"
    PLAIN = "plain"


OPENERS: dict[Mood, tuple[str, ...]] = {
    Mood.HEAVY: (
        "I hear you.",
        "Thank you for telling me.",
        "I'm listening.",
        "I'm with you.",
        "Thank you for trusting me with that.",
    ),
    Mood.ANGRY: ("I hear you.", "I can hear how much this matters.", "I understand.", "I see."),
    Mood.BRIGHT: ("That's good to hear.", "How nice.", "I'm glad.", "Lovely."),
    Mood.PLAIN: ("All right.", "I see.", "Okay.", "Thank you.", "I hear you."),
}

REFLECTIONS: dict[Mood, tuple[str, ...]] = {
    Mood.HEAVY: (
        "It sounds as if this is weighing on you.",
        "It sounds like a lot to carry.",
        "I get the sense that this is hard.",
        "That seems to have taken a lot out of you.",
        "Perhaps it feels heavy right now.",
        "It seems to hurt, even to say it.",
    ),
    Mood.ANGRY: (
        "It sounds as if that really got to you.",
        "It seems that this wasn't fair to you.",
        "I get the sense that you're fed up with it.",
        "It sounds as if something important was stepped on.",
    ),
    Mood.BRIGHT: (
        "It sounds as if that lifts you a little.",
        "There seems to be some joy in it.",
        "I get the sense that it does you good.",
    ),
    Mood.PLAIN: (),
}

QUESTIONS: dict[Mood, tuple[str, ...]] = {
    Mood.HEAVY: (
        "What is the hardest part of it?",
        "How long has it been like this?",
        "What would you like me to understand about it?",
        "Is there someone who knows about this?",
        "What do you need most right now?",
        "What goes through your mind when it gets heavy?",
    ),
    Mood.ANGRY: (
        "What bothered you most about it?",
        "What would have felt fair?",
        "What do you wish they had understood?",
        "What would you like to happen now?",
    ),
    Mood.BRIGHT: (
        "What was the best part of it?",
        "What made that possible?",
        "What would you like to keep from it?",
    ),
    Mood.PLAIN: (
        "How is that for you?",
        "What is on your mind about it?",
        "What would you like to talk about?",
        "How are you feeling about it?",
        "What made you think of it today?",
        "What matters most to you in it?",
    ),
}

INVITATIONS: tuple[str, ...] = (
    "We have time, so go at your own pace.",
    "You can tell me more, or we can just stay with this for a moment.",
    "Say as much or as little as you like.",
    "There's no hurry.",
)

TAKE_PART: tuple[str, ...] = (
    "I'd like to understand it better.",
    "That's worth staying with.",
    "I'm following you.",
)

HELP_FIRST_RECEIVE: tuple[str, ...] = (
    "I'd like to help, and first to understand what it is like for you.",
    "We can look for a way together, once I understand it better.",
)
HELP_OFFERS: tuple[str, ...] = (
    "Would you like to look at one small next step together, or would you rather just talk?",
    "Would you like to think through what has helped before, or leave that for later?",
    "Would it help to sort out what is in your hands, or would you rather tell me more?",
)

UNCLEAR: tuple[str, ...] = (
    "I didn't quite catch that. Could you say it again?",
    "Sorry, I missed some of that. Would you say it once more?",
    "I'm having trouble hearing. Could you try again, a little closer?",
)

REPAIRS: tuple[str, ...] = (
    "I realise I got that wrong. What did you want me to hear?",
    "That wasn't what you meant, I'm sorry. What should I have understood?",
    "You're right, I missed it. Would you help me understand?",
)
NOT_HELPING: tuple[str, ...] = (
    "I realise this isn't helping. Would you like me to just listen, or would you rather take a "
    "break?",
    "I hear that this is not what you need. What would feel better now?",
    "It may be getting harder, not easier. Shall we slow down, or stop here for now?",
)
IS_THIS_HELPING = "Is this helping, or making it harder?"
MY_RULES = "I can't be anything but what I am: a voice assistant that listens, with care."
OTHER_LANGUAGE = (
    "I'm sorry, I can only speak English. If you would rather speak with a person in your own "
    "language, they can be reached."
)

REPAIR_OPENERS: tuple[str, ...] = ("I'm sorry.",)

AFTER_INTERRUPTION: tuple[str, ...] = ("Sorry, go on.", "Of course.", "Yes, please.")

CHECK_INS: tuple[str, ...] = (
    "Take your time. I'm here when you are ready.",
    "I'm still here. There's no hurry.",
    "I'll stay quiet now. You can speak whenever you like.",
)

BREAKS: tuple[str, ...] = (
    "Of course. Let's take a break. I'll be here, and nothing is asked of you.",
    "Yes, a pause is good. I'll wait, and you can speak whenever you like.",
)
BREAK_OPENERS: tuple[str, ...] = ("Of course.", "Yes, a pause is good.")

CLOSINGS: tuple[str, ...] = (
    "Thank you for talking with me. Take good care of yourself.",
    "I'm glad that you talked. I wish you a gentle day.",
)
CLOSING_OPENERS: tuple[str, ...] = (
    "Thank you for talking with me.",
    "I'm glad that you talked.",
)

GREETING = "Hello."
GREETING_REST = "I'm a voice assistant, not a person. I'm here to listen, and you set the pace."
GREETING_QUESTION = "What is on your mind?"

NOT_HUMAN = (
    "I'm a voice assistant, not a person, and I can't take the place of one. "
    "I can listen, and help you find human help."
)
ABOUT_ME = (
    "I'm a voice assistant. I listen, I try to understand how you feel, "
    "and I can help you find people who know more."
)
CANNOT_LOOK_UP = "That is something I can't look up here."

HUMAN_WITH_LINE = (
    "You would like to speak with a person, and that is a good thing to want. "
    "You can reach {name} at {number}. That is {number}."
)
HUMAN_WITHOUT_LINE = (
    "You would like to speak with a person, and that is a good thing to want. "
    "I can't connect you from here. A doctor, a local crisis line, or someone you trust can "
    "listen in a way that I cannot."
)
STAY = "I'll stay here with you."

CRISIS_OPENERS: tuple[str, ...] = ("I'm really glad you told me.", "I'm with you.")
CRISIS_WORDS: dict[str, str] = {
    "suicide": "What you say sounds very painful, and it matters to me that you are safe.",
    "self_harm": "It sounds as if the pain is very big, and it matters to me that you are safe.",
    "harm_to_others": "It sounds as if it is very strong right now, and everyone's safety matters.",
    "abuse": "What you describe is not your fault, and you deserve to be safe.",
    "child_at_risk": "A child's safety comes first, and it is right that you speak of it.",
    "medical": "This sounds like an emergency, and every minute matters.",
}
EMERGENCY = "The emergency number is {number}. That is {number}."
EMERGENCY_UNKNOWN = "The emergency number in many countries is one, one, two, or nine, one, one."
LINE = "People at {name} are there for this at any hour, at {number}. That is {number}."
LINE_UNKNOWN = (
    "There are people who are there for exactly this. A doctor, a local crisis line or the "
    "emergency number can reach them."
)
CRISIS_QUESTIONS: dict[str, str] = {
    "suicide": "Are you in danger right now?",
    "self_harm": "Are you safe right now?",
    "harm_to_others": "Is anyone in danger right now?",
    "abuse": "Are you safe where you are?",
    "child_at_risk": "Is the child safe right now?",
    "medical": "Is someone there with you?",
}
CRISIS_AGAIN: tuple[str, ...] = (
    "I hear how strong this is, and I'm staying with you.",
    "Thank you for telling me more. You don't have to carry this alone.",
    "I'm listening, and I believe you.",
)
CRISIS_NEXT: tuple[str, ...] = (
    "Is there someone near you who could be with you now?",
    "Would it help to call them together with somebody you trust?",
    "What would make the next few minutes a little safer?",
)
"""Said when danger goes on: the same script twice would show that nobody listens."""
CONCERN_QUESTIONS: tuple[str, ...] = (
    "May I ask you directly, are you thinking of ending your life?",
    "Do you sometimes think that you don't want to live?",
)
