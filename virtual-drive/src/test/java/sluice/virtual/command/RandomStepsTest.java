package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.Registers;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.virtual.personality.Personality;

/**
 * The engine at random, on media and for a host that take their time: queues are deleted, the
 * controller is reset, commands are aborted meanwhile. Nothing is answered twice, nothing is lost,
 * no byte of a host's is touched out of turn, and what is read is what was written last. {@code
 * -Dsluice.steps=1000000} for more.
 */
class RandomStepsTest {
  private static final int STEPS = Integer.getInteger("sluice.steps", 40_000);
  private static final int BLOCK = 512;
  private static final int BLOCKS = 64;
  private static final int MOST_BLOCKS = 8;
  private static final int BUFFERS = 256;
  private static final int BUFFER = 8192;
  private static final int DEPTH = 24;

  private final long seed = Long.getLong("sluice.seed", 11);
  private final SplittableRandom random = new SplittableRandom(seed);
  private final MemorySegment memory = Arena.ofAuto().allocate((long) BUFFERS * BUFFER, 4096);
  private final FakeMedia media = new FakeMedia(random, (long) BLOCKS * BLOCK, memory);
  private final FakeHost host = new FakeHost(random, memory);
  private final Subsystem subsystem =
      new Subsystem(new DriveSettings(), Personality.PLAIN, media, () -> 0);
  private final Controller controller =
      new Controller(subsystem, new DriveSettings().capabilities(), host);

  /** What was written to a block. */
  private static final class Write {
    final long stamp;
    final long postedAt;

    /** From when on it lands no more, but on what was there before. */
    long endedAt = NEVER;

    /** Whether it has landed for sure. */
    boolean isDone;

    Write(long stamp, long postedAt) {
      this.stamp = stamp;
      this.postedAt = postedAt;
    }

    void end(long at, boolean done) {
      endedAt = at;
      isDone = done;
    }

    @Override
    public String toString() {
      return stamp + " from " + postedAt + " to " + endedAt + (isDone ? "" : " perhaps");
    }
  }

  private final List<List<Write>> history = new ArrayList<>();
  private final boolean[] isBufferUsed = new boolean[BUFFERS];
  private final Map<FakeHost.Command, Doing> doings = new HashMap<>();

  /** Queues that are deleted as soon as their commands are answered. */
  private final List<FakeHost.Queue> leaving = new ArrayList<>();

  private long step;
  private long nextStamp = 1;
  private int nextQueue = 1;
  private int nextCommand;
  private long read;

  private static final long NEVER = Long.MAX_VALUE;

  /** What a command does, as its host knows it. */
  private record Doing(
      int opcode, int lba, int blocks, int buffer, long postedAt, List<Write> writes) {}

  private void enable() {
    controller.registers().write32(Registers.CC, Cc.en(0, true));
    turn();
    assertThat(controller.isReady()).isTrue();
    for (int i = 0; i < 3; i++) {
      host.queues.add(host.new Queue(nextQueue++));
    }
  }

  private void turn() {
    int _ = controller.control();
    int _ = subsystem.execution().poll(host.data());
    int _ = subsystem.poll(0);
    if (controller.isReady()) {
      int _ = controller.take(0);
    }
    leaving.removeIf(this::isGone);
  }

  private FakeHost.Command command(int opcode, int lba, int blocks, int buffer, int fuse) {
    MemorySegment entry = Arena.ofAuto().allocate(SubmissionEntry.BYTES, 64);
    int id = nextCommand++ & 0xffff;
    SubmissionEntry.begin(entry.address(), opcode, id, 1);
    OffHeap.putInt(entry.address(), OffHeap.getInt(entry.address()) | fuse << 8);
    SubmissionEntry.cdw10And11(entry.address(), lba);
    boolean isForced = opcode != IoOpcode.FLUSH && random.nextInt(8) == 0;
    SubmissionEntry.cdw(entry.address(), 12, IoCommand.cdw12(blocks, isForced ? IoCommand.FUA : 0));
    SubmissionEntry.prps(entry.address(), (long) buffer * BUFFER, 0);
    if (opcode == IoOpcode.DATASET_MANAGEMENT) {
      SubmissionEntry.cdw(entry.address(), 10, 0);
      SubmissionEntry.cdw(entry.address(), 11, DatasetManagementRange.DEALLOCATE);
    }
    return new FakeHost.Command(id, entry);
  }

