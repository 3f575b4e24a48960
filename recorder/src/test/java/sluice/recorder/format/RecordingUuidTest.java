package sluice.recorder.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class RecordingUuidTest {
  private static final UUID VOLUME = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

  private static long key(UUID uuid) {
    return Long.reverseBytes(uuid.getLeastSignificantBits());
  }

  @Test
  void tellsTheVolumesOwnKeysFromOthers() {
    UUID other = UUID.randomUUID();
    for (int i = 0; i < 1000; i++) {
      UUID uuid = RecordingUuid.random(VOLUME);
      assertThat(uuid.variant()).isEqualTo(2);
      assertThat(uuid.version()).isEqualTo(4);
      assertThat(RecordingUuid.isKeyOf(VOLUME, key(uuid))).isTrue();
      assertThat(RecordingUuid.isKeyOf(other, key(uuid))).isFalse();
      assertThat(RecordingUuid.isKeyOf(VOLUME, key(uuid) ^ 1L << i % 64)).isFalse();
      assertThat(key(RecordingUuid.withKey(key(uuid)))).isEqualTo(key(uuid));
    }
    assertThat(RecordingUuid.isKeyOf(VOLUME, 0)).isFalse();
  }

  /** The bytes of FORMAT.md, so that others can make such names. */
  @Test
  void hasTheChecksumInItsLastThreeBytes() {
    UUID uuid = UUID.fromString("12345678-9abc-4def-8123-45678900d1f1");
    long checked = key(uuid) & 0xff_ffff_ffffL;
    assertThat(checked).isEqualTo(0x89_6745_2381L);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(
        new byte[] {
          0x00,
          0x11,
          0x22,
          0x33,
          0x44,
          0x55,
          0x66,
          0x77,
          (byte) 0x88,
          (byte) 0x99,
          (byte) 0xaa,
          (byte) 0xbb,
          (byte) 0xcc,
          (byte) 0xdd,
          (byte) 0xee,
          (byte) 0xff,
          (byte) 0x81,
          0x23,
          0x45,
          0x67,
          (byte) 0x89
        });
    long checksum = crc.getValue() & 0xff_ffff;
    assertThat(RecordingUuid.isKeyOf(VOLUME, checked | checksum << 40)).isTrue();
    assertThat(RecordingUuid.isKeyOf(VOLUME, checked | (checksum ^ 1) << 40)).isFalse();
  }
}
