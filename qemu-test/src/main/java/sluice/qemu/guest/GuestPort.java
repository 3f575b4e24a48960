package sluice.qemu.guest;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;
import sluice.qemu.Patience;

/**
 * The host's end of the serial port on which a guest takes commands; what goes over it is told in
 * commands.sh. Not thread-safe.
 */
final class GuestPort implements AutoCloseable {
  private final SocketChannel channel;
  private final Selector selector;

  /** What stands between a command's output and its status. */
  private final byte[] mark;

  private ByteBuffer in = ByteBuffer.allocate(1 << 16);

  GuestPort(SocketChannel channel, String token) throws IOException {
    this.channel = channel;
    mark = ("\n" + token + " ").getBytes(StandardCharsets.US_ASCII);
    selector = Selector.open();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  /**
   * Asks for a command.
   *
   * @param limit how long it may take
   */
  void send(Duration limit, String command) throws IOException {
    String encoded = Base64.getEncoder().encodeToString(command.getBytes(StandardCharsets.UTF_8));
    ByteBuffer out =
        StandardCharsets.US_ASCII.encode(Math.max(1, limit.toSeconds()) + " " + encoded + "\n");
    long start = System.nanoTime();
    while (out.hasRemaining()) {
      if (channel.write(out) == 0) {
        if (System.nanoTime() - start > limit.toNanos()) {
          throw new IOException("the guest takes no command");
        }
        Thread.onSpinWait();
      }
    }
  }

  /**
   * Waits for a command's end.
   *
   * @param silence how long it may be silent, on a quiet machine
   * @param least how long it may be silent on any
   * @param listener gets the output as it comes
   * @return null if it is silent for longer
   * @throws EOFException if the guest ended
   */
  GuestResult receive(Duration silence, Duration least, Consumer<byte[]> listener)
      throws IOException {
    Patience patience = new Patience(silence).atLeast(least);
    in.clear();
    int told = 0;
    while (await(patience)) {
      if (in.remaining() == 0) {
        in = ByteBuffer.allocate(in.capacity() * 2).put(in.flip());
      }
      int count = channel.read(in);
      if (count < 0) {
        throw new EOFException("the guest has closed its port");
      }
      if (count > 0) {
        patience = new Patience(silence).atLeast(least);
      }
      int marked = findMark(told);
      if (marked > told) {
        listener.accept(Arrays.copyOfRange(in.array(), told, marked));
        told = marked;
      }
      int status = told + mark.length;
      if (in.position() > status && in.get(in.position() - 1) == '\n') {
        String number =
            new String(in.array(), status, in.position() - status, StandardCharsets.US_ASCII);
        return new GuestResult(Integer.parseInt(number.strip()), Arrays.copyOf(in.array(), told));
      }
    }
    return null;
  }

  /** What has come of the output of a command that did not end. */
  String unfinished() {
    return new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
  }

  private boolean await(Patience patience) throws IOException {
    long left = patience.nanosLeft();
    if (left == 0) {
      return false;
    }
    int _ = selector.select(left / 1_000_000 + 1);
    selector.selectedKeys().clear();
    return true;
  }

  /** Where the mark is, or what may become it when more comes; else the end of what has come. */
  private int findMark(int from) {
    byte[] bytes = in.array();
    int end = in.position();
    for (int i = from; i < end; i++) {
      int length = Math.min(mark.length, end - i);
      if (bytes[i] == '\n' && Arrays.equals(bytes, i, i + length, mark, 0, length)) {
        return i;
      }
    }
    return end;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
