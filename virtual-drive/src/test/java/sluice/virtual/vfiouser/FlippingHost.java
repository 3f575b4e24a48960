package sluice.virtual.vfiouser;

import java.nio.file.Path;
import java.util.SplittableRandom;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.DmaMemory;
import sluice.vfio.vfiouser.UserFunction;

/**
 * A host that changes the entries of a submission queue, and lists of PRPs, while the drive takes
 * them: whenever it waits, and on another thread besides, if there are processors for it. Whichever
 * values a command is made of, there are pages that it has no business with ({@link FlippedPages},
 * looked at after each command) and blocks that it cannot reach ({@link FlippedMedia}, looked at in
 * the end).
 *
 * <p>For a served drive with three namespaces of 1 MiB, blocks of 512 bytes. By hand:
 *
 * <pre>
 *   ./sluice serve vfio-user --socket /tmp/s --drive memory,size=3M,ns=1M,1M,1M &amp;
 *   java … sluice.virtual.vfiouser.FlippingHost /tmp/s 10000000
 * </pre>
 */
final class FlippingHost implements AutoCloseable {
  private static final int ADMIN_ENTRIES = 16;
  private static final int ENTRIES = 256;

  /** How many commands are out at most. */
  private static final int PLACES = 192;

  /** How many changes there are at least for each command, after the doorbell. */
  private static final int CHANGES_OF_COMMAND = 16;

  private static final int CHANGES_OF_TURN = 32;
  private static final int PROCESSORS_FOR_THREAD = 3;
  private static final long PATIENCE_NANOS = 60_000_000_000L;
  private static final long REMINDER_NANOS = 100_000_000;
  private static final long COMMANDS_OF_ROUND = 1_000_000;

  private final UserFunction function;
  private final Bar bar;
  private final long doorbells;
  private final int stride;
  private final long seed;
  private final SplittableRandom random;
  private final Queue admin;
  private final Queue queue;
  private final FlippedPages pages;
  private final FlippedMedia media;
  private final Flips flips;
  private final Flips moreFlips;
  private final int[] freePlaces = new int[PLACES];
  private final boolean[] isOut = new boolean[PLACES];
  private final long[] statuses = new long[1 << 11];
  private int free;
  private long commands;

  /** Whether what is out may be changed. */
  private volatile boolean isFlipping;

  /** The first entry that is not known to be taken. */
  private volatile int taken;

  /** A pair of queues as the host has it. */
  private final class Queue {
    final int id;
    final int entries;
    final DmaMemory sq;
    final DmaMemory cq;
    int tail;
    int head;
    int phase = 1;

    Queue(int id, int entries) {
      this.id = id;
      this.entries = entries;
      sq = function.dma().allocate(entries * (long) SubmissionEntry.BYTES);
      cq = function.dma().allocate(entries * (long) CompletionEntry.BYTES);
    }

    long entry(int number) {
      return sq.address() + number * (long) SubmissionEntry.BYTES;
    }

    long next() {
      long entry = entry(tail);
      tail = (tail + 1) % entries;
      return entry;
    }

    void ring() {
      OffHeap.putIntRelease(doorbells + 2L * id * stride, tail);
    }

    /** The next completion's entry; 0 if there is none. */
    long take() {
      long entry = cq.address() + head * (long) CompletionEntry.BYTES;
      if (!CompletionEntry.hasPhaseAcquire(entry, phase)) {
        return 0;
      }
      head = (head + 1) % entries;
      phase ^= head == 0 ? 1 : 0;
      return entry;
    }

    void took() {
      OffHeap.putIntRelease(doorbells + (2L * id + 1) * stride, head);
    }
  }

