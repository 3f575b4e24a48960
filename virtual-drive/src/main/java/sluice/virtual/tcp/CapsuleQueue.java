package sluice.virtual.tcp;

import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.virtual.command.Controller;
import sluice.virtual.command.HostData;
import sluice.virtual.command.HostQueue;

/**
 * A pair of queues that is a connection: commands come in capsules, and wait here until the engine
 * takes them. Used in the target's turns; allocates nothing.
 */
final class CapsuleQueue extends HostQueue {
  /** How much data may wait for the host to take it before no more of its commands are begun. */
  private static final long MOST_UNSENT = 4 << 20;

  /** PSDT of an entry that the engine is to refuse: reserved. */
  private static final int PSDT_RESERVED = 3;

  private static final int PSDT_SHIFT = 14;
  private static final int PSDT_SGL = 1;

  /** Commands that can have been taken and not answered, as those that wait for events. */
  private static final int LEAST_TAKEN = 32;

  private final QueueConnection connection;
  private final CapsuleTable table;
  private final CapsuleData data;

  /** Null for a queue of the discovery service. */
  private final Controller controller;

  private final int id;
  private final int entries;
  private final boolean hasFlowControl;

  /** Indexes of commands that wait, a ring. */
  private final int[] ring;

  private int first;
  private int count;
  private int last = CapsuleTable.NONE;
  private int head;
  private boolean isClosed;

  /**
   * @param id 0 for the admin queue
   * @param entries SQSIZE, from 2
   * @param finished told of data that has come
   */
  CapsuleQueue(
      QueueConnection connection,
      CapsuleTable table,
      Association host,
      int id,
      int entries,
      boolean hasFlowControl,
      Finished finished) {
    this.connection = connection;
    this.table = table;
    this.controller = host.controller();
    this.id = id;
    this.entries = entries;
    this.hasFlowControl = hasFlowControl;
    this.ring = new int[table.capacity()];
    this.data = new CapsuleData(connection, table, finished, host.mostAnswerBytes());
  }

  /** How many commands a queue can have that have not been answered. */
  static int commands(int entries) {
    return entries + Math.max(entries, LEAST_TAKEN);
  }

  /** A command has come, with all data of its capsule. */
  void add(int index) {
    int at = first + count;
    ring[at < ring.length ? at : at - ring.length] = index;
    count++;
  }

  /**
   * SQHD of an answer: how far commands have been taken, but no further than that what the host may
   * send by it finds room. All but one of the queue's entries can come then, whatever is out.
   */
  int head() {
    if (!hasFlowControl) {
      return 0xffff;
    }
    int taken = table.used() - count;
    int untold = Math.max(0, taken - (table.capacity() - entries + 1));
    return head >= untold ? head - untold : head - untold + entries;
  }

  /** A command was taken out of the queue. */
  void advance() {
    head = head + 1 == entries ? 0 : head + 1;
  }

  /** Whether an answer without a result can be told with its data. */
  boolean canSucceedByData() {
    return !hasFlowControl;
  }

  /** Its connection is gone: answers go nowhere. */
  void close() {
    isClosed = true;
    count = 0;
  }

  /** Commands that wait are over. */
  void forget() {
    count = 0;
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
    return count;
  }

  @Override
  public int available(int most) {
    boolean isFull = count == 0 || connection.outgoing().unsent() > MOST_UNSENT;
    return isFull || !connection.association().hasRoom() ? 0 : Math.min(count, Math.max(most, 0));
  }

  @Override
  public boolean hasTrouble() {
    return false;
  }

  @Override
  public boolean takeTrouble() {
    return false;
  }

  /** {@inheritDoc} Never: without its connection the queue is gone, and the controller is not. */
  @Override
  public boolean isBroken() {
    return false;
  }

  @Override
  public boolean take(long entry) {
    last = ring[first];
    first = first + 1 == ring.length ? 0 : first + 1;
    count--;
    advance();
    SubmissionEntry.copy(table.entry(last), entry);
    // To the engine a good command is one whose data it is led to; how is the transport's matter.
    int psdt = SubmissionEntry.psdt(entry) == PSDT_SGL ? 0 : PSDT_RESERVED;
    OffHeap.putInt(entry, (OffHeap.getInt(entry) & ~(3 << PSDT_SHIFT)) | (psdt << PSDT_SHIFT));
    return true;
  }

  @Override
  public void putBack() {
    first = first == 0 ? ring.length - 1 : first - 1;
    count++;
    head = head == 0 ? entries - 1 : head - 1;
  }

  /** {@inheritDoc} Whatever comes next decides. */
  @Override
  public boolean awaitNext(long entry) {
    if (count > 0) {
      return false;
    }
    putBack();
    return true;
  }

  @Override
  public int room(int wanted) {
    return wanted;
  }

  @Override
  public boolean answer(int commandId, int status, int result) {
    if (!isClosed) {
      int index = table.find(commandId);
      connection.answer(index, status, Integer.toUnsignedLong(result));
    }
    return true;
  }

  /** Answers a command that the engine never sees. */
  void refuse(int index, StatusCode code) {
    advance();
    connection.answer(index, code.statusDnr(), 0);
  }

  @Override
  public HostData data() {
    return data;
  }

  CapsuleData capsuleData() {
    return data;
  }

  @Override
  public String toString() {
    return "queue " + id + " of " + connection;
  }
}
