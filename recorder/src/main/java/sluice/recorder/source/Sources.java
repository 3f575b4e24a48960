package sluice.recorder.source;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import sluice.recorder.Feed;
import sluice.recorder.StreamException;
import sluice.recorder.stream.Connections;
import sluice.recorder.stream.Multicast;
import sluice.recorder.stream.Pace;
import sluice.recorder.stream.Sockets;
import sluice.recorder.stream.StreamAddress;
import sluice.support.linux.Linux;
import sluice.support.linux.LinuxException;
import sluice.support.text.Units;

/**
 * Opens a source by its address:
 *
 * <table>
 * <caption>Addresses and their options</caption>
 * <tr><td>{@code -}</td><td>standard input</td></tr>
 * <tr><td>{@code file:PATH}</td><td>a file, FIFO or device; {@code size}, {@code idle}</td></tr>
 * <tr><td>{@code udp://HOST:PORT}</td><td>datagrams that are sent to this address of this machine, or
 *     to this multicast group; without a host, to any of its IPv4 addresses; {@code interface} (for
 *     a group), {@code rcvbuf}, {@code size}, {@code count}, {@code idle}</td></tr>
 * <tr><td>{@code tcp://HOST:PORT}</td><td>a connection to there; {@code timeout}, {@code rcvbuf},
 *     {@code size}, {@code idle}</td></tr>
 * <tr><td>{@code tcp://HOST:PORT?listen}</td><td>the first connection to here; the host may be left
 *     out</td></tr>
 * <tr><td>{@code generator:}</td><td>a verifiable pattern; {@code rate}, {@code size}, {@code seed},
 *     {@code stall}; with commas between them</td></tr>
 * </table>
 *
 * {@code size} and {@code count} end the stream after so many bytes or datagrams; with datagrams,
 * at the first that reaches the size if they are of one length, and a few later if not. {@code
 * idle} ends it when nothing has come for so long after something had. A generator without a rate
 * is as fast as the ring takes it; with one, it cannot be stalled unless {@code stall} says so.
 */
public final class Sources {
  private static final String EXAMPLES =
      "- (standard input), file:PATH, udp://host:port, tcp://host:port, tcp://:port?listen or"
          + " generator:rate=400MB/s,size=2GiB";

  private static final int STANDARD_INPUT = 0;
  private static final Path STANDARD_INPUT_LINK = Path.of("/proc/self/fd/0");

  /** As large as a pipe gets without being root. */
  private static final int PIPE_BYTES = 1 << 20;

  /** What the kernel is asked to hold when this process does not come to receive. */
  private static final int DEFAULT_RECEIVE_BUFFER = 64 << 20;

  private static final int MAX_BUFFER = 1 << 30;
  private static final long CONNECT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private Sources() {}

  /**
   * Opens a source. Files are open, sockets are bound and connections made when this returns, so
   * that what is wrong with the address is known before anything is recorded.
   *
   * @throws IllegalArgumentException if the address is none
   * @throws StreamException if it cannot be opened; the message says why, in one line
   */
  public static Source open(String text, SourceOptions options) {
    try {
      if (text.equals("-")) {
        requireStandardInput();
        boolean _ = Linux.trySetPipeSize(STANDARD_INPUT, PIPE_BYTES);
        return ByteStreamSource.reading(text, options, STANDARD_INPUT, false, Limits.NONE);
      }
      StreamAddress address = StreamAddress.parse(text, EXAMPLES);
      return switch (address.scheme()) {
        case "file" -> file(address, options);
        case "udp" -> udp(address, options);
        case "tcp" -> tcp(address, options);
        case "generator" -> generator(address.withPathAsOptions(), options);
        default ->
            throw new IllegalArgumentException(
                "there is no source \"" + address.scheme() + ":\"; write " + EXAMPLES);
      };
    } catch (LinuxException e) {
      throw new StreamException("cannot open " + text + ": " + e.getMessage(), e);
    }
  }

  /**
   * What a program brings along itself.
   *
   * @param description what it is, for people: failures begin with it
   */
  public static Source of(String description, Feed feed, SourceOptions options) {
    return new FeedSource(description, options, feed);
  }

  /**
   * Where standard input was closed when the process started, its descriptor is that of the first
   * file that Java opened, which is one of Java's own; or the launcher has put something in its
   * place that cannot be read.
   */
  private static void requireStandardInput() {
    try {
      long _ = Linux.read(STANDARD_INPUT, 0, 0);
      String file = Files.readSymbolicLink(STANDARD_INPUT_LINK).toString();
      if (!file.startsWith(System.getProperty("java.home"))) {
        return;
      }
    } catch (LinuxException e) {
      // It cannot be read: told below.
    } catch (IOException e) {
      // No /proc, so nothing is known against it.
      return;
    }
    throw new StreamException(
        "standard input is closed: connect it to the stream, or name another source");
  }

