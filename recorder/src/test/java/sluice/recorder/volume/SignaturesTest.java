package sluice.recorder.volume;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.CompletionHandler;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.spec.StatusCode;
import sluice.recorder.MemoryDrive;
import sluice.recorder.Volume;
import sluice.recorder.VolumeOptions;
import sluice.recorder.format.Superblock;
import sluice.vfio.DmaSpace;
import sluice.vfio.discovery.DiskSignatures;

class SignaturesTest {
  private static final int SIZE = 16 << 20;

  private final MemoryDrive drive = MemoryDrive.of(SIZE);

  private void put(long offset, byte[] bytes) {
    long at = offset < 0 ? SIZE + offset : offset;
    for (int i = 0; i < bytes.length; i++) {
      drive.medium().set(JAVA_BYTE, at + i, bytes[i]);
    }
  }

  private void requireFound(String what) {
    try (DriveIo io = new DriveIo(drive)) {
      assertThat(Signatures.find(drive, io)).containsExactly(what);
    }
    drive.refuseWrites();
    assertThatThrownBy(() -> Volume.create(drive, VolumeOptions.standard()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("memory holds " + what + "; force it if that may be lost");
  }

  @Test
  void aDriveOfOneBlockIsNotLookedAt() {
    try (MemoryDrive small = MemoryDrive.of(512);
        DriveIo io = new DriveIo(small)) {
      assertThat(Signatures.find(small, io))
          .containsExactly("less than 4096 bytes, too few to be looked at");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "510 | 55aa | a partition table or a boot sector",
        "1080 | 53ef | an ext2, ext3 or ext4 file system",
        "0 | 4c554b53babe | a LUKS volume",
        "4096 | fc4e2ba9 | a member of an md array",
        "0 | fc4e2ba9 | a member of an md array",
        "-65536 | fc4e2ba9 | a member of an md array",
        "-8192 | fc4e2ba9 | a member of an md array",
        "131072 | 0cb1ba0000000000 | a member of a ZFS pool",
        "395264 | 0000000000bab10c | a member of a ZFS pool",
        "1024 | 1020f5f2 | an F2FS file system",
        "4120 | c68573f64e1a45ca8265f57f48ba6d81 | a bcache device",
        "1048576 | 0dd001c0 | a VMFS volume",
        "0 | 01 | data of an unknown kind (at byte 0)",
        "524288 | 80 | data of an unknown kind (at byte 524288)",
        "8388608 | 01 | data of an unknown kind (at byte 8388608)",
        "-1 | 01 | data of an unknown kind (at byte 16776704)",
      })
  void findsBytes(long offset, String hex, String what) {
    put(offset, HexFormat.of().parseHex(hex));
    requireFound(what);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "512 | EFI PART | a GPT partition table",
        "4096 | EFI PART | a GPT partition table",
        "-512 | EFI PART | a GPT partition table",
        "-4096 | EFI PART | a GPT partition table",
        "0 | XFSB | an XFS file system",
        "65600 | _BHRfS_M | a Btrfs file system",
        "512 | LABELONE | an LVM physical volume",
        "4086 | SWAPSPACE2 | swap space",
        "32769 | CD001 | an ISO 9660 file system",
        "3 | EXFAT | an exFAT file system",
        "0 | SLUICVOL | a layout of this recorder",
        "0 | dmvdo001 | a VDO volume",
        "65536 | ReIsEr4 | a Reiser4 file system",
        "0 | SPDKBLOB | an SPDK blobstore",
        "-4096 | SLUICVOL | a layout of this recorder",
        "4096 | SLUICREC | a layout of this recorder",
      })
  void findsText(long offset, String text, String what) {
    String padded = text.equals("EXFAT") ? "EXFAT   " : text;
    put(offset, padded.getBytes(StandardCharsets.ISO_8859_1));
    requireFound(what);
  }

  @Test
  void findsNothingOnABlankDrive() {
    try (DriveIo io = new DriveIo(drive)) {
      assertThat(Signatures.find(drive, io)).isEmpty();
    }
  }

  @Test
  void othersKnowOurLayoutByTheSameBytes() {
    assertThat(DiskSignatures.RECORDER_MAGIC).isEqualTo(Superblock.MAGIC);
  }

  @Test
  void findsARecordingThatWasMadeRaw() {
    put(5 << 20, new byte[] {1});
    drive.medium().asSlice(5 << 20, 1 << 20).fill((byte) 'x');
    requireFound("data of an unknown kind (at byte 5242880)");
  }

  @Test
  void whatCannotBeReadIsNotTakenForEmpty() {
    Drive unreadable = new Unreadable(drive);
    try (DriveIo io = new DriveIo(unreadable)) {
      assertThat(Signatures.find(unreadable, io))
          .singleElement()
          .asString()
          .startsWith("what cannot be read (memory: a read of ")
          .contains(" failed: Unrecovered Read Error (");
    }
  }

  /** A drive of which nothing can be read. */
  private record Unreadable(Drive drive) implements Drive {
    private static final int FAILURE = StatusCode.UNRECOVERED_READ_ERROR.status();

    @Override
    public String name() {
      return drive.name();
    }

    @Override
    public long bytes() {
      return drive.bytes();
    }

    @Override
    public int blockSize() {
      return drive.blockSize();
    }

    @Override
    public DmaSpace dma() {
      return drive.dma();
    }

    @Override
    public int maxQueueDepth() {
      return drive.maxQueueDepth();
    }

    @Override
    public DriveQueue openQueue(int depth) {
      DriveQueue queue = drive.openQueue(depth);
      InvocationHandler failing =
          (_, method, arguments) -> {
            if (!method.getName().equals("poll")) {
              return method.invoke(queue, arguments);
            }
            CompletionHandler handler = (CompletionHandler) arguments[0];
            return queue.poll((tag, _) -> handler.completed(tag, FAILURE));
          };
      return (DriveQueue)
          Proxy.newProxyInstance(
              DriveQueue.class.getClassLoader(), new Class<?>[] {DriveQueue.class}, failing);
    }

    @Override
    public void close() {
      drive.close();
    }
  }

  @Test
  void namesAllThatItFinds() {
    put(510, HexFormat.of().parseHex("55aa"));
    put(512, "EFI PART".getBytes(StandardCharsets.ISO_8859_1));
    put(-512, "EFI PART".getBytes(StandardCharsets.ISO_8859_1));
    try (DriveIo io = new DriveIo(drive)) {
      assertThat(Signatures.find(drive, io))
          .containsExactlyInAnyOrder("a partition table or a boot sector", "a GPT partition table");
    }
  }

  @Test
  void isForcedToWriteOverThem() {
    put(0, "XFSB".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(Volume.create(drive, VolumeOptions.standard().withForce(true)).recordings())
        .isEmpty();
  }
}
