package sluice.virtual.command;

import java.util.Arrays;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.StatusCode;

/**
 * Asynchronous events (section 5.2): requests that wait for an event, and events that wait for a
 * request. After one of a type was told, further ones of its type wait until the host has read the
 * log page. Used in the drive's turns.
 */
public final class AsyncEvents {
  private static final int REQUESTS = IdentifyPages.ASYNC_EVENT_LIMIT + 1;
  private static final int EVENTS = 16;

  private final int[] requests = new int[REQUESTS];
  private int requestCount;
  private final int[] events = new int[EVENTS];
  private int eventCount;
  private int maskedTypes;

  /** Completes a request with an event. */
  interface Teller {
    void tell(int commandId, int event);
  }

  /** As after a reset. */
  public void clear() {
    requestCount = 0;
    eventCount = 0;
    maskedTypes = 0;
  }

  /**
   * The host asks to be told of an event.
   *
   * @return {@link AdminCommands#PENDING}, or the status to complete the request with
   */
  int request(int commandId) {
    if (requestCount == REQUESTS) {
      return StatusCode.ASYNCHRONOUS_EVENT_LIMIT_EXCEEDED.statusDnr();
    }
    requests[requestCount++] = commandId;
    return AdminCommands.PENDING;
  }

  /** Something happened. The same event is not kept twice. */
  void raise(int type, int information, int logPage) {
    int event = AsyncEvent.of(type, information, logPage);
    for (int i = 0; i < eventCount; i++) {
      if (events[i] == event) {
        return;
      }
    }
    if (eventCount < EVENTS) {
      events[eventCount++] = event;
    }
  }

  /** The host has read a log page: events that it clears may be told again. */
  void logPageRead(int logPage) {
    if (logPage == LogPage.ERROR_INFORMATION) {
      maskedTypes &= ~(1 << AsyncEvent.TYPE_ERROR);
    } else if (logPage == LogPage.SMART) {
      maskedTypes &= ~(1 << AsyncEvent.TYPE_SMART);
    }
  }

  /** Tells what can be told. */
  int tell(Teller teller) {
    int told = 0;
    for (int i = 0; i < eventCount && requestCount > 0; ) {
      int type = 1 << AsyncEvent.type(events[i]);
      if ((maskedTypes & type) != 0) {
        i++;
        continue;
      }
      maskedTypes |= type;
      teller.tell(takeRequest(0), events[i]);
      System.arraycopy(events, i + 1, events, i, --eventCount - i);
      told++;
    }
    return told;
  }

  /** Whether a request waits under an identifier. */
  boolean isRequest(int commandId) {
    for (int i = 0; i < requestCount; i++) {
      if (requests[i] == commandId) {
        return true;
      }
    }
    return false;
  }

  /** Takes a request back. */
  boolean abort(int commandId) {
    for (int i = 0; i < requestCount; i++) {
      if (requests[i] == commandId) {
        takeRequest(i);
        return true;
      }
    }
    return false;
  }

  private int takeRequest(int at) {
    int commandId = requests[at];
    System.arraycopy(requests, at + 1, requests, at, --requestCount - at);
    return commandId;
  }

  @Override
  public String toString() {
    return "requests "
        + Arrays.toString(Arrays.copyOf(requests, requestCount))
        + ", events "
        + Arrays.toString(Arrays.copyOf(events, eventCount));
  }
}
