package sluice.virtual.media;

/** Flushes of a {@link Backend} that somebody waits for, in the order of their tickets. */
final class PendingFlushes {
  private final Backend backend;
  private long[] tickets = new long[16];
  private int[] tags = new int[16];
  private int first;
  private int count;

  PendingFlushes(Backend backend) {
    this.backend = backend;
  }

  /** Asks for one: as {@link Media#flush}. */
  int flush(long offset, long length, int tag) {
    long ticket = backend.requestFlush(offset, length);
    if (ticket <= backend.flushed()) {
      return MediaStatus.ofFlush(backend.flushFailure());
    }
    if (count == tags.length) {
      grow();
    }
    int at = (first + count++) & (tags.length - 1);
    tickets[at] = ticket;
    tags[at] = tag;
    return Media.LATER;
  }

  private void grow() {
    long[] allTickets = new long[2 * count];
    int[] allTags = new int[2 * count];
    for (int i = 0; i < count; i++) {
      int at = (first + i) & (count - 1);
      allTickets[i] = tickets[at];
      allTags[i] = tags[at];
    }
    first = 0;
    tickets = allTickets;
    tags = allTags;
  }

  int poll(Media.Completions completions) {
    if (count == 0) {
      return 0;
    }
    long flushed = backend.flushed();
    if (tickets[first] > flushed) {
      return 0;
    }
    // The failure after the ticket: it is set before.
    int status = MediaStatus.ofFlush(backend.flushFailure());
    int ended = 0;
    while (count > 0 && tickets[first] <= flushed) {
      int tag = tags[first];
      first = (first + 1) & (tags.length - 1);
      count--;
      ended++;
      completions.completed(tag, status);
    }
    return ended;
  }
}
