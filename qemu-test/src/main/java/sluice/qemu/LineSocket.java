package sluice.qemu;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A socket of QEMU's on which lines go to and fro. Not thread-safe.
 *
 * <p>A reply comes some microseconds after its request, and a thread that sleeps for it wakes up
 * tens of microseconds late: so a reader looks again and again for a while before it sleeps.
 */
public final class LineSocket implements AutoCloseable {
  private static final long SPIN_NANOS = 100_000;

  /** A socket that waits for QEMU to connect. */
  public static final class Listener implements AutoCloseable {
    private final ServerSocketChannel server;

    public Listener(Path path) throws IOException {
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        server.bind(UnixDomainSocketAddress.of(path));
        server.configureBlocking(false);
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    }

    /**
     * @throws QemuException if QEMU ends before it connects, or does not within the deadline
     */
    public LineSocket accept(QemuProcess qemu, Duration deadline) throws IOException {
      return new LineSocket(acceptChannel(qemu, deadline), qemu, deadline);
    }

    /**
     * The same for what is not lines: a channel in blocking mode.
     *
     * @throws QemuException if QEMU ends before it connects, or does not within the deadline
     */
    public SocketChannel acceptChannel(QemuProcess qemu, Duration deadline) throws IOException {
      Patience patience = new Patience(deadline);
      try (Selector selector = Selector.open()) {
        server.register(selector, SelectionKey.OP_ACCEPT);
        qemu.onEnd(selector::wakeup);
        for (; ; ) {
          SocketChannel channel = server.accept();
          if (channel != null) {
            return channel;
          }
          if (!qemu.isAlive()) {
            throw new QemuException(qemu.describeEnd());
          }
          long left = patience.nanosLeft();
          if (left == 0) {
            throw new QemuException("QEMU did not connect within " + deadline.toSeconds() + " s");
          }
          int _ = selector.select(left / 1_000_000 + 1);
        }
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  private final SocketChannel channel;
  private final Selector selector;
  private final QemuProcess qemu;
  private final long deadlineNanos;

  /** Bytes from {@code head} to {@code tail} are received and not yet taken. */
  private ByteBuffer in = ByteBuffer.allocateDirect(4096);

  private ByteBuffer line = in.duplicate();
  private int head;
  private int tail;
  private String broken;

  private LineSocket(SocketChannel channel, QemuProcess qemu, Duration deadline)
      throws IOException {
    this.channel = channel;
    this.qemu = qemu;
    this.deadlineNanos = deadline.toNanos();
    this.selector = Selector.open();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  /** Sends all of a buffer. */
  public void send(ByteBuffer out) {
    checkWhole();
    long start = System.nanoTime();
    try {
      while (out.hasRemaining()) {
        if (channel.write(out) == 0) {
          if (System.nanoTime() - start > deadlineNanos) {
            throw failed("QEMU takes no request for " + deadlineNanos / 1_000_000 + " ms");
          }
          Thread.onSpinWait();
        }
      }
    } catch (IOException e) {
      throw failed(qemu.describeEnd());
    }
  }

  /**
   * Waits for the next line.
   *
   * @return its bytes without the end of line; valid until the next call
   * @throws QemuException if QEMU ended, or sent no line within the deadline; so does every later
   *     call, because a reply that comes late would be taken for another request's
   */
  public ByteBuffer receive() {
    checkWhole();
    long start = System.nanoTime();
    int scanned = head;
    for (; ; ) {
      while (scanned < tail) {
        if (in.get(scanned++) == '\n') {
          line.limit(scanned - 1).position(head);
          head = scanned;
          return line;
        }
      }
      if (head == tail) {
        head = 0;
        tail = 0;
        scanned = 0;
      } else if (tail == in.capacity()) {
        makeRoom();
        scanned = tail;
      }
      fill(start);
    }
  }

  private void fill(long start) {
    in.limit(in.capacity()).position(tail);
    try {
      int n = channel.read(in);
      if (n > 0) {
        tail += n;
      } else if (n < 0) {
        throw failed(qemu.describeEnd());
      } else {
        await(start);
      }
    } catch (IOException e) {
      throw failed(qemu.describeEnd());
    }
  }

  private void await(long start) throws IOException {
    long waited = System.nanoTime() - start;
    if (waited < SPIN_NANOS) {
      Thread.onSpinWait();
    } else if (waited < limit(waited)) {
      int _ = selector.select((limit(waited) - waited) / 1_000_000 + 1);
      selector.selectedKeys().clear();
    } else {
      throw failed("QEMU did not answer within " + deadlineNanos / 1_000_000 + " ms");
    }
  }

  /** How long a reply may take: on a busy machine, more than on a quiet one. */
  private long limit(long waited) {
    return waited < deadlineNanos
        ? deadlineNanos
        : Patience.stretch(Duration.ofNanos(deadlineNanos)).toNanos();
  }

  private void makeRoom() {
    ByteBuffer larger = ByteBuffer.allocateDirect(in.capacity() * 2);
    larger.put(in.limit(tail).position(head));
    in = larger;
    line = in.duplicate();
    tail -= head;
    head = 0;
  }

  private void checkWhole() {
    if (broken != null) {
      throw new QemuException(broken);
    }
  }

  private QemuException failed(String why) {
    broken = why;
    return new QemuException(why);
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
