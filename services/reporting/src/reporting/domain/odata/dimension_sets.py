"""The entity sets of the dimensions: what the codes of the facts mean, keyed as the columns of the facts are named."""

from reporting.domain import dimension_tables as tables
from reporting.domain.dimension_tables import DimensionTable
from reporting.domain.odata.kpi_sets import KPI_DIMENSIONS
from reporting.domain.odata.model import Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import DIMENSIONS

_LABEL = code("label", "What it is called now.")
_POSITION = Property("position", Edm.INT32, "Its place in the profile, from 1: the order in reports.")
_IN_PROFILE = Property(
    "in_profile",
    Edm.BOOLEAN,
    "Whether the profile in force still has it; a code that has left it keeps its row, for old facts.",
)
_MERGED = (
    code("merged_into", "What it became part of.", nullable=True),
    day("merged_on", "First day of that.", nullable=True),
    code("rolls_up_to", "What it is part of once all mergers have taken place; itself where there is none."),
)
_VALID = (
    day("valid_from", "First day on which it is in use; empty where there is none.", nullable=True),
    day("valid_until", "Last day on which it is in use; empty where there is none.", nullable=True),
)
_THEMES = code("themes", "Codes of its themes, several joined by a semicolon; empty where there are none.")
_SUBJECTS = {"audits": "audits", "feedback": "feedback", "complaints": "complaints", "compliments": "compliments"}
_QUESTION = (
    code("questionnaire", "The questionnaire."),
    Property("questionnaire_version", Edm.INT32, "Its version."),
    code("question", "The question; a reworded one keeps its code in the next version."),
    code("question_key", "The three in one, as in SurveyAnswers: questionnaire/version/question."),
)


def _set(name: str, entity: str, of: DimensionTable, description: str, *properties: Property, areas: bool = False) -> EntitySet:
    kept = (_IN_PROFILE,) if of.keeps else ()
    limited_by = "service_area" if areas else None
    roots = (DIMENSIONS,)
    return EntitySet(name, entity, of.table, description, of.key, (*properties, *kept), limited_by=limited_by, roots=roots)


