package sluice.qemu.conformance;

import sluice.qemu.QemuDrive;

/**
 * The drives that the suite asks a rig for. Contents are not kept from one opening to the next.
 *
 * <p>Sizes in bytes; {@code mdts} as in Identify Controller, in units of 4 KiB pages.
 */
enum TestDrive {
  BLOCKS_OF_512(512, 1, 7, 64),
  BLOCKS_OF_4096(4096, 1, 7, 64),
  SMALL_TRANSFERS(512, 1, 1, 64),
  FEW_QUEUES(512, 1, 5, 2),
  TWO_NAMESPACES(512, 2, 7, 64);

  private static final long BYTES = 64 << 20;

  private final int blockSize;
  private final int namespaces;
  private final int mdts;
  private final int ioQueues;

  TestDrive(int blockSize, int namespaces, int mdts, int ioQueues) {
    this.blockSize = blockSize;
    this.namespaces = namespaces;
    this.mdts = mdts;
    this.ioQueues = ioQueues;
  }

  /** Bytes in a logical block of every namespace. */
  int blockSize() {
    return blockSize;
  }

  /** How many namespaces there are; their identifiers count from 1. */
  int namespaces() {
    return namespaces;
  }

  /** Bytes in each namespace. */
  long namespaceBytes() {
    return BYTES / namespaces;
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

  /** The drive as QEMU has it. */
  QemuDrive describe(QemuDrive qemu) {
    String size = Long.toString(namespaceBytes());
    QemuDrive description =
        qemu.size(size)
            .lba(blockSize)
            .property("mdts", mdts)
            .ioQueuePairs(ioQueues)
            .msixVectors(ioQueues + 1);
    for (int nsid = 2; nsid <= namespaces; nsid++) {
      description.namespace(ns -> ns.size(size).lba(blockSize));
    }
    return description;
  }
}
