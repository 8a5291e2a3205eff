"""Words of what came in, as staff see them."""

CAME_BY = {
    "public-form": "Public form",
    "post": "Post",
    "phone": "Phone",
    "e-mail": "E-mail",
    "in-person": "In person",
    "councillor-or-mp": "Through a councillor or MP",
    "other-system": "Another system",
}
SAID = {"complaint": "Complaint", "comment": "Comment", "compliment": "Compliment", "not-sure": "Not sure"}
ANSWER_BY = {
    "post": "Post",
    "e-mail": "E-mail",
    "phone": "Phone",
    "other": "Another way, see the notes",
    "none": "No answer wished",
}
STANDING = {"self": "For themselves", "on-behalf": "For somebody else", "not-said": "Not said"}
ELIGIBLE = {
    "own": "It is about the person themselves",
    "parental-responsibility": "Parental responsibility",
    "consent": "Somebody else, with the child's or person's consent",
    "sufficient-interest": "Sufficient interest in the child's welfare",
    "none": "None",
}
TIMING = {
    "in-time": "Within 12 months of the events",
    "late-taken": "Later, and taken all the same",
    "late-declined": "Later, and declined",
}
EARLY = {
    "none": "No",
    "stage-2": "Straight to stage 2, as both agree",
    "ombudsman": "Early to the Ombudsman",
}
OUTCOMES = {
    "complaint": "Complaint",
    "informal-enquiry": "Informal complaint or enquiry",
    "compliment": "Compliment",
    "comment": "Comment",
    "not-a-complaint": "Not a complaint",
    "duplicate": "Duplicate of another one",
}
OUTCOME_NOTES = {
    "complaint": "Stage 1 begins; its clock counts from the day of receipt.",
    "informal-enquiry": "Answered under the informal procedure.",
    "compliment": "",
    "comment": "Kept and read; needs no answer under a procedure.",
    "not-a-complaint": "Goes somewhere else. Say where, and why.",
    "duplicate": "The same thing came in before.",
}
PEOPLE = {
    "complainant": "Complainant",
    "representative": "Representative",
    "advocate": "Advocate",
    "mp-or-councillor": "MP or councillor",
    "child": "Child concerned",
}
STEPS = {"receive": "Received", "decide": "Decided", "undo": "Decision taken back", "advocate": "Advocate offered"}
ADVOCATE = {"accepted": "accepted", "declined": "declined", None: "not answered yet"}
LANGUAGES = {
    "en": "English",
    "cy": "Welsh",
    "pl": "Polish",
    "ur": "Urdu",
    "ar": "Arabic",
    "ro": "Romanian",
    "bn": "Bengali",
    "pa": "Punjabi",
    "so": "Somali",
    "uk": "Ukrainian",
    "bfi": "British Sign Language",
}
