package sluice.vfio.vfiouser;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import sluice.support.memory.OffHeap;

/**
 * What an end of a connection speaks and can do ({@link Command#VERSION}, the first message either
 * way): the version, and capabilities as JSON, ended by a zero byte. What is not told has a value
 * by the specification.
 *
 * <pre>
 *  0x0 |  major (2) |  minor (2) |  {"capabilities":{"max_msg_fds":8,…}} 0 |
 * </pre>
 *
 * @param major another than 0 is another language
 * @param maxDescriptors how many descriptors it takes with a message, 1 at least
 * @param maxTransfer how many bytes it takes in a read or write, 1 at least
 * @param maxMappings how many ranges of memory it takes, 1 at least
 * @param pageSizes sizes of pages in which memory is mapped, as bits
 * @param hasTwinSocket whether its commands can go, or go, by a socket of their own
 * @param twinSocketIndex which of the descriptors in the server's answer that socket is
 * @param canWriteMultiple whether it takes {@link Command#REGION_WRITE_MULTI}
 */
public record Version(
    int major,
    int minor,
    int maxDescriptors,
    int maxTransfer,
    int maxMappings,
    long pageSizes,
    boolean hasTwinSocket,
    int twinSocketIndex,
    boolean canWriteMultiple) {
  private static final int DEFAULT_DESCRIPTORS = 1;
  private static final int DEFAULT_TRANSFER = 1 << 20;
  private static final int DEFAULT_MAPPINGS = 65535;
  private static final int DEFAULT_PAGE_SIZES = 4096;
  private static final int NUMBERS_BYTES = 4;

  // Enough for all that an honest end has to tell.
  private static final int MOST_JSON_BYTES = 16 << 10;

  /** Version 0.1 with what the specification takes for granted. */
  public static Version plain() {
    return new Version(
        0,
        1,
        DEFAULT_DESCRIPTORS,
        DEFAULT_TRANSFER,
        DEFAULT_MAPPINGS,
        DEFAULT_PAGE_SIZES,
        false,
        0,
        false);
  }

  /** The same for an end that takes so many descriptors with a message. */
  public Version withDescriptors(int count) {
    return new Version(
        major,
        minor,
        count,
        maxTransfer,
        maxMappings,
        pageSizes,
        hasTwinSocket,
        twinSocketIndex,
        canWriteMultiple);
  }

  /** The same for an end that can do with a socket for each direction. */
  public Version withTwinSocket(boolean has, int index) {
    return new Version(
        major,
        minor,
        maxDescriptors,
        maxTransfer,
        maxMappings,
        pageSizes,
        has,
        index,
        canWriteMultiple);
  }

  /** The same for an end that takes, or does not take, several writes in a message. */
  public Version withWriteMultiple(boolean can) {
    return new Version(
        major,
        minor,
        maxDescriptors,
        maxTransfer,
        maxMappings,
        pageSizes,
        hasTwinSocket,
        twinSocketIndex,
        can);
  }

  /**
   * Writes a message's body.
   *
   * @param isAnswer whether the index of the twin socket is to be told
   * @return its bytes
   */
  public int write(long address, boolean isAnswer) {
    Map<String, Object> capabilities = new LinkedHashMap<>();
    capabilities.put("max_msg_fds", maxDescriptors);
    capabilities.put("max_data_xfer_size", maxTransfer);
    capabilities.put("max_dma_maps", maxMappings);
    capabilities.put("pgsizes", pageSizes);
    if (hasTwinSocket) {
      Map<String, Object> twin = new LinkedHashMap<>();
      twin.put("supported", true);
      if (isAnswer) {
        twin.put("fd_index", twinSocketIndex);
      }
      capabilities.put("twin_socket", twin);
    }
    if (canWriteMultiple) {
      capabilities.put("write_multiple", true);
    }
    byte[] json;
    try {
      json =
          JSON.std
              .asString(Map.of("capabilities", capabilities))
              .getBytes(StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new AssertionError("writing to memory failed", e);
    }
    OffHeap.putShort(address, (short) major);
    OffHeap.putShort(address + 2, (short) minor);
    for (int i = 0; i < json.length; i++) {
      OffHeap.putByte(address + NUMBERS_BYTES + i, json[i]);
    }
    OffHeap.putByte(address + NUMBERS_BYTES + json.length, (byte) 0);
    return NUMBERS_BYTES + json.length + 1;
  }

  /**
   * Reads a message's body.
   *
   * @param bytes its bytes; without JSON it is 4
   * @throws VfioUserException if it is no good; one clear line
   */
  public static Version read(long address, int bytes) {
    if (bytes < NUMBERS_BYTES || bytes > MOST_JSON_BYTES) {
      throw new VfioUserException("a version of " + bytes + " bytes");
    }
    int major = Short.toUnsignedInt(OffHeap.getShort(address));
    int minor = Short.toUnsignedInt(OffHeap.getShort(address + 2));
    Map<?, ?> all = bytes == NUMBERS_BYTES ? Map.of() : parse(text(address, bytes));
    Map<?, ?> told = object(all, "capabilities");
    Map<?, ?> twin = object(told, "twin_socket");
    boolean hasTwinSocket = flag(twin, "supported");
    return new Version(
        major,
        minor,
        (int) number(told, "max_msg_fds", DEFAULT_DESCRIPTORS, Integer.MAX_VALUE),
        (int) number(told, "max_data_xfer_size", DEFAULT_TRANSFER, Integer.MAX_VALUE),
        (int) number(told, "max_dma_maps", DEFAULT_MAPPINGS, Integer.MAX_VALUE),
        number(told, "pgsizes", DEFAULT_PAGE_SIZES, Long.MAX_VALUE),
        hasTwinSocket,
        hasTwinSocket && twin.containsKey("fd_index") ? index(twin) : 0,
        flag(told, "write_multiple"));
  }

  private static byte[] text(long address, int bytes) {
    byte[] text = new byte[bytes - NUMBERS_BYTES - 1];
    for (int i = 0; i < text.length; i++) {
      text[i] = OffHeap.getByte(address + NUMBERS_BYTES + i);
    }
    if (OffHeap.getByte(address + bytes - 1) != 0) {
      throw new VfioUserException("capabilities that do not end with a zero byte");
    }
    return text;
  }

  private static Map<?, ?> parse(byte[] json) {
    try {
      if (JSON.std.anyFrom(json) instanceof Map<?, ?> map) {
        return map;
      }
    } catch (IOException e) {
      // It cites what the other end sent, which may be anything.
      String reason = e.getMessage().lines().findFirst().orElse("").replaceAll("[^ -~]", "?");
      throw new VfioUserException("capabilities that are no JSON: " + reason, e);
    }
    throw new VfioUserException("capabilities that are no JSON object");
  }

  private static Map<?, ?> object(Map<?, ?> parent, String name) {
    Object value = parent.get(name);
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new VfioUserException(name + " that is no JSON object");
  }

  private static boolean flag(Map<?, ?> parent, String name) {
    Object value = parent.get(name);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw new VfioUserException(name + " that is neither true nor false");
  }

  private static long number(Map<?, ?> parent, String name, long otherwise, long most) {
    Object value = parent.get(name);
    if (value == null) {
      return otherwise;
    }
    if ((value instanceof Integer || value instanceof Long) && ((Number) value).longValue() >= 1) {
      return Math.min(((Number) value).longValue(), most);
    }
    throw new VfioUserException(name + " that is no number from 1 on");
  }

  private static int index(Map<?, ?> twin) {
    if (twin.get("fd_index") instanceof Integer index && index >= 0) {
      return index;
    }
    throw new VfioUserException("a twin socket whose index is no number");
  }
}
