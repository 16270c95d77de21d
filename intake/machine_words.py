"""Words with which programs that set no header begin: absences, mails that did not arrive, senders asked to confirm."""

from __future__ import annotations

import re
from typing import Final

BEGINNING: Final = 400
"""How far into a text it is looked: further down people quote what machines wrote to them."""

_TAG: Final = r"\s*(?:\[[^\[\]]{0,80}\]\s*|\*{2,}\s*|(?:notice|warning|attention|aviso)\s*:\s*)?"
_SUBJECTS: Final = (
    r"(?:auto|ooo|automatic|automatisch|automatica|automatique)\s*:",
    r"\[?auto[- ]?(?:generated|reply|response|respuesta|resposta)\b",
    r"autom(?:atic|ated)[- ](?:reply|response|answer|acknowledg|e-?mail|message)",
    r"(?:respuesta|contestaci[oó]n|mensaje|correo|notificaci[oó]n) autom[aá]tic[oa]\b",
    r"resposta autom[aá]tica|r[eé]ponse automatique|risposta automatica|automatische antwort|automatisch antwoord",
    r"automatyczna odpowied|automatiskt? svar|otomatik yan[iı]t|resposta de aus[eê]ncia|avviso di assenza",
    r"out[- ]of[- ](?:the[- ])?office|(?:i am |i'm )?away from (?:my|the) (?:mail|office|desk|e-?mail)",
    r"(?:on )?vacation (?:reply|message|response|notice)|abwesenheit|fuori (?:sede|ufficio)|absence du bureau",
    r"(?:ausente|fuera) de (?:la |mi )?oficina|estoy (?:de vacaciones|fuera de la oficina)|autorrespuesta\b",
    r"undeliver(?:able|ed)|unzustellbar|non[- ]?deliver|not[- ]delivered|failure notice|failed mail|delayed mail",
    r"(?:e-?mail|mail|message)s? (?:system error|could not be|delivery|not delivered|undeliver|returned|bounced?\b)",
    r"(?:mail |message |e-?mail )?delivery (?:status|fail|error|notif|report|has |delayed|problem|warning|incomplete)",
    r"returned (?:e-?mail|mail|message|to sender)|mail (?:rejected|returned)",
    r"warning: (?:could not|message|mail|e-?mail|delayed)",
    r"your (?:message|e-?mail|mail) (?:to .{1,200} )?(?:could not|a?waits)",
    r"(?:correo|mensaje|e-?mail)(?: electr[oó]nico)? (?:devuelto|no entregado|rechazado por el servidor)\b",
    r"(?:no se (?:pudo|puede|ha podido) entregar|(?:no )?entregado|retransmitido|entrega (?:retrasada|fallida))\s*:",
    r"notificaci[oó]n (?:de|del) estado de (?:la )?entrega|error (?:de|en la) entrega (?:de|del) (?:correo|mensaje)",
    r"\[bounce\]|there was an error sending|(?:e-?mail )?feedback report|abuse report|complaint about message from",
    r"n[aã]o (?:entregue|foi poss[ií]vel entregar)\s*:|falha na entrega|mancato recapito|impossibile recapitare",
    r"[eé]chec de (?:la )?(?:remise|distribution)|non (?:remis|distribu[eé])\s*:|(?:mail )?zustellung|nicht zugestellt",
    r"автоответ|автоматический ответ|(?:сообщение |письмо )?не ?доставлен",
    r"自動(?:返信|応答)|不在|自动(?:回复|答复)|系统退信|退信",
    r".{0,10}(?:メッセージ|メール)(?:を|の|は)?配[信送](?:に失敗|できません|不能|エラー)|配[信送](?:不能|エラー)",
    r"(?:not )?read\s*:|return receipt|(?:no )?le[ií]do\s*:|(?:eliminado|deleted) (?:sin leer|without being read)",
    r"(?:please |action required: ?)?(?:confirm|verify) (?:your|that you|you are)|sender (?:verification|confirmation)",
    r"confirm(?:e|a|ar) (?:su|tu) (?:suscripci[oó]n|direcci[oó]n|env[ií]o de correo)|challenge[- ]response",
)
_SUBJECT_ENDS: Final = r"(?:delivery failed|non remis|undeliverable|not delivered)\W{0,5}$"
_TEXTS: Final = (
    r"this (?:is an?|e-?mail|message|mail)[^.]{0,40}\bauto(?:mated|matic|-?generated|-?reply)",
    r"(?:e-?mail|message|mail)[^.]{0,20} system[- ]generated",
    r"(?:automatically generated|generated automatically|created automatically) by|advisory-only e-?mail",
    r"este (?:es un )?(?:correo|mensaje|e-?mail)[^.]{0,40} (?:autom[aá]tic[oa]|autom[aá]ticamente|autogenerado)\b",
    r"(?:i am|i'm|i will be|i'll be)[^.]{0,30}(?:out of (?:the |my )?office|on (?:vacation|leave|holiday)|away from)",
    r"(?:estoy|estar[eé]|me encuentro|me encontrar[eé])[^.]{0,30} (?:de vacaciones|fuera de (?:la |mi )?oficina)\b",
    r"could not (?:be delivered|deliver)|(?:unable|failed) to deliver",
    r"(?:wasn't|was not|were not|not) (?:able to be )?delivered",
    r"delivery (?:to|of|has)[^.]{0,200}(?:failed|postponed|delayed)|permanent(?: fatal)? errors?|failed recipient",
    r"did not reach the following|n'a pas pu (?:e|ê)tre (?:delivr|délivr|remis)|returned mail|undeliverable",
    r"no (?:se pudo|se ha podido|(?:pudo|ha podido) ser) entrega[rd]o? (?:el|su|al|este) (?:mensaje|correo|e-?mail)\b",
    r"account is protected by|we have received your (?:request|message|e-?mail|enquiry|inquiry)",
    r"hemos recibido su (?:correo|mensaje|consulta)",
    r"su (?:correo|mensaje|consulta|ticket) (?:fue|ha sido) (?:recibid|registrad)",
    r"(?:click|follow|visit)[^.]{0,60}(?:verify|confirm|allow|deliver)[^.]{0,60}(?:message|mail|address)",
    r"ha[gz](?:a|) clic[^.]{0,60}(?:confirm|verific)ar[^.]{0,60}(?:mensaje|correo|direcci[oó]n)",
)
_SUBJECT = re.compile(rf"{_TAG}(?:{'|'.join(_SUBJECTS)})", re.IGNORECASE)
_SUBJECT_END = re.compile(_SUBJECT_ENDS, re.IGNORECASE)
_TEXT = re.compile("|".join(_TEXTS), re.IGNORECASE)
_QUOTED = re.compile(r"[>|]|-{3,} ?\w|\b(?:De|From): |\b(?:escribi[oó]|wrote):")


def is_subject_of_machine(subject: str) -> bool:
    """Say whether a subject begins, or ends, as programs write it; what a person replies to has `Re:` before it."""
    return bool(_SUBJECT.match(subject) or _SUBJECT_END.search(subject[-40:]))


def is_text_of_machine(text: str) -> bool:
    """Say whether a text begins as programs write it."""
    return bool(_TEXT.search(_QUOTED.split(text[:BEGINNING], maxsplit=1)[0]))
