package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;

/**
 * A host whose queues and memory are a test's: it takes its time, refuses, and goes away. A command
 * names its data by PRP1, as an offset in the host's memory.
 */
final class FakeHost extends ControllerQueues {
  private final SplittableRandom random;
  private final MemorySegment memory;
  final List<Queue> queues = new ArrayList<>();
  private final Queue admin = new Queue(0);
  private final Data data = new Data();
  private Controller controller;

  /** How many were answered, of all queues there ever were. */
  long answers;

  FakeHost(SplittableRandom random, MemorySegment memory) {
    this.random = random;
    this.memory = memory;
  }

  void attach(Controller owner) {
    controller = owner;
  }

  /** A command as its host knows it. */
  static final class Command {
    final int id;
    final MemorySegment entry;
    boolean isTaken;
    int status = -1;

    Command(int id, MemorySegment entry) {
      this.id = id;
      this.entry = entry;
    }
  }

  /** Tells of an answer. */
  interface Answered {
    void answered(Command command);
  }

  Answered listener = _ -> {};

  final class Queue extends HostQueue {
    private final int id;
    private final ArrayDeque<Command> waiting = new ArrayDeque<>();
    final Map<Integer, Command> out = new HashMap<>();
    private Command taken;
    private boolean isGone;

    Queue(int id) {
      this.id = id;
    }

    void post(Command command) {
      assertThat(out.put(command.id, command)).isNull();
      waiting.add(command);
    }

    boolean isEmpty() {
      return out.isEmpty();
    }

    /** It is deleted: nothing of it may be touched from now on. */
    void gone() {
      isGone = true;
    }

    @Override
    public int id() {
      return id;
    }

    @Override
    public Controller controller() {
      return controller;
    }

    @Override
    public int waiting() {
      return waiting.size();
    }

    @Override
    public int available(int most) {
      int count = Math.max(0, Math.min(most, waiting.size()));
      return count == 0 ? 0 : random.nextInt(count + 1);
    }

    @Override
    public boolean hasTrouble() {
      return false;
    }

    @Override
    public boolean takeTrouble() {
      return false;
    }

    @Override
    public boolean isBroken() {
      return false;
    }

    @Override
    public boolean take(long entry) {
      assertThat(isGone).as("taken from a queue that is no more").isFalse();
      taken = waiting.poll();
      taken.isTaken = true;
      SubmissionEntry.copy(taken.entry.address(), entry);
      return true;
    }

    @Override
    public void putBack() {
      taken.isTaken = false;
      waiting.addFirst(taken);
    }

    @Override
    public boolean awaitNext(long entry) {
      boolean isComing = !waiting.isEmpty() && random.nextInt(4) == 0;
      if (isComing) {
        putBack();
      }
      return isComing;
    }

    @Override
    public int room(int wanted) {
      return wanted;
    }

    @Override
    public boolean answer(int commandId, int status, int result) {
      assertThat(isGone).as("answered to a queue that is no more").isFalse();
      if (random.nextInt(6) == 0) {
        return false;
      }
      Command command = out.remove(commandId);
      assertThat(command).as("command %d of queue %d is not out", commandId, id).isNotNull();
      assertThat(command.isTaken).as("taken").isTrue();
      command.status = status;
      answers++;
      listener.answered(command);
      return true;
    }

    @Override
    public HostData data() {
      return data;
    }
  }

  /** Of all queues. */
  private final class Data extends HostData {
    private final Map<Integer, Runnable> moves = new HashMap<>();
    private long address;
    private long length;

    @Override
    public int describe(long entry, long bytes, boolean toDrive) {
      if (random.nextInt(40) == 0) {
        return StatusCode.DATA_TRANSFER_ERROR.status();
      }
      address = memory.address() + SubmissionEntry.prp1(entry);
      length = bytes;
      return random.nextInt(3) == 0 ? LATER : DONE;
    }

    @Override
    public int count() {
      return 1;
    }

    @Override
    public long address(int extent) {
      return address;
    }

    @Override
    public long length(int extent) {
      return length;
    }

    @Override
    public boolean isAligned(long size) {
      return true;
    }

    @Override
    public int fetch(int slot, long entry, long to, long bytes) {
      return move(slot, memory.address() + SubmissionEntry.prp1(entry), to, bytes);
    }

    @Override
    public int deliver(int slot, long entry, long from, long bytes) {
      return move(slot, from, memory.address() + SubmissionEntry.prp1(entry), bytes);
    }

    private int move(int slot, long from, long to, long bytes) {
      int answer = random.nextInt(40);
      if (answer == 0) {
        return StatusCode.DATA_TRANSFER_ERROR.status();
      }
      if (answer < 20) {
        OffHeap.copy(from, to, bytes);
        return DONE;
      }
      assertThat(moves.put(slot, () -> OffHeap.copy(from, to, bytes)))
          .as("slot %d moves twice", slot)
          .isNull();
      return LATER;
    }

    @Override
    public int poll(Moved moved) {
      int count = 0;
      for (int slot : List.copyOf(moves.keySet())) {
        Runnable move = moves.get(slot);
        if (move != null && random.nextInt(4) == 0) {
          moves.remove(slot);
          move.run();
          count++;
          boolean isRefused = random.nextInt(30) == 0;
          moved.moved(slot, isRefused ? StatusCode.DATA_TRANSFER_ERROR.status() : DONE);
        }
      }
      return count;
    }

    @Override
    public void forget(int slot) {
      assertThat(moves.remove(slot)).as("slot %d", slot).isNotNull();
    }
  }

  @Override
  public HostData data() {
    return data;
  }

  /** Whether nothing is on its way to or from the host. */
  boolean isQuiet() {
    return data.moves.isEmpty();
  }

  @Override
  public void clear() {
    queues.forEach(Queue::gone);
    queues.clear();
  }

  @Override
  public boolean createAdmin(int cc) {
    return true;
  }

  @Override
  public HostQueue admin() {
    return admin;
  }

  @Override
  public int activeCount() {
    return queues.size();
  }

  @Override
  public HostQueue active(int index) {
    return queues.get(index);
  }

  @Override
  public HostQueue submission(int id) {
    return queues.stream().filter(queue -> queue.id == id).findAny().orElse(null);
  }

  @Override
  public boolean ioQueuesExist() {
    return !queues.isEmpty();
  }

  @Override
  public void raise() {}

  @Override
  public boolean isStrayWrite() {
    return false;
  }

  @Override
  public int createCompletion(long entry, int granted) {
    throw new AssertionError();
  }

  @Override
  public int createSubmission(long entry, int granted) {
    throw new AssertionError();
  }

  @Override
  public int closeSubmission(int id) {
    throw new AssertionError();
  }

  @Override
  public void deleteSubmission(int id) {
    throw new AssertionError();
  }

  @Override
  public int deleteCompletion(int id) {
    throw new AssertionError();
  }

  @Override
  public int useShadow(long entry) {
    throw new AssertionError();
  }
}
