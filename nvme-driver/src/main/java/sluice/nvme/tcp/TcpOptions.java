package sluice.nvme.tcp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import sluice.nvme.DriveAddress;
import sluice.nvme.spec.ConnectData;
import sluice.support.text.Units;

/**
 * How a host talks to a subsystem, as an address's options say it.
 *
 * @param hostName the host's NQN
 * @param hostId the host's identifier
 * @param queues I/O queues at the most
 * @param depth commands of a queue that can be out, at the most
 * @param headerDigest whether headers have digests
 * @param dataDigest whether data has
 * @param keepAlive after which time without a word the controller is to end the association; zero
 *     for never
 * @param timeout how long a connection, or an answer to the transport itself, may take
 * @param reconnect how long a lost controller is tried to be reached again
 * @param fence how long to wait until what was out cannot happen any more; null for what the
 *     keep-alive makes of it
 */
record TcpOptions(
    String hostName,
    UUID hostId,
    int queues,
    int depth,
    boolean headerDigest,
    boolean dataDigest,
    Duration keepAlive,
    Duration timeout,
    Duration reconnect,
    Duration fence) {
  private static final String HOSTNQN = "hostnqn";
  private static final String HOSTID = "hostid";
  private static final String QUEUES = "queues";
  private static final String DEPTH = "depth";
  private static final String HDGST = "hdgst";
  private static final String DDGST = "ddgst";
  private static final String KATO = "kato";
  private static final String TIMEOUT = "timeout";
  private static final String RECONNECT = "reconnect";
  private static final String FENCE = "fence";

  private static final Set<String> ALL =
      Set.of(HOSTNQN, HOSTID, QUEUES, DEPTH, HDGST, DDGST, KATO, TIMEOUT, RECONNECT, FENCE);

  private static final int MAX_QUEUES = 128;
  private static final int MAX_DEPTH = 4095;
  private static final Duration DEFAULT_KEEP_ALIVE = Duration.ofSeconds(5);
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration DEFAULT_RECONNECT = Duration.ofSeconds(60);

  /** An hour; what is more is a mistake. */
  private static final Duration MAX_TIME = Duration.ofHours(1);

  /**
   * Reads an address's options.
   *
   * @throws IllegalArgumentException if one is unknown, or no good; one clear line
   */
  static TcpOptions of(DriveAddress address) {
    address.requireOptionsIn(ALL);
    Map<String, String> options = address.options();
    HostIdentity host = HostIdentity.ofThisMachine();
    String name = options.getOrDefault(HOSTNQN, host.name());
    if (name.isEmpty()
        || name.getBytes(StandardCharsets.UTF_8).length > ConnectData.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a host's name has 1 to %d bytes: hostnqn=%s"
              .formatted(ConnectData.MAX_NAME_BYTES, name));
    }
    Duration keepAlive = duration(options, KATO, DEFAULT_KEEP_ALIVE, true);
    return new TcpOptions(
        name,
        options.containsKey(HOSTID) ? uuid(options.get(HOSTID)) : host.id(),
        number(options, QUEUES, MAX_QUEUES),
        number(options, DEPTH, MAX_DEPTH),
        flag(options, HDGST),
        flag(options, DDGST),
        keepAlive,
        duration(options, TIMEOUT, DEFAULT_TIMEOUT, false),
        duration(options, RECONNECT, DEFAULT_RECONNECT, true),
        options.containsKey(FENCE) ? duration(options, FENCE, null, true) : null);
  }

  private static UUID uuid(String text) {
    try {
      UUID uuid = UUID.fromString(text);
      if (uuid.toString().equalsIgnoreCase(text)) {
        return uuid;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "a host's identifier is a UUID, as 12345678-1234-1234-1234-123456789abc: hostid=" + text);
  }

  private static int number(Map<String, String> options, String name, int most) {
    String text = options.get(name);
    if (text == null) {
      return most;
    }
    int value = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(
          "%s is a number from 1 to %d: %s=%s".formatted(name, most, name, text));
    }
    return value;
  }

  private static boolean flag(Map<String, String> options, String name) {
    String text = options.getOrDefault(name, "no");
    return switch (text) {
      case "", "yes", "on", "true" -> true;
      case "no", "off", "false" -> false;
      default ->
          throw new IllegalArgumentException("%s is yes or no: %s=%s".formatted(name, name, text));
    };
  }

  private static Duration duration(
      Map<String, String> options, String name, Duration otherwise, boolean mayBeZero) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    Duration value = Duration.ofNanos(Units.parseDuration(text));
    if ((value.isZero() && !mayBeZero) || value.compareTo(MAX_TIME) > 0) {
      throw new IllegalArgumentException(
          "%s is %s an hour: %s=%s"
              .formatted(name, mayBeZero ? "up to" : "more than 0 and up to", name, text));
    }
    return value;
  }

  /** Commands of a queue that can be out, for so many entries. */
  int entries(int most) {
    return Math.min(most, depth + 1);
  }
}
