package sluice.vfio.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import sluice.vfio.IovaRange;
import sluice.vfio.abi.Capabilities;

/**
 * What a type1 container translates ({@code vfio_iommu_type1_info}).
 *
 * <pre>
 *        31                     0
 *  0x00 |         argsz          |
 *  0x04 |  flags: 0 page sizes, 1 capabilities |
 *  0x08 |  page sizes, a bit for each |  8 bytes
 *  0x10 |   first capability     |
 * </pre>
 *
 * @param smallestPage bytes
 * @param ranges the addresses that may be mapped, without the reserved ones
 * @param mappingsLeft how many more mappings the container takes, where the kernel says it
 */
record Type1Info(long smallestPage, List<IovaRange> ranges, OptionalInt mappingsLeft) {
  static final int BYTES = 0x18;

  private static final int FLAGS = 0x04;
  private static final int PAGE_SIZES = 0x08;
  private static final int CAPABILITY = 0x10;
  private static final int FLAG_CAPABILITIES = 1 << 1;

  private static final int IOVA_RANGES = 1;
  private static final int MAPPINGS_LEFT = 3;

  /** Behind a capability's header. */
  private static final int CAPABILITY_DATA = 8;

  private static final int RANGE_BYTES = 16;

  /**
   * For kernels before 5.4, which do not tell: what every IOMMU has, without the window of x86's
   * interrupt messages.
   */
  private static final List<IovaRange> SAFE_RANGES =
      List.of(new IovaRange(0, 0xfedf_ffffL), new IovaRange(0xfef0_0000L, (1L << 39) - 1));

  /** Reads what the kernel filled in. */
  static Type1Info parse(MemorySegment info) {
    int flags = info.get(JAVA_INT, FLAGS);
    int first = (flags & FLAG_CAPABILITIES) == 0 ? 0 : info.get(JAVA_INT, CAPABILITY);
    MemorySegment ranges = Capabilities.find(info, first, IOVA_RANGES);
    MemorySegment left = Capabilities.find(info, first, MAPPINGS_LEFT);
    return new Type1Info(
        Long.lowestOneBit(info.get(JAVA_LONG, PAGE_SIZES)),
        ranges == null ? SAFE_RANGES : ranges(ranges),
        left == null
            ? OptionalInt.empty()
            : OptionalInt.of(left.get(JAVA_INT_UNALIGNED, CAPABILITY_DATA)));
  }

  private static List<IovaRange> ranges(MemorySegment capability) {
    List<IovaRange> ranges = new ArrayList<>();
    int count = capability.get(JAVA_INT_UNALIGNED, CAPABILITY_DATA);
    for (long i = 0, at = 2 * CAPABILITY_DATA; i < count; i++, at += RANGE_BYTES) {
      long start = capability.get(JAVA_LONG_UNALIGNED, at);
      Optional<IovaRange> range =
          IovaRange.ofUnsigned(start, capability.get(JAVA_LONG_UNALIGNED, at + 8));
      range.ifPresent(ranges::add);
    }
    return List.copyOf(ranges);
  }
}
