"""What learners may say of themselves, as it is stored; the words for people stand with the forms."""

SEXES = ("woman", "man", "other")
MINISTRY_TYPES = (
    *("labour", "social-welfare", "finance-planning", "health"),
    *("education", "local-government", "statistics", "other"),
)
AGE_BANDS = ("under-25", "25-34", "35-44", "45-54", "55-over")
