"""Files: closed lists, defined in `rules` and published here, each value with its Spanish term."""

from rules.catalogue import AttachmentRole, ReceiptKind
from rules.exports import ExportFormat
from rules.files import PagesProblem
from rules.texts import TextProblem, TextState
from rules.verdicts import Finding, Fitness
from schema.published import publish

publish(
    TextState,
    "How far the text of a file is.",
    {
        "PENDING": "It is still to be taken out (por procesar).",
        "DONE": "It can be found by its words.",
        "NO_TEXT": "It has no text that could be searched.",
        "FAILED": "Its text could not be taken out; what was read of it can be found.",
    },
)

publish(
    TextProblem,
    "Why a file has no text that could be searched, or not all of it.",
    {
        "ENCRYPTED": "It has a password (clave de apertura).",
        "DAMAGED": "It is damaged (dañado).",
        "SCANNED": "Its pages are pictures (escaneado sin texto).",
        "OTHER_KIND": "It is of a kind that has no text, as an archive.",
        "EMPTY": "There is nothing in it.",
        "NOT_READ": "Reading it failed too often.",
    },
)

publish(
    AttachmentRole,
    "What a file is within its trámite.",
    {
        "MAIN": "The main document (documento principal).",
        "ANNEX": "An annex (anexo).",
        "ANSWER": "A file of the answer, added by staff (archivo de la respuesta).",
    },
)

publish(
    ReceiptKind,
    "What a receipt attests.",
    {
        "SUBMISSION": "That the document was sent (constancia de envío).",
        "RECEPTION": "That the desk received it (cargo de recepción).",
        "VOIDING": "That the applicant withdrew it (constancia de anulación).",
        "COMPLETION": "That what a mail lacked was handed in by its link (constancia de documento completado).",
    },
)

publish(
    PagesProblem,
    "Why the pages of a PDF are not known.",
    {
        "ENCRYPTED": "It asks for a password to be opened (PDF con clave).",
        "DAMAGED": "It cannot be read (PDF dañado).",
        "EMPTY": "It has no pages (PDF sin páginas).",
        "NOT_COUNTED": "Counting failed or took too long.",
    },
)

publish(
    Finding,
    "What is found of a file (hallazgo), whatever follows of it.",
    {
        "DAMAGED": "It is damaged or not whole (dañado).",
        "EMPTY": "There is nothing in it: no page, no text, no file (vacío).",
        "ENCRYPTED": "It asks for a password to be opened (con clave de apertura).",
        "RESTRICTED": "A PDF that opens, but forbids printing or copying (protegido).",
        "OTHER_KIND": "Its content is of another kind than its name says.",
        "DISGUISED": "It is two kinds of file at once (políglota).",
        "BOMB": "It grows beyond measure when it is opened (bomba de descompresión).",
        "TOO_COMPLEX": "It is too complex to be looked through.",
        "TOO_MANY_PAGES": "A PDF of more pages than are looked at.",
        "HUGE_PICTURE": "A picture of absurd size.",
        "JAVASCRIPT": "A PDF with a program in it (JavaScript).",
        "LAUNCH": "A PDF that starts another program.",
        "AUTOMATIC_ACTION": "A PDF that does something by itself when it is opened.",
        "EXTERNAL_CONTENT": "It fetches something from elsewhere when it is opened.",
        "MULTIMEDIA": "It holds sound, video or models.",
        "EMBEDDED_FILES": "A PDF with other files in it (archivos incrustados).",
        "FORM": "A PDF whose fields can still be filled in (formulario).",
        "DYNAMIC_FORM": "A PDF that is a dynamic form (XFA).",
        "MACROS": "It has programs in it (macros).",
        "DATA_EXCHANGE": "It asks other programs for data (DDE).",
        "EMBEDDED_OBJECTS": "It holds objects of other programs (objetos incrustados).",
        "CONTROLS": "It holds active controls (ActiveX).",
        "TOO_MANY_MEMBERS": "An archive of more files than are looked at.",
        "OVERLAPPING": "An archive whose parts lie over each other.",
        "NESTED_ARCHIVE": "An archive with archives in it.",
        "ESCAPING_NAME": "An archive that would write outside of its folder.",
        "LINK": "An archive with links instead of files.",
        "PROGRAM": "It holds a program (ejecutable).",
        "PART_OF_SEVERAL": "One part of an archive of several.",
        "MALWARE": "The antivirus found something harmful (programa dañino).",
        "NOT_SCANNED": "The antivirus has not looked at it yet.",
        "PARTLY_SCANNED": "The antivirus could not look at all of it.",
        "NOT_JUDGED": "It could not be looked into yet, or only in part; it is tried again.",
    },
)

publish(
    Fitness,
    "What follows of all that is found of a file, by what is refused now (dictamen).",
    {
        "FIT": "Nothing was found (apto).",
        "REMARKED": "It is taken, and what was found is told (apto con observaciones).",
        "REFUSED": "It would not be taken on the web; by mail, people decide (no se recibe).",
    },
)

publish(
    ExportFormat,
    "In which form a list is fetched (formato de exportación).",
    {
        "CSV": "Values separated by commas (RFC 4180), in UTF-8 with a byte order mark, as Excel wants it.",
        "XLSX": "A spreadsheet (hoja de cálculo).",
    },
)

__all__ = [
    "AttachmentRole",
    "ExportFormat",
    "Finding",
    "Fitness",
    "PagesProblem",
    "ReceiptKind",
    "TextProblem",
    "TextState",
]
