package sluice.virtual.vfiouser;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IoCommand;
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
 * A host whose other thread changes the entries of a submission queue, and the lists of PRPs, while
 * the drive takes them. Each field has some values that it jumps between, good ones and bad ones;
 * whichever of them a command is made of, there are pages that it has no business with, blocks of
 * namespaces 1 and 3 that it cannot reach, and namespace 2 between them, which none of them names.
 * Those are looked at: the pages after each command, the blocks at the end.
 *
 * <p>For a served drive with three namespaces of 1 MiB, blocks of 512 bytes. By hand:
 *
 * <pre>
 *   ./sluice serve vfio-user --socket /tmp/s --drive memory,size=3M,ns=1M,1M,1M &amp;
 *   java … sluice.virtual.vfiouser.FlippingHost /tmp/s 10000000
 * </pre>
 */
final class FlippingHost implements AutoCloseable {
  static final String NAMESPACES = "size=3M&ns=1M,1M,1M";

  private static final int PAGE = 4096;
  private static final int BLOCK = 512;
  private static final int BLOCKS_OF_PAGE = PAGE / BLOCK;
  private static final int BLOCKS = (1 << 20) / BLOCK;
  private static final int ADMIN_ENTRIES = 16;
  private static final int ENTRIES = 64;
  private static final int SLOTS = 48;
  private static final int FLIPS_OF_TURN = 512;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  // Pages of a slot: every second one is nobody's.
  private static final int FIRST = 0;
  private static final int OTHER_FIRST = 2;
  private static final int SECOND = 4;
  private static final int THIRD = 6;
  private static final int LIST = 8;
  private static final int SLOT_PAGES = 10;

  private static final int LAST_OF_PAGE = PAGE - BLOCK;
  private static final int LAST_OF_LIST = PAGE - Long.BYTES;
  private static final long NOWHERE = 0x6f00_0000_0000L;

  private static final int[] OPCODES = {
    IoOpcode.READ,
    IoOpcode.READ,
    IoOpcode.READ,
    IoOpcode.WRITE,
    IoOpcode.WRITE,
    IoOpcode.COMPARE,
    IoOpcode.WRITE_ZEROES,
    IoOpcode.VERIFY,
    IoOpcode.FLUSH,
  };
  private static final int[] NAMESPACE_IDS = {1, 1, 1, 1, 3, 3, 4, -1};
  private static final int[] STARTS = {0, 5, BLOCKS - 8, BLOCKS - 1};
  private static final int[] LOW = {0, 5, BLOCKS - 8, BLOCKS - 1, BLOCKS, -1};
  private static final int[] HIGH = {0, 0, 0, 0, 0, 1 << 23, -1};
  private static final int[] COUNTS = {0, 0, 7, 15, 23, 23, 0xffff};
  private static final int MOST_BLOCKS = 24;

  // What lies in a block's first and last word.
  private static final long MEDIA = 0x4d00_0000_0000_0000L;
  private static final long HOST = 0x4800_0000_0000_0000L;
  private static final long KIND = 0xff00_0000_0000_0000L;

  private final UserFunction function;
  private final Bar bar;
  private final long doorbells;
  private final int stride;
  private final SplittableRandom random;
  private final String seedText;
  private final Queue admin;
  private final Queue queue;
  private final DmaMemory data;
  private final boolean[] isOut = new boolean[SLOTS];
  private final long[] stamps = new long[SLOTS];
  private final long[] statuses = new long[1 << 11];
  private final long flipSeed;
  private int out;
  private long sequence;
  private volatile boolean isFlipping;
  private volatile long flips;

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

    long next() {
      long entry = sq.address() + tail * (long) SubmissionEntry.BYTES;
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
    this.seedText = "seed " + seed + ": ";
    this.random = new SplittableRandom(seed);
    this.flipSeed = random.nextLong();
    this.bar = function.bar(0);
    this.stride = 4 << (int) (bar.read64(Registers.CAP) >>> 32 & 0xf);
    function.config().enableBusMaster();
    this.doorbells = bar.mapping(Registers.DOORBELLS, 4L * stride).orElseThrow().address();
    this.admin = new Queue(0, ADMIN_ENTRIES);
    this.queue = new Queue(1, ENTRIES);
    this.data = function.dma().allocate((long) SLOTS * SLOT_PAGES * PAGE);
    enable();
  }

