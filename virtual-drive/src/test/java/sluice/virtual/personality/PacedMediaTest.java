package sluice.virtual.personality;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.virtual.media.Media;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.SyncMedia;

/** A media that is made slow tells of each request when its time has come. */
class PacedMediaTest {
  private static final int SIZE = 1 << 20;

  private final long address = Arena.ofAuto().allocate(SIZE, 4096).address();
  private final List<String> ended = new ArrayList<>();
  private long now = 1000;
  private PacedMedia media;

  private PacedMedia media(String personality) {
    media =
        new PacedMedia(
            new SyncMedia(new MemoryBackend(SIZE)), Personalities.of(personality), () -> now);
    return media;
  }

  @AfterEach
  void close() {
    media.close();
  }

  /** What has ended at a time. */
  private List<String> at(long time) {
    now = 1000 + time;
    ended.clear();
    int count = media.poll((tag, status) -> ended.add(tag + ":" + status));
    assertThat(count).isEqualTo(ended.size());
    return ended;
  }

  @Test
  void eachRequestTakesTheLatency() {
    media("latency=100ns");
    MemorySegment memory = Arena.ofAuto().allocate(512, 8).fill((byte) 5);
    assertThat(media.write(0, memory.address(), 512, 1)).isEqualTo(Media.LATER);
    assertThat(at(60)).isEmpty();
    memory.fill((byte) 0);
    assertThat(media.read(0, memory.address(), 512, 2)).isEqualTo(Media.LATER);
    assertThat(media.flush(0, 512, 3)).isEqualTo(Media.LATER);
    assertThat(at(99)).isEmpty();
    assertThat(at(100)).containsExactly("1:0");
    assertThat(at(159)).isEmpty();
    assertThat(at(160)).containsExactly("2:0", "3:0");
    assertThat(memory.get(ValueLayout.JAVA_BYTE, 511)).isEqualTo((byte) 5);
    assertThat(media.zero(0, 512, 4)).isEqualTo(Media.LATER);
    assertThat(media.deallocate(512, 512, 5)).isEqualTo(Media.LATER);
    assertThat(at(259)).isEmpty();
    assertThat(at(1000)).containsExactly("4:0", "5:0");
    assertThat(at(2000)).isEmpty();
  }

  @Test
  void dataGoesThroughOnePipe() {
    media("bandwidth=1GB/s");
    assertThat(media.read(0, address, 4096, 1)).isEqualTo(Media.LATER);
    assertThat(media.read(0, address, 4096, 2)).isEqualTo(Media.LATER);
    assertThat(at(4095)).isEmpty();
    assertThat(at(4096)).containsExactly("1:0");
    assertThat(at(8191)).isEmpty();
    assertThat(at(8192)).containsExactly("2:0");
  }

  @Test
  void nothingEndsInAPause() {
    media("pause=100ns&every=1us");
    assertThat(media.read(0, address, 512, 1)).isEqualTo(Media.LATER);
    assertThat(at(1050)).isEmpty();
    assertThat(at(1100)).containsExactly("1:0");
  }

  @Test
  void nothingIsDoneAtOnce() {
    media("latency=1ns");
    assertThat(media.size()).isEqualTo(SIZE);
    assertThat(media.readNow(0, address, 512)).isEqualTo(Media.LATER);
    assertThat(media.writeNow(0, address, 512)).isEqualTo(Media.LATER);
    assertThat(at(1000)).isEmpty();
  }

  @Test
  void whatFailsFailsWhenItsTimeHasCome() {
    media("latency=100ns");
    assertThat(media.read(SIZE, address, 512, 1)).isEqualTo(Media.LATER);
    assertThat(at(99)).isEmpty();
    assertThat(at(100)).singleElement().isNotEqualTo("1:0");
  }

  @Test
  void whoIsToldMayAskForMore() {
    media("latency=100ns");
    assertThat(media.read(0, address, 512, 1)).isEqualTo(Media.LATER);
    assertThat(media.read(0, address, 512, 2)).isEqualTo(Media.LATER);
    now += 100;
    int told =
        media.poll((tag, _) -> assertThat(media.read(0, address, 512, tag)).isEqualTo(Media.LATER));
    assertThat(told).isEqualTo(2);
    assertThat(at(199)).isEmpty();
    assertThat(at(200)).containsExactly("1:0", "2:0");
  }
}
