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
import java.util.Optional;
import java.util.Set;

/**
 * What a disk may hold that nobody wants to lose: partition tables, file systems, volumes, found by
 * the bytes by which their own tools know them; and whatever else it holds, for there is data that
 * nothing announces: an encrypted disk (plain dm-crypt, VeraCrypt), a database's own disk, a stream
 * that was recorded raw.
 *
 * <p>So only a disk counts as empty whose first 4 MiB, last 1 MiB, and a block at each of a
 * thousand places or more between are all zeros or all ones, as disks are that are new or were
 * trimmed. Data that is shorter than the distance of two such places can be missed.
 */
public final class DiskSignatures {
  /** What this recorder's layout begins with, and its last 4096 bytes. */
  public static final String RECORDER_MAGIC = "SLUICVOL";

  private static final HexFormat HEX = HexFormat.of();
  private static final String RAID = "a member of an md array";
  private static final String RAID_MAGIC = "fc4e2ba9";
  private static final String ZFS = "a member of a ZFS pool";
  private static final String STRATIS = "a member of a Stratis pool";
  private static final String STRATIS_MAGIC = "!Stra0tis";
  private static final String OCFS2 = "an OCFS2 file system";
  private static final String OCFS2_MAGIC = "OCFSV2";
  private static final int ZFS_LABEL = 256 << 10;
  private static final int ZFS_RING = 128 << 10;

  private static final int HEAD = 4 << 20;
  private static final int TAIL = 1 << 20;

  /** The places between are this many at the least, unless the disk is too small for them. */
  private static final int PLACES = 1024;

  private static final int PLACE_BYTES = 4096;

  /** The smallest thing that a disk trims or writes. */
  private static final int BLOCK = 512;

  private static final byte[] ZEROS = new byte[BLOCK];
  private static final byte[] ONES = ones();

  /** Some bytes of a disk. */
  @FunctionalInterface
  public interface Content {
    /**
     * @param offset a multiple of 512
     * @param length as much as there is of the disk from there on, or less
     * @return so many bytes; fewer, or none, where they are not there after all
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
          text("a Reiser4 file system", 0x10000, "ReIsEr4"),
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
          text("a VDO volume", 0, "dmvdo001"),
          hex("a VMFS volume", 1 << 20, "0dd001c0"),
          hex("a VMFS file system", 2 << 20, "5ef1ab2f"),
          text("an SPDK blobstore", 0, "SPDKBLOB"),
          hex("hashes of dm-verity", 0, "7665726974790000"),
          text("a UBI volume", 0, "UBI#"),
          hex("a UBIFS file system", 0, "31181006"),
          text(STRATIS, 512 + 4, STRATIS_MAGIC),
          text(STRATIS, 9 * 512 + 4, STRATIS_MAGIC),
          text(OCFS2, 1 << 10, OCFS2_MAGIC),
          text(OCFS2, 2 << 10, OCFS2_MAGIC),
          text(OCFS2, 4 << 10, OCFS2_MAGIC),
          text(OCFS2, 8 << 10, OCFS2_MAGIC),
          text("an Oracle ASM disk", 0x20, "ORCLDISK"),
          hex("a partition table or a boot sector", 510, "55aa"));

  private final Content content;
  private final long size;
  private final byte[] head;
  private final byte[] tail;
  private final long tailStart;

  private DiskSignatures(Content content, long size) throws IOException {
    this.content = content;
    this.size = size;
    this.tailStart = Math.max(0, (size & -BLOCK) - TAIL);
    this.head = content.read(0, (int) Math.min(HEAD, size));
    this.tail = content.read(tailStart, (int) (size - tailStart));
  }

  private static Signature text(String name, long offset, String text) {
    return hex(name, offset, HEX.formatHex(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static Signature hex(String name, long offset, String digits) {
    return new Signature(name, offset, digits);
  }

  private static byte[] ones() {
    byte[] ones = new byte[BLOCK];
    Arrays.fill(ones, (byte) -1);
    return ones;
  }

  /**
   * What a disk holds.
   *
   * @param data each thing once, in words; empty if it is empty, or has nothing but the layout
   * @param isRecorders whether it has this recorder's layout
   */
  public record Found(List<String> data, boolean isRecorders) {}

