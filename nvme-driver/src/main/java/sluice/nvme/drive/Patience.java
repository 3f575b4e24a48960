package sluice.nvme.drive;

import java.time.Duration;
import sluice.nvme.NvmeException;
import sluice.support.agent.IdleStrategy;

/**
 * A wait for the drive: idles between turns, and gives up when nothing has come for too long. Used
 * by one thread.
 */
public final class Patience {
  /**
   * The driver aborts commands of a drive that does not answer and resets it long before, with
   * timeouts that users set; this is behind that.
   */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final String who;
  private final IdleStrategy idle;
  private long deadline;

  /**
   * @param who waits, for the message
   */
  public Patience(String who) {
    this(who, IdleStrategy.backingOff());
  }

  /**
   * @param idle what to do between two turns
   */
  public Patience(String who, IdleStrategy idle) {
    this.who = who;
    this.idle = idle;
    renew();
  }

  /** Begins another wait. */
  public void renew() {
    deadline = System.nanoTime() + LIMIT.toNanos();
  }

  /**
   * To be called between two turns.
   *
   * @param work what the last turn did
   * @throws NvmeException if nothing was done for 10 minutes
   */
  public void idle(int work) {
    if (work > 0) {
      renew();
    } else if (System.nanoTime() - deadline > 0) {
      throw new NvmeException(
          "%s: the drive did nothing for %d s".formatted(who, LIMIT.toSeconds()));
    }
    idle.idle(work);
  }
}
