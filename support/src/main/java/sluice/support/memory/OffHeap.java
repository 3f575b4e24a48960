package sluice.support.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Memory by its address: the one place where a raw address becomes an access.
 *
 * <p>For the hot paths, which keep addresses in {@code long} fields: an access costs what a plain
 * store costs, allocates nothing and has no profile to pollute, because every access goes through
 * the same constant segment. Nothing is checked; the caller has checked its range when it was
 * built. Addresses are aligned to the value, which is checked where assertions are on. Values are
 * little-endian, as all of PCI and NVMe is.
 *
 * <p>The suffix names the ordering: none is plain, {@code Acquire} pairs with a {@code Release}
 * store on the other side (a thread or a device), {@code Opaque} is only atomic and in the order of
 * its own location.
 */
public final class OffHeap {
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  // For ordered accesses, which have to be aligned, and are checked.
  private static final VarHandle INT = littleEndian(ValueLayout.JAVA_INT);
  private static final VarHandle LONG = littleEndian(ValueLayout.JAVA_LONG);

  // For plain accesses the check takes a quarter of a store's time, and is made only where
  // assertions are on. What is aligned, as ours are, is one instruction either way. (An assert in
  // each accessor instead makes them too long to be inlined as deep as they are used.)
  private static final boolean CHECKED = OffHeap.class.desiredAssertionStatus();
  private static final VarHandle PLAIN_SHORT =
      littleEndian(CHECKED ? ValueLayout.JAVA_SHORT : ValueLayout.JAVA_SHORT_UNALIGNED);
  private static final VarHandle PLAIN_INT =
      littleEndian(CHECKED ? ValueLayout.JAVA_INT : ValueLayout.JAVA_INT_UNALIGNED);
  private static final VarHandle PLAIN_LONG =
      littleEndian(CHECKED ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_LONG_UNALIGNED);

  private OffHeap() {}

  private static VarHandle littleEndian(ValueLayout layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  }

  /** The memory at an address as a segment that never closes; the caller answers for its life. */
  @SuppressWarnings("restricted")
  public static MemorySegment segment(long address, long size) {
    return MemorySegment.ofAddress(address).reinterpret(size);
  }

  /**
   * The memory at an address as a segment that is closed with an arena, which takes it from whoever
   * still holds it. The memory itself stays.
   */
  @SuppressWarnings("restricted")
  public static MemorySegment segment(long address, long size, Arena arena) {
    return MemorySegment.ofAddress(address).reinterpret(size, arena, null);
  }

  public static byte getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  public static void putByte(long address, byte value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, value);
  }

  public static short getShort(long address) {
    return (short) PLAIN_SHORT.get(ALL, address);
  }

  public static void putShort(long address, short value) {
    PLAIN_SHORT.set(ALL, address, value);
  }

  public static int getInt(long address) {
    return (int) PLAIN_INT.get(ALL, address);
  }

  public static void putInt(long address, int value) {
    PLAIN_INT.set(ALL, address, value);
  }

  public static int getIntOpaque(long address) {
    return (int) INT.getOpaque(ALL, address);
  }

  public static int getIntAcquire(long address) {
    return (int) INT.getAcquire(ALL, address);
  }

  public static void putIntRelease(long address, int value) {
    INT.setRelease(ALL, address, value);
  }

  public static long getLong(long address) {
    return (long) PLAIN_LONG.get(ALL, address);
  }

  public static long getLongOpaque(long address) {
    return (long) LONG.getOpaque(ALL, address);
  }

  public static void putLong(long address, long value) {
    PLAIN_LONG.set(ALL, address, value);
  }

  /** Copies; places that overlap are as if the bytes had been somewhere else meanwhile. */
  public static void copy(long from, long to, long length) {
    MemorySegment.copy(ALL, from, ALL, to, length);
  }

  /** Whether two places hold the same bytes. */
  public static boolean isEqual(long a, long b, long length) {
    return MemorySegment.mismatch(ALL, a, a + length, ALL, b, b + length) < 0;
  }

  /** Fills with zeros. Never on a BAR: the JIT may use stores that a device does not take. */
  public static void zero(long address, long length) {
    ALL.asSlice(address, length).fill((byte) 0);
  }
}