  /**
   * Looks at a disk's file.
   *
   * @throws IOException if it cannot be read
   */
  public static Found find(Path disk) throws IOException {
    try (FileChannel channel = FileChannel.open(disk)) {
      DiskSignatures seen = of((offset, length) -> read(channel, offset, length), channel.size());
      List<String> known = seen.known();
      boolean isRecorders = seen.isRecorders();
      return new Found(
          known.isEmpty() && !isRecorders ? seen.unknown().stream().toList() : known, isRecorders);
    }
  }

  private static byte[] read(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {}
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /**
   * Looks at a disk's first and last bytes.
   *
   * @param size bytes of the disk
   */
  public static DiskSignatures of(Content content, long size) throws IOException {
    return new DiskSignatures(content, size);
  }

  /** What is known of it, each once, in words; empty if nothing is. */
  public List<String> known() {
    Set<String> found = new LinkedHashSet<>();
    for (Signature signature : KNOWN) {
      if (isThere(signature.offset, signature.hex)) {
        found.add(signature.name);
      }
    }
    // Formats 0.90 (in units of 64 KiB) and 1.0 of md are near the end.
    if (isThere(tail, (size & -65536L) - 65536 - tailStart, RAID_MAGIC)
        || isThere(tail, (size - 8192 & -4096L) - tailStart, RAID_MAGIC)) {
      found.add(RAID);
    }
    long lastLabels = (size & -ZFS_LABEL) - 2 * ZFS_LABEL - tailStart;
    if (hasZfs(head, 0)
        || hasZfs(head, ZFS_LABEL)
        || hasZfs(tail, lastLabels)
        || hasZfs(tail, lastLabels + ZFS_LABEL)) {
      found.add(ZFS);
    }
    return List.copyOf(found);
  }

  /** Whether it has this recorder's layout, which is nobody else's. */
  boolean isRecorders() {
    String hex = HEX.formatHex(RECORDER_MAGIC.getBytes(StandardCharsets.ISO_8859_1));
    return isThere(head, 0, hex) || isThere(tail, (size - 4096 & -4096L) - tailStart, hex);
  }

  private boolean isThere(long offset, String hex) {
    return offset < 0 ? isThere(tail, size + offset - tailStart, hex) : isThere(head, offset, hex);
  }

  private static boolean isThere(byte[] part, long at, String hex) {
    byte[] magic = HEX.parseHex(hex);
    return at >= 0
        && at + magic.length <= part.length
        && Arrays.equals(part, (int) at, (int) at + magic.length, magic, 0, magic.length);
  }

  /** Uberblocks, one each KiB in the second half of a label, in the order of who wrote them. */
  private static boolean hasZfs(byte[] part, long label) {
    for (long at = label + ZFS_RING; at < label + 2 * ZFS_RING; at += 1024) {
      if (isThere(part, at, "0cb1ba0000000000") || isThere(part, at, "0000000000bab10c")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Looks for data of whatever kind.
   *
   * @return in words; empty if all is empty that was looked at
   */
  public Optional<String> unknown() throws IOException {
    long at = firstData();
    return at < 0 ? Optional.empty() : Optional.of("data of an unknown kind (at byte " + at + ")");
  }

  private long firstData() throws IOException {
    int at = firstData(head);
    if (at >= 0) {
      return at;
    }
    // At multiples of a power of two, where people and programs like to let something begin.
    long step = Math.max(PLACE_BYTES, Long.highestOneBit(tailStart / PLACES));
    long first = Math.ceilDiv((long) head.length, step) * step;
    for (long place = first; place + PLACE_BYTES <= tailStart; place += step) {
      at = firstData(content.read(place, PLACE_BYTES));
      if (at >= 0) {
        return place + at;
      }
    }
    at = firstData(tail);
    return at < 0 ? -1 : tailStart + at;
  }

  private static int firstData(byte[] part) {
    for (int at = 0; at < part.length; at += BLOCK) {
      int end = Math.min(part.length, at + BLOCK);
      if (!Arrays.equals(part, at, end, ZEROS, 0, end - at)
          && !Arrays.equals(part, at, end, ONES, 0, end - at)) {
        return at;
      }
    }
    return -1;
  }
}
