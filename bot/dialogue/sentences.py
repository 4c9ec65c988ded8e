"""Every sentence that the dialogue names, with the parameters it fills in: what `content/replies/` must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.dialogue.skills.intents import COMMANDS, INTENTS
from bot.dialogue.skills.question import INFORMATIONAL
from bot.domain.meeting import LANGUAGES, OpenTo, Rsvp
from bot.domain.understanding import Danger, Unsafe

_NO_NAME: Final = frozenset({"unsafe_request"})  # never offered in "did you mean"

_FIXED: Final = {
    "onboarding": (
        "welcome consent consent_simpler consent_who consent_what_for consent_cost consent_leave declined first abroad country"
        " country_guess_co country_guess_pe age minor mode ready community"
        " more_places elsewhere"
    ),
    "menu": (
        "main main_field hello all_right no_hurry slowly at_full_speed help thanks goodbye listen_by_call"
        " laughing in_letters my_data cost"
        " language languages language_spanish language_chosen language_missing"
    ),
    "lesson": "next kept more_lessons more_modules menu more none modules welcome_back",
    "poll": (
        "none who_sees what_for left thanks closed not_yours already done picked alone one_number digit one_only none_fits"
        " hint_number"
    ),
    "picture": "on off none elsewhere",
    "about": "sex role panel panel_left",
    "meeting": (
        "with_food with_childcare with_transport without_children for_women for_members none over known known_cancelled"
        " came_yes came_no needs needs_simpler needs_kept need_care need_ride need_both need_none"
        " answer_food_yes answer_food_no answer_children_care answer_children_yes answer_children_no answer_ride_yes"
        " answer_who_unknown answer_agreed_none answer_came_none"
    ),
    "human": "asked waiting on_duty kept not_yet",
    "optout": "done way_back back confirm_leave confirm_erase erased nothing_changed sms_shut_for_good",
    "input": (
        "voice location media emoji empty unknown_key unknown_key_one answer_first one_only"
        " number_or_word unknown_button old_button lost_place"
        " voice_which voice_again voice_silence voice_unreadable voice_busy voice_cut"
    ),
    "profile": (
        "who other first first_you again options options_shared owner name name_taken named shared next full keep given moved"
        " lost lost_later code six wrong_code no_more_tries join welcome joined gone was_me not_me"
    ),
    "question": "back menu unanswered declined",
    "clarify": "did_you_mean other not_understood dont_worry second no_more no_simpler way_out",
    "answers": "out_of_scope",
    "call": "leaving",
    "facilitator": (
        "lends tongue module lesson script script_more keeping sent_recording all_recorded recording_by_chat"
        " work_recording stopped_recording voice_quiet voice_clipped voice_noisy voice_short voice_gap "
        "poll days round no_poll no_results sent_poll name_poll name_days second_asked second_wanted nothing_to_confirm"
        " sent_confirm message words whom leaves committee agenda when hour which_day half morning evening place offers"
        " voice which what correct choose name_message name_words name_whom name_leaves name_committee name_agenda"
        " name_when name_place name_offers name_voice name_what pin pin_digits pin_wrong locked not_by_sms"
        " sent_announcement sent_meeting sent_change sent_cancel waits stopped no_meeting nobody_missing day_again"
        " hour_again time_past time_no_such_day time_mismatch time_no_such_hour voice_long voice_silent voice_broken"
        " snag_past snag_too_far snag_clash snag_too_long snag_missing snag_number snag_same snag_taken_back snag_over"
        " snag_nobody snag_refused snag_too_many works preview_deed sent_hold count number_again sent_count acta agreed doer by"
        " more sent_minutes no_held_meeting open_to contact quorum speak place_known words_spoken words_news agreed_spoken"
        " agenda_water agenda_safety agenda_money agenda_papers agenda_several name_open_to name_contact name_quorum name_count"
        " name_agreed name_doer name_by name_other work_announcement work_meeting work_known work_asked work_missing work_change"
        " work_cancel work_hold work_count work_minutes work_poll work_results work_confirm"
    ),
    "voice_question": "offer consent not_here speak silent recorded sent dropped declined",
}

REPLY_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    **{f"{file}.{key}": () for file, keys in _FIXED.items() for key in keys.split()},
    "menu.listen_by_call_to": ("number",),
    "optout.sms_shut": ("number",),
    "profile.person": ("number",),
    "profile.code_join": ("code", "digits"),
    "profile.code_move": ("code", "digits"),
    "profile.digit": ("count",),
    "lesson.done": ("lesson",),
    "lesson.lessons": ("module",),
    "lesson.resume": ("lesson",),
    "lesson.finished": ("lesson",),
    "lesson.module_finished": ("module",),
    **{f"poll.{name}": ("question",) for name in ("invitation", "reminder")},
    **{f"poll.{name}": ("number",) for name in ("hint_several", "too_many")},
    "poll.bounds": ("least", "most"),
    "meeting.next": ("agenda", "when", "where", "offers"),
    **{f"meeting.{name}": ("agenda", "when", "where", "offers") for name in ("announced", "reminder", "reminder_today")},
    "meeting.will_you": ("when",),
    "meeting.last_time": ("what",),
    "meeting.minutes_rest": (),
    "meeting.at": ("place",),
    "meeting.ask_place": ("contact",),
    "meeting.cancelled": ("agenda", "when"),
    "meeting.changed_hour": ("before", "when", "where"),
    "meeting.changed_place": ("place", "when", "where"),
    "meeting.changed_place_only": ("when", "where"),
    "meeting.changed_both": ("before", "when", "where"),
    "meeting.changed_rest": ("agenda", "when", "where", "offers"),
    "meeting.came": ("when",),
    "meeting.minutes": ("when", "details"),
    "meeting.agreed": ("what",),
    "meeting.agreed_who": ("who",),
    "meeting.agreed_by": ("day",),
    "meeting.moment": ("when",),
    "meeting.answer_when": ("when",),
    "meeting.answer_where": ("where",),
    "meeting.answer_agenda": ("agenda",),
    "meeting.answer_coming": ("count",),
    **{f"meeting.answer_{name}": ("ask",) for name in ("who", "ends", "ride_no", "bring")},
    "meeting.answer_coming_quorum": ("count", "quorum"),
    "meeting.answer_host": ("committee", "ask"),
    "meeting.answer_language": ("language",),
    "meeting.answer_was": ("when",),
    "meeting.answer_came": ("when", "count"),
    "meeting.in_language": ("language",),
    **{f"meeting.answer_for_{whom.value}": () for whom in OpenTo},
    **{f"meeting.language_{code}": () for code in LANGUAGES},
    "meeting.details": ("details",),
    "meeting.coming": ("count",),
    "meeting.contact": ("contact",),
    **{f"meeting.said_{rsvp.value}": () for rsvp in Rsvp},
    **{f"answers.{intent}": () for intent in INFORMATIONAL},
    **{f"clarify.{intent}": () for intent in sorted({*INTENTS, *COMMANDS} - _NO_NAME)},
    "human.away": ("when",),
    "facilitator.take": ("script",),
    "facilitator.take_other": ("script",),
    "facilitator.script_step": ("number",),
    "facilitator.script_step_simpler": ("number",),
    "facilitator.script_quiz": ("number",),
    "facilitator.script_quiz_simpler": ("number",),
    "facilitator.script_feedback": ("number",),
    "facilitator.hold": ("when", "agenda"),
    "facilitator.let_go": ("when", "agenda"),
    "facilitator.a_day": ("day",),
    "facilitator.a_meeting": ("agenda", "day"),
    "facilitator.preview": ("people",),
    "facilitator.preview_cost": ("people", "pesos"),
    "facilitator.names": ("names", "more"),
    "facilitator.names_none": ("more",),
    **{f"crisis.{kind.value}": () for kind in Danger},
    **{f"crisis.{key}": () for key in ("safe", "not_safe", "after", "what_now_hurt", "what_now_violence", "what_now_threat")},
    **{f"unsafe.{kind.value}": () for kind in Unsafe},
}
