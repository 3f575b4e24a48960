package sluice.vfio.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskSignaturesTest {
  private static final long SIZE = (64 << 20) + 4096;

  @TempDir private Path directory;

  private Path disk(long offset, String hex) throws IOException {
    Path disk = directory.resolve("disk");
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
    "67112448, 4546492050415254, a GPT partition table"
  })
  void knowsWhoseDataItIs(long offset, String hex, String what) throws IOException {
    assertThat(DiskSignatures.find(disk(offset, hex))).containsExactly(what);
  }

  @Test
  void zeros() throws IOException {
    assertThat(DiskSignatures.find(disk(0, "00"))).isEmpty();
  }

  @Test
  void aDiskOfNoSize() throws IOException {
    Path empty = Files.createFile(directory.resolve("empty"));
    assertThat(DiskSignatures.find(empty)).isEmpty();
  }
}
