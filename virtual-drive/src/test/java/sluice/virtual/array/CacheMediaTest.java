package sluice.virtual.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.StatusCode;
import sluice.virtual.media.Media;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.SyncMedia;
import sluice.virtual.personality.PacedMedia;
import sluice.virtual.personality.Personalities;

/** What the cache does, request by request. */
class CacheMediaTest {
  private static final int LINE = 4096;
  private static final int BLOCK = 512;
  private static final int FAULT = StatusCode.WRITE_FAULT.status();

  private final HeldMedia media = new HeldMedia(64 * LINE);
  private final MemorySegment memory = Arena.ofAuto().allocate(64 * LINE, LINE);
  private final List<String> ended = new ArrayList<>();
  private CacheMedia cache = cache(CacheMode.THROUGH);

  private CacheMedia cache(CacheMode mode) {
    cache = new CacheMedia(media, 8, LINE, mode);
    return cache;
  }

  private void end(int tag, int status) {
    media.end(tag, status);
    int _ = cache.poll((told, as) -> ended.add(told + ":" + as));
    assertThat(ended).last().isEqualTo(tag + ":" + status);
  }

  /** Memory that is some request's own. */
  private long address(int tag) {
    return memory.address() + (long) tag * 2 * LINE;
  }

  private int read(long offset, long length, int tag) {
    return cache.read(offset, address(tag), length, tag);
  }

  private int write(long offset, long length, int value, int tag) {
    memory.asSlice((long) tag * 2 * LINE, length).fill((byte) value);
    return cache.write(offset, address(tag), length, tag);
  }

  private void fetch(long offset, long length) {
    assertThat(read(offset, length, 31)).isEqualTo(Media.LATER);
    end(31, Media.DONE);
  }

  /** What is read at once; nothing if that needs the media. */
  private String hit(long offset, long length) {
    int before = media.requests;
    int status = cache.readNow(offset, address(30), length);
    if (status != Media.DONE || media.requests > before) {
      return "";
    }
    StringBuilder values = new StringBuilder();
    for (long at = 0; at < length; at += BLOCK) {
      values.append(memory.get(ValueLayout.JAVA_BYTE, 30L * 2 * LINE + at));
    }
    return values.toString();
  }

  @Test
  void whatWasReadIsReadAtOnceFromThenOn() {
    media.set(LINE, LINE, 7);
    assertThat(hit(LINE, BLOCK)).isEmpty();
    fetch(LINE, LINE);
    assertThat(hit(LINE + 1024, 2 * BLOCK)).isEqualTo("77");
    assertThat(read(LINE, LINE, 1)).isEqualTo(Media.DONE);
    assertThat(hit(0, 2 * LINE)).isEmpty();
    assertThat(hit(2 * LINE, BLOCK)).isEmpty();
  }

  @Test
  void aPartOfALineIsKeptForItself() {
    media.set(0, LINE, 1);
    fetch(BLOCK, BLOCK);
    fetch(3 * BLOCK, BLOCK);
    assertThat(hit(BLOCK, BLOCK)).isEqualTo("1");
    assertThat(hit(BLOCK, 3 * BLOCK)).isEmpty();
    fetch(2 * BLOCK, BLOCK);
    assertThat(hit(BLOCK, 3 * BLOCK)).isEqualTo("111");
    assertThat(hit(0, BLOCK)).isEmpty();
  }

  @Test
  void blocksSmallerThanASectorOfALargeLineAreNeverInventedAround() {
    cache = new CacheMedia(media, 2, 65_536, CacheMode.THROUGH);
    media.set(0, LINE, 1);
    fetch(BLOCK, 4 * BLOCK);
    assertThat(hit(BLOCK, BLOCK)).isEmpty();
    assertThat(hit(2 * BLOCK, 2 * BLOCK)).isEqualTo("11");
    assertThat(hit(4 * BLOCK, BLOCK)).isEmpty();
    media.isPrompt = true;
    assertThat(write(BLOCK, 2 * BLOCK, 5, 1)).isEqualTo(Media.DONE);
    media.isPrompt = false;
    assertThat(hit(2 * BLOCK, 2 * BLOCK)).isEqualTo("51");
    assertThat(hit(BLOCK, BLOCK)).isEmpty();
  }

  @Test
  void whatIsDoneAtOnceIsKeptToo() {
    media.set(0, LINE, 3);
    media.isPrompt = true;
    assertThat(cache.readNow(0, address(1), LINE)).isEqualTo(Media.DONE);
    assertThat(memory.get(ValueLayout.JAVA_BYTE, 2 * LINE)).isEqualTo((byte) 3);
    assertThat(read(LINE, LINE, 2)).isEqualTo(Media.DONE);
    assertThat(hit(0, 2 * LINE)).isEqualTo("3".repeat(8) + "0".repeat(8));
  }

