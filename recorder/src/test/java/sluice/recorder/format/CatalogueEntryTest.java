package sluice.recorder.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sluice.recorder.format.CatalogueEntry.PauseFigures;
import sluice.recorder.format.CatalogueEntry.RingFigures;
import sluice.recorder.format.CatalogueEntry.Totals;

class CatalogueEntryTest {
  private static CatalogueEntry entry(String name, Map<String, String> header) {
    long[] latencies = new long[LatencyBuckets.COUNT];
    latencies[15] = 7;
    latencies[25] = 1;
    return new CatalogueEntry(
        5,
        RecordingState.CLOSED,
        EndReason.STREAM_ENDED,
        UUID.fromString("a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf"),
        1_700_000_000_000_000_001L,
        1_700_000_060_000_000_002L,
        name,
        "udp://0.0.0.0:5000",
        header,
        List.of(new Extent(9568256, 131072), new Extent(16777216, 786432)),
        new IndexRange(1052672, 11, 0xcafef00d, 9, List.of(2, 5)),
        new Totals(1_000_000, 900_000, 8, 1, 100_000),
        new RingFigures(131072, 67108864, 1048576),
        new PauseFigures(3, 5_000_000, 50_000_000, 51_000_000, new LatencyBuckets(latencies)));
  }

  private static MemorySegment payload(CatalogueEntry entry, int copy) {
    MemorySegment payload = Bytes.allocate(SealedBlock.PAYLOAD);
    entry.encode(payload, copy);
    return payload;
  }

  @Test
  void hasTheBytesOfTheFormat() {
    CatalogueEntry entry = entry("Antenne S\u00fcd", Map.of("rate", "1000000", "format", "i16"));
    MemorySegment block = Bytes.allocate(SealedBlock.SIZE);
    SealedBlock.seal(payload(entry, 1), 3, block);
    assertThat(Bytes.hex(block, 0, 224))
        .isEqualTo(
            "534c554943524543" // SLUICREC
                + "0500000001000000" // number, copy
                + "0200000001000000" // closed, the stream ended
                + "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
                + "01002a36fe9c9717" // opened
                + "0258712e0c9d9717" // closed
                + "40420f0000000000" // stream bytes
                + "a0bb0d0000000000" // recorded bytes
                + "0800000000000000" // chunks
                + "0100000000000000" // gaps
                + "a086010000000000" // lost bytes
                + "0010100000000000" // index
                + "0b00000000000000"
                + "0df0feca" // chain
                + "00000200" // slot
                + "0000000400000000" // ring
                + "0000100000000000" // high water
                + "0300000000000000" // pauses
                + "404b4c0000000000"
                + "80f0fa0200000000"
                + "c0320a0300000000"
                + "0200000018000000" // extents, header bytes
                + "0c1202" // name bytes, source bytes, left out
                + "0000000000"
                + "0900000000000000" // noted
                + "0000920000000000" // extents
                + "0000020000000000"
                + "0000000100000000"
                + "00000c0000000000");
    // The payload runs on in the next sector: 768 is 264 in the second, 1280 is 272 in the third.
    assertThat(Bytes.hex(block, 512 + 264, 512 + 277)).isEqualTo("416e74656e6e652053c3bc6400");
    assertThat(Bytes.hex(block, 1024 + 16, 1024 + 35))
        .isEqualTo("7564703a2f2f302e302e302e303a3530303000");
    // 3968 is 440 in the last.
    assertThat(Bytes.hex(block, 3584 + 440, 3584 + 452)).isEqualTo("020000000500000000000000");
    assertThat(Bytes.hex(block, 1024 + 272, 1024 + 297))
        .isEqualTo("666f726d61743d6931360a726174653d313030303030300a00");
    assertThat(
            IntStream.range(0, 8)
                .mapToObj(i -> Bytes.hex(block, i * 512 + 504, i * 512 + 512))
                .collect(Collectors.toList()))
        .containsExactly(
            "03000000a38c4515",
            "03000000dba72941",
            "030000008c527fc4",
            "03000000fa20758e",
            "03000000fa20758e",
            "03000000fa20758e",
            "03000000fa20758e",
            "03000000774d9e17");
    assertThat(entry.key()).isEqualTo(0xafaeadacabaaa9a8L);
  }

  @Test
  void readsWhatItWrote() {
    CatalogueEntry entry = entry("x".repeat(255), Map.of("k", "v".repeat(2685)));
    assertThat(CatalogueEntry.decode(payload(entry, 0), 5, 0)).isEqualTo(entry);
    assertThat(CatalogueEntry.decode(payload(entry, 1), 5, 1)).isEqualTo(entry);
  }

  @Test
  void countsItsPlaces() {
    CatalogueEntry entry = entry("a", Map.of());
    assertThat(entry.dataBytes()).isEqualTo(131072 + 786432);
    assertThat(entry.indexExtent()).isEqualTo(new Extent(1052672, 4096 + 2 * 65536));
  }

  @Test
  void refusesWhatHasNoRoom() {
    assertThatThrownBy(() -> entry("\u00fc".repeat(128), Map.of()))
        .hasMessage("the name has 256 bytes of UTF-8, and 255 is the most");
    assertThatThrownBy(() -> entry("", Map.of())).hasMessage("a recording needs a name");
    assertThatThrownBy(() -> entry("a", Map.of("k", "v".repeat(2686))))
        .hasMessage("the header has 2689 bytes, and 2688 is the most");
    assertThatThrownBy(() -> entry("a", Map.of("a=b", "c")))
        .hasMessageContaining("a header's key has no '='");
    assertThatThrownBy(() -> entry("a", Map.of("a", "b\nc")))
        .hasMessageContaining("no line ends are in it");
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> CatalogueEntry.decode(payload(entry("a", Map.of()), 0), 4, 0))
        .hasMessage("catalogue entry 4 is not in its place");
    assertThatThrownBy(() -> CatalogueEntry.decode(Bytes.allocate(SealedBlock.PAYLOAD), 4, 0))
        .hasMessage("catalogue entry 4 holds something else");
    MemorySegment state = payload(entry("a", Map.of()), 0);
    state.set(JAVA_BYTE, 16, (byte) 9);
    assertThatThrownBy(() -> CatalogueEntry.decode(state, 5, 0))
        .isInstanceOf(FormatException.class)
        .hasMessage("no recording has the state 9");
    MemorySegment nameless = payload(entry("a", Map.of()), 0);
    nameless.set(JAVA_BYTE, 176, (byte) 0);
    assertThatThrownBy(() -> CatalogueEntry.decode(nameless, 5, 0))
        .isInstanceOf(FormatException.class);
  }

  @Test
  void sortsLatenciesByPowersOfTwo() {
    assertThat(LatencyBuckets.bucket(0)).isZero();
    assertThat(LatencyBuckets.bucket(1)).isZero();
    assertThat(LatencyBuckets.bucket(1023)).isEqualTo(9);
    assertThat(LatencyBuckets.bucket(1024)).isEqualTo(10);
    assertThat(LatencyBuckets.bucket(Long.MAX_VALUE)).isEqualTo(39);
  }
}
