package sluice.virtual.array;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.virtual.media.Media;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.SyncMedia;
import sluice.virtual.personality.PacedMedia;
import sluice.virtual.personality.Personalities;
import sluice.virtual.personality.Personality;

/** In steady state a cache allocates nothing: hits, misses, evictions, writes, late and at once. */
class CacheAllocationTest {
  private static final int REQUESTS = 20_000;
  private static final int ROUNDS = 100;
  private static final long SIZE = 16 << 20;
  private static final int MOST_BYTES = 64 << 10;
  private static final int TAGS = 8;
  private static final long FEW_BYTES = 1024;

  private final Random random = new Random(1);
  private final long memory = Arena.ofAuto().allocate(TAGS * MOST_BYTES, 4096).address();
  private final Media.Completions completions = (_, status) -> ended(status);
  private int ended;

  @ParameterizedTest
  @EnumSource
  void nothing(CacheMode mode) {
    Personality personality = Personalities.of("latency=1us&bandwidth=100GB/s");
    Media prompt = new SyncMedia(new MemoryBackend(SIZE));
    Media late =
        new PacedMedia(new SyncMedia(new MemoryBackend(SIZE)), personality, System::nanoTime);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (CacheMedia first = new CacheMedia(prompt, 4 << 20, mode);
        CacheMedia second = new CacheMedia(late, 4 << 20, mode)) {
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && bytes > FEW_BYTES; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        run(first);
        run(second);
        bytes = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(bytes).as("bytes for %d requests", 2 * REQUESTS).isLessThanOrEqualTo(FEW_BYTES);
      assertThat(second.statistics().hits()).isPositive();
      assertThat(second.statistics().evictions()).isPositive();
    }
  }

  private void run(CacheMedia cache) {
    for (int i = 0; i < REQUESTS; i += TAGS) {
      ended = 0;
      for (int tag = 0; tag < TAGS; tag++) {
        if (ask(cache, tag) != Media.LATER) {
          ended++;
        }
      }
      while (ended < TAGS) {
        int _ = cache.poll(completions);
      }
    }
  }

  private int ask(CacheMedia cache, int tag) {
    int line = random.nextInt(8) == 0 ? random.nextInt(4000) : random.nextInt(400);
    long offset = line * 4096L;
    long length = random.nextInt(8) == 0 ? MOST_BYTES : 4096;
    long address = memory + (long) tag * MOST_BYTES;
    return switch (random.nextInt(16)) {
      case 0 -> cache.write(offset, address, length, tag);
      case 1 ->
          cache.writeNow(offset, address, length) == Media.LATER
              ? cache.write(offset, address, length, tag)
              : Media.DONE;
      case 2 -> cache.flush(offset, length, tag);
      case 3, 4, 5, 6 -> cache.read(offset, address, length, tag);
      default ->
          cache.readNow(offset, address, length) == Media.LATER
              ? cache.read(offset, address, length, tag)
              : Media.DONE;
    };
  }

  private void ended(int status) {
    assert status == Media.DONE : status;
    ended++;
  }
}
