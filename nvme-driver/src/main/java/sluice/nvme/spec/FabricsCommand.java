package sluice.nvme.spec;

import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;

/**
 * Commands of NVMe over Fabrics 1.1 (section 3): one opcode, and a type in place of the namespace.
 * Static accessors on the entry's address.
 *
 * <pre>
 *  Connect        31              16 15              0
 *  0x28          |       QID        |     RECFMT      |
 *  0x2c          |    | CATTR       | SQSIZE, 0-based |
 *  0x30          |       KATO: milliseconds           |
 *
 *  Property Get and Set
 *  0x28          |                      | ATTRIB: 1 for 8 bytes, 0 for 4 |
 *  0x2c          |       OFST: the property           |
 *  0x30          |       VALUE of a Set, 64 bits      |
 * </pre>
 */
public final class FabricsCommand {
  /** The opcode of them all. */
  public static final int OPCODE = 0x7f;

  /** Types, FCTYPE. */
  public static final int PROPERTY_SET = 0x00;

  public static final int CONNECT = 0x01;
  public static final int PROPERTY_GET = 0x04;
  public static final int DISCONNECT = 0x08;

  private static final int TYPE = 0x04;
  private static final int FIRST = 0x28;
  private static final int SECOND = 0x2c;
  private static final int THIRD = 0x30;

  private static final int FLOW_CONTROL_OFF = 1 << 18;

  private FabricsCommand() {}

  /** FCTYPE. */
  public static int type(long entry) {
    return OffHeap.getInt(entry + TYPE) & 0xff;
  }

  /**
   * Begins a Connect.
   *
   * @param qid 0 for the admin queue
   * @param entries of the submission queue, 2 to 65536
   * @param keepAliveMillis 0 for none, and for other queues than the admin queue
   */
  public static void connect(long entry, int commandId, int qid, int entries, int keepAliveMillis) {
    SubmissionEntry.begin(entry, OPCODE, commandId, CONNECT);
    OffHeap.putInt(entry + FIRST, qid << 16);
    OffHeap.putInt(entry + SECOND, (entries - 1) & 0xffff);
    OffHeap.putInt(entry + THIRD, keepAliveMillis);
  }

  /** QID of a Connect. */
  public static int qid(long entry) {
    return OffHeap.getInt(entry + FIRST) >>> 16;
  }

  /** RECFMT of a Connect: the format of its data, 0. */
  public static int recordFormat(long entry) {
    return OffHeap.getInt(entry + FIRST) & 0xffff;
  }

  /** SQSIZE of a Connect, as a number of entries, from 1. */
  public static int entries(long entry) {
    return (OffHeap.getInt(entry + SECOND) & 0xffff) + 1;
  }

  /** CATTR of a Connect: whether the host does without SQHD, and keeps count by itself. */
  public static boolean isFlowControlOff(long entry) {
    return (OffHeap.getInt(entry + SECOND) & FLOW_CONTROL_OFF) != 0;
  }

  /** KATO of a Connect. */
  public static long keepAliveMillis(long entry) {
    return Integer.toUnsignedLong(OffHeap.getInt(entry + THIRD));
  }

  /** Begins a Property Get. */
  public static void propertyGet(long entry, int commandId, int property, boolean isLong) {
    SubmissionEntry.begin(entry, OPCODE, commandId, PROPERTY_GET);
    OffHeap.putInt(entry + FIRST, isLong ? 1 : 0);
    OffHeap.putInt(entry + SECOND, property);
  }

  /** Begins a Property Set of four bytes. */
  public static void propertySet(long entry, int commandId, int property, int value) {
    SubmissionEntry.begin(entry, OPCODE, commandId, PROPERTY_SET);
    OffHeap.putInt(entry + SECOND, property);
    OffHeap.putLong(entry + THIRD, Integer.toUnsignedLong(value));
  }

  /** Begins a Disconnect, which ends the queue that it is sent to. */
  public static void disconnect(long entry, int commandId) {
    SubmissionEntry.begin(entry, OPCODE, commandId, DISCONNECT);
  }

  /** Whether a property is one of 8 bytes. */
  public static boolean isLong(long entry) {
    return (OffHeap.getInt(entry + FIRST) & 7) == 1;
  }

  /** OFST: which property; see {@link Registers}. */
  public static int property(long entry) {
    return OffHeap.getInt(entry + SECOND);
  }

  /** VALUE of a Property Set. */
  public static long value(long entry) {
    return OffHeap.getLong(entry + THIRD);
  }
}
