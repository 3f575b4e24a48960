package sluice.nvme.tcp;

import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import sluice.nvme.NvmeException;
import sluice.nvme.tcp.pdu.InitializePdu;
import sluice.nvme.tcp.pdu.Pdu;
import sluice.nvme.tcp.pdu.TerminationPdu;
import sluice.support.linux.Iovec;
import sluice.support.linux.LinuxException;
import sluice.support.linux.TcpSocket;

/**
 * Makes a connection: finds the host, connects, and agrees with it on how to talk (ICReq, ICResp).
 * Waits, but never beyond a deadline.
 */
final class Dialing {
  /** What is said of a place that nobody is met at. */
  static final String UNREACHABLE = " cannot be reached: ";

  private final TcpPlace place;
  private final TcpOptions options;
  private final LongSupplier clock;
  private final Patience patience;

  Dialing(TcpPlace place, TcpOptions options, LongSupplier clock, Patience patience) {
    this.place = place;
    this.options = options;
    this.clock = clock;
    this.patience = patience;
  }

  /**
   * Connects to one of the host's addresses, in their order.
   *
   * @param deadline by the clock
   * @throws NvmeException if none can be reached; one clear line
   */
  TcpSocket dial(long deadline) {
    InetAddress[] addresses = resolve(deadline);
    NvmeException failure = null;
    for (int i = 0; i < addresses.length; i++) {
      long left = (deadline - clock.getAsLong()) / (addresses.length - i);
      try {
        return connect(new InetSocketAddress(addresses[i], place.port()), clock.getAsLong() + left);
      } catch (NvmeException e) {
        failure = failure == null ? e : failure;
      }
    }
    throw failure;
  }

  /** Names are looked up by a thread of their own: the system sets no deadline for that. */
  private InetAddress[] resolve(long deadline) {
    FutureTask<InetAddress[]> task = new FutureTask<>(() -> InetAddress.getAllByName(place.host()));
    Thread thread = new Thread(task, "sluice-resolve");
    thread.setDaemon(true);
    thread.start();
    try {
      return patience.get(task, deadline);
    } catch (ExecutionException e) {
      String what =
          e.getCause() instanceof UnknownHostException
              ? "there is no host of that name"
              : e.getCause().getMessage();
      throw new NvmeException(place + UNREACHABLE + what, e);
    } catch (TimeoutException e) {
      throw new NvmeException(place + UNREACHABLE + "its name is not found in time", e);
    }
  }

