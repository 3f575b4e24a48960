package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.QueueCommand;
import sluice.nvme.spec.Registers;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.vfio.Bar;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.Backend;
import sluice.virtual.media.Media;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.personality.Personality;

/**
 * A host that speaks to a drive in raw entries and steps it by hand: the drive moves only in {@link
 * #step} and in what calls it.
 */
public final class Host implements AutoCloseable {
  public static final int ADMIN_ENTRIES = 32;

  public final VirtualDrive drive;
  public final VirtualFunction function;
  public final Bar bar;
  public final Clock clock;
  public final Queue admin;
  private final int stride;
  private int nextCommandId = 1;

  /** A clock that a test moves. */
  public static final class Clock {
    public long now = 1_000_000_000L;

    public void advance(long nanos) {
      now += nanos;
    }

    public long read() {
      return now;
    }
  }

  /** A pair of queues, as the host sees it. */
  public final class Queue {
    public final int id;
    public final int entries;
    public final DmaMemory sq;
    public final DmaMemory cq;
    public int tail;
    public int head;
    public int phase = 1;

    public Queue(int id, int entries) {
      this.id = id;
      this.entries = entries;
      sq = function.dma().allocate((long) entries * SubmissionEntry.BYTES);
      cq = function.dma().allocate((long) entries * CompletionEntry.BYTES);
    }

    /** The next free entry; its command identifier is the returned entry's. */
    public long begin(int opcode, int nsid) {
      long entry = sq.address() + (long) tail * SubmissionEntry.BYTES;
      SubmissionEntry.begin(entry, opcode, nextCommandId, nsid);
      nextCommandId = (nextCommandId + 1) & 0x7fff;
      tail = (tail + 1) % entries;
      return entry;
    }

    public void ring() {
      bar.write32(Registers.DOORBELLS + (2L * id) * stride, tail);
    }

    public boolean hasCompletion() {
      return CompletionEntry.hasPhaseAcquire(entry(), phase);
    }

    /** Takes the next completion, which must be there, and tells the drive. */
    public Completion take() {
      assertThat(hasCompletion()).as("a completion in queue %d", id).isTrue();
      Completion completion = new Completion(entry());
      head = (head + 1) % entries;
      if (head == 0) {
        phase ^= 1;
      }
      bar.write32(Registers.DOORBELLS + (2L * id + 1) * stride, head);
      return completion;
    }

    private long entry() {
      return cq.address() + (long) head * CompletionEntry.BYTES;
    }
  }

  /** What a completion entry held. */
  public record Completion(int result, int sqHead, int sqId, int commandId, int status) {
    Completion(long entry) {
      this(
          CompletionEntry.result(entry),
          CompletionEntry.submissionQueueHead(entry),
          CompletionEntry.submissionQueueId(entry),
          CompletionEntry.commandId(entry),
          CompletionEntry.status(entry));
    }
  }

  public Host(Backend backend) {
    this(new DriveSettings(), Personality.PLAIN, backend);
  }

  public Host(DriveSettings settings, Personality personality, Backend backend) {
    clock = new Clock();
    drive = new VirtualDrive(settings, personality, backend, clock::read);
    function = new VirtualFunction("virtual:test", drive, null);
    bar = function.bar(0);
    stride = 4 << settings.dstrd();
    function.config().enableBusMaster();
    admin = new Queue(0, ADMIN_ENTRIES);
  }

  /** A host of a plain drive on media that may take its time. */
  public Host(DriveSettings settings, Media media) {
    clock = new Clock();
    drive = new VirtualDrive(settings, Personality.PLAIN, media, clock::read);
    function = new VirtualFunction("virtual:test", drive, null);
    bar = function.bar(0);
    stride = 4 << settings.dstrd();
    function.config().enableBusMaster();
    admin = new Queue(0, ADMIN_ENTRIES);
  }

  /** A host whose controller is ready. */
  public static Host ready(DriveSettings settings, Personality personality, Backend backend) {
    Host host = new Host(settings, personality, backend);
    host.enable();
    return host;
  }

  public static Host ready(DriveSettings settings) {
    return ready(settings, Personality.PLAIN, new MemoryBackend(16 << 20));
  }

  public static Host ready() {
    return ready(new DriveSettings());
  }

  /** Lets the drive take a turn. */
  public int step() {
    return function.poll();
  }

  /** Lets the drive take turns until it has nothing to do. */
  public void settle() {
    for (int turns = 0; step() > 0; turns++) {
      assertThat(turns).as("turns of a drive that does not come to rest").isLessThan(100_000);
    }
  }