  private int freeBuffer() {
    int at = random.nextInt(BUFFERS);
    while (isBufferUsed[at]) {
      at = (at + 1) % BUFFERS;
    }
    isBufferUsed[at] = true;
    return at;
  }

  private void post(FakeHost.Queue queue) {
    int opcode =
        switch (random.nextInt(12)) {
          case 0, 1, 2, 3 -> IoOpcode.WRITE;
          case 4, 5, 6, 7 -> IoOpcode.READ;
          case 8 -> IoOpcode.COMPARE;
          case 9 -> random.nextBoolean() ? IoOpcode.WRITE_ZEROES : IoOpcode.DATASET_MANAGEMENT;
          case 10 -> IoOpcode.FLUSH;
          default -> IoOpcode.VERIFY;
        };
    int blocks = 1 + random.nextInt(MOST_BLOCKS);
    int lba = random.nextInt(BLOCKS - blocks + 1);
    if (opcode == IoOpcode.COMPARE && random.nextBoolean()) {
      postOne(queue, IoOpcode.COMPARE, lba, blocks, 1);
      postOne(queue, IoOpcode.WRITE, lba, blocks, 2);
    } else {
      postOne(queue, opcode, lba, blocks, 0);
    }
  }

  private void postOne(FakeHost.Queue queue, int opcode, int lba, int blocks, int fuse) {
    int buffer = freeBuffer();
    List<Write> writes = new ArrayList<>();
    long at = memory.address() + (long) buffer * BUFFER;
    boolean zeroes = opcode == IoOpcode.WRITE_ZEROES || opcode == IoOpcode.DATASET_MANAGEMENT;
    if (opcode == IoOpcode.DATASET_MANAGEMENT) {
      DatasetManagementRange.attributes(at, 0);
      DatasetManagementRange.length(at, blocks);
      DatasetManagementRange.slba(at, lba);
    }
    if (opcode == IoOpcode.WRITE || zeroes) {
      for (int i = 0; i < blocks; i++) {
        long stamp = zeroes ? 0 : nextStamp++;
        if (!zeroes) {
          OffHeap.putLong(at + (long) i * BLOCK, stamp);
          OffHeap.putLong(at + (long) i * BLOCK + BLOCK - 8, stamp);
        }
        Write write = new Write(stamp, step);
        writes.add(write);
        history.get(lba + i).add(write);
      }
    }
    FakeHost.Command command = command(opcode, lba, blocks, buffer, fuse);
    doings.put(command, new Doing(opcode, lba, blocks, buffer, step, writes));
    queue.post(command);
  }

  private void answered(FakeHost.Command command) {
    Doing doing = doings.remove(command);
    assertThat(doing).as("command %d", command.id).isNotNull();
    isBufferUsed[doing.buffer] = false;
    // One that failed may have landed or not.
    doing.writes.forEach(write -> write.end(step, command.status == 0));
    if (command.status == 0 && doing.opcode == IoOpcode.READ) {
      read++;
      long at = memory.address() + (long) doing.buffer * BUFFER;
      for (int i = 0; i < doing.blocks; i++) {
        long first = OffHeap.getLong(at + (long) i * BLOCK);
        long last = OffHeap.getLong(at + (long) i * BLOCK + BLOCK - 8);
        assertThat(last).as("seed %d, step %d: half a block", seed, step).isEqualTo(first);
        checkStamp(doing.lba + i, first, doing.postedAt);
      }
    }
    trim(doing);
  }

  /**
   * What is read was written, and not written over by what had ended before the read was posted.
   */
  private void checkStamp(int block, long stamp, long postedAt) {
    List<Write> writes = history.get(block);
    boolean isGood = false;
    for (Write write : writes) {
      isGood |= write.stamp == stamp && !isOver(writes, write, postedAt);
    }
    assertThat(isGood)
        .as("seed %d, step %d: block %d has %d of %s", seed, step, block, stamp, writes)
        .isTrue();
  }

