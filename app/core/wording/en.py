"""English."""

from typing import Any

WORDS: dict[str, Any] = {
    "titles": {"completion": "Certificate of completion", "participation": "Confirmation of participation"},
    "no_assessment": "No assessment",
    "openings": {"completion": "{issuer} certifies that", "participation": "{issuer} confirms that"},
    "opening_sample": "A sample, made out to",
    "deeds": {
        "completion": "completed the self-paced online course",
        "participation": "took part in the self-paced online course",
    },
    "results": {
        "same": "version {version}, passing every module quiz and the final assessment at the pass mark "
        "of {final} per cent or above, on {date}",
        "both": "version {version}, passing every module quiz at {quizzes} per cent or above and the "
        "final assessment "
        "at {final} per cent or above, on {date}",
        "quizzes": "version {version}, passing every module quiz at the pass mark of {quizzes} per cent or "
        "above, on {date}",
        "final": "version {version}, passing the final assessment at the pass mark of {final} per cent or "
        "above, on {date}",
        "none": "version {version}, on {date}",
    },
    "result_read": "version {version}, and marked every section as read by {date}. No assessment stands "
    "behind this document.",
    "study": "Study time: about {hours} hours",
    "study_one": "Study time: about {hours} hour",
    "hours": "about {hours} hours",
    "hour": "about {hours} hour",
    "topics": "Topics: {topics}",
    "topics_joint": " · ",
    "until": "Valid until {date}",
    "verify": "Compare with our record at {url}",
    "issued_alone": "Issued by {issuer} alone; not issued or endorsed by the United Nations or ESCAP.",
    "issued_by_nobody": "Issued by nobody: a sample; not issued or endorsed by the United Nations or ESCAP.",
    "identity": "The name is as its holder gave it; the holder’s identity was not checked.",
    "identity_short": "as its holder gave it; not checked",
    "identity_confirmed": "The holder’s identity was confirmed by {office} on {date}.",
    "identity_confirmed_short": "confirmed by {office} on {date}",
    "editions": {
        "name": "Edition {edition}: reissued with a corrected name, in place of number {number}.",
        "renewal": "Edition {edition}: a renewal of number {number}.",
    },
    "no_credit": "It gives no academic credit and is no professional licence.",
    "sources": "The course uses public material of the United Nations and others as sources.",
    "no_issuer": "none (sample)",
    "marks": {
        "revoked": ("REVOKED", "It no longer counts; our record under its number says why."),
        "demonstration": (
            "DEMONSTRATION",
            "Made for an invented person to show how the site works; it certifies nothing.",
        ),
        "sample": ("SAMPLE", "No issuing institution is configured on this site; it certifies nothing."),
        "trial": ("TRIAL", "Made on a machine that only its user can reach; it certifies nothing."),
    },
    "labels": {
        "number": "Number",
        "name": "Name",
        "name_latin": "Name in Latin letters",
        "identity": "Identity",
        "kind": "Kind",
        "assessment": "Assessment",
        "course": "Course",
        "version": "Version of the course",
        "edition": "Edition",
        "date": "Date of issue",
        "expiry": "Valid until",
        "hours": "Study time",
        "issuer": "Issued by",
    },
    "months": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "first_day": "1",
    "qr_alt": "QR code of the address {url}",
    "attachment": "The public record as issued, in JSON",
    "attached": {
        "key": "The public key that signs the issuer’s certificates",
        "signed": "The record in its short form, signed with that key",
    },
    "faults": {
        "empty": "Type the number that stands on the certificate, such as LON-7K4M-2Q9X-HD37.",
        "symbols": "A certificate number has only letters and digits, and never the letter U. Compare it "
        "with the paper.",
        "short": "This number is too short: after LON there are twelve letters and digits. Compare it with the paper.",
        "long": "This number is too long: after LON there are twelve letters and digits. Compare it with the paper.",
        "check": "One letter or digit is mistyped, or two have changed places. Compare the number with the paper.",
    },
}
