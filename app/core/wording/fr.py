"""French: a draft until a native reader has seen it."""

from typing import Any

WORDS: dict[str, Any] = {
    "titles": {"completion": "Certificat de réussite", "participation": "Attestation de participation"},
    "no_assessment": "Sans évaluation",
    "openings": {"completion": "{issuer} certifie que", "participation": "{issuer} atteste que"},
    "opening_sample": "Un spécimen, établi au nom de",
    "deeds": {
        "completion": "a suivi jusqu’à son terme le cours en ligne en autoformation",
        "participation": "a participé au cours en ligne en autoformation",
    },
    "results": {
        "same": "version {version}, en réussissant chaque questionnaire de module et l’évaluation finale avec "
        "{final} % au moins, le {date}",
        "both": "version {version}, en réussissant chaque questionnaire de module avec {quizzes} % au moins et "
        "l’évaluation finale avec {final} % au moins, le {date}",
        "quizzes": "version {version}, en réussissant chaque questionnaire de module avec {quizzes} % au "
        "moins, le {date}",
        "final": "version {version}, en réussissant l’évaluation finale avec {final} % au moins, le {date}",
        "none": "version {version}, le {date}",
    },
    "result_read": "version {version}, et en a marqué toutes les sections comme lues à la date du {date}. "
    "Ce document ne repose sur aucune évaluation.",
    "study": "Durée d’étude : environ {hours} heures",
    "study_one": "Durée d’étude : environ {hours} heure",
    "hours": "environ {hours} heures",
    "hour": "environ {hours} heure",
    "topics": "Thèmes : {topics}",
    "topics_joint": " · ",
    "until": "Valable jusqu’au {date}",
    "verify": "À comparer avec notre registre : {url}",
    "issued_alone": "Délivré par {issuer} uniquement ; ni délivré ni approuvé par l’Organisation des Nations Unies "
    "ou la CESAP.",
    "issued_by_nobody": "Délivré par personne : un spécimen ; ni délivré ni approuvé par "
    "l’Organisation des Nations Unies "
    "ou la CESAP.",
    "identity": "Le nom est celui que la personne a indiqué ; son identité n’a pas été vérifiée.",
    "identity_short": "selon la personne ; non vérifiée",
    "identity_confirmed": "L’identité de la personne a été confirmée par {office} le {date}.",
    "identity_confirmed_short": "confirmée par {office} le {date}",
    "editions": {
        "name": "Édition {edition} : réémise avec un nom corrigé, à la place du numéro {number}.",
        "renewal": "Édition {edition} : renouvellement du numéro {number}.",
    },
    "no_credit": "Ce document ne donne droit à aucun crédit universitaire et n’est pas une licence professionnelle.",
    "sources": "Le cours s’appuie sur des documents publics de l’Organisation des Nations Unies et d’autres sources.",
    "no_issuer": "personne (spécimen)",
    "marks": {
        "revoked": ("RÉVOQUÉ", "Ce document n’est plus valable ; notre registre indique pourquoi sous son numéro."),
        "demonstration": (
            "DÉMONSTRATION",
            "Établi pour une personne inventée afin de montrer le fonctionnement du site ; ne certifie rien.",
        ),
        "sample": (
            "SPÉCIMEN",
            "Aucune institution émettrice n’est configurée sur ce site ; ne certifie rien.",
        ),
        "trial": ("ESSAI", "Établi sur une machine accessible à son seul utilisateur ; ne certifie rien."),
    },
    "labels": {
        "number": "Numéro",
        "name": "Nom",
        "name_latin": "Nom en lettres latines",
        "identity": "Identité",
        "kind": "Nature",
        "assessment": "Évaluation",
        "course": "Cours",
        "version": "Version du cours",
        "edition": "Édition",
        "date": "Date de délivrance",
        "expiry": "Valable jusqu’au",
        "hours": "Durée d’étude",
        "issuer": "Délivré par",
    },
    "months": (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    "first_day": "1er",
    "qr_alt": "Code QR de l’adresse {url}",
    "attachment": "L’enregistrement public tel que délivré, en JSON",
    "attached": {
        "key": "La clé publique qui signe les certificats de l’émetteur",
        "signed": "Les données sous leur forme courte, signées avec cette clé",
    },
    "faults": {
        "empty": "Saisissez le numéro inscrit sur le certificat, par exemple LON-7K4M-2Q9X-HD37.",
        "symbols": "Un numéro ne contient que des lettres et des chiffres, jamais la lettre U. Comparez-le "
        "avec le document.",
        "short": "Ce numéro est trop court : après LON viennent douze lettres et chiffres. Comparez-le avec "
        "le document.",
        "long": "Ce numéro est trop long : après LON viennent douze lettres et chiffres. Comparez-le avec le document.",
        "check": "Un caractère est erroné, ou deux ont été intervertis. Comparez le numéro avec le document.",
    },
}