  /** Whether a write was replaced, for sure, before a time. */
  private static boolean isOver(List<Write> writes, Write write, long before) {
    return write.endedAt < before
        && writes.stream()
            .anyMatch(o -> o.isDone && o.postedAt > write.endedAt && o.endedAt < before);
  }

  private void trim(Doing doing) {
    long oldest = doings.values().stream().mapToLong(Doing::postedAt).min().orElse(step);
    for (int i = 0; i < doing.blocks; i++) {
      List<Write> writes = history.get(doing.lba + i);
      if (writes.size() > 24) {
        writes.removeIf(write -> isOver(writes, write, oldest));
      }
    }
  }

  /** Of commands that are over without an answer: what they write may land until it is replaced. */
  private void forget(FakeHost.Queue queue) {
    queue.gone();
    for (FakeHost.Command command : queue.out.values()) {
      Doing doing = doings.remove(command);
      doing.writes.forEach(write -> write.end(step, false));
      isBufferUsed[doing.buffer] = false;
    }
  }

  private void deleteQueue() {
    FakeHost.Queue queue = host.queues.get(random.nextInt(host.queues.size()));
    host.queues.remove(queue);
    if (!isGone(queue)) {
      leaving.add(queue);
    }
    host.queues.add(host.new Queue(nextQueue++));
  }

  private boolean isGone(FakeHost.Queue queue) {
    if (!controller.loop().abandon(queue)) {
      return false;
    }
    assertThat(queue.out.values())
        .as("seed %d, step %d: taken and not answered", seed, step)
        .noneMatch(command -> command.isTaken);
    forget(queue);
    return true;
  }

  private void reset() {
    List<FakeHost.Queue> queues = new ArrayList<>(host.queues);
    queues.addAll(leaving);
    leaving.clear();
    controller.registers().write32(Registers.CC, 0);
    int _ = controller.control();
    queues.forEach(this::forget);
    assertThat(host.isQuiet()).as("seed %d, step %d: something is on its way", seed, step).isTrue();
    enable();
  }

  private void abort() {
    FakeHost.Queue queue = host.queues.get(random.nextInt(host.queues.size()));
    for (FakeHost.Command command : queue.out.values()) {
      if (command.isTaken) {
        boolean _ = controller.loop().abort(queue, command.id);
        return;
      }
    }
  }

  @Test
  void nothingIsLostOrAnsweredTwiceOrTouchedOutOfTurn() {
    for (int i = 0; i < BLOCKS; i++) {
      Write zeros = new Write(0, -2);
      zeros.end(-1, true);
      history.add(new ArrayList<>(List.of(zeros)));
    }
    host.attach(controller);
    host.listener = this::answered;
    enable();
    media.isStuck = true;
    for (step = 0; step < STEPS; step++) {
      FakeHost.Queue queue = host.queues.get(random.nextInt(host.queues.size()));
      if (queue.out.size() < DEPTH && random.nextInt(3) > 0) {
        post(queue);
      }
      switch (random.nextInt(400)) {
        case 0 -> deleteQueue();
        case 1 -> abort();
        case 2 -> {
          if (random.nextInt(5) == 0) {
            reset();
          }
        }
        case 3 -> media.isStuck = !media.isStuck;
        default -> {}
      }
      if (random.nextInt(4) > 0) {
        turn();
      }
    }
    media.isStuck = false;
    for (int tries = 0; tries < 100_000 && !isOver(); tries++) {
      step++;
      turn();
    }
    assertThat(isOver()).as("seed %d: all has ended", seed).isTrue();
    assertThat(subsystem.table().isEmpty()).as("slots that were not given back").isTrue();
    assertThat(subsystem.execution().host().buffers().out()).as("buffers out").isZero();
    assertThat(doings).isEmpty();
    assertThat(host.answers).isGreaterThan(STEPS / 4);
    assertThat(read).isGreaterThan(STEPS / 40);
  }

  private boolean isOver() {
    return host.queues.stream().allMatch(FakeHost.Queue::isEmpty)
        && media.out() == 0
        && subsystem.table().isEmpty();
  }
}
