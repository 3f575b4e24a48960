package sluice.virtual.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;
import sluice.virtual.media.Media;

/**
 * Random requests, overlapping and not, on a cache over media that ends them late, in any order,
 * and fails some. Whatever is a hit is what the media has at that moment.
 */
class CacheRandomStepsTest {
  private static final int SECTOR = 512;
  private static final int TAGS = 12;
  private static final int LINES = 24;
  private static final int STEPS = Integer.getInteger("sluice.steps", 30_000);
  private static final byte SCRIBBLE = (byte) 0xee;

  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private LateModel model;
  private CacheMedia cache;
  private MemorySegment memory;
  private int mostSectors;
  private int hits;

  @ParameterizedTest
  @CsvSource({
    "THROUGH, 512",
    "THROUGH, 4096",
    "AROUND, 4096",
    "THROUGH, 32768",
    "AROUND, 32768",
    "THROUGH, 65536",
  })
  void aHitIsWhatTheMediaHas(CacheMode mode, int lineBytes) {
    System.out.println("seed " + seed);
    long size = 3L * LINES * lineBytes;
    mostSectors = 4 * lineBytes / SECTOR;
    memory = Arena.ofAuto().allocate((long) (TAGS + 1) * mostSectors * SECTOR, 4096);
    model = new LateModel(random, size);
    model.failsOneIn = 20;
    cache = new CacheMedia(model, LINES, lineBytes, mode);
    for (int tag = 0; tag < TAGS; tag++) {
      free.add(tag);
    }
    for (int step = 0; step < STEPS; step++) {
      if (free.isEmpty() || random.nextInt(3) == 0) {
        int _ = cache.poll(this::completed);
      } else {
        step();
      }
    }
    while (model.out() > 0) {
      int _ = cache.poll(this::completed);
    }
    for (long at = 0; at < size; at += SECTOR) {
      read(at, SECTOR, free.peek());
      while (model.out() > 0) {
        int _ = cache.poll((_, _) -> {});
      }
    }
    assertThat(hits).isGreaterThan(STEPS / 200);
    assertThat(cache.statistics().hits()).isEqualTo(hits);
    assertThat(cache.statistics().fillsDropped()).isPositive();
    assertThat(cache.statistics().evictions()).isPositive();
    cache.close();
    assertThat(model.isClosed).isTrue();
  }

  private long buffer(int tag) {
    return memory.address() + (long) tag * mostSectors * SECTOR;
  }

  /** Small ranges mostly, near the beginning mostly, so that much is asked for again. */
  private void step() {
    int sectors =
        1 + random.nextInt(random.nextInt(4) == 0 ? mostSectors : Math.min(8, mostSectors));
    int all = (int) (model.size() / SECTOR);
    int most = Math.max(1, (random.nextBoolean() ? all / 8 : all) - sectors);
    long offset = (long) random.nextInt(most) * SECTOR;
    long length = Math.min(sectors, all - offset / SECTOR) * SECTOR;
    int tag = free.poll();
    int status =
        switch (random.nextInt(16)) {
          case 0 -> cache.zero(offset, length, tag);
          case 1 -> cache.deallocate(offset, length, tag);
          case 2 -> cache.flush(offset, length, tag);
          case 3, 4, 5 -> {
            fill(tag, length);
            yield cache.write(offset, buffer(tag), length, tag);
          }
          case 6 -> {
            fill(TAGS, length);
            int _ = cache.writeNow(offset, buffer(TAGS), length);
            yield Media.DONE;
          }
          case 7, 8, 9 -> {
            readNow(offset, length);
            yield Media.DONE;
          }
          default -> read(offset, length, tag);
        };
    if (status != Media.LATER) {
      free.add(tag);
      scribble(tag);
    }
  }

  private void fill(int tag, long length) {
    byte[] data = new byte[(int) length];
    random.nextBytes(data);
    MemorySegment.copy(
        data, 0, memory, ValueLayout.JAVA_BYTE, buffer(tag) - memory.address(), data.length);
  }

  private void scribble(int tag) {
    memory.asSlice(buffer(tag) - memory.address(), (long) mostSectors * SECTOR).fill(SCRIBBLE);
  }

  private int read(long offset, long length, int tag) {
    int before = model.reads;
    int status = cache.read(offset, buffer(tag), length, tag);
    if (model.reads == before) {
      assertThat(status).isEqualTo(Media.DONE);
      checkHit(offset, buffer(tag), length);
    }
    return status;
  }

  private void readNow(long offset, long length) {
    long before = cache.statistics().hits();
    int status = cache.readNow(offset, buffer(TAGS), length);
    if (cache.statistics().hits() > before) {
      assertThat(status).isEqualTo(Media.DONE);
      checkHit(offset, buffer(TAGS), length);
    }
  }

  private void checkHit(long offset, long address, long length) {
    hits++;
    assertThat(OffHeap.isEqual(address, model.address(offset), length))
        .as("%d bytes at %d, seed %d", length, offset, seed)
        .isTrue();
  }

  private void completed(int tag, int status) {
    assertThat(status).isIn(Media.DONE, StatusCode.WRITE_FAULT.status());
    scribble(tag);
    free.add(tag);
  }
}
