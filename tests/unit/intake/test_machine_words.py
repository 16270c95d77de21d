"""What reads as if a machine wrote it; each line as programs write it, and what people write that is like it."""

from __future__ import annotations

import time

import pytest

from intake.machine_words import BEGINNING, is_subject_of_machine, is_text_of_machine


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Constancia de envío",
        "Respuesta automática: Constancia de envío",
        "RESPUESTA AUTOMATICA: constancia",
        "Resposta automática: x",
        "Réponse automatique : x",
        "Automatische Antwort: x",
        "Auto: Rosa is away",
        "[AUTO GENERATED] x",
        "[ayuda.example.org #33] AutoReply: x",
        "Out of Office: x",
        "Fuera de la oficina",
        "Undelivered Mail Returned to Sender",
        "Undeliverable: x",
        "Delivery Status Notification (Failure)",
        "Mail delivery failed: returning message to sender",
        "Returned mail: see transcript for details",
        "failure notice",
        "Warning: could not send message for past 4 hours",
        "No se puede entregar: x",
        "Entrega retrasada: x",
        "Correo devuelto",
        "Leído: x",
        "Read: x",
        "Confirm your subscription",
        "NOTICE: mail delivery status.",
        "[BOUNCE]",
        "Échec de remise : x",
        "Automatisch antwoord: x",
        "Автоответ: x",
        "自動返信: x",
        "メッセージを配信できません。",
        "系统退信",
        "complaint about message from 192.0.2.1",
        "RE: your letter : non remis (delivery failed)",
    ],
)
def test_subjects_of_machines_are_known(subject: str) -> None:
    assert is_subject_of_machine(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Solicito copia de mi expediente",
        "RE: Respuesta automática: Constancia de envío",
        "RV: Undeliverable: mi solicitud",
        "Automatización de trámites",
        "Autorización de viaje",
        "Notificación de entrega de obra",
        "No se pudo entregar la notificación en mi domicilio",
        "Entrega de cargo",
        "Devolución de expediente",
        "Mensaje para la señora directora",
        "Correo de contacto actualizado",
        "Confirmo mi asistencia",
        "Leído el oficio, respondo",
        "Acuse de recibo del oficio 12",
        "Licencia por vacaciones",
        "Returned goods claim",
    ],
)
def test_subjects_of_people_are_not_taken_for_those_of_machines(subject: str) -> None:
    assert not is_subject_of_machine(subject)


@pytest.mark.parametrize(
    "text",
    [
        "This is an automatically generated Delivery Status Notification.",
        "I will be out of the office until Monday.",
        "Estaré fuera de la oficina hasta el lunes.",
        "Este es un mensaje automático, no lo responda.",
        "Este correo ha sido generado automáticamente.",
        "Your message to luis@example.org could not be delivered.",
        "No se pudo entregar su mensaje a luis@example.org.",
        "Gracias por comunicarse con nosotros. Hemos recibido su correo y lo atenderemos pronto.",
        "Su consulta ha sido registrada con el número 12.",
        "Haga clic aquí para confirmar que usted envió este mensaje.",
    ],
)
def test_texts_of_machines_are_known(text: str) -> None:
    assert is_text_of_machine(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Solicito copia de mi expediente. Estaré de viaje en abril.",
        "No se pudo entregar el documento en la mesa de partes, por eso lo envío.",
        "Reenvío lo que recibí.\n---------- Forwarded message ----------\nThis is an automated message.",
        "Gracias.\nEl lunes, Mesa de Partes escribió: Este es un mensaje automático.",
        "Hemos recibido su oficio N.° 12 y remitimos lo solicitado.",
        "Pregunto. " + "x" * BEGINNING + " This is an automated message.",
    ],
)
def test_texts_of_people_are_not_taken_for_those_of_machines(text: str) -> None:
    assert not is_text_of_machine(text)


def test_hostile_words_cost_no_time() -> None:
    began = time.process_time()
    for piece in ("[", " ", "your message to ", "this is ", "could ", "click ", "delivery to ", "*", "(", "auto"):
        is_subject_of_machine(piece * (300 // len(piece)))
        is_text_of_machine(piece * (4000 // len(piece)))

    assert time.process_time() - began < 0.5
