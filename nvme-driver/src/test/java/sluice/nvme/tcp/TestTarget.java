package sluice.nvme.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A target in this process, on 127.0.0.1, that serves a drive of memory: as little as the driver
 * needs, with its bytes put together by hand, and whatever a test says done wrong.
 */
final class TestTarget implements AutoCloseable {
  static final String NQN = "nqn.2024-01.org.sluice:test";
  static final int BLOCK = 512;
  static final int BYTES = 4 << 20;

  final byte[] disk = new byte[BYTES];
  final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  final AtomicInteger associations = new AtomicInteger();
  final AtomicInteger keepAlives = new AtomicInteger();
  final AtomicInteger ready = new AtomicInteger();
  final AtomicInteger inCapsules = new AtomicInteger();

  /** Data that a capsule of an I/O queue carries. */
  volatile int inCapsule = 4096;

  /** MAXH2CDATA. */
  volatile int maxData = 8192;

  /** Bytes of an R2T. */
  volatile int readyBytes = 16384;

  /** Whether more than one R2T is out at once. */
  volatile boolean asksAhead = true;

  /** Bytes of a C2HData. */
  volatile int dataBytes = 16384;

  /** CPDA, 0-based. */
  volatile int alignment;

  /** Dwords of pad before data of its own. */
  volatile int padDwords;

  /** Whether reads end without a response. */
  volatile boolean saysSuccess = true;

  /** Whether all is sent a byte at a time. */
  volatile boolean trickles;

  /** Whether I/O commands are kept without an answer. */
  volatile boolean holds;

  /** Whether Keep Alive is not answered. */
  volatile boolean ignoresKeepAlive;

  /** I/O commands that are kept. */
  final AtomicInteger held = new AtomicInteger();

  /** Whether an end of the host's is not answered by one of its own. */
  volatile boolean ignoresEnd;

  /** Whether an I/O queue's connection is reset when the host ends it. */
  volatile boolean resetsAtEnd;

  /**
   * Whether an end of the host's is not answered before the keep-alive time is over, and what was
   * kept is done a while after that.
   */
  volatile boolean endsWithKeepAlive;

  /** What the keep-alive time was when it was told last, and when it began anew. */
  volatile long keepAliveMillis;

  volatile long heardAt;

  /** Whether what was kept has been done, after the connection's end. */
  volatile boolean hasDoneLate;

  /** Associations whose connection is reset in the middle of Connect. */
  final AtomicInteger lostInConnect = new AtomicInteger();

  /** The same when a property is asked for. */
  final AtomicInteger lostInBringUp = new AtomicInteger();

  /** The controller that a queue is told to be of. */
  volatile IntUnaryOperator controllerOf = queue -> associations.get();

  /** How many I/O queues are granted. */
  volatile int grants = 4;

  /** Whether an I/O queue's Connect is refused. */
  volatile IntPredicate refuses = queue -> false;

  /** Whether the controller of an I/O queue's Connect is not known. */
  volatile BooleanSupplier hasForgotten = () -> false;

  /** Whether nothing is read any more on connections of I/O queues. */
  volatile boolean stalls;

  /** Whether a write is answered when its data has been asked for, and nothing read after that. */
  volatile boolean answersEarly;

  /** What is made of the Identify Controller page. */
  volatile Consumer<ByteBuffer> identity = page -> {};

  /** Whether a connection on which a PDU was made shorter is silent from then on. */
  volatile boolean isSilentAfterCut;

  /** Whether it is reset then. */
  volatile boolean isResetAfterCut;

  /** What the discovery service tells: a log page, each time it is asked for. */
  volatile Supplier<byte[]> discovery = () -> new byte[1024];

  /** Whether the connection ends on which an I/O queue is to be connected. */
  volatile BooleanSupplier isQueueLost = () -> false;

  /** OFCS, bit 0. */
  volatile boolean offersDisconnect;

  /** What becomes of each PDU that it sends: other bytes, or null to reset the connection. */
  volatile UnaryOperator<byte[]> spoil = pdu -> pdu;

  /** The same for what goes out on I/O queues that have been connected. */
  volatile UnaryOperator<byte[]> spoilIo = pdu -> pdu;

  private final ServerSocket listener;
  private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
  private final Thread acceptor = new Thread(this::accept, "test-target");
  private volatile boolean closed;

  TestTarget() throws IOException {
    this(0);
  }

  TestTarget(int port) throws IOException {
    this(port, InetAddress.getLoopbackAddress());
  }

  TestTarget(int port, InetAddress address) throws IOException {
    listener = new ServerSocket(port, 50, address);
    acceptor.setDaemon(true);
    acceptor.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  String address() {
    return "tcp://127.0.0.1:" + port() + "/" + NQN;
  }

  private void accept() {
    while (!closed) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        Thread thread = new Thread(() -> serve(socket), "test-target-connection");
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      new TestSession(this, socket).run();
    } catch (IOException e) {
      // The host has ended it, or a test has.
    } catch (RuntimeException | Error e) {
      failures.add(e);
    } finally {
      sockets.remove(socket);
    }
  }

  /** Resets all connections; new ones are taken. */
  void resetConnections() throws IOException {
    for (Socket socket : List.copyOf(sockets)) {
      try {
        socket.setSoLinger(true, 0);
      } catch (SocketException e) {
        // It has just been closed otherwise.
      }
      socket.close();
    }
  }

  /** Waits until none of its threads runs any more; it is closed. */
  void awaitEnd() {
    List.copyOf(threads).forEach(TestTarget::awaitEnd);
  }

  private static void awaitEnd(Thread thread) {
    boolean wasInterrupted = Thread.interrupted();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Connections that are open. */
  int connections() {
    return sockets.size();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    // A connection may still be made until its wait has ended.
    awaitEnd(acceptor);
    for (Socket socket : List.copyOf(sockets)) {
      socket.close();
    }
    if (!failures.isEmpty()) {
      throw new AssertionError("the target found fault with the host", failures.getFirst());
    }
  }
}
