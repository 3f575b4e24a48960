package sluice.recorder.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IndexChainTest {
  private static final long KEY = 0xafaeadacabaaa9a8L;

  private final MemorySegment memory = Bytes.allocate(4096);
  private final EntryBuffer buffer = new EntryBuffer(memory);

  private IndexChain written() {
    IndexChain chain = new IndexChain(KEY);
    chain.appendChunk(buffer, 0, 9568256, 131072, 1_700_000_000_000_000_001L, 0x12345678);
    chain.appendGap(buffer, 1, 100_000, 1_700_000_000_000_000_500L, false);
    chain.appendMark(buffer, 2, 131072, 262144, 1_700_000_001_000_000_000L, 310);
    chain.appendChunk(buffer, 3, 9699328, 5, 1_700_000_001_000_000_001L, 0x9a71bb4c);
    return chain;
  }

  @Test
  void hasTheBytesOfTheFormat() {
    IndexChain chain = written();
    List<String> entries =
        IntStream.range(0, 4)
            .mapToObj(i -> Bytes.hex(memory, i * 64L, i * 64L + 64))
            .collect(Collectors.toList());
    assertThat(entries)
        .containsExactly(
            "91a5a41101000000a8a9aaabacadaeaf00000000000000000000000000000000"
                + "0000920000000000000002000000000001002a36fe9c9717785634127ead14f4",
            "5e34fc0c02000000a8a9aaabacadaeaf01000000000000000000020000000000"
                + "0000000000000000a086010000000000f4012a36fe9c9717000000004b3ebc8d",
            "13328ca703000000a8a9aaabacadaeaf0200000000000000a086030000000000"
                + "00000200000000000000040000000000" // durable, high water
                + "00cac471fe9c971736010000166f57fa",
            "d257343f01000000a8a9aaabacadaeaf0300000000000000a086030000000000"
                + "0000940000000000050000000000000001cac471fe9c97174cbb719ae04b5228");
    assertThat(chain.chain()).isEqualTo(0x28524be0);
    assertThat(chain.sequence()).isEqualTo(4);
    assertThat(chain.streamOffset()).isEqualTo(131072 + 100_000 + 5);
  }

  @Test
  void aGapWhoseSizeIsAnEstimateSaysSo() {
    IndexChain chain = new IndexChain(KEY);
    chain.appendGap(buffer, 0, 100_000, 1, true);
    chain.appendGap(buffer, 1, 100_000, 1, false);
    assertThat(Bytes.hex(memory, 4, 8)).isEqualTo("02010000");
    assertThat(Bytes.hex(memory, 68, 72)).isEqualTo("02000000");
    assertThat(IndexEntry.isEstimate(buffer.entry(0))).isTrue();
    assertThat(IndexEntry.isEstimate(buffer.entry(1))).isFalse();
    IndexChain read = new IndexChain(KEY);
    assertThat(read.accept(buffer, 0)).isTrue();
    assertThat(read.accept(buffer, 1)).isTrue();
    assertThat(read.streamOffset()).isEqualTo(200_000);
  }

  @Test
  void acceptsWhatItWrote() {
    IndexChain written = written();
    IndexChain read = new IndexChain(KEY);
    for (int i = 0; i < 4; i++) {
      assertThat(read.accept(buffer, i)).isTrue();
    }
    assertThat(read.chain()).isEqualTo(written.chain());
    assertThat(read.streamOffset()).isEqualTo(written.streamOffset());
    assertThat(read.accept(buffer, 4)).as("a blank entry").isFalse();

    long chunk = buffer.entry(3);
    assertThat(IndexEntry.kind(chunk)).isEqualTo(IndexEntry.CHUNK);
    assertThat(IndexEntry.address(chunk)).isEqualTo(9699328);
    assertThat(IndexEntry.length(chunk)).isEqualTo(5);
    assertThat(IndexEntry.dataCrc(chunk)).isEqualTo(0x9a71bb4c);
    assertThat(IndexEntry.time(chunk)).isEqualTo(1_700_000_001_000_000_001L);
    long mark = buffer.entry(2);
    assertThat(IndexEntry.durable(mark)).isEqualTo(131072);
    assertThat(IndexEntry.highWater(mark)).isEqualTo(262144);
    assertThat(IndexEntry.kelvin(mark)).isEqualTo(310);
    assertThat(IndexEntry.advance(mark)).isZero();
  }

  @Test
  void continuesFromWithin() {
    written();
    int chain = IndexEntry.chain(buffer.entry(1));
    IndexChain read = new IndexChain(KEY, 2, 231_072, chain);
    assertThat(read.accept(buffer, 2)).isTrue();
    assertThat(read.accept(buffer, 3)).isTrue();
    assertThat(new IndexChain(KEY, 2, 231_072, chain + 1).accept(buffer, 2)).isFalse();
    assertThat(new IndexChain(KEY, 3, 231_072, chain).accept(buffer, 2)).isFalse();
    assertThat(new IndexChain(KEY, 2, 231_071, chain).accept(buffer, 2)).isFalse();
    assertThat(new IndexChain(KEY + 1, 2, 231_072, chain).accept(buffer, 2)).isFalse();
  }

  @Test
  void refusesAnyFlippedBit() {
    written();
    for (long bit = 0; bit < IndexEntry.SIZE * 8; bit++) {
      Bytes.flip(memory, bit);
      IndexChain read = new IndexChain(KEY);
      if (read.accept(buffer, 0)) {
        throw new AssertionError("bit " + bit + " flipped, and the entry was accepted");
      }
      assertThat(read.sequence()).isZero();
      Bytes.flip(memory, bit);
    }
    assertThat(new IndexChain(KEY).accept(buffer, 0)).isTrue();
  }
}
