package sluice.qemu.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;

/**
 * The host's end of the serial port on which a guest takes commands; see init.sh. Not thread-safe.
 */
final class GuestPort implements AutoCloseable {
  private final SocketChannel channel;
  private final Selector selector;
  private final byte[] mark;
  private final ByteBuffer in = ByteBuffer.allocate(1 << 16);

  GuestPort(SocketChannel channel, String token) throws IOException {
    this.channel = channel;
    mark = ("\n" + token + " ").getBytes(StandardCharsets.US_ASCII);
    selector = Selector.open();
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  void send(Duration limit, String command) throws IOException {
    String encoded = Base64.getEncoder().encodeToString(command.getBytes(StandardCharsets.UTF_8));
    ByteBuffer out =
        StandardCharsets.US_ASCII.encode(Math.max(1, limit.toSeconds()) + " " + encoded + "\n");
    while (out.hasRemaining()) {
      int _ = channel.write(out);
    }
  }

  /**
   * Waits for a command's end.
   *
   * @param listener gets the output as it comes
   * @return null at the deadline, or if the guest ended
   */
  GuestResult receive(Duration deadline, Consumer<byte[]> listener) throws IOException {
    long start = System.nanoTime();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int told = 0;
    for (; ; ) {
      long left = deadline.toNanos() - (System.nanoTime() - start);
      if (left <= 0) {
        return null;
      }
      int _ = selector.select(left / 1_000_000 + 1);
      selector.selectedKeys().clear();
      in.clear();
      int n = channel.read(in);
      if (n < 0) {
        return null;
      }
      output.write(in.array(), 0, n);
      byte[] all = output.toByteArray();
      int end = find(all, Math.max(0, all.length - n - mark.length - 16));
      int known = end >= 0 ? end : Math.max(told, all.length - mark.length);
      if (known > told) {
        listener.accept(java.util.Arrays.copyOfRange(all, told, known));
        told = known;
      }
      if (end >= 0 && all[all.length - 1] == '\n' && all.length > end + mark.length) {
        String status =
            new String(
                all, end + mark.length, all.length - end - mark.length, StandardCharsets.US_ASCII);
        return new GuestResult(Integer.parseInt(status.strip()), java.util.Arrays.copyOf(all, end));
      }
    }
  }

  private int find(byte[] bytes, int from) {
    for (int i = from; i + mark.length <= bytes.length; i++) {
      if (java.util.Arrays.equals(bytes, i, i + mark.length, mark, 0, mark.length)) {
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