  @Test
  void writingThroughKeepsWhatIsWrittenWhereSomethingWasKept() {
    fetch(0, LINE);
    assertThat(write(BLOCK, BLOCK, 5, 1)).isEqualTo(Media.LATER);
    assertThat(hit(BLOCK, BLOCK)).as("while it is written").isEmpty();
    assertThat(hit(0, BLOCK)).as("beside it").isEqualTo("0");
    end(1, Media.DONE);
    assertThat(hit(0, 3 * BLOCK)).isEqualTo("050");
    assertThat(write(LINE, LINE, 6, 1)).isEqualTo(Media.LATER);
    end(1, Media.DONE);
    assertThat(hit(LINE, LINE)).as("where nothing was kept").isEmpty();
  }

  @Test
  void writingAroundForgets() {
    cache(CacheMode.AROUND);
    fetch(0, LINE);
    assertThat(write(BLOCK, BLOCK, 5, 1)).isEqualTo(Media.LATER);
    end(1, Media.DONE);
    assertThat(hit(BLOCK, BLOCK)).isEmpty();
    assertThat(hit(2 * BLOCK, BLOCK)).isEqualTo("0");
    fetch(BLOCK, BLOCK);
    assertThat(hit(0, 3 * BLOCK)).isEqualTo("050");
  }

  @ParameterizedTest
  @EnumSource
  void aWriteThatAReadOverlapsLeavesNoOldBytes(CacheMode mode) {
    cache(mode);
    assertThat(read(0, LINE, 1)).isEqualTo(Media.LATER);
    assertThat(write(BLOCK, BLOCK, 5, 2)).isEqualTo(Media.LATER);
    end(2, Media.DONE);
    end(1, Media.DONE);
    assertThat(hit(BLOCK, BLOCK)).isEmpty();
    assertThat(cache.statistics().fillsDropped()).isEqualTo(1);
    assertThat(write(0, BLOCK, 6, 2)).isEqualTo(Media.LATER);
    assertThat(read(0, LINE, 1)).isEqualTo(Media.LATER);
    end(2, Media.DONE);
    end(1, Media.DONE);
    assertThat(hit(0, BLOCK)).isEmpty();
    assertThat(cache.statistics().fillsDropped()).isEqualTo(2);
  }

  @Test
  void aWriteThatIsDoneAtOnceWhileAReadIsUnderWayLeavesNoOldBytes() {
    for (boolean isNow : new boolean[] {false, true}) {
      assertThat(read(0, LINE, 1)).isEqualTo(Media.LATER);
      media.isPrompt = true;
      if (isNow) {
        assertThat(cache.writeNow(0, address(2), BLOCK)).isEqualTo(Media.DONE);
      } else {
        assertThat(write(0, BLOCK, 5, 2)).isEqualTo(Media.DONE);
      }
      media.isPrompt = false;
      end(1, Media.DONE);
      assertThat(hit(0, BLOCK)).isEmpty();
    }
  }

  @Test
  void ofTwoWritesOfOnePlaceNothingIsKept() {
    fetch(0, LINE);
    assertThat(write(0, 2 * BLOCK, 5, 1)).isEqualTo(Media.LATER);
    assertThat(write(BLOCK, 2 * BLOCK, 6, 2)).isEqualTo(Media.LATER);
    end(1, Media.DONE);
    assertThat(hit(0, BLOCK)).isEmpty();
    end(2, Media.DONE);
    assertThat(hit(BLOCK, BLOCK)).isEmpty();
    assertThat(hit(3 * BLOCK, BLOCK)).isEqualTo("0");
  }

