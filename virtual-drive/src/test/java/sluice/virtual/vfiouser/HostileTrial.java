package sluice.virtual.vfiouser;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One kind of mischief against a server that is a process. */
final class HostileTrial {
  private static final long LEFT_ALONE_MILLIS = 1000;

  private HostileTrial() {}

  static void run(HostileClient.Mischief mischief, Path folder, String command) throws Exception {
    Path socket = folder.resolve("socket");
    Process server =
        new ProcessBuilder("bash", "-c", command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(mischief + ".log").toFile())
            .start();
    try {
      HostileClient first = HostileClient.connect(socket, n -> {});
      first.enable();
      first.write(1, 0x1111);
      long begin = System.nanoTime();
      first.begin(mischief);
      long[] served = new long[2];
      CompletableFuture<Void> good =
          CompletableFuture.runAsync(() -> {
            try (HostileClient client = HostileClient.connect(socket, n -> served[1] = n)) {
              client.enable();
              client.write(2, 0x2222);
              if (client.read(1) != 0x1111) {
                throw new IllegalStateException("another block");
              }
              served[0] = System.nanoTime();
            }
          });
      if (mischief.isDropped()) {
        first.awaitEnd();
      } else {
        Thread.sleep(LEFT_ALONE_MILLIS);
        first.close();
      }
      long dropped = System.nanoTime();
      good.get(60, TimeUnit.SECONDS);
      HostileClient second = HostileClient.connect(socket, n -> {});
      second.enable();
      second.write(3, 0x3333);
      second.begin(mischief);
      long stopping = System.nanoTime();
      server.destroy();
      boolean hasEnded = server.waitFor(30, TimeUnit.SECONDS);
      long stopped = System.nanoTime();
      System.out.printf(
          "%-22s gone after %5d ms, next served after %4d ms (%d tries), stopped in %4d ms,"
              + " exit %s, socket %s, image %s%n",
          mischief,
          (dropped - begin) / 1_000_000,
          (served[0] - dropped) / 1_000_000,
          served[1],
          (stopped - stopping) / 1_000_000,
          hasEnded ? server.exitValue() : "none",
          Files.exists(socket) ? "left" : "removed",
          image(folder.resolve("image")));
    } finally {
      server.destroyForcibly();
    }
  }

  private static String image(Path path) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * HostileClient.BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path)) {
      int _ = channel.read(bytes);
    }
    for (int i = 1; i <= 3; i++) {
      if (bytes.getLong(i * HostileClient.BLOCK) != 0x1111L * i) {
        return "without block " + i;
      }
    }
    return "whole";
  }
}
