"""The worker's tasks. The rows decide what is sent; a message from the broker only wakes it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping

from celery import shared_task
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.reminding import remind
from opsrecords.deliveries.failures import Diverged, Later, Undeliverable, Unwanted
from opsrecords.deliveries.mail import send_mail
from opsrecords.deliveries.publication import publish
from opsrecords.deliveries.webhook import send_webhook
from opsrecords.health import note_sweep
from records.checkpoints import CHECKPOINT, note_checkpoint
from records.models import Delivery, DeliveryState
from records.one_line import printable
from records.outbox import SWEEP

logger = logging.getLogger(__name__)

ATTEMPTS = 30  # which takes about a day: a mail server that is down over night is waited for
LEASE = dt.timedelta(minutes=2)  # longer than any of them takes; whoever is slower still does no harm
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)
SENT, FAILED, SILENT, TAKEN = "sent", "failed", "silent", "taken"
# Each sends one delivery and returns what the other side answered, as far as that is worth keeping.
CHANNELS: Mapping[str, Callable[[Delivery], str]] = {"mail": send_mail, "webhook": send_webhook, "git": publish}


@shared_task(name=SWEEP)  # type: ignore[untyped-decorator]
def sweep() -> int:
    """Send everything that is due; how much was sent. Two at once are fine: each delivery is taken by one."""
    note_sweep()
    now = timezone.now()
    due = Delivery.objects.filter(_free(now), state=DeliveryState.WAITING, next_at__lte=now)
    sent, silent = 0, set()
    for pk, *receiver in due.order_by("next_at", "pk").values_list("pk", "channel", "target")[:200]:
        if tuple(receiver) in silent:
            continue
        became = send(pk)
        sent += became == SENT
        # Whoever doesn't answer is asked once a sweep: their silence must not hold up the others.
        silent |= {tuple(receiver)} if became == SILENT else set()
    return sent


@shared_task(name=CHECKPOINT)  # type: ignore[untyped-decorator]
def checkpoint() -> None:
    """Note outside the database where the audit trail ends."""
    note_checkpoint(at=timezone.now())


@shared_task(name="opsrecords.deliveries.remind")  # type: ignore[untyped-decorator]
def reminders() -> int:
    """Remind of what nobody did; of how many records."""
    return remind()


def send(pk: int) -> str:
    """Take one delivery and send it: SENT, FAILED (it waits, is kept, or failed for good), SILENT where nobody
    answered, TAKEN if somebody else has it."""
    now = timezone.now()
    until = now + LEASE
    # The lease is one conditional UPDATE: a second worker changes no row. A killed worker's lease runs out.
    taken = Delivery.objects.filter(_free(now), pk=pk, state=DeliveryState.WAITING, next_at__lte=now)
    if not taken.update(leased_until=until, attempts=F("attempts") + 1):
        return TAKEN
    delivery = Delivery.objects.select_related(
        "person", "target", "revision", "operation__template", "operation__final_text"
    ).get(pk=pk)
    try:
        if delivery.attempts > ATTEMPTS:
            raise Undeliverable(_("Every attempt ended without an answer."))
        answer = CHANNELS[delivery.channel](delivery)
    except Unwanted:
        _release(delivery, until, state=DeliveryState.KEPT)
        return FAILED
    except Later as later:
        _release(delivery, until, next_at=later.moment, attempts=F("attempts") - 1)
        return FAILED
    except Exception as error:  # whatever a mail server answers is kept on the row
        _failed(delivery, until, error)
        return SILENT if isinstance(error, OSError) else FAILED
    _release(delivery, until, state=DeliveryState.SENT, sent_at=timezone.now(), error="", answer=printable(answer))
    return SENT


def _free(now: dt.datetime) -> Q:
    return Q(leased_until=None) | Q(leased_until__lt=now)


def _failed(delivery: Delivery, until: dt.datetime, error: Exception) -> None:
    words = printable(f"{type(error).__name__}: {error}"[:2000])
    if delivery.attempts >= ATTEMPTS or isinstance(error, Undeliverable):
        # The words may hold what people wrote, and what another server said: they stand on the row alone.
        logger.error("Delivery %s failed for good: %s", delivery.delivery_id, type(error).__name__)
        diverged = isinstance(error, Diverged)
        state = DeliveryState.DIVERGED if diverged else DeliveryState.FAILED
        _release(delivery, until, state=state, error=printable(str(error)) if diverged else words)
        return
    told = (delivery.delivery_id, delivery.attempts, delivery.channel, type(error).__name__)
    logger.warning("Delivery %s waits, attempt %s by %s: %s", *told)
    _release(delivery, until, next_at=timezone.now() + wait_after(delivery.attempts), error=words)


def _release(delivery: Delivery, until: dt.datetime, **columns: object) -> None:
    Delivery.objects.filter(pk=delivery.pk, leased_until=until).update(leased_until=None, **columns)


def wait_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many attempts: 30 s, a minute, two … an hour at most."""
    return min(FIRST_WAIT * int(2 ** (attempts - 1)), LONGEST_WAIT)