  private TcpSocket connect(InetSocketAddress address, long deadline) {
    TcpSocket socket;
    try {
      socket = TcpSocket.connect(address);
    } catch (LinuxException e) {
      throw new NvmeException(place + UNREACHABLE + e.getMessage(), e);
    }
    try {
      while (!socket.awaitRoom(patience.slice(deadline))) {
        if (clock.getAsLong() >= deadline) {
          throw new NvmeException(
              place + UNREACHABLE + TcpSocket.text(address) + " does not answer");
        }
      }
      LinuxException error = socket.error();
      if (error == null) {
        return socket;
      }
      String what =
          error.errno() == LinuxException.ECONNREFUSED
              ? "nobody listens at " + TcpSocket.text(address)
              : error.getMessage();
      throw new NvmeException(place + UNREACHABLE + what, error);
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Agrees with the other end of a new connection.
   *
   * @throws NvmeException if it does not answer, or not as this host can do it
   */
  Negotiated negotiate(TcpSocket socket, long deadline) {
    int wanted = Negotiated.digests(options.headerDigest(), options.dataDigest());
    try (Arena arena = Arena.ofConfined()) {
      long pdu = arena.allocate(InitializePdu.BYTES, Long.BYTES).address();
      long iovec = arena.allocate(Iovec.BYTES, Long.BYTES).address();
      InitializePdu.request(pdu, wanted, Negotiated.MAX_READY);
      for (int sent = 0; sent < InitializePdu.BYTES; ) {
        Iovec.put(iovec, pdu + sent, InitializePdu.BYTES - sent);
        sent += (int) socket.send(iovec, 1);
        if (sent < InitializePdu.BYTES) {
          boolean _ = socket.awaitRoom(patience.slice(deadline));
          requireTime(deadline);
        }
      }
      receive(socket, pdu, iovec, 0, Pdu.COMMON_BYTES, deadline);
      requireResponse(socket, pdu, iovec, deadline);
      receive(socket, pdu, iovec, Pdu.COMMON_BYTES, InitializePdu.BYTES, deadline);
      return agreed(pdu, wanted);
    } catch (LinuxException e) {
      throw new NvmeException(place + " ended its new connection: " + e.getMessage(), e);
    }
  }

  private void receive(TcpSocket socket, long pdu, long iovec, int from, int to, long deadline) {
    for (int at = from; at < to; ) {
      Iovec.put(iovec, pdu + at, to - at);
      long bytes = socket.receive(iovec, 1);
      if (bytes == 0) {
        throw new NvmeException(place + " closed its new connection at once");
      }
      if (bytes == TcpSocket.NOTHING) {
        boolean _ = socket.awaitInput(patience.slice(deadline));
        requireTime(deadline);
      } else {
        at += (int) bytes;
      }
    }
  }

  private void requireTime(long deadline) {
    if (clock.getAsLong() >= deadline) {
      throw new NvmeException(
          place + " does not talk NVMe over TCP: it took the connection, and does not answer");
    }
  }

  private void requireResponse(TcpSocket socket, long pdu, long iovec, long deadline) {
    if (Pdu.type(pdu) == Pdu.C2H_TERM_REQ && Pdu.headerBytes(pdu) == TerminationPdu.HEADER_BYTES) {
      receive(socket, pdu, iovec, Pdu.COMMON_BYTES, TerminationPdu.HEADER_BYTES, deadline);
      throw new NvmeException(
          "%s refuses the connection: %s"
              .formatted(place, TerminationPdu.name(TerminationPdu.error(pdu))));
    }
    if (Pdu.type(pdu) != Pdu.IC_RESP
        || Pdu.flags(pdu) != 0
        || Pdu.headerBytes(pdu) != InitializePdu.BYTES
        || Pdu.bytes(pdu) != InitializePdu.BYTES) {
      throw new NvmeException(
          "%s does not talk NVMe over TCP: its first word is a %s of %d bytes"
              .formatted(place, Pdu.name(Pdu.type(pdu)), Pdu.bytes(pdu)));
    }
  }

  private Negotiated agreed(long pdu, int wanted) {
    if (InitializePdu.format(pdu) != 0) {
      throw new NvmeException(
          "%s talks NVMe over TCP of format %d, which is not known here"
              .formatted(place, InitializePdu.format(pdu)));
    }
    if (InitializePdu.digests(pdu) != wanted) {
      throw new NvmeException(
          "%s does not use the digests as asked for (hdgst, ddgst): it has %s"
              .formatted(place, digests(InitializePdu.digests(pdu))));
    }
    if (InitializePdu.alignment(pdu) > InitializePdu.MAX_ALIGNMENT) {
      throw new NvmeException(
          "%s wants data aligned to %d dwords, which cannot be"
              .formatted(place, InitializePdu.alignment(pdu) + 1));
    }
    long most = InitializePdu.maxData(pdu);
    if (most < InitializePdu.MIN_DATA_BYTES || most % Integer.BYTES != 0) {
      throw new NvmeException(
          "%s takes data of %d bytes at once, where 4096 is the least".formatted(place, most));
    }
    return new Negotiated(
        options.headerDigest(),
        options.dataDigest(),
        (InitializePdu.alignment(pdu) + 1) * Integer.BYTES,
        (int) Math.min(most, Integer.MAX_VALUE & ~3));
  }

  private static String digests(int digests) {
    return switch (digests) {
      case 0 -> "none";
      case InitializePdu.HEADER_DIGESTS -> "those of headers";
      case InitializePdu.DATA_DIGESTS -> "those of data";
      default -> "both";
    };
  }
}
