package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.vfio.DmaMemory;
import sluice.vfio.ResetFailedException;

/**
 * Servers whose messages are spoiled at random: whatever comes, each ends in one line or goes on,
 * and leaves nothing behind. {@code -Dsluice.fuzz.messages=1000000} for more of them.
 */
class ClientFuzzTest {
  private static final long MESSAGES = Long.getLong("sluice.fuzz.messages", 50_000) / 50;
  private static final long SEED = Long.getLong("sluice.seed", 5);
  private static final Duration TIMEOUT = Duration.ofMillis(10);
  private static final int OPERATIONS = 40;

  /** Small buffers, because there are so many of them. */
  private static final Version OWN = new Version(0, 1, 8, 4096, 65535, 4096, true, 0, false);

  /** By how much the client's clock is ahead: it goes on when a server may let its client wait. */
  private final AtomicLong ahead = new AtomicLong();

  private final int[] spareDescriptors = {
    Events.eventfd(),
    Linux.memfd("none", 0, 0),
    Linux.memfd("short", 4096, 0),
    Linux.memfd("long", 1 << 20, 0)
  };

  private long malformed;
  private long ended;

  @Test
  void nothingThatAServerSaysDoesHarm() throws Exception {
    Random random = new Random(SEED);
    session(random);
    long descriptors = FakeServer.openDescriptors();
    long mappings = FakeServer.mappedFiles();
    long threads = Thread.getAllStackTraces().size();
    long sessions = 0;
    while (malformed < MESSAGES) {
      session(random);
      sessions++;
    }
    assertThat(FakeServer.openDescriptors()).as("seed %d", SEED).isEqualTo(descriptors);
    assertThat(FakeServer.mappedFiles()).as("seed %d", SEED).isEqualTo(mappings);
    assertThat((long) Thread.getAllStackTraces().size()).isLessThanOrEqualTo(threads + 1);
    assertThat(ended).as("most sessions end by what is said").isGreaterThan(sessions / 2);
    for (int fd : spareDescriptors) {
      Linux.close(fd);
    }
  }

  private void session(Random random) {
    LocalSocket[] pair = LocalSocket.pair();
    long before = malformed;
    Random servers = new Random(random.nextLong());
    Mutations mutations =
        new Mutations(servers, pair[1], spareDescriptors, ahead, TIMEOUT.toNanos());
    try (FakeServer server = new FakeServer(pair[1])) {
      int oneIn = 2 + random.nextInt(30);
      server.spoiling(mutations, () -> servers.nextInt(oneIn) == 0);
      server.start();
      talk(random, pair[0]);
    }
    malformed = before + mutations.count();
  }

  private void talk(Random random, LocalSocket socket) {
    UserFunction function;
    try {
      LongSupplier clock = () -> System.nanoTime() + ahead.get();
      function = UserFunction.open("vfio-user:/a", socket, TIMEOUT, clock, OWN);
    } catch (VfioUserException e) {
      ended++;
      assertLine(e.getMessage());
      return;
    }
    try (function) {
      DmaMemory memory = null;
      for (int i = 0; i < OPERATIONS && function.isPresent(); i++) {
        try {
          memory = operate(random, function, memory);
        } catch (VfioUserException | ResetFailedException e) {
          assertLine(e.getMessage());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
          // A BAR can be as small as its server likes.
        }
      }
      if (!function.isPresent()) {
        ended++;
        assertThat(function.absence()).as("seed %d", SEED).matches("is gone: [ -~]+");
      }
    }
  }

  private static DmaMemory operate(Random random, UserFunction function, DmaMemory memory) {
    switch (random.nextInt(8)) {
      case 0 -> function.bar(0).write32(0x14, random.nextInt());
      case 1 -> function.config().enableBusMaster();
      case 2 -> {
        if (random.nextInt(4) == 0) {
          function.reset();
        }
      }
      case 3, 4 -> {
        if (memory == null) {
          return function.dma().allocate(random.nextBoolean() ? 4096 : 1 << 20);
        }
        function.dma().free(memory);
        return null;
      }
      default -> {
        int _ = function.bar(0).read32(4L * random.nextInt(0x100));
      }
    }
    return memory;
  }

  private static void assertLine(String line) {
    assertThat(line).as("seed %d", SEED).matches("vfio-user:/a[: ][ -~]+");
  }
}