SERVICE_AREAS = _set(
    "ServiceAreas",
    "ServiceAreaMember",
    tables.SERVICE_AREA,
    "One row a service area, with what is counted under it and since when.",
    code("service_area", "Code of the service area."),
    _LABEL,
    code("short_label", "What it is called where there is little room."),
    _POSITION,
    code("used_for", "What is counted under it: audits, feedback, complaints, compliments, joined by a semicolon."),
    *(
        day(f"{subject}_{end}", f"{which} day on which {words} are counted under it; empty where there is none.", nullable=True)
        for subject, words in _SUBJECTS.items()
        for end, which in (("from", "First"), ("until", "Last"))
    ),
    *_MERGED,
    areas=True,
)
TEAMS = _set(
    "Teams",
    "TeamMember",
    tables.TEAM,
    "One row a team, with the service area that it belongs to now. A fact has the team, and the area, of its day.",
    code("team", "Code of the team."),
    _LABEL,
    _POSITION,
    code("service_area", "Service area that it belongs to."),
    *_VALID,
    *_MERGED,
    areas=True,
)
NAMES = _set(
    "FormerAndPresentNames",
    "MemberName",
    tables.NAME,
    "One row a name that a service area, team or category has or had, with the days between which it was used.",
    code("dimension", "service_area, team or category."),
    code("code", "Code of the service area, team or category."),
    Property("number", Edm.INT32, "Number of the name, the oldest is 1."),
    _LABEL,
    day("label_from", "First day on which it was used; empty for the first name.", nullable=True),
    day("label_until", "Last day on which it was used; empty for the name that holds now.", nullable=True),
)
TOOLS = _set(
    "Tools",
    "ToolMember",
    tables.TOOL,
    "One row an audit tool.",
    code("tool", "Code of the tool."),
    _LABEL,
    _POSITION,
    Property("tool_version", Edm.INT32, "Its version in force."),
    code("kind", "Kind of audit: looped, single, targeted, multi-agency, dip-sample or practice-evaluation.", nullable=True),
    code("scale", "Its scale; see Grades. Empty where it has no grades.", nullable=True),
)
SECTIONS = _set(
    "Sections",
    "SectionMember",
    tables.SECTION,
    "One row a section of an audit tool.",
    code("tool", "The audit tool."),
    code("section", "Code of the section within its tool."),
    code("section_key", "Both in one, as in AuditGrades: tool/section."),
    _LABEL,
    _POSITION,
    _THEMES,
)
GRADES = _set(
    "Grades",
    "GradeMember",
    tables.GRADE,
    "One row a grade of a scale, the best one first.",
    code("scale", "The scale."),
    code("grade", "Code of the grade within its scale."),
    code("grade_key", "Both in one, as in AuditGrades: scale/grade."),
    code("scale_label", "What the scale is called."),
    _LABEL,
    _POSITION,
    code("comparable", "outstanding, good, requires-improvement or inadequate: what it is compared as.", nullable=True),
)
QUESTIONNAIRES = _set(
    "Questionnaires",
    "QuestionnaireMember",
    tables.QUESTIONNAIRE,
    "One row a questionnaire.",
    code("questionnaire", "Code of the questionnaire."),
    _LABEL,
    _POSITION,
    code("audience", "Whom it asks: child, young-person, care-leaver, parent-carer, and so on.", nullable=True),
    code("about", "What about_on is the day of.", nullable=True),
    Property("questionnaire_version", Edm.INT32, "Its newest version."),
    Property("edition", Edm.INT32, "How often it was published from the pages."),
)
QUESTIONS = _set(
    "Questions",
    "QuestionMember",
    tables.QUESTION,
    "One row a question of a version of a questionnaire, in the words in which it was asked.",
    *_QUESTION,
    code("label", "The question in English."),
    Property("position", Edm.INT32, "Its place in the version, from 1."),
    code("kind", "one, several, scale, star, text or date.", nullable=True),
    _THEMES,
    Property("score_min", Edm.INT32, "Lowest score of a scale.", nullable=True),
    Property("score_max", Edm.INT32, "Highest score of a scale.", nullable=True),
    Property("positive_from", Edm.INT32, "Lowest score that is favourable.", nullable=True),
    day("asked_from", "First day on which links had this version."),
    day("asked_until", "Last day of that; empty for the version in force.", nullable=True),
)
OPTIONS = _set(
    "QuestionOptions",
    "QuestionOptionMember",
    tables.OPTION,
    "One row an answer that can be chosen, or a score that has a name: `choices` and `score` of SurveyAnswers hold them.",
    *_QUESTION,
    code("option", "Code of the answer within its question; of a score, the number."),
    Property("score", Edm.INT32, "The score; empty for an answer that is chosen.", nullable=True),
    code("label", "The answer in English."),
    Property("position", Edm.INT32, "Its place in the question, from 1."),
    Property("positive", Edm.BOOLEAN, "Whether it counts as favourable."),
)
CATEGORIES = _set(
    "Categories",
    "CategoryMember",
    tables.CATEGORY,
    "One row a nature of complaint points.",
    code("category", "Code of the category."),
    _LABEL,
    _POSITION,
    _THEMES,
    *_VALID,
)
THEMES = _set(
    "Themes",
    "ThemeMember",
    tables.THEME,
    "One row a theme, by which audits, answers and complaints are laid side by side.",
    code("theme", "Code of the theme."),
    _LABEL,
    _POSITION,
)
ORGANISATIONS = _set(
    "Organisations",
    "OrganisationMember",
    tables.ORGANISATION,
    "One row: the organisation whose figures these are.",
    code("organisation", "Code of the organisation."),
    _LABEL,
)
CODES = _set(
    "Codes",
    "CodeMember",
    tables.CODE,
    "One row a code of a closed list that has no table of its own: procedures, findings, routes, channels, statuses, …",
    code("list", "The list."),
    code("code", "The code."),
    _LABEL,
    Property("position", Edm.INT32, "Its place in the list, from 1."),
    code("used_in", "Tables and columns that hold its codes, joined by a semicolon."),
)
DATES = _set(
    "Dates",
    "CalendarDay",
    tables.DATE,
    "One row a day, with its month, financial quarter and year, and whether it is a working day in England.",
    day("day", "The day."),
    code("month", "Its month, as 2022-04."),
    code("month_label", "The month in words."),
    code("quarter", "Its financial quarter, as 2022-23-q1: April to June."),
    code("quarter_label", "The quarter as reports have it: Q1 22/23."),
    code("financial_year", "Its financial year, as 2022-23: April to March."),
    code("weekday", "Monday to Sunday."),
    Property("working_day", Edm.BOOLEAN, "Neither Saturday nor Sunday nor a bank holiday in England."),
    code("holiday", "Name of the bank holiday.", nullable=True),
    code("calendar", "Version of the calendar of working days."),
)
DIMENSION_SETS = (
    ORGANISATIONS,
    SERVICE_AREAS,
    TEAMS,
    NAMES,
    TOOLS,
    SECTIONS,
    GRADES,
    QUESTIONNAIRES,
    QUESTIONS,
    OPTIONS,
    CATEGORIES,
    THEMES,
    CODES,
    DATES,
    *KPI_DIMENSIONS,
)