  private static Source file(StreamAddress address, SourceOptions options) {
    Limits limits = limits(address, false);
    address.refuseOtherOptions();
    Path path = Path.of(address.path());
    if (address.path().isEmpty() || !Files.exists(path)) {
      throw new StreamException(address + ": there is no such file");
    }
    if (Files.isDirectory(path)) {
      throw new StreamException(address + ": it is a directory, not a file");
    }
    // A FIFO would hold up the opening until somebody writes: that is waited for turn by turn.
    int fd = Linux.open(address.path(), Linux.O_RDONLY | Linux.O_NONBLOCK);
    boolean _ = Linux.trySetPipeSize(fd, PIPE_BYTES);
    return ByteStreamSource.reading(address.toString(), options, fd, true, limits);
  }

  private static Source udp(StreamAddress address, SourceOptions options) {
    InetSocketAddress local = address.hostAndPort(true);
    int networkInterface = address.networkInterface("interface");
    if (local.getAddress() instanceof Inet6Address group && group.isMulticastAddress()) {
      networkInterface = networkInterface == 0 ? group.getScopeId() : networkInterface;
      local = withScope(group, networkInterface, local.getPort());
    }
    int wantedBuffer = buffer(address, DEFAULT_RECEIVE_BUFFER);
    Limits limits = limits(address, true);
    address.refuseOtherOptions();
    boolean isGroup = local.getAddress().isMulticastAddress();
    if (networkInterface != 0 && !isGroup) {
      throw new IllegalArgumentException(
          address + ": option interface: it is for multicast groups only");
    }
    int fd = Sockets.open(local.getAddress(), Sockets.SOCK_DGRAM);
    try {
      Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL, 1);
      int granted = Sockets.setBuffer(fd, Sockets.SO_RCVBUF, wantedBuffer);
      if (isGroup) {
        Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
      }
      // Bound to a group's own address, the socket gets nothing but what is sent to that group.
      Sockets.bind(fd, local);
      if (isGroup) {
        Multicast.joinGroup(fd, local.getAddress(), networkInterface);
      }
      return new UdpSource(
          address.toString(), options, fd, granted, bufferNotes(wantedBuffer, granted), limits);
    } catch (RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
  }

  /** An address of a single link means nothing without the interface to that link. */
  private static InetSocketAddress withScope(Inet6Address group, int scope, int port) {
    try {
      return new InetSocketAddress(
          Inet6Address.getByAddress(null, group.getAddress(), scope), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("16 bytes are the length of an address", e);
    }
  }

  static List<String> bufferNotes(int wanted, int granted) {
    List<String> notes = new ArrayList<>();
    notes.add("receive buffer in the kernel: " + Units.formatSize(granted));
    if (granted < wanted) {
      notes.add(
          "%s was asked for: raise net.core.rmem_max, or run with CAP_NET_ADMIN"
              .formatted(Units.formatSize(wanted)));
    }
    return List.copyOf(notes);
  }

  private static Source tcp(StreamAddress address, SourceOptions options) {
    boolean listen = address.flag("listen", false);
    InetSocketAddress host = address.hostAndPort(listen);
    int wantedBuffer = buffer(address, 0);
    long timeoutNanos = listen ? 0 : address.duration("timeout", CONNECT_TIMEOUT_NANOS);
    Limits limits = limits(address, false);
    address.refuseOtherOptions();
    int fd = Sockets.open(host.getAddress(), Sockets.SOCK_STREAM);
    try {
      if (wantedBuffer > 0) {
        int _ = Sockets.setBuffer(fd, Sockets.SO_RCVBUF, wantedBuffer);
      }
      if (listen) {
        Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        Sockets.bind(fd, host);
        Sockets.listen(fd, 1);
        return ByteStreamSource.accepting(address.toString(), options, fd, limits);
      }
      if (!Connections.tryConnect(fd, host, timeoutNanos)) {
        throw new StreamException(Connections.noAnswer(host, timeoutNanos));
      }
      return ByteStreamSource.reading(address.toString(), options, fd, true, limits);
    } catch (RuntimeException e) {
      Linux.close(fd);
      throw e;
    }
  }

  private static Source generator(StreamAddress address, SourceOptions options) {
    long rate = address.rate("rate", 0);
    long size = address.size("size", Long.MAX_VALUE);
    long seed = address.number("seed", 0);
    boolean canStall = address.flag("stall", rate == 0);
    address.refuseOtherOptions();
    if (rate == 0 && !canStall) {
      throw new IllegalArgumentException(
          address + ": a generator without a rate cannot but stall; give it a rate");
    }
    Pace pace;
    try {
      pace = rate == 0 ? null : new Pace(rate, options.ticks());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(address + ": " + e.getMessage(), e);
    }
    return new GeneratorSource(address.toString(), options, seed, pace, canStall, size);
  }

  private static Limits limits(StreamAddress address, boolean datagrams) {
    return new Limits(
        address.size("size", Long.MAX_VALUE),
        datagrams ? address.count("count", Long.MAX_VALUE) : Long.MAX_VALUE,
        address.duration("idle", Long.MAX_VALUE));
  }

  private static int buffer(StreamAddress address, int otherwise) {
    long bytes = address.size("rcvbuf", otherwise);
    if (bytes > MAX_BUFFER) {
      throw new IllegalArgumentException(
          address + ": option rcvbuf: it cannot be more than " + Units.formatSize(MAX_BUFFER));
    }
    return (int) bytes;
  }
}
