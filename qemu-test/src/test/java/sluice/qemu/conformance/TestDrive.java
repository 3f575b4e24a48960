package sluice.qemu.conformance;

import java.util.List;

/**
 * The drives that the suite asks a rig for. Contents are not kept from one opening to the next.
 *
 * <p>Sizes in bytes; {@code mdts} as in Identify Controller, in units of 4 KiB pages.
 */
enum TestDrive {
  BLOCKS_OF_512(512, List.of(64L << 20), 7, 64),
  BLOCKS_OF_4096(4096, List.of(64L << 20), 7, 64),
  SMALL_TRANSFERS(512, List.of(64L << 20), 1, 64),
  FEW_QUEUES(512, List.of(64L << 20), 5, 2),
  TWO_NAMESPACES(512, List.of(32L << 20, 16L << 20), 7, 64);

  private final int blockSize;
  private final List<Long> namespaces;
  private final int mdts;
  private final int ioQueues;

  TestDrive(int blockSize, List<Long> namespaces, int mdts, int ioQueues) {
    this.blockSize = blockSize;
    this.namespaces = namespaces;
    this.mdts = mdts;
    this.ioQueues = ioQueues;
  }

  /** Bytes in a logical block of every namespace. */
  int blockSize() {
    return blockSize;
  }

  /** Bytes in each namespace, from namespace 1. */
  List<Long> namespaces() {
    return namespaces;
  }

  int mdts() {
    return mdts;
  }

  long maxTransferBytes() {
    return 4096L << mdts;
  }

  /** Pairs of I/O queues that the drive offers. */
  int ioQueues() {
    return ioQueues;
  }
}
