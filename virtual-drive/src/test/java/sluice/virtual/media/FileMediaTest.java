package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.spec.StatusCode;
import sluice.support.memory.OffHeap;

class FileMediaTest {
  private static final long SIZE = 16 << 20;
  private static final int BLOCK = 4096;

  @TempDir private Path folder;
  private Path path;
  private FileMedia media;
  private final MemorySegment memory = Arena.ofAuto().allocate(1 << 20, BLOCK);
  private final Map<Integer, Integer> ended = new HashMap<>();

  @BeforeEach
  void open() {
    path = folder.resolve("d.img");
    media = new FileMedia(FileBackend.open(path, OptionalLong.of(SIZE), 512));
  }

  @AfterEach
  void close() {
    if (media != null) {
      media.close();
    }
  }

  private int await(int tag) {
    while (!ended.containsKey(tag)) {
      if (media.poll((t, status) -> assertThat(ended.put(t, status)).isNull()) == 0) {
        LockSupport.parkNanos(50_000);
      }
    }
    return ended.remove(tag);
  }

  @Test
  void whatIsWrittenLaterIsReadAtOnceFromItsPages() {
    long address = memory.address();
    OffHeap.putLong(address, 42);
    assertThat(media.writeNow(0, address, BLOCK)).isEqualTo(Media.LATER);
    assertThat(media.write(8192, address, BLOCK, 7)).isEqualTo(Media.LATER);
    assertThat(await(7)).isZero();
    assertThat(media.readNow(8192, address + BLOCK, BLOCK)).isZero();
    assertThat(OffHeap.getLong(address + BLOCK)).isEqualTo(42);
    assertThat(media.zero(8192, BLOCK, 8)).isEqualTo(Media.LATER);
    assertThat(await(8)).isZero();
    assertThat(media.read(8192, address + BLOCK, BLOCK, 9)).isEqualTo(Media.LATER);
    assertThat(await(9)).isZero();
    assertThat(OffHeap.getLong(address + BLOCK)).isZero();
  }

  @Test
  void whatIsWrongIsToldByAStatus() throws Exception {
    assertThat(media.readNow(SIZE, memory.address(), BLOCK)).isEqualTo(Media.LATER);
    media.read(SIZE, memory.address(), BLOCK, 1);
    assertThat(await(1)).isEqualTo(StatusCode.INTERNAL_ERROR.statusDnr());
    try (var file = Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE)) {
      file.truncate(1 << 20);
    }
    assertThat(media.readNow(2 << 20, memory.address(), BLOCK)).isEqualTo(Media.LATER);
    media.read(2 << 20, memory.address(), BLOCK, 2);
    assertThat(await(2)).isEqualTo(StatusCode.UNRECOVERED_READ_ERROR.status());
  }

  @Test
  void whatEndedBeforeAFlushIsFlushed() {
    assertThat(media.flush(0, SIZE, 1)).as("nothing to flush").isZero();
    media.write(0, memory.address(), BLOCK, 2);
    assertThat(await(2)).isZero();
    int status = media.flush(0, SIZE, 3);
    assertThat(status == Media.LATER ? await(3) : status).isZero();
    assertThat(media.flush(0, SIZE, 4)).as("nothing since").isZero();
  }

  @Test
  void aFileThatIsOnlyReadRefusesAWriteAndHasNothingToFlush() throws Exception {
    media.close();
    media = new FileMedia(FileBackend.openReadOnly(path, OptionalLong.empty(), 512));
    media.write(0, memory.address(), BLOCK, 1);
    assertThat(await(1)).isEqualTo(StatusCode.WRITE_PROTECTED.statusDnr());
    assertThat(media.flush(0, SIZE, 2)).isZero();
  }

  /** Every tag comes back once, whatever is under way beside it, and every block has its bytes. */
  @Test
  void manyAtATime() {
    long seed = 5;
    SplittableRandom random = new SplittableRandom(seed);
    int slots = 256;
    long[] stored = new long[(int) (SIZE / BLOCK)];
    int[] blockOf = new int[slots];
    boolean[] isBusy = new boolean[slots];
    boolean[] isBlockBusy = new boolean[stored.length];
    boolean[] isRead = new boolean[slots];
    int[] out = {0};
    Media.Completions completions =
        (slot, status) -> {
          assertThat(status).isZero();
          assertThat(isBusy[slot]).as("seed %d, slot %d", seed, slot).isTrue();
          isBusy[slot] = false;
          isBlockBusy[blockOf[slot]] = false;
          out[0]--;
          if (isRead[slot]) {
            assertThat(OffHeap.getLong(memory.address() + slot * (long) BLOCK))
                .as("seed %d, block %d", seed, blockOf[slot])
                .isEqualTo(stored[blockOf[slot]]);
          }
        };
    for (int i = 0; i < 30_000; i++) {
      int slot = random.nextInt(slots);
      int block = random.nextInt(stored.length);
      if (isBusy[slot] || isBlockBusy[block]) {
        media.poll(completions);
        continue;
      }
      long address = memory.address() + slot * (long) BLOCK;
      isRead[slot] = random.nextBoolean();
      if (isRead[slot]) {
        media.read((long) block * BLOCK, address, BLOCK, slot);
      } else {
        stored[block] = random.nextLong();
        OffHeap.putLong(address, stored[block]);
        media.write((long) block * BLOCK, address, BLOCK, slot);
      }
      isBusy[slot] = true;
      isBlockBusy[block] = true;
      blockOf[slot] = block;
      out[0]++;
    }
    while (out[0] > 0) {
      if (media.poll(completions) == 0) {
        LockSupport.parkNanos(50_000);
      }
    }
  }
}
