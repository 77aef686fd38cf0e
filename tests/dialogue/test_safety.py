"""What must be noticed, and what must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.dialogue.resources import helpline_for, read_helplines, spoken_number
from voice_regen.dialogue.restatement import turn_round
from voice_regen.dialogue.safety import RiskLevel, assess, read_rules
from voice_regen.errors import UsageError


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I want to die.", "suicide"),
        ("I don't want to be here any more.", "suicide"),
        ("There is no point in living.", "suicide"),
        ("I've been thinking about killing myself.", "suicide"),
        ("They would be better off without me.", "suicide"),
        ("I wish I was dead", "suicide"),
        ("I took all my pills.", "suicide"),
        ("I'm going to end my life tonight.", "suicide"),
        ("I cut myself again last night.", "self_harm"),
        ("I'm going to kill my boss.", "harm_to_others"),
        ("My husband hits me.", "abuse"),
        ("I'm scared to go home.", "abuse"),
        ("He won't let me see my family.", "abuse"),
        ("I think my neighbour is hurting his child, he beats the kid.", "child_at_risk"),
        ("My chest hurts and I can't breathe.", "medical"),
        ("She collapsed, she's not breathing.", "medical"),
        ("Everyone would be better off if I wasn't around.", "suicide"),
        ("I won't be a problem much longer.", "suicide"),
        ("I just want to go to sleep and never wake up.", "suicide"),
        ("I've said my goodbyes to the kids.", "suicide"),
        ("i want to kill my self", "suicide"),
        ("My dad comes into my room at night and touches me.", "child_at_risk"),
        ("My boyfriend checks my phone and won't let me go out.", "abuse"),
        ("He takes all my money and I have to ask for permission.", "abuse"),
        ("My mum's face is drooping and she can't speak properly.", "medical"),
        ("My son ate some nuts and his throat is swelling up.", "medical"),
        ("I took twenty paracetamol an hour ago.", "suicide"),
        ("I burned myself on purpose with a lighter.", "self_harm"),
        ("I keep thinking about stabbing my boss, I want to hurt him.", "harm_to_others"),
        ("Ich will nicht mehr leben.", "suicide"),
        ("quiero morir", "suicide"),
    ],
)
def test_danger_is_noticed(text: str, category: str) -> None:
    found = assess(text)
    assert found.level >= RiskLevel.RISK, text
    assert found.category == category


@pytest.mark.parametrize(
    "text",
    [
        "This traffic is killing me.",
        "I'm dying to see you.",
        "I nearly died laughing.",
        "My phone died this morning.",
        "That joke killed me.",
        "I could murder a sandwich.",
        "I shot some photos at the wedding.",
        "He beat me at chess.",
        "I cut my finger while cooking.",
        "The deadline is tomorrow.",
        "I'm dead tired.",
        "I love you to death.",
        "I think I have a doctor's appointment.",
        "Thank you, goodbye.",
        "I have to go now, goodbye.",
        "It takes my breath away.",
        "I hit the gym today.",
        "I'm a nurse on a suicide prevention ward.",
        "The movie is about a man who kills himself.",
        "I had a heart attack when I saw the bill.",
        "I was so embarrassed I wanted to die.",
        "I want to end things with my girlfriend.",
        "I'm going to jump on the train to Leeds.",
        "I'm going to kill it at the gym.",
        "I bombed the interview.",
        "I want to end my subscription.",
    ],
)
def test_everyday_talk_is_not_danger(text: str) -> None:
    assert assess(text).level is RiskLevel.NONE, text


def test_curly_quotes_and_case_change_nothing() -> None:
    plain, curly = assess("i don't want to live"), assess("I DON\u2019T WANT TO LIVE")
    assert plain.level is curly.level is RiskLevel.RISK


@given(st.text(max_size=400))
def test_any_text_can_be_assessed_and_findings_lie_in_it(text: str) -> None:
    found = assess(text)
    assert found == assess(text)
    for each in found.findings:
        assert 0 <= each.start < each.end <= len(text)
    assert (found.category is None) == (found.level is RiskLevel.NONE)


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("[[rules]\n", "line 1"),
        ('[[rules]]\ncategory="suicide"\nlevel="risk"\npatterns=["("]\n', r"rule 1 .*pattern"),
        ('[[rules]]\ncategory="boredom"\nlevel="risk"\npatterns=["a"]\n', "no such category"),
        ('[[rules]]\ncategory="abuse"\nlevel="awful"\npatterns=["a"]\n', "no such level"),
        ('[[rules]]\ncategory="abuse"\nlevel="risk"\npatterns=[]\n', "no patterns"),
        ('[[rules]]\ncategory="abuse"\nlevel="risk"\n', "patterns"),
        ('[[rules]]\ncategory="abuse"\nlevel="risk"\npatterns=["a"]\nlevle="x"\n', "levle"),
    ],
)
def test_a_rule_file_with_a_mistake_is_refused(rules: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_rules(rules)


def test_helplines_have_source_and_date_and_can_be_spoken() -> None:
    for country in ("US", "GB", "CA", "DE", "FR", "IN", "JP"):
        line = helpline_for(country)
        assert line is not None
        assert line.source.startswith("https://")
        assert line.verified.year >= 2026
        assert spoken_number(line.number)
    assert helpline_for("ZZ") is None
    assert helpline_for(None) is None
    assert spoken_number("988") == "nine, eight, eight"
    with pytest.raises(UsageError, match="required field"):
        read_helplines('[[helplines]]\ncountry="US"\n')


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("I lost my job last week.", "You lost your job last week."),
        ("I'm on my way to the meeting.", "You're on your way to the meeting."),
        ("My mother was ill and I was alone.", "Your mother was ill and you were alone."),
        ("We've been fighting.", "You've been fighting."),
        ("That is exactly what happened.", None),
        ("Do I have to?", None),
        ("I told you so.", None),
        ("I wonder what this is about.", None),
        ("I am.", None),
        ("", None),
    ],
)
def test_words_are_turned_round_only_where_it_is_right(said: str, back: str | None) -> None:
    assert turn_round(said) == back


@pytest.mark.parametrize(
    "text",
    [
        "I've been giving away my things.",
        "Sometimes I look at the bridge and wonder.",
        "If I don't make it through tonight tell my mum I love her.",
        "I'm tired and just want the pain to stop.",
    ],
)
def test_what_may_mean_it_is_asked_about_and_distress_raises_it(text: str) -> None:
    assert assess(text).level >= RiskLevel.CONCERN, text
    raised = assess(text, distress=0.9)
    assert raised.level >= RiskLevel.RISK
    assert raised.raised_by_voice == (assess(text).level is RiskLevel.CONCERN)


def test_a_denial_alone_is_no_alarm_and_lowers_nothing_said_beside_it() -> None:
    assert assess("I'm not suicidal, just tired.").level < RiskLevel.RISK
    assert assess("I want to die. I didn't mean it.").level is RiskLevel.RISK


def test_the_most_urgent_of_what_the_recogniser_thought_possible_counts() -> None:
    found = assess("I want to try", alternatives=("I want to die", "I want a dye"))
    assert (found.level, found.category) == (RiskLevel.RISK, "suicide")
    assert assess("I want to die", alternatives=("I want to try",)).level is RiskLevel.RISK


@given(st.sampled_from(["I want to die", "he hits me", "I feel hopeless"]), st.floats(0, 1))
def test_distress_never_lowers(text: str, distress: float) -> None:
    assert assess(text, distress=distress).level >= assess(text).level


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        (
            '[[rules]]\ncategory="abuse"\nlevel="risk"\npatterns=[\n"ok",\n"(bad"]\n',
            "line 6.*is no pattern",
        ),
        (
            '[[rules]]\ncategory="abuse"\nlevel="risk"\npatterns=["<nobody> hits me"]\n',
            "no list <nobody>",
        ),
        ('[[rules]]\ncategory="abuse"\nlevel="risk"\npatterns=["a?"]\n', "fits an empty text"),
    ],
)
def test_mistakes_in_patterns_name_their_line(rules: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_rules(rules)