  @Test
  void aWriteDoneAtOnceAmidAnotherIsNotKept() {
    fetch(0, LINE);
    assertThat(write(0, BLOCK, 5, 1)).isEqualTo(Media.LATER);
    media.isPrompt = true;
    assertThat(write(0, BLOCK, 6, 2)).isEqualTo(Media.DONE);
    media.isPrompt = false;
    assertThat(hit(0, BLOCK)).isEmpty();
    end(1, Media.DONE);
    assertThat(hit(0, BLOCK)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWriteThatFailedIsNotKept(boolean isPrompt) {
    fetch(0, LINE);
    media.isPrompt = isPrompt;
    media.answer = FAULT;
    int status = write(0, BLOCK, 5, 1);
    media.isPrompt = false;
    if (status == Media.LATER) {
      end(1, FAULT);
    } else {
      assertThat(status).isEqualTo(FAULT);
    }
    assertThat(hit(0, BLOCK)).isEmpty();
    assertThat(hit(BLOCK, BLOCK)).isEqualTo("0");
  }

  @Test
  void aReadThatFailedIsNotKept() {
    assertThat(read(0, LINE, 1)).isEqualTo(Media.LATER);
    end(1, FAULT);
    assertThat(hit(0, BLOCK)).isEmpty();
  }

  @Test
  void whatAHostsMemoryHasIsNotWrittenThrough() {
    media.isPrompt = true;
    assertThat(cache.readNow(0, address(1), LINE)).isEqualTo(Media.DONE);
    assertThat(cache.writeNow(0, address(1), BLOCK)).isEqualTo(Media.LATER);
    assertThat(cache.writeNow(2 * LINE, address(1), BLOCK)).isEqualTo(Media.DONE);
    cache(CacheMode.AROUND);
    assertThat(cache.readNow(0, address(1), LINE)).isEqualTo(Media.DONE);
    assertThat(cache.writeNow(0, address(1), BLOCK)).isEqualTo(Media.DONE);
    assertThat(hit(0, BLOCK)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void zerosAndDeallocationAreForgottenWhateverTheirSize(CacheMode mode) {
    cache(mode);
    for (long length : new long[] {2 * BLOCK, media.size() - LINE}) {
      media.set(0, media.size(), 4);
      fetch(LINE, 2 * LINE);
      assertThat(cache.zero(LINE, length, 1)).isEqualTo(Media.LATER);
      assertThat(hit(LINE, BLOCK)).isEmpty();
      end(1, Media.DONE);
      assertThat(hit(LINE, BLOCK)).isEmpty();
      fetch(LINE, 2 * LINE);
      assertThat(hit(LINE, BLOCK)).isEqualTo("0");
      assertThat(cache.deallocate(LINE, length, 1)).isEqualTo(Media.LATER);
      end(1, FAULT);
      assertThat(hit(LINE, BLOCK)).isEmpty();
    }
    assertThat(cache.statistics().cachedBytes()).isZero();
  }

  @Test
  void afterAFlushThatFailedAllGoesToTheMedia() {
    fetch(0, LINE);
    assertThat(cache.flush(0, LINE, 1)).isEqualTo(Media.LATER);
    assertThat(hit(0, BLOCK)).isEqualTo("0");
    end(1, Media.DONE);
    assertThat(hit(0, BLOCK)).isEqualTo("0");
    assertThat(cache.flush(0, LINE, 1)).isEqualTo(Media.LATER);
    end(1, FAULT);
    assertThat(hit(0, BLOCK)).isEmpty();
    fetch(0, LINE);
    assertThat(hit(0, BLOCK)).isEmpty();
    assertThat(write(0, LINE, 5, 1)).isEqualTo(Media.LATER);
    end(1, Media.DONE);
    assertThat(hit(0, BLOCK)).isEmpty();
  }

  @Test
  void whatItDoesIsCounted() {
    fetch(0, 2 * LINE);
    assertThat(hit(0, LINE)).isNotEmpty();
    assertThat(read(0, 2 * LINE, 1)).isEqualTo(Media.DONE);
    CacheStatistics statistics = cache.statistics();
    assertThat(statistics.hits()).isEqualTo(2);
    assertThat(statistics.hitBytes()).isEqualTo(3 * LINE);
    assertThat(statistics.misses()).isEqualTo(1);
    assertThat(statistics.missBytes()).isEqualTo(2 * LINE);
    assertThat(statistics.cachedBytes()).isEqualTo(2 * LINE);
    assertThat(statistics.capacityBytes()).isEqualTo(8 * LINE);
    assertThat(statistics.evictions()).isZero();
    for (int line = 2; line < 12; line++) {
      fetch((long) line * LINE, LINE);
    }
    assertThat(statistics.evictions()).isEqualTo(4);
    assertThat(statistics.cachedBytes()).isEqualTo(8 * LINE);
    assertThat(statistics.summary())
        .isEqualTo(
            "2 of 13 reads were hits (15.4 %, 12 KiB), 32 KiB of 32 KiB in use, 4 lines evicted,"
                + " 0 reads not kept");
    assertThat(cache(CacheMode.AROUND).statistics().summary())
        .startsWith("0 of 0 reads were hits (0.0 %, 0 B), ");
  }

  @Test
  void aHitTakesNoTimeHoweverSlowTheMediaIs() {
    long[] now = {1000};
    PacedMedia slow =
        new PacedMedia(
            new SyncMedia(new MemoryBackend(64 * LINE)),
            Personalities.of("latency=8ms"),
            () -> now[0]);
    try (CacheMedia fast = new CacheMedia(slow, 8, LINE, CacheMode.THROUGH)) {
      assertThat(fast.read(0, address(1), LINE, 1)).isEqualTo(Media.LATER);
      now[0] += 7_999_999;
      assertThat(fast.poll((_, _) -> {})).isZero();
      now[0]++;
      assertThat(fast.poll((_, _) -> {})).isEqualTo(1);
      assertThat(fast.readNow(0, address(1), LINE)).isEqualTo(Media.DONE);
    }
  }

  @Test
  void noMoreMemoryIsTakenThanTheMediaHasBytes() {
    cache = new CacheMedia(media, 1L << 40, CacheMode.AROUND);
    assertThat(cache.statistics().capacityBytes()).isEqualTo(media.size());
    assertThat(cache.size()).isEqualTo(media.size());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CacheMedia(media, 4096, CacheMode.AROUND))
        .withMessage("a cache of 4096 bytes: must be 1048576 at least");
  }

  @Test
  void whatClosingTheMediaSaysIsToldAsItIs() {
    media.failureOfClose = new IllegalStateException("not durable");
    assertThatIllegalStateException().isThrownBy(() -> cache.close()).withMessage("not durable");
  }
}
