package sluice.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The Namespace Identification Descriptor list (NVMe 1.4, section 5.15.2.3, figures 246 and 249).
 *
 * <pre>
 *   0    1    2    3    4
 * |NIDT|NIDL|  rsvd   | NID: NIDL bytes | next descriptor …
 * </pre>
 *
 * The list ends with a NIDL of 0 or with the page.
 */
public final class NamespaceDescriptors extends Structure {
  /** Bytes in the structure. */
  public static final int BYTES = 4096;

  /** NIDT of an EUI-64, 8 bytes. */
  public static final int EUI64 = 1;

  /** NIDT of an NGUID, 16 bytes. */
  public static final int NGUID = 2;

  /** NIDT of a UUID, 16 bytes. */
  public static final int UUID = 3;

  /** NIDT of a command set's identifier, 1 byte (NVMe 2.0). */
  public static final int CSI = 4;

  private static final int HEADER = 4;

  /**
   * @param segment native memory of at least {@link #BYTES} bytes
   */
  public NamespaceDescriptors(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** The identifier of a type, in the order of its text. */
  public Optional<byte[]> find(int nidt) {
    int at = 0;
    while (at + HEADER < BYTES) {
      int length = u8(at + 1);
      if (length == 0 || at + HEADER + length > BYTES) {
        break;
      }
      if (u8(at) == nidt) {
        return Optional.of(bytes(at + HEADER, length));
      }
      at += HEADER + length;
    }
    return Optional.empty();
  }

  /**
   * Appends an identifier.
   *
   * @throws IllegalArgumentException if it is empty, or the page is full
   */
  public void add(int nidt, byte[] nid) {
    int at = 0;
    while (at + HEADER < BYTES && u8(at + 1) != 0) {
      at += HEADER + u8(at + 1);
    }
    if (nid.length == 0 || at + HEADER + nid.length > BYTES) {
      throw new IllegalArgumentException(nid.length + " bytes do not fit at offset " + at);
    }
    u8(at, nidt);
    u8(at + 1, nid.length);
    bytes(at + HEADER, nid.length, nid);
  }
}
