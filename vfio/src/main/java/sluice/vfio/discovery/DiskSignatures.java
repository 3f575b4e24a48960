package sluice.vfio.discovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a disk may hold that nobody wants to lose: partition tables, file systems, volumes. Found by
 * the bytes by which their own tools know them.
 */
public final class DiskSignatures {
  private static final HexFormat HEX = HexFormat.of();
  private static final String RAID = "a member of an md array";
  private static final String RAID_MAGIC = "fc4e2ba9";
  private static final String ZFS = "a member of a ZFS pool";
  private static final long ZFS_LABEL = 256 << 10;
  private static final int ZFS_RING = 128 << 10;

  /** Some bytes of a disk. */
  @FunctionalInterface
  public interface Content {
    /**
     * @return so many bytes from an offset; fewer, or none, where the disk does not have them
     */
    byte[] read(long offset, int length) throws IOException;
  }

  /** Bytes at an offset from the disk's start, or, where negative, from its end. */
  private record Signature(String name, long offset, String hex) {}

  private static final List<Signature> KNOWN =
      List.of(
          text("a GPT partition table", 512, "EFI PART"),
          text("a GPT partition table", 4096, "EFI PART"),
          text("a GPT partition table", -512, "EFI PART"),
          text("a GPT partition table", -4096, "EFI PART"),
          text("an NTFS file system", 3, "NTFS    "),
          text("an exFAT file system", 3, "EXFAT   "),
          text("a ReFS file system", 3, "ReFS"),
          text("a BitLocker volume", 3, "-FVE-FS-"),
          text("a FAT file system", 0x36, "FAT1"),
          text("a FAT file system", 0x52, "FAT32"),
          hex("an ext2, ext3 or ext4 file system", 0x438, "53ef"),
          text("an XFS file system", 0, "XFSB"),
          text("a Btrfs file system", 0x10040, "_BHRfS_M"),
          hex("an F2FS file system", 0x400, "1020f5f2"),
          hex("an EROFS file system", 0x400, "e2e1f5e0"),
          hex("a NILFS2 file system", 0x406, "3434"),
          hex("a GFS2 file system", 0x10000, "01161970"),
          text("a SquashFS file system", 0, "hsqs"),
          text("a JFS file system", 0x8000, "JFS1"),
          text("a ReiserFS file system", 0x10034, "ReIsEr"),
          text("an HFS+ file system", 0x400, "H+"),
          text("an APFS container", 0x20, "NXSB"),
          text("an ISO 9660 file system", 0x8001, "CD001"),
          text("a UDF file system", 0x8001, "BEA01"),
          hex("a LUKS volume", 0, "4c554b53babe"),
          hex("a LUKS volume", 0x4000, "534b554cbabe"),
          text("an LVM physical volume", 0, "LABELONE"),
          text("an LVM physical volume", 512, "LABELONE"),
          text("an LVM physical volume", 1024, "LABELONE"),
          text("an LVM physical volume", 1536, "LABELONE"),
          hex(RAID, 0, RAID_MAGIC),
          hex(RAID, 4096, RAID_MAGIC),
          text("a member of an Intel RAID", -1024, "Intel Raid ISM Cfg Sig. "),
          hex("a member of a DDF RAID", -512, "de11de11"),
          hex("a bcache device", 0x1018, "c68573f64e1a45ca8265f57f48ba6d81"),
          hex("a bcachefs file system", 0x1018, "c68573f666ce90a9"),
          text("swap space", 4096 - 10, "SWAPSPACE2"),
          text("swap space", 4096 - 10, "SWAP-SPACE"),
          text("swap space", 16384 - 10, "SWAPSPACE2"),
          text("swap space", 65536 - 10, "SWAPSPACE2"),
          text("a Ceph OSD", 0, "bluestore block device"),
          text("an Oracle ASM disk", 0x20, "ORCLDISK"),
          hex("a partition table or a boot sector", 510, "55aa"));

  private DiskSignatures() {}

  private static Signature text(String name, long offset, String text) {
    return hex(name, offset, HEX.formatHex(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static Signature hex(String name, long offset, String digits) {
    return new Signature(name, offset, digits);
  }

  /**
   * Looks at a disk's file.
   *
   * @return what it holds, each once, in words; empty if nothing is known
   * @throws IOException if it cannot be read
   */
  public static List<String> find(Path disk) throws IOException {
    try (FileChannel channel = FileChannel.open(disk)) {
      return find((offset, length) -> read(channel, offset, length), channel.size());
    }
  }

  private static byte[] read(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {}
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /**
   * Looks at a disk: at its first 512 KiB and its last 128 KiB.
   *
   * @param size bytes of the disk
   */
  public static List<String> find(Content content, long size) throws IOException {
    Set<String> found = new LinkedHashSet<>();
    for (Signature signature : KNOWN) {
      long at = signature.offset < 0 ? size + signature.offset : signature.offset;
      if (isThere(content, at, signature.hex)) {
        found.add(signature.name);
      }
    }
    // Formats 0.90 (in units of 64 KiB) and 1.0 of md are near the end.
    if (isThere(content, (size & -65536L) - 65536, RAID_MAGIC)
        || isThere(content, size - 8192 & -4096L, RAID_MAGIC)) {
      found.add(RAID);
    }
    if (hasZfs(content, 0) || hasZfs(content, ZFS_LABEL)) {
      found.add(ZFS);
    }
    return List.copyOf(found);
  }

  private static boolean isThere(Content content, long at, String hex) throws IOException {
    byte[] magic = HEX.parseHex(hex);
    return at >= 0 && Arrays.equals(content.read(at, magic.length), magic);
  }

  /** Uberblocks, one each KiB in the second half of a label, in the order of who wrote them. */
  private static boolean hasZfs(Content content, long label) throws IOException {
    byte[] little = HEX.parseHex("0cb1ba0000000000");
    byte[] big = HEX.parseHex("0000000000bab10c");
    byte[] ring = content.read(label + ZFS_RING, ZFS_RING);
    for (int at = 0; at + Long.BYTES <= ring.length; at += 1024) {
      byte[] word = Arrays.copyOfRange(ring, at, at + Long.BYTES);
      if (Arrays.equals(word, little) || Arrays.equals(word, big)) {
        return true;
      }
    }
    return false;
  }
}
