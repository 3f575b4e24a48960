package sluice.recorder.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Names of recordings, made so that the key of an index entry says by itself of which volume it is
 * (FORMAT.md, "Catalogue"): bytes 13 to 15 are a checksum of the volume's name and bytes 8 to 12.
 */
public final class RecordingUuid {
  private static final int CHECKED_BITS = 40;
  private static final long CHECKED = (1L << CHECKED_BITS) - 1;
  private static final int CHECKSUM = (1 << (Long.SIZE - CHECKED_BITS)) - 1;

  private RecordingUuid() {}

  /** A new one. */
  public static UUID random(UUID volume) {
    return withKey(UUID.randomUUID(), key(volume, UUID.randomUUID().getLeastSignificantBits()));
  }

  private static long key(UUID volume, long random) {
    long checked = Long.reverseBytes(random) & CHECKED;
    return checked | (long) checksum(volume, checked) << CHECKED_BITS;
  }

  /** A name with a key that is known: all else is new. */
  public static UUID withKey(long key) {
    return withKey(UUID.randomUUID(), key);
  }

  private static UUID withKey(UUID other, long key) {
    return new UUID(other.getMostSignificantBits(), Long.reverseBytes(key));
  }

  /** Whether a key is of a recording of this volume. */
  public static boolean isKeyOf(UUID volume, long key) {
    return key >>> CHECKED_BITS == checksum(volume, key & CHECKED);
  }

  private static int checksum(UUID volume, long checked) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES + CHECKED_BITS / Byte.SIZE);
    bytes.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
    bytes.order(ByteOrder.LITTLE_ENDIAN).putInt((int) checked).put((byte) (checked >>> 32));
    CRC32C crc = new CRC32C();
    crc.update(bytes.flip());
    return (int) crc.getValue() & CHECKSUM;
  }
}
