package sluice.nvme;

import sluice.vfio.DmaMemory;

/**
 * What is left of the one request of a queue that is too large for a command and whose pieces have
 * not all been posted yet. Used by the queue's owner.
 */
final class Backlog {
  private static final int NONE = -1;

  private int request = NONE;
  private int opcode;
  private int flags;
  private Namespace namespace;
  private long lba;
  private long bytes;
  private DmaMemory memory;
  private long offset;

  /** Takes in a request; there must be none. */
  void begin(
      int newRequest,
      int newOpcode,
      int newFlags,
      Namespace newNamespace,
      long newLba,
      long newBytes,
      DmaMemory newMemory,
      long newOffset) {
    assert isEmpty() : "request " + request + " is not all posted";
    request = newRequest;
    opcode = newOpcode;
    flags = newFlags;
    namespace = newNamespace;
    lba = newLba;
    bytes = newBytes;
    memory = newMemory;
    offset = newOffset;
  }

  boolean isEmpty() {
    return request == NONE;
  }

  /** Whether all its pieces have been posted, or none is to be any more. */
  boolean isPosted() {
    return bytes == 0;
  }

  /** So many bytes have been posted, whole blocks. */
  void advance(long posted) {
    lba += posted >>> namespace.blockShift();
    offset += posted;
    bytes -= posted;
  }

  /** Posts nothing more. */
  void cut() {
    bytes = 0;
  }

  /** Forgets the request. */
  void drop() {
    request = NONE;
    namespace = null;
    memory = null;
  }

  int request() {
    return request;
  }

  int opcode() {
    return opcode;
  }

  int flags() {
    return flags;
  }

  Namespace namespace() {
    return namespace;
  }

  /** The first block that has not been posted. */
  long lba() {
    return lba;
  }

  /** Bytes that have not been posted. */
  long bytes() {
    return bytes;
  }

  DmaMemory memory() {
    return memory;
  }

  /** Where in the memory that begins which has not been posted. */
  long offset() {
    return offset;
  }
}
