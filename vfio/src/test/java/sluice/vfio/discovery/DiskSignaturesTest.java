package sluice.vfio.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiskSignaturesTest {
  private static final long SIZE = (64 << 20) + 4096;

  @TempDir private Path directory;

  private static List<String> find(Path disk) throws IOException {
    return DiskSignatures.find(disk).data();
  }

  private Path disk(long offset, String hex) throws IOException {
    Path disk = Files.createTempFile(directory, "disk", "");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(SIZE);
      file.seek(offset);
      file.write(HexFormat.of().parseHex(hex));
    }
    return disk;
  }

  @ParameterizedTest
  @CsvSource({
    "1080, 53ef, 'an ext2, ext3 or ext4 file system'",
    "0, 58465342, an XFS file system",
    "65600, 5f42485266535f4d, a Btrfs file system",
    "1024, 1020f5f2, an F2FS file system",
    "3, 4e54465320202020, an NTFS file system",
    "54, 4641543136202020, a FAT file system",
    "82, 4641543332202020, a FAT file system",
    "4086, 53574150535041434532, swap space",
    "512, 4c4142454c4f4e45, an LVM physical volume",
    "0, 4c554b53babe0002, a LUKS volume",
    "4096, fc4e2ba9, a member of an md array",
    "67104768, fc4e2ba9, a member of an md array",
    "67043328, fc4e2ba9, a member of an md array",
    "4120, c68573f64e1a45ca8265f57f48ba6d81, a bcache device",
    "135168, 0cb1ba0000000000, a member of a ZFS pool",
    "3, 5265465300000000, a ReFS file system",
    "3, 2d4656452d46532d, a BitLocker volume",
    "1024, e2e1f5e0, an EROFS file system",
    "1030, 3434, a NILFS2 file system",
    "65536, 01161970, a GFS2 file system",
    "67111936, 496e74656c20526169642049534d20436667205369672e20, a member of an Intel RAID",
    "67112448, de11de11, a member of a DDF RAID",
    "510, 55aa, a partition table or a boot sector",
    "131072, 0000000000bab10c, a member of a ZFS pool",
    "512, 4546492050415254, a GPT partition table",
    "4096, 4546492050415254, a GPT partition table",
    "67112448, 4546492050415254, a GPT partition table",
    "66715648, 0cb1ba0000000000, a member of a ZFS pool",
    "66982912, 0cb1ba0000000000, a member of a ZFS pool",
    "0, 646d76646f303031, a VDO volume",
    "1048576, 0dd001c0, a VMFS volume",
    "2097152, 5ef1ab2f, a VMFS file system",
    "65536, 52654973457234, a Reiser4 file system",
    "0, 5350444b424c4f42, an SPDK blobstore",
    "0, 7665726974790000, hashes of dm-verity",
    "0, 55424923, a UBI volume",
    "0, 31181006, a UBIFS file system",
    "516, 21537472613074697386ff025e417268, a member of a Stratis pool",
    "4096, 4f4346535632, an OCFS2 file system"
  })
  void knowsWhoseDataItIs(long offset, String hex, String what) throws IOException {
    assertThat(find(disk(offset, hex))).containsExactly(what);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 01",
    "511, 80",
    "32256, ebfe",
    "4194303, 01",
    "4194304, 01",
    "8454144, 01",
    "66060288, 01",
    "67108864, 01",
    "67112959, 01"
  })
  void dataThatNothingAnnouncesIsDataAllTheSame(long offset, String hex) throws IOException {
    assertThat(find(disk(offset, hex)))
        .containsExactly("data of an unknown kind (at byte " + (offset & -512) + ")");
  }

  @Test
  void whatIsLongerThanTheDistanceOfTwoPlacesIsAlwaysFound() throws IOException {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 50; i++) {
      long at = random.nextLong(SIZE - (64 << 10) - 4096);
      byte[] data = new byte[(64 << 10) + 4096];
      random.nextBytes(data);
      assertThat(find(disk(at, HexFormat.of().formatHex(data)))).as("at " + at).isNotEmpty();
    }
  }

  @Test
  void whatIsLongerThanAThousandthOfALargeDiskIsFound() throws IOException {
    long size = 1_000_204_886_016L;
    long start = 700L << 30;
    AtomicLong reads = new AtomicLong();
    DiskSignatures found =
        DiskSignatures.of(
            (offset, length) -> {
              reads.incrementAndGet();
              byte[] bytes = new byte[length];
              boolean isData = offset >= start && offset < start + (1L << 30);
              Arrays.fill(bytes, (byte) (isData ? 7 : 0));
              return bytes;
            },
            size);
    assertThat(found.known()).isEmpty();
    assertThat(found.unknown()).hasValue("data of an unknown kind (at byte " + start + ")");
    assertThat(reads.get()).isLessThan(2048);
  }

  @Test
  void aDiskOfOnesIsEmptyAndSoIsOneOfBoth() throws IOException {
    byte[] bytes = new byte[8192];
    Arrays.fill(bytes, 512, 4096, (byte) -1);
    DiskSignatures found =
        DiskSignatures.of(
            (offset, length) -> Arrays.copyOfRange(bytes, (int) offset, (int) offset + length),
            bytes.length);
    assertThat(found.unknown()).isEmpty();
    bytes[600] = 0;
    assertThat(found.unknown()).as("looked at once").isEmpty();
    assertThat(DiskSignatures.of((_, length) -> Arrays.copyOf(bytes, length), 8192).unknown())
        .hasValue("data of an unknown kind (at byte 512)");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, SIZE - 4096})
  void theRecordersOwnLayoutIsNobodysData(long offset) throws IOException {
    DiskSignatures.Found found = DiskSignatures.find(disk(offset, "534c554943564f4c"));
    assertThat(found.isRecorders()).isTrue();
    assertThat(found.data()).isEmpty();
  }

  @Test
  void zeros() throws IOException {
    assertThat(find(disk(0, "00"))).isEmpty();
    assertThat(DiskSignatures.find(disk(0, "00")).isRecorders()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 512, 4095, 4096, 100_000})
  void aDiskOfNextToNoSize(int size) throws IOException {
    Path small = Files.write(directory.resolve("small"), new byte[size]);
    assertThat(find(small)).isEmpty();
    byte[] bytes = new byte[size];
    if (size > 0) {
      bytes[size - 1] = 1;
      assertThat(find(Files.write(small, bytes))).hasSize(1);
    }
  }
}
