package sluice.qemu.guest;

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

/**
 * The host's end of the serial port on which a guest takes commands; what goes over it is told in
 * init.sh. Not thread-safe.
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
   * @param listener gets the output as it comes
   * @return null at the deadline, or if the guest ended
   */
  GuestResult receive(Duration deadline, Consumer<byte[]> listener) throws IOException {
    long end = System.nanoTime() + deadline.toNanos();
    in.clear();
    int told = 0;
    int marked = -1;
    while (await(end)) {
      if (in.remaining() == 0) {
        in = ByteBuffer.allocate(in.capacity() * 2).put(in.flip());
      }
      int searched = Math.max(0, in.position() - mark.length);
      if (channel.read(in) < 0) {
        return null;
      }
      byte[] bytes = in.array();
      int length = in.position();
      marked = marked >= 0 ? marked : find(bytes, searched, length);
      int known = marked >= 0 ? marked : Math.max(told, length - mark.length);
      if (known > told) {
        listener.accept(Arrays.copyOfRange(bytes, told, known));
        told = known;
      }
      int status = marked + mark.length;
      if (marked >= 0 && length > status && bytes[length - 1] == '\n') {
        String number = new String(bytes, status, length - status, StandardCharsets.US_ASCII);
        return new GuestResult(Integer.parseInt(number.strip()), Arrays.copyOf(bytes, marked));
      }
    }
    return null;
  }

  /** What has come of the output of a command that did not end. */
  String unfinished() {
    return new String(in.array(), 0, in.position(), StandardCharsets.UTF_8);
  }

  private boolean await(long end) throws IOException {
    long left = end - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    int _ = selector.select(left / 1_000_000 + 1);
    selector.selectedKeys().clear();
    return true;
  }

  private int find(byte[] bytes, int from, int to) {
    for (int i = from; i + mark.length <= to; i++) {
      if (Arrays.equals(bytes, i, i + mark.length, mark, 0, mark.length)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