  FlippingHost(UserFunction function, long seed) {
    this.function = function;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.bar = function.bar(0);
    this.stride = 4 << (int) (bar.read64(Registers.CAP) >>> 32 & 0xf);
    function.config().enableBusMaster();
    this.doorbells = bar.mapping(Registers.DOORBELLS, 4L * stride).orElseThrow().address();
    this.admin = new Queue(0, ADMIN_ENTRIES);
    this.queue = new Queue(1, ENTRIES);
    this.pages = new FlippedPages(function.dma().allocate(FlippedPages.bytes(PLACES)), PLACES);
    this.media = new FlippedMedia(this::move, pages.address(0, FlippedPages.FIRST));
    this.flips = new Flips(random.nextLong(), queue.entry(0), ENTRIES, pages, PLACES);
    this.moreFlips = new Flips(random.nextLong(), queue.entry(0), ENTRIES, pages, PLACES);
    for (int place = PLACES - 1; place >= 0; place--) {
      freePlaces[free++] = place;
    }
    enable();
  }

  /** A socket, how many commands, and, to do the same again, a seed. */
  public static void main(String[] arguments) {
    long commands = Long.parseLong(arguments[1]);
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    boolean hasThread = Runtime.getRuntime().availableProcessors() >= PROCESSORS_FOR_THREAD;
    System.out.println("seed " + seed);
    try (FlippingHost host = new FlippingHost(connect(Path.of(arguments[0])), seed)) {
      for (long done = 0; done < commands; done += COMMANDS_OF_ROUND) {
        long begin = System.nanoTime();
        host.run(Math.min(COMMANDS_OF_ROUND, commands - done), hasThread);
        System.out.printf("%.1f s, %s%n", (System.nanoTime() - begin) / 1e9, host);
      }
    }
  }

  static UserFunction connect(Path socket) {
    return UserFunction.open(socket, UserFunction.DEFAULT_TIMEOUT);
  }

  private IllegalStateException wrong(String what) {
    return new IllegalStateException("seed " + seed + ": " + what);
  }

  private void require(String fault) {
    if (fault != null) {
      throw wrong(fault + ", after " + commands + " commands");
    }
  }

  private void checkTime(long begin, String what) {
    if (System.nanoTime() - begin > PATIENCE_NANOS) {
      throw wrong("%s, with %d commands out after %d".formatted(what, PLACES - free, commands));
    }
  }

  private void enable() {
    bar.write32(Registers.AQA, Aqa.of(ADMIN_ENTRIES, ADMIN_ENTRIES));
    bar.write64(Registers.ASQ, admin.sq.iova());
    bar.write64(Registers.ACQ, admin.cq.iova());
    bar.write32(Registers.CC, Cc.iocqes(Cc.iosqes(Cc.en(0, true), 6), 4));
    long begin = System.nanoTime();
    while (bar.read32(Registers.CSTS) != Csts.rdy(0, true)) {
      checkTime(begin, "it is not ready");
    }
    int cdw10 = QueueCommand.cdw10(1, ENTRIES);
    create(AdminOpcode.CREATE_IO_COMPLETION_QUEUE, queue.cq, cdw10, 1);
    int cdw11 = QueueCommand.submissionCdw11(queue.id);
    create(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE, queue.sq, cdw10, cdw11);
  }

  private void create(int opcode, DmaMemory memory, int cdw10, int cdw11) {
    long entry = admin.next();
    SubmissionEntry.begin(entry, opcode, 1, 0);
    SubmissionEntry.prps(entry, memory.iova(), 0);
    SubmissionEntry.cdw(entry, 10, cdw10);
    SubmissionEntry.cdw(entry, 11, cdw11);
    int status = finish(admin);
    if (status != 0) {
      throw wrong("a queue is not made: status 0x%x".formatted(status));
    }
  }

  /** Rings, and waits for one completion; its status. */
  private int finish(Queue of) {
    of.ring();
    long begin = System.nanoTime();
    long entry;
    while ((entry = of.take()) == 0) {
      checkTime(begin, "no answer");
      function.poll();
    }
    int status = CompletionEntry.status(entry);
    of.took();
    return status;
  }

  // ---- the run

