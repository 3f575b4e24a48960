package sluice.virtual.media;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a host knows a drive by (NVMe 1.4, sections 5.15.2 and 7.10): no two drives may have the
 * same, or a host takes the one for another way to the other. All identifiers that are not given
 * follow from the UUID, so that they belong together.
 *
 * @param uuid the drive's
 * @param serial serial number, 1 to 20 printable characters of ASCII
 * @param nqn the subsystem's name, {@code nqn.} and at most 223 printable characters of ASCII
 */
public record DriveIdentity(UUID uuid, String serial, String nqn) {
  /** The parts, as options of an address and as names of what is kept. */
  public static final String UUID_PART = "uuid";

  public static final String SERIAL_PART = "serial";
  public static final String NQN_PART = "nqn";
  public static final Set<String> PARTS = Set.of(UUID_PART, SERIAL_PART, NQN_PART);

  private static final int MOST_SERIAL = 20;
  private static final int MOST_NQN = 223;
  private static final String NQN_OF_UUID = "nqn.2014-08.org.nvmexpress:uuid:";
  private static final String NQN_START = "nqn.";

  /** From FFF0h on they mean other things (NVMe over Fabrics 1.1, section 3.3); 0 looks unset. */
  private static final int CONTROLLER_IDS = 0xffef;

  /** An EUI-64's first byte: an address that nobody assigned, of one device. */
  private static final long LOCAL = 0x02L << 56;

  private static final long NOT_LOCAL = ~(0x03L << 56);

  public DriveIdentity {
    require(isPrintable(serial, MOST_SERIAL), SERIAL_PART, serial, "1 to 20 characters of ASCII");
    require(
        isPrintable(nqn, MOST_NQN) && nqn.startsWith(NQN_START) && nqn.length() > 4,
        NQN_PART,
        nqn,
        "nqn. and more, at most 223 characters of ASCII");
  }

  /** The identity that follows from a UUID. */
  public static DriveIdentity of(UUID uuid) {
    return new DriveIdentity(
        uuid, String.format("V%016X", uuid.getMostSignificantBits()), NQN_OF_UUID + uuid);
  }

  /** An identity that no other drive has. */
  public static DriveIdentity random() {
    return of(UUID.randomUUID());
  }

  /**
   * The identity with some parts given, by name.
   *
   * @param otherwise the UUID if none is given
   * @throws IllegalArgumentException if a part is no good; one clear line
   */
  public static DriveIdentity of(Map<String, String> parts, UUID otherwise) {
    DriveIdentity base = of(parts.containsKey(UUID_PART) ? parse(parts.get(UUID_PART)) : otherwise);
    return new DriveIdentity(
        base.uuid,
        parts.getOrDefault(SERIAL_PART, base.serial),
        parts.getOrDefault(NQN_PART, base.nqn));
  }

  private static UUID parse(String text) {
    // Java also reads UUIDs with fewer digits.
    require(
        text.matches("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        UUID_PART,
        text,
        "written as f81d4fae-7dec-41d0-a765-00a0c91e6bf6");
    return UUID.fromString(text);
  }

  private static boolean isPrintable(String text, int most) {
    return !text.isBlank()
        && text.length() <= most
        && text.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  private static void require(boolean condition, String what, String value, String allowed) {
    if (!condition) {
      throw new IllegalArgumentException(
          what + "=" + value.replaceAll("[^ -~]", "?") + ": must be " + allowed);
    }
  }

  /** The controller's identifier in its subsystem, CNTLID: 1 to FFEFh. */
  public int controllerId() {
    return 1 + (int) Long.remainderUnsigned(uuid.getLeastSignificantBits(), CONTROLLER_IDS);
  }

  /** A namespace's UUID. */
  UUID namespaceUuid(int nsid) {
    byte[] name =
        ByteBuffer.allocate(20)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .putInt(nsid)
            .array();
    return UUID.nameUUIDFromBytes(name);
  }

  /** The same in 16 bytes. */
  public byte[] namespaceUuidBytes(int nsid) {
    UUID of = namespaceUuid(nsid);
    return ByteBuffer.allocate(16)
        .putLong(of.getMostSignificantBits())
        .putLong(of.getLeastSignificantBits())
        .array();
  }

  /** A namespace's EUI-64, 8 bytes: of those that everybody may make. */
  public byte[] eui64(int nsid) {
    return ByteBuffer.allocate(8).putLong(eui(nsid)).array();
  }

  /** A namespace's NGUID, 16 bytes: the last 8 are its EUI-64. */
  public byte[] nguid(int nsid) {
    return ByteBuffer.allocate(16)
        .putLong(namespaceUuid(nsid).getMostSignificantBits())
        .putLong(eui(nsid))
        .array();
  }

  private long eui(int nsid) {
    return (namespaceUuid(nsid).getLeastSignificantBits() & NOT_LOCAL) | LOCAL;
  }
}
