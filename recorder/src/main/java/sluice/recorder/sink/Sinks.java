package sluice.recorder.sink;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import sluice.recorder.Sink;
import sluice.recorder.StreamException;
import sluice.recorder.stream.Connections;
import sluice.recorder.stream.Multicast;
import sluice.recorder.stream.Pace;
import sluice.recorder.stream.Pattern;
import sluice.recorder.stream.Sockets;
import sluice.recorder.stream.StreamAddress;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.text.Units;

/**
 * Opens a sink by its address:
 *
 * <table>
 * <caption>Addresses and their options</caption>
 * <tr><td>{@code -}</td><td>standard output</td></tr>
 * <tr><td>{@code file:PATH}</td><td>a new file, or a FIFO or device that is there; {@code overwrite}
 *     for a file or disk that is there, {@code gaps=zero} to leave room for what is missing</td></tr>
 * <tr><td>{@code udp://HOST:PORT}</td><td>datagrams to there; {@code rate}, {@code datagram} (bytes in
 *     each), {@code interface} and {@code ttl} (for a multicast group)</td></tr>
 * <tr><td>{@code tcp://HOST:PORT}</td><td>a connection to there; {@code rate}, {@code timeout}</td></tr>
 * <tr><td>{@code null:}</td><td>nowhere</td></tr>
 * <tr><td>{@code verify:}</td><td>a comparison with the generator's pattern; {@code seed}</td></tr>
 * </table>
 */
public final class Sinks {
  private static final String EXAMPLES =
      "- (standard output), file:PATH, udp://host:port, tcp://host:port, verify:seed=7 or null:";

  private static final int STANDARD_OUTPUT = 1;
  private static final Path STANDARD_OUTPUT_PATH = Path.of("/proc/self/fd/1");

  /** The payload of an Ethernet frame of the usual size, less the headers of IPv4 and UDP. */
  private static final int DEFAULT_DATAGRAM = 1472;

  private static final int MAX_DATAGRAM = 65507;
  private static final int SEND_BUFFER = 4 << 20;
  private static final int PIPE_BYTES = 1 << 20;
  private static final long CONNECT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int FILE_TYPE = 0170000;
  private static final int FIFO = 0010000;
  private static final int BLOCK_DEVICE = 0060000;

  private Sinks() {}

  /** Opens a sink on the system's clock. */
  public static Sink open(String text) {
    return open(text, System::nanoTime);
  }

  /**
   * Opens a sink. Files are made and connections are there when this returns.
   *
   * @param ticks the monotonic clock in nanoseconds, for paces
   * @throws IllegalArgumentException if the address is none
   * @throws StreamException if it cannot be opened; the message says why, in one line
   */
  public static Sink open(String text, LongSupplier ticks) {
    return open(text, ticks, 0);
  }

  /**
   * As above, for a part of a stream.
   *
   * @param streamOffset where in the stream the first byte belongs, for a sink that compares
   */
  public static Sink open(String text, LongSupplier ticks, long streamOffset) {
    try {
      if (text.equals("-")) {
        boolean _ = Linux.trySetPipeSize(STANDARD_OUTPUT, PIPE_BYTES);
        if (fileType(STANDARD_OUTPUT_PATH) == FIFO) {
          // Opened anew it does not block, and those who share the descriptor do not notice.
          int fd = Linux.open(STANDARD_OUTPUT_PATH.toString(), Linux.O_WRONLY | Linux.O_NONBLOCK);
          return new StreamSink("standard output", fd, true, false, new SinkPace(0, ticks));
        }
        boolean blocks = !Files.isRegularFile(STANDARD_OUTPUT_PATH);
        return new StreamSink(
            "standard output", STANDARD_OUTPUT, false, blocks, new SinkPace(0, ticks));
      }
      StreamAddress address = StreamAddress.parse(text, EXAMPLES);
      return switch (address.scheme()) {
        case "file" -> file(address, ticks);
        case "udp" -> udp(address, ticks);
        case "tcp" -> tcp(address, ticks);
        case "null" -> nowhere(address);
        case "verify" -> verify(address.withPathAsOptions(), streamOffset);
        default ->
            throw new IllegalArgumentException(
                "there is no sink \"" + address.scheme() + ":\"; write " + EXAMPLES);
      };
    } catch (LinuxException e) {
      throw new StreamException("cannot open " + text + ": " + e.getMessage(), e);
    }
  }

  static StreamException failure(String description, LinuxException cause) {
    return new StreamException("cannot write to " + description + ": " + cause.getMessage(), cause);
  }

