"""Words and phrases of feeling in English: a small list of our own, each with what it says.

Strengths are judgements, not measurements; a trained text model is to take their place.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feeling:
    """What an expression says by itself."""

    valence: float = 0.0
    arousal: float = 0.0
    distress: float = 0.0
    frustration: float = 0.0


DESPAIR = Feeling(-1.0, -0.1, 1.0)
DEEP_SADNESS = Feeling(-0.9, -0.3, 0.85)
SADNESS = Feeling(-0.7, -0.3, 0.6)
FEAR = Feeling(-0.7, 0.6, 0.75)
WORRY = Feeling(-0.5, 0.3, 0.5)
OVERWHELM = Feeling(-0.7, 0.3, 0.75, 0.15)
TIREDNESS = Feeling(-0.5, -0.5, 0.45)
LONELINESS = Feeling(-0.8, -0.3, 0.7)
SHAME = Feeling(-0.7, 0.0, 0.6)
ANGER = Feeling(-0.7, 0.6, 0.25, 0.9)
ANNOYANCE = Feeling(-0.5, 0.3, 0.1, 0.7)
JOY = Feeling(0.8, 0.4)
GLADNESS = Feeling(0.6, 0.1)
RELIEF = Feeling(0.6, -0.3)
THANKS = Feeling(0.5, 0.0)

_GROUPS: tuple[tuple[Feeling, str], ...] = (
    (
        DESPAIR,
        "hopeless|unbearable|suicidal|want to die|wish i was dead|wish i were dead|"
        "kill myself|end it all|end my life|no way out|no point in living|can't go on|cannot go on|"
        "no reason to live|better off without me|nothing left",
    ),
    (
        DEEP_SADNESS,
        "devastated|heartbroken|broken|grieving|grief|miserable|crushed|shattered|"
        "depressed|crying|cried|sobbing|passed away|falling apart|fell apart|lost everything",
    ),
    (
        SADNESS,
        "sad|unhappy|feel down|feeling down|so down|hurt|hurting|upset|gloomy|tearful|disappointed|"
        "sorrow|"
        "miss him|miss her|miss them|died|funeral|feel low|feeling low|feel bad|feeling bad|"
        "feel awful|feel terrible|awful|terrible|horrible",
    ),
    (
        FEAR,
        "scared|afraid|terrified|frightened|panic|panicking|panicked|fear|dread|petrified|"
        "anxiety attack|panic attack",
    ),
    (
        WORRY,
        "worried|worry|worrying|anxious|anxiety|nervous|uneasy|on edge|stressed|stress|"
        "stressful|tense|restless|can't sleep|cannot sleep",
    ),
    (
        OVERWHELM,
        "overwhelmed|overwhelming|can't cope|cannot cope|can't take it|too much for me|"
        "all too much|drowning|can't breathe|cannot breathe|at my limit|desperate|losing it",
    ),
    (TIREDNESS, "exhausted|drained|worn out|burned out|burnt out|tired|empty|numb|weary|no energy"),
    (
        LONELINESS,
        "lonely|alone|isolated|abandoned|nobody cares|no one cares|no one to talk to|"
        "nobody to talk to|unwanted|rejected|left me",
    ),
    (
        SHAME,
        "ashamed|guilty|guilt|worthless|useless|failure|my fault|hate myself|embarrassed|"
        "humiliated|a burden|not good enough",
    ),
    (ANGER, "angry|furious|livid|enraged|rage|hate|outraged|sick of|had enough|fed up|pissed off"),
    (
        ANNOYANCE,
        "annoyed|annoying|frustrated|frustrating|irritated|irritating|ridiculous|"
        "unfair|unacceptable|waste of time|not listening|you don't understand|stop it|"
        "doesn't help|not helping|not what i said|not what i meant|already said that|"
        "already told you|"
        "just told you|don't get it|stop saying that|stop asking|shut up|nonsense",
    ),
    (
        JOY,
        "happy|joyful|joy|thrilled|delighted|excited|wonderful|fantastic|amazing|overjoyed|"
        "proud|love it|laughing",
    ),
    (
        GLADNESS,
        "glad|good|great|nice|pleased|hopeful|hope|better|cheerful|enjoy|"
        "enjoyed|enjoying|looking forward|feel well",
    ),
    (RELIEF, "relieved|relief|calmer|calm|peaceful|at peace|safe|relaxed"),
    (THANKS, "thank you|thanks|grateful|appreciate|that helps|that helped|helpful"),
)

EXPRESSIONS: dict[tuple[str, ...], Feeling] = {
    tuple(phrase.split()): feeling for feeling, phrases in _GROUPS for phrase in phrases.split("|")
}
"""Expression, as its words in small letters, to what it says."""

LONGEST_EXPRESSION = max(len(words) for words in EXPRESSIONS)

NEGATIONS = frozenset(
    "not no never nothing hardly barely without isn't wasn't aren't weren't don't doesn't didn't "
    "can't cannot couldn't won't wouldn't ain't haven't hasn't".split()
)
STRONGER = frozenset(
    "very so really extremely completely totally utterly terribly incredibly absolutely deeply "
    "always constantly".split()
)
WEAKER = frozenset("bit little slightly somewhat kinda sorta fairly rather sometimes maybe".split())
FILLERS = frozenset("um umm uh uhm uhh er erm hm hmm mm mmm".split())

MINIMISING: tuple[tuple[str, ...], ...] = tuple(
    tuple(phrase.split())
    for phrase in (
        "i'm fine|i am fine|i'm okay|i am okay|i'm ok|i'm all right|i'm alright|it's fine|"
        "it's okay|it's nothing|nothing's wrong|nothing is wrong|no big deal|doesn't matter|"
        "don't worry about me|i'm good|everything's fine|everything is fine|i'll be fine|"
        "i'll be okay|all good"
    ).split("|")
)
"""What people say who are well, and people who are not."""

CLOSED: tuple[tuple[str, ...], ...] = tuple(
    tuple(phrase.split())
    for phrase in (
        "don't want to talk|rather not|none of your business|leave me alone|forget it|"
        "never mind|whatever|i don't know|no comment|drop it|not your business"
    ).split("|")
)
SHARING: tuple[tuple[str, ...], ...] = tuple(
    tuple(phrase.split())
    for phrase in (
        "i feel|i'm feeling|i've been feeling|i felt|it feels|i'm so|i've never told|"
        "can i tell you|i need to talk|the truth is|to be honest|what happened is|i miss|"
        "i wish|i'm scared|i'm afraid|i love"
    ).split("|")
)
