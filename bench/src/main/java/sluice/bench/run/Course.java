package sluice.bench.run;

import sluice.bench.job.JobOptions;
import sluice.bench.job.Options;
import sluice.bench.load.Load;
import sluice.bench.result.Direction;

/**
 * What a job does next, and how much of it is left: the I/Os of its load in rounds, flushes between
 * them, and the checks of what a round wrote.
 */
final class Course {
  private static final int READ = Direction.READ.number();

  private final Limits limits;
  private final Load load;
  private final Throttle throttle;
  private final boolean verifies;
  private final int flushEvery;
  private final int greatestBlock;
  private boolean picked;

  /** What is picked is a check, and the oldest of the backlog. */
  private boolean pickedOfBacklog;

  private final Ports ports;

  /** Null where all that a round wrote is verified behind it. */
  private final CheckBacklog backlog;

  /** Whether checks that came between writes may still be out. */
  private boolean isBehindChecks;

  /** How many of the drives are still to be flushed before all else. */
  private int flushesDue;

  private boolean checking;
  private boolean isRoundOver;
  private long round;
  private long roundBytes;
  private long issuedIos;
  private long lastNumber;
  private int writesUntilFlush;

  /**
   * @param throttle says which way is due first
   * @param ports to the drives that the job is on
   * @param verifies whether the job's data is made so that it can be verified
   */
  Course(JobOptions job, Plan plan, Ports ports, Throttle throttle, boolean verifies) {
    this.limits = plan.limits();
    this.load = new Load(job, plan.region().parts(), plan.seed());
    this.ports = ports;
    this.throttle = throttle;
    this.verifies = verifies;
    this.flushEvery = job.get(Options.FSYNC);
    this.greatestBlock = job.greatestBlock();
    this.writesUntilFlush = flushEvery;
    int every = job.get(Options.VERIFY_BACKLOG);
    this.backlog =
        every == 0 || !limits.verifies() || job.get(Options.VERIFY_ONLY)
            ? null
            : new CheckBacklog(every, job.get(Options.VERIFY_BACKLOG_BATCH));
  }

  /** Begins by checking what another run wrote. */
  void beginWithChecks() {
    lastNumber = Long.MAX_VALUE;
    beginChecks();
  }

  /** Goes through the round again, and reads what it wrote. */
  void beginChecks() {
    checking = true;
    beginAgain();
  }

  /** What a round wrote has been checked. */
  void endChecks() {
    checking = false;
    round++;
  }

  /** The next round, or the same one as checks. */
  void beginAgain() {
    load.begin(round);
    if (backlog != null && !checking) {
      backlog.clear();
    }
    roundBytes = 0;
    isRoundOver = false;
  }

  /** Whether all reads check what was written. */
  boolean isChecking() {
    return checking;
  }

  /** Whether what was chosen checks what was written. */
  boolean isCheck() {
    return checking || pickedOfBacklog;
  }

  /** Whether all of a round was issued; {@link #next} says so. */
  boolean isRoundOver() {
    return isRoundOver;
  }

  /** How many rounds have been checked. */
  long rounds() {
    return round;
  }

  /** How many I/Os were issued in all rounds, checks left out. */
  long ios() {
    return issuedIos;
  }

  /** Flushes all drives before all else. */
  void flush() {
    flushesDue = ports.count();
  }

  boolean isFlushDue() {
    return flushesDue > 0;
  }

  /** What was picked and not issued is left out: the round has ended. */
  void drop() {
    flushesDue = 0;
    picked = false;
    pickedOfBacklog = false;
  }

  /**
   * Chooses the next I/O, unless the last is still to be issued.
   *
   * @param inFlight how many are out
   * @return false if there is none now
   */
  boolean next(int inFlight) {
    if (!checking && !picked && isAtEnd()) {
      // What would be flushed between two I/Os is not flushed behind the last, as fio has it.
      flushesDue = 0;
      isRoundOver = true;
      return false;
    }
    if (picked || flushesDue > 0) {
      return true;
    }
    if (checking) {
      picked = nextCheck();
      isRoundOver = !picked;
      return picked;
    }
    if (backlog != null && backlog.isDue()) {
      // What is checked has been written, and is not written again meanwhile.
      if (!isBehindChecks && inFlight > 0) {
        return false;
      }
      isBehindChecks = true;
      pickedOfBacklog = true;
      picked = true;
      return true;
    }
    if (isBehindChecks && inFlight > 0) {
      return false;
    }
    isBehindChecks = false;
    // Two writes of a block at once could end in any order: what is verified is not written so.
    if (verifies && load.isAtEndOfPass() && inFlight > 0) {
      return false;
    }
    // What is verified is gone through again without a pace.
    load.next(verifies ? null : throttle.dueFirst());
    picked = true;
    return true;
  }

  private boolean isAtEnd() {
    return roundBytes >= limits.roundBytes()
        || issuedIos >= limits.ios()
        || (limits.endsWithPass() && load.isAtEndOfPass());
  }

  private boolean nextCheck() {
    if (backlog != null) {
      pickedOfBacklog = !backlog.isEmpty();
      return pickedOfBacklog;
    }
    do {
      if (load.number() >= lastNumber || roundBytes >= limits.roundBytes()) {
        return false;
      }
      load.next();
      roundBytes += load.length();
    } while (load.direction() != Direction.WRITE);
    return true;
  }

  // What was chosen.

  int way() {
    return flushesDue > 0 ? Slots.FLUSH : isCheck() ? READ : load.direction().number();
  }

  /** Bytes; none of a flush. */
  int length() {
    return flushesDue > 0 ? 0 : pickedOfBacklog ? backlog.length() : load.length();
  }

  /** Which of the job's drives it is on. */
  int port() {
    return flushesDue > 0
        ? flushesDue - 1
        : pickedOfBacklog ? backlog.port() : ports.ofFile(load.file());
  }

  /** Bytes from the start of the drive. */
  long offset() {
    return pickedOfBacklog ? backlog.offset() : load.offset();
  }

  /** Of the I/O in all rounds. */
  long number() {
    return pickedOfBacklog ? backlog.number() : load.number();
  }

  /** What was chosen was issued; whether it was an I/O of the load, and not a flush. */
  boolean issued() {
    if (flushesDue > 0) {
      flushesDue--;
      return false;
    }
    picked = false;
    if (pickedOfBacklog) {
      pickedOfBacklog = false;
      backlog.remove();
    } else if (!checking) {
      roundBytes += load.length();
      issuedIos++;
      lastNumber = load.number();
      if (backlog != null && load.direction() == Direction.WRITE) {
        backlog.add(ports.ofFile(load.file()), load.offset(), load.length(), lastNumber);
      }
      if (load.direction() == Direction.WRITE && flushEvery > 0 && --writesUntilFlush == 0) {
        writesUntilFlush = flushEvery;
        flush();
      }
    }
    return true;
  }

  /** What may be issued of this round still, in bytes. */
  long bytesLeft() {
    if (limits.endsWithPass() && load.isAtEndOfPass()) {
      return picked ? load.length() : 0;
    }
    long bytes = limits.roundBytes() - roundBytes;
    long ios = limits.ios() - issuedIos;
    return ios > bytes / greatestBlock ? bytes : ios * greatestBlock;
  }
}
