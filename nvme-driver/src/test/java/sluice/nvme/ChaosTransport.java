package sluice.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Registers;
import sluice.queues.CompletionEntry;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/** A way to a {@link CapsuleDrive} on which anything may go wrong, as a test says. */
final class ChaosTransport extends NoTransport {
  /** What becomes of an I/O command when its queue is polled. */
  enum Fate {
    ANSWERED,
    ANSWERED_TWICE,
    KEPT,
    LOST,
    ANSWERED_AS_ANOTHER,
    ANSWERED_TO_ANOTHER_QUEUE
  }

  private final CapsuleDrive drive = new CapsuleDrive();
  private final List<ChaosQueue> queues = new ArrayList<>();

  Supplier<Fate> fate = () -> Fate.ANSWERED;

  /** By opcode of one that creates or deletes a queue: its status, or that there is none. */
  IntUnaryOperator keeping = opcode -> 0;

  /** By a step of an I/O queue's owner; may throw. */
  Consumer<String> onStep = what -> {};

  /** The same of the admin queue's. */
  Consumer<String> onAdminStep = what -> {};

  Runnable onAttach = () -> {};
  Runnable onDetach = () -> {};
  Runnable onReset = () -> {};

  @Override
  public int poll() {
    return queues.isEmpty() ? 0 : queues.getFirst().poll();
  }

  @Override
  public DmaSpace dma() {
    return new DmaSpace() {
      @Override
      public DmaMemory allocate(long size) {
        return new DmaMemory(Arena.global().allocate(size, 4096), 0);
      }

      @Override
      public void free(DmaMemory memory) {}
    };
  }

  @Override
  public int read32(int property) {
    return (int) drive.read(property);
  }

  @Override
  public long read64(int property) {
    return drive.read(property);
  }

  @Override
  public void write32(int property, int value) {
    drive.write(property, value);
  }

  @Override
  public int status() {
    return read32(Registers.CSTS);
  }

  @Override
  public void attach() {
    onAttach.run();
  }

  @Override
  public boolean detach() {
    onDetach.run();
    return true;
  }

  @Override
  public void reset() {
    onReset.run();
  }

  @Override
  public QueueTransport newQueue(int id, int depth, long maxTransfer, DmaSpace memory) {
    ChaosQueue queue = new ChaosQueue(id, depth);
    queues.add(queue);
    return queue;
  }

  /** A command's answer: what a completion entry is made of. */
  private record Answer(int queue, int identifier, int status, int result) {}

  private final class ChaosQueue extends CapsuleSlots {
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final MemorySegment shown = Arena.global().allocate(CompletionEntry.BYTES, 16);
    private boolean exists;

    ChaosQueue(int id, int depth) {
      super(id, depth);
    }

    @Override
    void step(String what) {
      (id == 0 ? onAdminStep : onStep).accept(what);
    }

    @Override
    public void create(TransportHost host) {
      exists = false;
      if (id > 0) {
        int _ = host.execute(new AdminCommand(AdminOpcode.CREATE_IO_SUBMISSION_QUEUE).cdw(10, id));
      }
      clear();
      answers.clear();
      exists = true;
    }

    @Override
    public void delete(TransportHost host) {
      int _ = host.execute(new AdminCommand(AdminOpcode.DELETE_IO_SUBMISSION_QUEUE).cdw(10, id));
      exists = false;
    }

    @Override
    public int poll() {
      if (!exists || !drive.isEnabled()) {
        return 0;
      }
      int work = 0;
      for (int slot : List.copyOf(sent)) {
        Fate its = id == 0 ? Fate.ANSWERED : fate.get();
        if (its != Fate.KEPT) {
          sent.removeIf(each -> each == slot);
          answer(slot, its);
          work++;
        }
      }
      return work;
    }

    private void answer(int slot, Fate its) {
      int identifier = SubmissionEntry.commandId(capsule(slot));
      int status = its == Fate.LOST ? CapsuleDrive.NO_ANSWER : execute(slot);
      if (status == CapsuleDrive.NO_ANSWER) {
        return;
      }
      switch (its) {
        case ANSWERED_AS_ANOTHER -> answers.add(new Answer(id, 0xffff, status, 0));
        case ANSWERED_TO_ANOTHER_QUEUE -> answers.add(new Answer(id + 1, identifier, status, 0));
        default -> answers.add(new Answer(id, identifier, status, drive.result()));
      }
      if (its == Fate.ANSWERED_TWICE) {
        answers.add(new Answer(id, identifier, status, 0));
      }
    }

    private int execute(int slot) {
      int opcode = SubmissionEntry.opcode(capsule(slot));
      boolean isKeeping =
          opcode == AdminOpcode.CREATE_IO_SUBMISSION_QUEUE
              || opcode == AdminOpcode.DELETE_IO_SUBMISSION_QUEUE;
      if (id == 0 && isKeeping) {
        return keeping.applyAsInt(opcode);
      }
      return execute(drive, slot);
    }

    @Override
    public long peek() {
      Answer next = answers.peek();
      if (next == null) {
        return 0;
      }
      long entry = shown.address();
      CompletionEntry.writeRelease(
          entry, next.result(), 0, next.queue(), next.identifier(), next.status(), 0);
      return entry;
    }

    @Override
    public void pop() {
      Answer _ = answers.remove();
    }

    @Override
    public void close() {
      exists = false;
    }
  }
}