  /**
   * Gives the drive so many commands; returns when all are answered and all is looked at.
   *
   * @param hasThread whether another thread changes entries all the time
   */
  void run(long count, boolean hasThread) {
    media.fill();
    isFlipping = true;
    Thread flipper = Thread.ofPlatform().daemon().unstarted(this::flip);
    try {
      if (hasThread) {
        flipper.start();
      }
      for (long posted = 0; posted < count; ) {
        int burst = (int) Math.min(count - posted, 1 + random.nextInt(free));
        for (int i = 0; i < burst; i++) {
          post();
        }
        posted += burst;
        queue.ring();
        flip(burst);
      }
    } finally {
      isFlipping = false;
      join(flipper);
    }
    drain();
    require(media.fault());
  }

  private void flip() {
    while (isFlipping) {
      moreFlips.change(taken, CHANGES_OF_TURN);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Changes entries, and takes answers, until there are enough of both. Of a fused pair's first
   * half nothing is heard until the next command comes, so that not all answers can be waited for.
   */
  private void flip(int burst) {
    long last = System.nanoTime();
    for (int changes = 0;
        free < PLACES / 2 || changes < burst * CHANGES_OF_COMMAND;
        changes += CHANGES_OF_TURN) {
      flips.change(taken, CHANGES_OF_TURN);
      if (take() > 0) {
        last = System.nanoTime();
      } else {
        checkTime(last, "no answer");
      }
    }
  }

  private void drain() {
    long begin = System.nanoTime();
    long reminded = begin;
    while (free < PLACES) {
      if (take() == 0 && free > 0 && System.nanoTime() - reminded > REMINDER_NANOS) {
        // Comes behind a first half that waits for its second.
        clean(IoOpcode.FLUSH, 1, 0);
        queue.ring();
        reminded = System.nanoTime();
      }
      checkTime(begin, "not all are answered");
    }
  }

  private int place() {
    int place = freePlaces[--free];
    isOut[place] = true;
    return place;
  }

  private void free(int place) {
    isOut[place] = false;
    freePlaces[free++] = place;
  }

  private void post() {
    int place = place();
    pages.stamp(place, queue.tail);
    flips.make(queue.next(), place);
    commands++;
  }

  private int take() {
    int answers = 0;
    for (long entry; (entry = queue.take()) != 0; answers++) {
      int place = Flips.place(CompletionEntry.commandId(entry));
      if (place >= PLACES || !isOut[place]) {
        throw wrong("an answer to command 0x%x, which is not out".formatted(place));
      }
      statuses[CompletionEntry.status(entry) & 0x7ff]++;
      taken = CompletionEntry.submissionQueueHead(entry);
      require(pages.fault(place));
      free(place);
    }
    if (answers > 0) {
      queue.took();
    }
    return answers;
  }

  /** A command that nobody changes, at the first place's first page, while no other is out. */
  private void move(int opcode, int nsid, int lba) {
    int place = clean(opcode, nsid, lba);
    int status = finish(queue);
    free(place);
    if (status != 0) {
      throw wrong(
          "opcode %d of block %d, namespace %d: status 0x%x".formatted(opcode, lba, nsid, status));
    }
  }

  private int clean(int opcode, int nsid, int lba) {
    int place = place();
    long entry = queue.next();
    SubmissionEntry.begin(entry, opcode, place, nsid);
    SubmissionEntry.prps(entry, pages.iova(0, FlippedPages.FIRST), 0);
    SubmissionEntry.cdw10And11(entry, lba);
    SubmissionEntry.cdw(entry, 12, opcode == IoOpcode.FLUSH ? 0 : FlippedMedia.BLOCKS_OF_MOVE - 1);
    return place;
  }

  /** The address of an entry, by its number. */
  long entry(int number) {
    return queue.entry(number);
  }

  /** Whether it changes commands now. */
  boolean isFlipping() {
    return isFlipping;
  }

  /** How many commands ended well. */
  long good() {
    return statuses[0];
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(commands).append(" commands, ");
    text.append(flips.count() + moreFlips.count()).append(" changes; by status:");
    for (int status = 0; status < statuses.length; status++) {
      if (statuses[status] > 0) {
        text.append(String.format(" 0x%x: %d", status, statuses[status]));
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    function.close();
  }
}