  private static Sink file(StreamAddress address, LongSupplier ticks) {
    boolean overwrite = address.flag("overwrite", false);
    boolean gapsAsZeros =
        switch (address.string("gaps")) {
          case null -> false;
          case "skip" -> false;
          case "zero" -> true;
          default ->
              throw new IllegalArgumentException(address + ": option gaps: write zero or skip");
        };
    address.refuseOtherOptions();
    Path path = Path.of(address.path());
    if (address.path().isEmpty() || Files.isDirectory(path)) {
      throw new IllegalArgumentException(address + ": that is not a file");
    }
    int type = fileType(path);
    if (type == FIFO) {
      return new FifoSink(address.toString(), address.path(), ticks);
    }
    boolean regular = type == 0 || Files.isRegularFile(path);
    if (type != 0 && (regular || type == BLOCK_DEVICE) && !overwrite) {
      throw new StreamException(
          address + ": it exists already; add overwrite to the options to replace it");
    }
    if (!regular) {
      int fd = Linux.open(address.path(), Linux.O_WRONLY);
      return new StreamSink(address.toString(), fd, true, false, new SinkPace(0, ticks));
    }
    int mode = overwrite ? Linux.O_TRUNC : Linux.O_EXCL;
    int fd = Linux.open(address.path(), Linux.O_WRONLY | Linux.O_CREAT | mode);
    return new FileSink(address.toString(), fd, gapsAsZeros);
  }

  /** The type bits of a file's mode (inode(7)); 0 when there is none. */
  private static int fileType(Path path) {
    if (!Files.exists(path)) {
      return 0;
    }
    try {
      return (Integer) Files.getAttribute(path, "unix:mode") & FILE_TYPE;
    } catch (IOException e) {
      throw new StreamException("cannot look at " + path + ": " + e.getMessage(), e);
    }
  }

  private static Sink udp(StreamAddress address, LongSupplier ticks) {
    InetSocketAddress to = address.hostAndPort(false);
    int networkInterface = address.networkInterface("interface");
    long datagram = address.size("datagram", DEFAULT_DATAGRAM);
    long ttl = address.count("ttl", 1);
    SinkPace pace = pace(address, ticks);
    address.refuseOtherOptions();
    if (datagram > MAX_DATAGRAM) {
      throw new IllegalArgumentException(
          address + ": option datagram: it cannot be more than " + MAX_DATAGRAM);
    }
    if (ttl > 255) {
      throw new IllegalArgumentException(address + ": option ttl: it cannot be more than 255");
    }
    InetAddress host = to.getAddress();
    int fd = Sockets.open(host, Sockets.SOCK_DGRAM);
    try {
      if (host.isMulticastAddress()) {
        Multicast.sendToGroup(fd, host, networkInterface, (int) ttl);
      }
      int _ = Sockets.setBuffer(fd, Sockets.SO_SNDBUF, SEND_BUFFER);
      boolean _ = Sockets.connect(fd, to);
      return new UdpSink(address.toString(), fd, (int) datagram, pace);
    } catch (RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
  }

  private static Sink tcp(StreamAddress address, LongSupplier ticks) {
    InetSocketAddress to = address.hostAndPort(false);
    long timeoutNanos = address.duration("timeout", CONNECT_TIMEOUT_NANOS);
    SinkPace pace = pace(address, ticks);
    address.refuseOtherOptions();
    int fd = Sockets.open(to.getAddress(), Sockets.SOCK_STREAM);
    try {
      if (!Connections.tryConnect(fd, to, timeoutNanos)) {
        throw new StreamException(Connections.noAnswer(to, timeoutNanos));
      }
      return new StreamSink(address.toString(), fd, true, false, pace);
    } catch (RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
  }

  private static SinkPace pace(StreamAddress address, LongSupplier ticks) {
    long rate = address.rate("rate", 0);
    if (rate > Pace.MAX_BYTES_PER_SECOND) {
      throw new IllegalArgumentException(
          "%s: impossible rate: %s; it must be up to %s"
              .formatted(
                  address,
                  Units.formatRate((double) rate),
                  Units.formatRate((double) Pace.MAX_BYTES_PER_SECOND)));
    }
    return new SinkPace(rate, ticks);
  }

  private static Sink nowhere(StreamAddress address) {
    address.refuseOtherOptions();
    return new NullSink();
  }

  private static Sink verify(StreamAddress address, long streamOffset) {
    long seed = address.number("seed", 0);
    address.refuseOtherOptions();
    return new VerifySink(new Pattern(seed), streamOffset);
  }
}
