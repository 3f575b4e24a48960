package sluice.recorder;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A way between a host and a target that is lost at random moments, counted in bytes: all its
 * connections are reset, somewhere in a PDU, or carry nothing any more and say nothing.
 */
final class CuttingRelay implements AutoCloseable {
  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Random random;
  private final List<Pair> pairs = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger lossesLeft = new AtomicInteger();
  private final AtomicInteger losses = new AtomicInteger();
  private long bytesLeft;

  /** A connection of the host's and the one that was made for it. */
  private static final class Pair {
    private final Socket host;
    private final Socket target;
    private volatile boolean isSilent;

    Pair(Socket host, Socket target) {
      this.host = host;
      this.target = target;
    }

    void reset() {
      for (Socket socket : List.of(host, target)) {
        try {
          socket.setSoLinger(true, 0);
          socket.close();
        } catch (IOException e) {
          // It has just been closed otherwise.
        }
      }
    }
  }

  CuttingRelay(InetSocketAddress target, Random random) throws IOException {
    this.target = target;
    this.random = random;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  private static void start(Runnable action) {
    Thread thread = new Thread(action, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  /** From now on it is lost so often. */
  synchronized void lose(int times) {
    lossesLeft.set(times);
    bytesLeft = next();
  }

  /** How often it was lost. */
  int losses() {
    return losses.get();
  }

  boolean hasLossesLeft() {
    return lossesLeft.get() > 0;
  }

  /** Some come while the host is still about to connect anew. */
  private long next() {
    return random.nextInt(3) == 0 ? random.nextInt(6000) : 100_000 + random.nextInt(1_500_000);
  }

  private void accept() {
    while (true) {
      try {
        Socket host = listener.accept();
        Socket other = new Socket(target.getAddress(), target.getPort());
        host.setTcpNoDelay(true);
        other.setTcpNoDelay(true);
        Pair pair = new Pair(host, other);
        pairs.add(pair);
        start(() -> carry(pair, host, other));
        start(() -> carry(pair, other, host));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void carry(Pair pair, Socket from, Socket to) {
    byte[] buffer = new byte[16 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int bytes;
      while ((bytes = in.read(buffer)) >= 0) {
        int carried = pair.isSilent ? 0 : count(bytes);
        out.write(buffer, 0, carried);
        if (carried < bytes && !pair.isSilent) {
          break;
        }
      }
      if (!pair.isSilent) {
        to.shutdownOutput();
      }
    } catch (IOException e) {
      pair.reset();
      pairs.remove(pair);
    }
  }

  /** How many of some bytes are carried before it is lost. */
  private synchronized int count(int bytes) {
    if (lossesLeft.get() == 0 || bytes < bytesLeft) {
      bytesLeft -= bytes;
      return bytes;
    }
    int carried = (int) bytesLeft;
    int _ = lossesLeft.decrementAndGet();
    boolean isSilent = losses.incrementAndGet() % 4 == 0;
    for (Pair pair : List.copyOf(pairs)) {
      pair.isSilent = isSilent;
      if (!isSilent) {
        pair.reset();
      }
    }
    bytesLeft = next();
    return isSilent ? bytes : carried;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    List.copyOf(pairs).forEach(Pair::reset);
  }
}