  public int csts() {
    return bar.read32(Registers.CSTS);
  }

  public void writeCc(int cc) {
    bar.write32(Registers.CC, cc);
  }

  public static int enabledCc() {
    return Cc.iocqes(Cc.iosqes(Cc.en(0, true), 6), 4);
  }

  public void enable() {
    admin.tail = 0;
    admin.head = 0;
    admin.phase = 1;
    admin.cq.segment().fill((byte) 0);
    bar.write32(Registers.AQA, Aqa.of(ADMIN_ENTRIES, ADMIN_ENTRIES));
    bar.write64(Registers.ASQ, admin.sq.iova());
    bar.write64(Registers.ACQ, admin.cq.iova());
    writeCc(enabledCc());
    settle();
    assertThat(csts()).as("CSTS").isEqualTo(Csts.rdy(0, true));
  }

  public DmaMemory memory(long size) {
    return function.dma().allocate(size);
  }

  /** Rings, and gives the drive turns until a completion is there. */
  public Completion finish(Queue queue) {
    queue.ring();
    settle();
    return queue.take();
  }

  /** An admin command with up to 4096 bytes of data. */
  public Completion admin(int opcode, int nsid, DmaMemory data, int... cdws) {
    long entry = admin.begin(opcode, nsid);
    if (data != null) {
      SubmissionEntry.prps(entry, data.iova(), 0);
    }
    for (int i = 0; i < cdws.length; i++) {
      SubmissionEntry.cdw(entry, 10 + i, cdws[i]);
    }
    int commandId = SubmissionEntry.commandId(entry);
    Completion completion = finish(admin);
    assertThat(completion.commandId()).isEqualTo(commandId);
    assertThat(completion.sqId()).isZero();
    return completion;
  }

  public Queue createQueue(int id, int entries) {
    return createQueue(id, entries, QueueCommand.completionCdw11(false, 0));
  }

  /** A queue that raises a vector. */
  public Queue createQueueWithVector(int id, int entries, int vector) {
    return createQueue(id, entries, QueueCommand.completionCdw11(true, vector));
  }

  private Queue createQueue(int id, int entries, int completionCdw11) {
    Queue queue = new Queue(id, entries);
    assertThat(createCompletion(queue, completionCdw11).status()).isZero();
    assertThat(createSubmission(queue, id).status()).isZero();
    return queue;
  }

  public Completion createCompletion(Queue queue) {
    return createCompletion(queue, QueueCommand.completionCdw11(false, 0));
  }

  private Completion createCompletion(Queue queue, int cdw11) {
    return admin(
        AdminOpcode.CREATE_IO_COMPLETION_QUEUE,
        0,
        queue.cq,
        QueueCommand.cdw10(queue.id, queue.entries),
        cdw11);
  }

  public Completion createSubmission(Queue queue, int cqid) {
    return admin(
        AdminOpcode.CREATE_IO_SUBMISSION_QUEUE,
        0,
        queue.sq,
        QueueCommand.cdw10(queue.id, queue.entries),
        QueueCommand.submissionCdw11(cqid));
  }

  /** Begins an I/O command on blocks with contiguous data within two pages. */
  public int post(
      Queue queue, int opcode, int nsid, long lba, int blocks, int flags, DmaMemory data) {
    long entry = queue.begin(opcode, nsid);
    SubmissionEntry.cdw10And11(entry, lba);
    SubmissionEntry.cdw(entry, 12, IoCommand.cdw12(blocks, flags));
    if (data != null) {
      SubmissionEntry.prps(entry, data.iova(), data.size() > 4096 ? data.iova(4096) : 0);
    }
    return SubmissionEntry.commandId(entry);
  }

  /** An I/O command that completes at once; its status. */
  public int io(Queue queue, int opcode, long lba, int blocks, DmaMemory data) {
    int commandId = post(queue, opcode, 1, lba, blocks, 0, data);
    Completion completion = finish(queue);
    assertThat(completion.commandId()).isEqualTo(commandId);
    assertThat(completion.sqId()).isEqualTo(queue.id);
    return completion.status();
  }

  public static void fill(DmaMemory memory, long seed) {
    for (long i = 0; i < memory.size(); i += Long.BYTES) {
      OffHeap.putLong(memory.address() + i, seed * 0x9e3779b97f4a7c15L + i);
    }
  }

  @Override
  public void close() {
    function.close();
  }
}
