"""The words of the unsubscribe page, in the languages whose STOP words we know (design/decisions.md, Consent)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's words."""

    language: str
    question: str
    button: str
    done: str
    programmes: Mapping[str, str]
    channels: Mapping[str, str]


def _texts(language: str, phrases: tuple[str, str, str], *, programmes: str, channels: str) -> Texts:
    """Programmes as organizers, events, marketing; channels as inbox, push, SMS, e-mail."""
    return Texts(
        language,
        *phrases,
        dict(zip(("organizers", "events", "marketing"), programmes.split(" | "), strict=True)),
        dict(zip(("inbox", "push", "sms", "email"), channels.split(" | "), strict=True)),
    )


_LANGUAGES: Final = {
    texts.language: texts
    for texts in (
        _texts(
            "en",
            (
                "Do you want to stop these messages?",
                "Unsubscribe",
                "You are unsubscribed.",
            ),
            programmes="News from organizers | News about events | Offers and invitations",
            channels="Inbox | Push notifications | Text messages | E-mail",
        ),
        _texts(
            "es",
            (
                "¿Quieres dejar de recibir estos mensajes?",
                "Cancelar la suscripción",
                "Tu suscripción está cancelada.",
            ),
            programmes="Noticias de organizadores | Noticias de eventos | Ofertas e invitaciones",
            channels="Bandeja de entrada | Notificaciones push | SMS | Correo electrónico",
        ),
        _texts(
            "it",
            (
                "Non vuoi più ricevere questi messaggi?",
                "Annulla l'iscrizione",
                "La tua iscrizione è annullata.",
            ),
            programmes="Notizie dagli organizzatori | Notizie sugli eventi | Offerte e inviti",
            channels="Posta in arrivo | Notifiche push | SMS | E-mail",
        ),
        _texts(
            "fr",
            (
                "Ne plus recevoir ces messages ?",
                "Se désabonner",
                "Vous êtes désabonné.",
            ),
            programmes="Nouvelles des organisateurs | Nouvelles des événements | Offres et invitations",
            channels="Boîte de réception | Notifications push | SMS | E-mail",
        ),
        _texts(
            "pt",
            (
                "Quer deixar de receber estas mensagens?",
                "Cancelar a subscrição",
                "A sua subscrição foi cancelada.",
            ),
            programmes="Notícias de organizadores | Notícias de eventos | Ofertas e convites",
            channels="Caixa de entrada | Notificações push | SMS | E-mail",
        ),
        _texts(
            "de",
            (
                "Möchten Sie diese Nachrichten nicht mehr erhalten?",
                "Abbestellen",
                "Sie sind abgemeldet.",
            ),
            programmes="Neues von Veranstaltern | Neues über Veranstaltungen | Angebote und Einladungen",
            channels="Posteingang | Push-Nachrichten | SMS | E-Mail",
        ),
    )
}


def texts_in(locale: str | None) -> Texts:
    """The words in a person's language; English when we do not speak it."""
    return _LANGUAGES.get((locale or "en").partition("-")[0].lower(), _LANGUAGES["en"])
