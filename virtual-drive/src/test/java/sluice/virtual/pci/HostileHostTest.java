package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.DatasetManagementRange;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.memory.OffHeap;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.personality.Personality;

/**
 * Commands with every field at random, with PRPs that point anywhere in memory of which some is not
 * mapped, some is only read, and some only written: each command ends once, with a status that it
 * has earned, and changes the bytes it is to change and no others, of the host's memory and of the
 * media. What it is to do is worked out here, page by page.
 */
class HostileHostTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 64;
  private static final long FIRST_IOVA = 0x10_0000_0000L;
  private static final int BLOCK = 512;
  private static final int NAMESPACES = 2;
  private static final long BLOCKS = 300;
  private static final long MAX_TRANSFER = 128 << 10;
  private static final int COMMANDS = 2_000;
  private static final int NONE = 0;

  private static final int[] OPCODES = {
    IoOpcode.READ,
    IoOpcode.WRITE,
    IoOpcode.READ,
    IoOpcode.WRITE,
    IoOpcode.COMPARE,
    IoOpcode.WRITE_ZEROES,
    IoOpcode.VERIFY,
    IoOpcode.FLUSH,
    IoOpcode.DATASET_MANAGEMENT,
  };

  private final MemoryBackend media = new MemoryBackend(NAMESPACES * BLOCKS * BLOCK);
  private final Host host =
      Host.ready(new DriveSettings().namespaces(NAMESPACES), Personality.PLAIN, media);
  private final Host.Queue queue = host.createQueue(1, 16);
  private final Arena arena = Arena.ofConfined();

  private final MemorySegment memory = arena.allocate((long) PAGES * PAGE, PAGE);
  private final MemorySegment expected = arena.allocate((long) PAGES * PAGE, PAGE);
  private final MemorySegment drive = arena.allocate(media.size(), PAGE);
  private final MemorySegment driveExpected = arena.allocate(media.size(), PAGE);

  /** By page of device addresses from {@link #FIRST_IOVA}: what may be done there. */
  private final int[] access = new int[PAGES];

  private SplittableRandom random;

  @AfterEach
  void close() {
    host.close();
    arena.close();
  }

  /** What a command is to do: the statuses that it may end with. */
  private final Set<Integer> statuses = new TreeSet<>();

  /** A piece of a command's data, as offsets in {@link #memory}. */
  private record Piece(long at, long length) {}

  private final List<Piece> pieces = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void everyCommandDoesWhatItSaysAndNothingElse(long seed) {
    random = new SplittableRandom(seed);
    mapMemory();
    fill(memory);
    fill(drive);
    media.write(0, drive.address(), media.size());
    expected.copyFrom(memory);
    driveExpected.copyFrom(drive);
    for (int i = 0; i < COMMANDS; i++) {
      step("seed " + seed + ", command " + i);
    }
  }

  private void mapMemory() {
    for (int page = 0; page < PAGES; ) {
      int pages = Math.min(1 + random.nextInt(4), PAGES - page);
      int kind = random.nextInt(8);
      int allowed =
          kind == 0
              ? NONE
              : kind == 1
                  ? VirtualIommu.READ
                  : kind == 2 ? VirtualIommu.WRITE : VirtualIommu.READ | VirtualIommu.WRITE;
      if (allowed != NONE) {
        host.function
            .iommu()
            .map(memory.address() + (long) page * PAGE, iova(page), (long) pages * PAGE, allowed);
      }
      for (int i = 0; i < pages; i++) {
        access[page++] = allowed;
      }
    }
  }

  private static long iova(int page) {
    return FIRST_IOVA + (long) page * PAGE;
  }

  private void fill(MemorySegment segment) {
    for (long i = 0; i < segment.byteSize(); i += Long.BYTES) {
      OffHeap.putLong(segment.address() + i, random.nextLong());
    }
  }

  // ---- a command

  private void step(String what) {
    if (random.nextInt(4) == 0) {
      makeList();
    }
    long entry = queue.begin(opcode(), nsid());
    SubmissionEntry.prps(entry, prp1(), prp2());
    SubmissionEntry.cdw10And11(entry, lba());
    SubmissionEntry.cdw(entry, 12, cdw12());
    for (int cdw = 13; cdw <= 15; cdw++) {
      SubmissionEntry.cdw(entry, cdw, random.nextInt(3) == 0 ? random.nextInt() : 0);
    }
    OffHeap.putLong(entry + 8, random.nextLong());
    OffHeap.putLong(entry + 16, random.nextLong());
    if (random.nextInt(50) == 0) {
      OffHeap.putInt(entry, OffHeap.getInt(entry) | ((1 + random.nextInt(3)) << 14));
    }
    if (SubmissionEntry.opcode(entry) == IoOpcode.DATASET_MANAGEMENT) {
      makeRanges(entry);
    }
    what += ": " + describe(entry);
    statuses.clear();
    workOut(entry);
    int commandId = SubmissionEntry.commandId(entry);
    queue.ring();
    host.settle();
    Host.Completion completion = queue.take();
    assertThat(queue.hasCompletion()).as(what).isFalse();
    assertThat(completion.commandId()).as(what).isEqualTo(commandId);
    assertThat(completion.sqHead()).as(what).isEqualTo(queue.tail);
    assertThat(statuses).as(what).contains(completion.status());
    media.read(0, drive.address(), media.size());
    check(what, "memory", memory, expected);
    check(what, "media", drive, driveExpected);
  }

  private static void check(String what, String where, MemorySegment is, MemorySegment should) {
    long at = is.mismatch(should);
    assertThat(at).as("%s: first other byte of the %s", what, where).isEqualTo(-1);
  }

  private static String describe(long entry) {
    return String.format(
        "opcode 0x%x nsid 0x%x prps 0x%x 0x%x lba 0x%x cdw12 0x%x",
        SubmissionEntry.opcode(entry),
        SubmissionEntry.nsid(entry),
        SubmissionEntry.prp1(entry),
        SubmissionEntry.prp2(entry),
        SubmissionEntry.cdw10And11(entry),
        SubmissionEntry.cdw(entry, 12));
  }

  private int opcode() {
    return random.nextInt(10) == 0 ? random.nextInt(256) : OPCODES[random.nextInt(OPCODES.length)];
  }

  private int nsid() {
    return switch (random.nextInt(16)) {
      case 0 -> 0;
      case 1 -> 3;
      case 2 -> 0xffffffff;
      case 3 -> 0xfffffffe;
      case 4 -> random.nextInt();
      case 5, 6, 7 -> 2;
      default -> 1;
    };
  }

  private long lba() {
    return switch (random.nextInt(16)) {
      case 0 -> -1L;
      case 1 -> Long.MIN_VALUE;
      case 2 -> Long.MAX_VALUE;
      case 3 -> BLOCKS;
      case 4 -> BLOCKS - 1;
      case 5 -> random.nextLong();
      case 6 -> -random.nextLong(BLOCKS);
      // Blocks whose bytes, counted in 64 bits, are some of the drive's.
      case 7 -> (1L << 55) | random.nextLong(BLOCKS);
      default -> random.nextLong(BLOCKS);
    };
  }

  private int cdw12() {
    int blocks =
        switch (random.nextInt(8)) {
          case 0 -> random.nextInt(0x10000);
          case 1 -> 0xffff;
          case 2 -> (int) (MAX_TRANSFER / BLOCK) - 1 + random.nextInt(2);
          case 3, 4 -> random.nextInt(200);
          default -> random.nextInt(24);
        };
    return blocks | (random.nextInt(3) == 0 ? random.nextInt() & 0xffff0000 : 0);
  }

  private long page() {
    return iova(random.nextInt(PAGES));
  }

  private long prp1() {
    return switch (random.nextInt(12)) {
      case 0 -> random.nextLong();
      case 1 -> page() + random.nextInt(PAGE);
      case 2, 3, 4 -> page() + 4L * random.nextInt(PAGE / 4);
      case 5 -> page() + PAGE - 4;
      case 6 -> Long.MAX_VALUE - 3;
      default -> page();
    };
  }

  private long prp2() {
    return switch (random.nextInt(12)) {
      case 0 -> random.nextLong();
      case 1 -> page() + random.nextInt(PAGE);
      case 2, 3, 4 -> page() + 8L * random.nextInt(PAGE / 8);
      case 5 -> page() + PAGE - 8;
      case 6 -> 0;
      case 7 -> -8L;
      default -> page();
    };
  }

  /** Makes a page one of a list, of which most entries are good. */
  private void makeList() {
    long at = (long) random.nextInt(PAGES) * PAGE;
    boolean isGood = random.nextInt(2) == 0;
    for (int i = 0; i < PAGE; i += Long.BYTES) {
      long prp = isGood || random.nextInt(64) > 0 ? page() : prp1();
      OffHeap.putLong(memory.address() + at + i, prp);
    }
    MemorySegment.copy(memory, at, expected, at, PAGE);
  }

  private void makeRanges(long entry) {
    int count = random.nextInt(4) == 0 ? 256 : 1 + random.nextInt(3);
    SubmissionEntry.cdw(entry, 10, (count - 1) | (random.nextInt() & 0xffffff00));
    SubmissionEntry.cdw(entry, 11, random.nextInt(3) > 0 ? 4 : random.nextInt());
    if (random.nextInt(8) == 0) {
      return;
    }
    long at = SubmissionEntry.prp1(entry) - FIRST_IOVA;
    for (int i = 0; i < count; i++) {
      long range = at + (long) i * DatasetManagementRange.BYTES;
      if (range < 0 || range > memory.byteSize() - 16 || (range & 3) != 0) {
        return;
      }
      long lba = random.nextInt(200) == 0 ? lba() : random.nextLong(BLOCKS - 10);
      long length = random.nextInt(200) == 0 ? random.nextLong(1L << 32) : random.nextInt(10);
      memory.set(ValueLayout.JAVA_INT_UNALIGNED, range + 4, (int) length);
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, range + 8, lba);
      MemorySegment.copy(memory, range, expected, range, DatasetManagementRange.BYTES);
    }
  }

  // ---- what it is to do

  private void may(StatusCode code) {
    statuses.add(code.status());
    statuses.add(code.statusDnr());
  }

  private void workOut(long entry) {
    int opcode = SubmissionEntry.opcode(entry);
    int nsid = SubmissionEntry.nsid(entry);
    int cdw12 = SubmissionEntry.cdw(entry, 12);
    long lba = SubmissionEntry.cdw10And11(entry);
    long blocks = IoCommand.blocks(cdw12);
    if (SubmissionEntry.psdt(entry) != 0) {
      may(StatusCode.INVALID_FIELD);
    }
    boolean isKnown = false;
    for (int known : OPCODES) {
      isKnown |= known == opcode;
    }
    if (!isKnown) {
      may(StatusCode.INVALID_OPCODE);
    }
    boolean isAll = nsid == -1 && opcode == IoOpcode.FLUSH;
    if (!isAll && (nsid < 1 || nsid > NAMESPACES)) {
      may(StatusCode.INVALID_NAMESPACE_OR_FORMAT);
      if (nsid == -1) {
        may(StatusCode.INVALID_FIELD);
      }
    }
    if (!statuses.isEmpty()) {
      return;
    }
    boolean moves =
        opcode == IoOpcode.READ || opcode == IoOpcode.WRITE || opcode == IoOpcode.COMPARE;
    if (moves && blocks * BLOCK > MAX_TRANSFER) {
      may(StatusCode.INVALID_FIELD);
    }
    boolean hasBlocks = moves || opcode == IoOpcode.VERIFY || opcode == IoOpcode.WRITE_ZEROES;
    if (hasBlocks && !isInside(lba, blocks)) {
      may(StatusCode.LBA_OUT_OF_RANGE);
    }
    if (!statuses.isEmpty()) {
      return;
    }
    long offset = hasBlocks ? ((nsid - 1) * BLOCKS + lba) * BLOCK : 0;
    long bytes = blocks * BLOCK;
    if (moves) {
      int needed = opcode == IoOpcode.READ ? VirtualIommu.WRITE : VirtualIommu.READ;
      walk(needed, SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), bytes);
      if (!statuses.isEmpty()) {
        return;
      }
    }
    switch (opcode) {
      case IoOpcode.READ -> copy(driveExpected, offset, true);
      case IoOpcode.WRITE -> copy(driveExpected, offset, false);
      case IoOpcode.COMPARE -> {
        if (!isEqual(offset)) {
          may(StatusCode.COMPARE_FAILURE);
          return;
        }
      }
      case IoOpcode.WRITE_ZEROES -> driveExpected.asSlice(offset, bytes).fill((byte) 0);
      case IoOpcode.DATASET_MANAGEMENT -> deallocate(entry, nsid);
      default -> {}
    }
    if (statuses.isEmpty()) {
      statuses.add(0);
    }
  }

  private static boolean isInside(long lba, long blocks) {
    return lba >= 0 && lba < BLOCKS && blocks <= BLOCKS - lba;
  }

  private void copy(MemorySegment media, long offset, boolean toHost) {
    long at = offset;
    for (Piece piece : pieces) {
      if (toHost) {
        MemorySegment.copy(media, at, expected, piece.at, piece.length);
      } else {
        MemorySegment.copy(memory, piece.at, media, at, piece.length);
      }
      at += piece.length;
    }
  }

  private boolean isEqual(long offset) {
    long at = offset;
    for (Piece piece : pieces) {
      if (MemorySegment.mismatch(
              memory, piece.at, piece.at + piece.length, drive, at, at + piece.length)
          >= 0) {
        return false;
      }
      at += piece.length;
    }
    return true;
  }

  private void deallocate(long entry, int nsid) {
    int count = (SubmissionEntry.cdw(entry, 10) & 0xff) + 1;
    int bytes = count * DatasetManagementRange.BYTES;
    walk(VirtualIommu.READ, SubmissionEntry.prp1(entry), SubmissionEntry.prp2(entry), bytes);
    if (!statuses.isEmpty()) {
      return;
    }
    MemorySegment ranges = arena.allocate(bytes, 64);
    long at = 0;
    for (Piece piece : pieces) {
      MemorySegment.copy(memory, piece.at, ranges, at, piece.length);
      at += piece.length;
    }
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < count; i++) {
        long range = ranges.address() + (long) i * DatasetManagementRange.BYTES;
        long lba = DatasetManagementRange.slba(range);
        long blocks = DatasetManagementRange.length(range);
        if (pass == 0 && (lba < 0 || lba > BLOCKS || blocks > BLOCKS - lba)) {
          may(StatusCode.LBA_OUT_OF_RANGE);
          return;
        }
        if (pass == 1 && (SubmissionEntry.cdw(entry, 11) & 4) != 0) {
          driveExpected.asSlice(((nsid - 1) * BLOCKS + lba) * BLOCK, blocks * BLOCK).fill((byte) 0);
        }
      }
    }
  }

  // ---- PRPs, entry by entry

  private void walk(int needed, long prp1, long prp2, long length) {
    pieces.clear();
    if ((prp1 & 3) != 0) {
      may(StatusCode.INVALID_PRP_OFFSET);
    }
    long first = Math.min(length, PAGE - (prp1 & (PAGE - 1)));
    take(needed, prp1, first);
    long rest = length - first;
    if (rest == 0) {
      return;
    }
    if (rest <= PAGE) {
      takePage(needed, prp2, rest);
      return;
    }
    if ((prp2 & 7) != 0) {
      may(StatusCode.INVALID_PRP_OFFSET);
      return;
    }
    long at = prp2;
    while (rest > 0) {
      boolean isLast = (at & (PAGE - 1)) == PAGE - 8;
      if (!isAllowed(VirtualIommu.READ, at)) {
        may(StatusCode.DATA_TRANSFER_ERROR);
        return;
      }
      long value = memory.get(ValueLayout.JAVA_LONG, at - FIRST_IOVA);
      if (isLast && rest > PAGE) {
        if ((value & (PAGE - 1)) != 0) {
          may(StatusCode.INVALID_PRP_OFFSET);
          return;
        }
        at = value;
        continue;
      }
      long bytes = Math.min(rest, PAGE);
      takePage(needed, value, bytes);
      rest -= bytes;
      at += Long.BYTES;
    }
  }

  private void takePage(int needed, long prp, long length) {
    if ((prp & (PAGE - 1)) != 0) {
      may(StatusCode.INVALID_PRP_OFFSET);
    }
    take(needed, prp, length);
  }

  private void take(int needed, long iova, long length) {
    if (isAllowed(needed, iova)) {
      pieces.add(new Piece(iova - FIRST_IOVA, length));
    } else {
      may(StatusCode.DATA_TRANSFER_ERROR);
    }
  }

  private boolean isAllowed(int needed, long iova) {
    long page = (iova - FIRST_IOVA) / PAGE;
    return iova >= FIRST_IOVA && page < PAGES && (access[(int) page] & needed) == needed;
  }
}
