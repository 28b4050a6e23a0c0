"""Generations of a key: what a question is to what is remembered."""

from pimgate_eas.sync.keys import Generations, Turn, digest, first_key, next_key


def generations() -> Generations:
    return Generations(first_key(7), {"at": 1}).advanced(Turn.NEXT, {"at": 2}, "q1")


def test_the_present_key_asks_something_new():
    assert generations().turn(generations().key, "anything") is Turn.NEXT


def test_the_previous_key_with_the_same_question_is_the_same_question_again():
    kept = generations()
    assert kept.turn(kept.previous, "q1") is Turn.AGAIN


def test_the_previous_key_with_another_question_goes_back_to_the_state_the_phone_is_in():
    kept = generations()
    assert kept.turn(kept.previous, "q2") is Turn.BACK
    assert kept.state_for(Turn.BACK) == {"at": 1}
    assert kept.state_for(Turn.NEXT) == {"at": 2}


def test_going_back_keeps_the_state_the_phone_is_in_and_gives_a_key_never_given_before():
    kept = generations()
    later = kept.advanced(Turn.BACK, {"at": 3}, "q2")
    assert (later.previous, later.previous_state) == (kept.previous, {"at": 1})
    assert later.key not in (kept.key, kept.previous)
    assert later.turn(kept.key, "q1") is Turn.UNKNOWN


def test_a_key_of_an_earlier_life_is_unknown():
    kept = generations()
    assert kept.turn(first_key(6), "q1") is Turn.UNKNOWN
    assert kept.turn("nonsense", "q1") is Turn.UNKNOWN


def test_key_zero_begins_a_new_life_unless_it_is_the_first_question_repeated():
    begun = Generations(first_key(7), {}, question="q0")
    assert begun.turn("0", "q0") is Turn.AGAIN
    assert begun.turn("0", "other") is Turn.BEGIN
    assert begun.advanced(Turn.NEXT, {}, "q1").turn("0", "q0") is Turn.BEGIN


def test_generations_survive_the_shelf():
    kept = generations()
    assert Generations.from_document(kept.to_document()) == kept


def test_keys_are_decimal_short_and_grow():
    key = first_key(1_763_700_000)
    keys = [key := next_key(key) for _ in range(200)]
    assert all(each.isdigit() and len(each) < 16 for each in keys)
    assert len(set(keys)) == 200


def test_digests_tell_questions_apart():
    assert digest(b"one") == digest(b"one") != digest(b"two")
