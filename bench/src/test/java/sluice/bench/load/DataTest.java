package sluice.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataTest {
  private static final int BYTES = 16384;
  private final MemorySegment memory = Arena.ofAuto().allocate(BYTES, 4096);
  private final ByteBuffer buffer = memory.asByteBuffer();

  private byte at(long offset) {
    return memory.get(ValueLayout.JAVA_BYTE, offset);
  }

  private void flip(long offset, int bit) {
    memory.set(ValueLayout.JAVA_BYTE, offset, (byte) (at(offset) ^ (1 << bit)));
  }

  @Test
  void theHeaderByItsBytes() {
    BlockCheck check = new BlockCheck(Jobs.of("rw=write", "bs=4k", "verify=crc32c"));
    check.write(buffer, memory.address(), 4096, 0x12345000, 7);
    byte[] head = memory.asSlice(0, 24).toArray(ValueLayout.JAVA_BYTE);
    assertThat(new String(head, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("SLCVRFY1");
    assertThat(head[9]).isEqualTo((byte) 0x50);
    assertThat(head[16]).isEqualTo((byte) 7);
    assertThat(VerifyHeader.numberOf(0x12345000, VerifyHeader.seed(memory.address()))).isEqualTo(7);
  }

  /** Every byte of every kind of block: one bit is found, and where it is. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "verify=crc32c",
        "verify=crc32c verify_pattern=0xa55a",
        "verify=pattern verify_pattern=0x112233%o",
        "verify=crc32c verify_interval=512"
      })
  void aFlippedBitIsFound(String options) {
    long seed = 3;
    Random random = new Random(seed);
    String[] all = ("rw=write bs=4k " + options).split(" ");
    BlockCheck check = new BlockCheck(Jobs.of(all));
    long place = 1 << 20;
    for (int i = 0; i < 4096; i += 1 + random.nextInt(7)) {
      check.write(buffer, memory.address(), 4096, place, 9);
      assertThat(check.check(buffer, memory.address(), 4096, place, 9)).isZero();
      byte good = at(i);
      flip(i, random.nextInt(8));
      byte bad = at(i);
      boolean padding = check.check(buffer, memory.address(), 4096, place, 9) == 0;
      if (padding) {
        // Four bytes of a header say nothing.
        assertThat(i % 512).as("seed %d, byte %d", seed, i).isBetween(44, 47);
        continue;
      }
      assertThat(check.difference())
          .as("seed %d, byte %d", seed, i)
          .startsWith(
              "byte %d: expected 0x%02x, found 0x%02x (1 of the "
                  .formatted(place + i, good & 0xff, bad & 0xff));
    }
  }

  @Test
  void whatWasWrittenEarlierIsNotTakenForLater() {
    BlockCheck check = new BlockCheck(Jobs.of("rw=write", "bs=4k", "verify=crc32c"));
    check.write(buffer, memory.address(), 4096, 0, 5);
    assertThat(check.check(buffer, memory.address(), 4096, 0, BlockCheck.ANY_NUMBER)).isZero();
    assertThat(check.check(buffer, memory.address(), 4096, 0, 6)).isEqualTo(1);
    assertThat(check.difference())
        .isEqualTo(
            "block of 4096 bytes at byte 0: holds what I/O 5 wrote, though I/O 6 wrote it later");
  }

  @Test
  void whatWasNeverWrittenIsNotKnown() {
    BlockCheck check = new BlockCheck(Jobs.of("rw=read", "bs=4k", "verify=crc32c"));
    assertThat(check.check(buffer, memory.address(), 8192, 0, BlockCheck.ANY_NUMBER)).isEqualTo(2);
    assertThat(check.difference())
        .endsWith("it does not begin as a block of a verified write does");
  }

  @Test
  void blocksThatWereWrittenTogetherAreReadApart() {
    new BlockCheck(Jobs.of("rw=write", "bs=16k", "verify=crc32c", "verify_interval=4k"))
        .write(buffer, memory.address(), 16384, 65536, 3);
    BlockCheck apart = new BlockCheck(Jobs.of("rw=read", "bs=4k", "verify=crc32c"));
    MemorySegment part = memory.asSlice(8192, 4096);
    assertThat(apart.check(part.asByteBuffer(), part.address(), 4096, 65536 + 8192, -1)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 30, 50, 80, 100})
  void asCompressibleAsItShouldBe(int percent) {
    DataFiller filler =
        new DataFiller(Jobs.of("rw=write", "buffer_compress_percentage=" + percent), 1);
    filler.fill(memory.address(), BYTES);
    Deflater deflater = new Deflater();
    deflater.setInput(memory.toArray(ValueLayout.JAVA_BYTE));
    deflater.finish();
    int compressed = deflater.deflate(new byte[2 * BYTES]);
    deflater.end();
    assertThat(compressed / (double) BYTES)
        .isBetween((100 - percent) / 100.0 - 0.02, (100 - percent) / 100.0 + 0.06);
  }

  @Test
  void patternsAreRepeated() {
    DataFiller filler = new DataFiller(Jobs.of("rw=write", "buffer_pattern=0x010203"), 1);
    filler.fill(memory.address(), BYTES);
    filler.prepare(memory.address(), BYTES, 4096);
    for (int i = 0; i < BYTES; i++) {
      assertThat(at(i)).isEqualTo((byte) (i % 3 + 1));
    }
  }

  @Test
  void zerosStayZeros() {
    DataFiller filler = new DataFiller(Jobs.of("rw=write", "zero_buffers"), 1);
    filler.fill(memory.address(), BYTES);
    filler.prepare(memory.address(), BYTES, 4096);
    assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
  }

  @Test
  void buffersAreScrambledUnlessTheyShouldNotBe() {
    DataFiller filler = new DataFiller(Jobs.of("rw=write"), 1);
    filler.fill(memory.address(), BYTES);
    byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
    filler.prepare(memory.address(), 4096, 0);
    byte[] after = memory.toArray(ValueLayout.JAVA_BYTE);
    for (int sector = 0; sector < 4096; sector += 512) {
      assertThat(Arrays.equals(before, sector, sector + 512, after, sector, sector + 512))
          .isFalse();
    }
    assertThat(Arrays.equals(before, 4096, BYTES, after, 4096, BYTES)).isTrue();
  }
}