  public static void main(String[] arguments) {
    long commands = Long.parseLong(arguments[1]);
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    System.out.println("seed " + seed);
    try (FlippingHost host = new FlippingHost(connect(Path.of(arguments[0])), seed)) {
      long begin = System.nanoTime();
      host.run(commands);
      System.out.printf("%.1f s, %s%n", (System.nanoTime() - begin) / 1e9, host);
    }
  }

  static UserFunction connect(Path socket) {
    return UserFunction.open(socket, UserFunction.DEFAULT_TIMEOUT);
  }

  private IllegalStateException wrong(String what) {
    return new IllegalStateException(seedText + what);
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
    create(
        AdminOpcode.CREATE_IO_SUBMISSION_QUEUE,
        queue.sq,
        cdw10,
        QueueCommand.submissionCdw11(queue.id));
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

  private void checkTime(long begin, String what) {
    if (System.nanoTime() - begin > PATIENCE_NANOS) {
      throw wrong("%s, with %d commands out after %d".formatted(what, out, sequence));
    }
  }

  // ---- the run

  /** Gives the drive so many commands; returns when all are answered and all is looked at. */
  void run(long commands) {
    fillMedia();
    isFlipping = true;
    Thread flipper = Thread.ofPlatform().daemon().start(this::flip);
    try {
      long posted = 0;
      long last = System.nanoTime();
      while (posted < commands) {
        long rest = commands - posted;
        int burst = (int) Math.min(rest, 1 + random.nextInt(SLOTS - out));
        for (int i = 0; i < burst; i++) {
          post();
        }
        posted += burst;
        queue.ring();
        // Of a fused pair's first half nothing is heard until the next command comes.
        while (out > SLOTS / 2) {
          if (take() > 0) {
            last = System.nanoTime();
          } else {
            checkTime(last, "no answer");
            Thread.yield();
          }
        }
      }
    } finally {
      isFlipping = false;
      join(flipper);
    }
    drain();
    checkMedia();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void drain() {
    long begin = System.nanoTime();
    while (out > 0) {
      if (take() == 0 && out < SLOTS && System.nanoTime() - begin > 100_000_000) {
        // Comes behind a first half that waits for its second.
        clean(IoOpcode.FLUSH, 1, 0, freeSlot());
        queue.ring();
      }
      checkTime(begin, "not all are answered");
    }
  }

  private int freeSlot() {
    int slot = 0;
    while (isOut[slot]) {
      slot++;
    }
    return slot;
  }

  private long page(int slot, int page) {
    return data.address() + ((long) slot * SLOT_PAGES + page) * PAGE;
  }

  private long iova(int slot, int page) {
    return data.iova(((long) slot * SLOT_PAGES + page) * PAGE);
  }

  private void post() {
    int slot = freeSlot();
    stamps[slot] = HOST | ++sequence << 12;
    for (int page = 0; page < SLOT_PAGES; page++) {
      for (int block = 0; block < BLOCKS_OF_PAGE; block++) {
        stamp(page(slot, page) + (long) block * BLOCK, stamps[slot]);
      }
    }
    makeList(slot, random);
    long entry = queue.next();
    SubmissionEntry.begin(entry, pick(OPCODES, random), slot, pick(NAMESPACE_IDS, random));
    SubmissionEntry.prps(entry, prp1(slot, random), prp2(slot, random));
    SubmissionEntry.cdw(entry, 10, pick(LOW, random));
    SubmissionEntry.cdw(entry, 11, pick(HIGH, random));
    SubmissionEntry.cdw(entry, 12, pick(COUNTS, random));
    isOut[slot] = true;
    out++;
  }

  private static void stamp(long block, long value) {
    OffHeap.putLong(block, value);
    OffHeap.putLong(block + BLOCK - Long.BYTES, value);
  }

  private static int pick(int[] values, SplittableRandom from) {
    return values[from.nextInt(values.length)];
  }

  private long prp1(int slot, SplittableRandom from) {
    return switch (from.nextInt(8)) {
      case 0 -> NOWHERE;
      case 1, 2, 3 -> iova(slot, OTHER_FIRST);
      case 4 -> iova(slot, FIRST) + LAST_OF_PAGE;
      default -> iova(slot, FIRST);
    };
  }

  private long prp2(int slot, SplittableRandom from) {
    return switch (from.nextInt(8)) {
      case 0 -> NOWHERE;
      case 1, 2 -> iova(slot, SECOND);
      case 3 -> iova(slot, LIST) + LAST_OF_LIST;
      default -> iova(slot, LIST);
    };
  }

  private long listed(int slot, SplittableRandom from) {
    return switch (from.nextInt(16)) {
      case 0 -> NOWHERE;
      case 1 -> iova(slot, SECOND) + BLOCK;
      case 2, 3, 4, 5, 6 -> iova(slot, THIRD);
      default -> iova(slot, SECOND);
    };
  }

  private void makeList(int slot, SplittableRandom from) {
    long list = page(slot, LIST);
    for (int i = 0; i < 3; i++) {
      OffHeap.putLong(list + (long) i * Long.BYTES, listed(slot, from));
    }
    OffHeap.putLong(list + LAST_OF_LIST, iova(slot, LIST));
  }

  /** The other thread: one field of one entry after the other, and lists. */
  private void flip() {
    SplittableRandom from = new SplittableRandom(flipSeed);
    long done = 0;
    while (isFlipping) {
      long entry = queue.sq.address() + from.nextInt(ENTRIES) * (long) SubmissionEntry.BYTES;
      int slot = OffHeap.getByte(entry + 2);
      if (slot < 0 || slot >= SLOTS) {
        continue;
      }
      switch (from.nextInt(10)) {
        case 0 -> OffHeap.putByte(entry, (byte) pick(OPCODES, from));
        case 1 -> OffHeap.putByte(entry + 1, odd(from));
        case 2 -> OffHeap.putByte(entry + 3, (byte) (from.nextInt(2) << 6));
        case 3 -> OffHeap.putInt(entry + 4, pick(NAMESPACE_IDS, from));
        case 4 -> OffHeap.putInt(entry + 0x18, (int) prp1(slot, from));
        case 5 -> OffHeap.putInt(entry + 0x20, (int) prp2(slot, from));
        case 6 -> SubmissionEntry.cdw(entry, 10, pick(LOW, from));
        case 7 -> SubmissionEntry.cdw(entry, 11, pick(HIGH, from));
        case 8 ->
            SubmissionEntry.cdw(
                entry, 12, pick(COUNTS, from) | (from.nextInt(8) == 0 ? IoCommand.FUA : 0));
        default ->
            OffHeap.putLong(
                page(slot, LIST) + from.nextInt(3) * (long) Long.BYTES, listed(slot, from));
      }
      if (++done % FLIPS_OF_TURN == 0) {
        // The other two threads may want its processor.
        Thread.yield();
      }
    }
    flips = done;
  }

  /** Fused, or of another way to tell of data, now and then. */
  private static byte odd(SplittableRandom from) {
    return (byte)
        switch (from.nextInt(64)) {
          case 0 -> SubmissionEntry.FUSE_FIRST;
          case 1 -> SubmissionEntry.FUSE_SECOND;
          case 2 -> 1 << 6;
          default -> 0;
        };
  }

  private int take() {
    int taken = 0;
    for (long entry; (entry = queue.take()) != 0; taken++) {
      int slot = CompletionEntry.commandId(entry) & 0xff;
      if (slot >= SLOTS || !isOut[slot]) {
        throw wrong("an answer to command 0x%x, which is not out".formatted(slot));
      }
      statuses[CompletionEntry.status(entry) & 0x7ff]++;
      isOut[slot] = false;
      out--;
      look(slot);
    }
    if (taken > 0) {
      queue.took();
    }
    return taken;
  }

  // ---- what a command may have changed

  private void look(int slot) {
    for (int page = 1; page < SLOT_PAGES; page += 2) {
      if (changed(slot, page) != 0) {
        throw wrong("page %d of slot %d, which no command has, was changed".formatted(page, slot));
      }
    }
    int first = changed(slot, FIRST);
    int other = changed(slot, OTHER_FIRST);
    int last = 1 << (BLOCKS_OF_PAGE - 1);
    if ((first != 0 && other != 0) || !(isPrefix(first) || first == last) || !isPrefix(other)) {
      throw wrong("slot %d: blocks 0x%x and 0x%x of its first pages".formatted(slot, first, other));
    }
  }

  private static boolean isPrefix(int blocks) {
    return blocks == 0 || blocks == 1 || blocks == (1 << BLOCKS_OF_PAGE) - 1;
  }

  /** Which blocks of a page were changed, as bits; looks at what is in them. */
  private int changed(int slot, int page) {
    int changed = 0;
    for (int block = 0; block < BLOCKS_OF_PAGE; block++) {
      long at = page(slot, page) + (long) block * BLOCK;
      if (OffHeap.getLong(at) != stamps[slot]
          || OffHeap.getLong(at + BLOCK - Long.BYTES) != stamps[slot]) {
        changed |= 1 << block;
        checkContent(slot, OffHeap.getLong(at));
        checkContent(slot, OffHeap.getLong(at + BLOCK - Long.BYTES));
      }
    }
    return changed;
  }

  /** A word that came from the media. */
  private void checkContent(int slot, long word) {
    if ((word & KIND) == MEDIA) {
      int nsid = (int) (word >>> 32) & 0xff;
      int lba = (int) word;
      if ((nsid != 1 && nsid != 3) || !isReachable(lba)) {
        throw wrong("slot %d has read block %d of namespace %d".formatted(slot, lba, nsid));
      }
    }
  }

  private static boolean isReachable(int lba) {
    return Arrays.stream(STARTS).anyMatch(start -> lba >= start && lba < start + MOST_BLOCKS);
  }

  private static long media(int nsid, int lba) {
    return MEDIA | (long) nsid << 32 | lba;
  }

  private void fillMedia() {
    for (int nsid = 1; nsid <= 3; nsid++) {
      for (int lba = 0; lba < BLOCKS; lba += BLOCKS_OF_PAGE) {
        for (int i = 0; i < BLOCKS_OF_PAGE; i++) {
          stamp(page(0, FIRST) + (long) i * BLOCK, media(nsid, lba + i));
        }
        move(IoOpcode.WRITE, nsid, lba);
      }
    }
  }

  private void checkMedia() {
    for (int nsid = 1; nsid <= 3; nsid++) {
      for (int lba = 0; lba < BLOCKS; lba += BLOCKS_OF_PAGE) {
        move(IoOpcode.READ, nsid, lba);
        for (int i = 0; i < BLOCKS_OF_PAGE; i++) {
          long at = page(0, FIRST) + (long) i * BLOCK;
          boolean isSame =
              OffHeap.getLong(at) == media(nsid, lba + i)
                  && OffHeap.getLong(at + BLOCK - Long.BYTES) == media(nsid, lba + i);
          if (!isSame && (nsid == 2 || !isReachable(lba + i))) {
            throw wrong("block %d of namespace %d was changed".formatted(lba + i, nsid));
          }
        }
      }
    }
  }

  /** A command that nobody changes. */
  private void move(int opcode, int nsid, int lba) {
    clean(opcode, nsid, lba, 0);
    isOut[0] = false;
    out--;
    int status = finish(queue);
    if (status != 0) {
      throw wrong(
          "opcode %d of block %d, namespace %d: status 0x%x".formatted(opcode, lba, nsid, status));
    }
  }

  private void clean(int opcode, int nsid, int lba, int slot) {
    long entry = queue.next();
    SubmissionEntry.begin(entry, opcode, slot, nsid);
    SubmissionEntry.prps(entry, iova(slot, FIRST), 0);
    SubmissionEntry.cdw10And11(entry, lba);
    SubmissionEntry.cdw(entry, 12, opcode == IoOpcode.FLUSH ? 0 : BLOCKS_OF_PAGE - 1);
    isOut[slot] = true;
    out++;
  }

  /** How many commands ended well. */
  long good() {
    return statuses[0];
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(sequence).append(" commands, ").append(flips).append(" changes; by status:");
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
