package sluice.recorder.volume;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import sluice.recorder.drive.Drive;
import sluice.recorder.drive.DriveIo;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Superblock;

/**
 * What a drive may hold that nobody wants to lose: partition tables, file systems, volumes. Found
 * by the bytes by which their own tools know them.
 */
public final class Signatures {
  private static final int HEAD = 512 << 10;
  private static final int TAIL = 128 << 10;
  private static final int ALIGNMENT = 4096;
  private static final HexFormat HEX = HexFormat.of();

  /** Bytes at an offset from the drive's start, or, where negative, from its end. */
  private record Signature(String name, long offset, String hex) {}

  private static final List<Signature> KNOWN =
      List.of(
          text("a layout of this recorder", 0, Superblock.MAGIC),
          text("a layout of this recorder", -4096, Superblock.MAGIC),
          text("a layout of this recorder", 4096, CatalogueEntry.MAGIC),
          text("a GPT partition table", 512, "EFI PART"),
          text("a GPT partition table", 4096, "EFI PART"),
          text("a GPT partition table", -512, "EFI PART"),
          text("a GPT partition table", -4096, "EFI PART"),
          text("an NTFS file system", 3, "NTFS    "),
          text("an exFAT file system", 3, "EXFAT   "),
          hex("an ext2, ext3 or ext4 file system", 1080, "53ef"),
          text("an XFS file system", 0, "XFSB"),
          text("a Btrfs file system", 65536 + 64, "_BHRfS_M"),
          hex("an F2FS file system", 1024, "1020f5f2"),
          text("an ISO 9660 file system", 32769, "CD001"),
          hex("a LUKS volume", 0, "4c554b53babe"),
          hex("a LUKS volume", 16384, "534b554cbabe"),
          text("an LVM physical volume", 0, "LABELONE"),
          text("an LVM physical volume", 512, "LABELONE"),
          text("an LVM physical volume", 1024, "LABELONE"),
          text("an LVM physical volume", 1536, "LABELONE"),
          hex("a member of an md array", 0, "fc4e2ba9"),
          hex("a member of an md array", 4096, "fc4e2ba9"),
          hex("a bcache device", 4096 + 24, "c68573f64e1a45ca8265f57f48ba6d81"),
          text("swap space", 4086, "SWAPSPACE2"),
          text("swap space", 4086, "SWAP-SPACE"),
          text("swap space", 65536 - 10, "SWAPSPACE2"),
          hex("a partition table or a boot sector", 510, "55aa"));

  private Signatures() {}

  private static Signature text(String name, long offset, String text) {
    return hex(name, offset, HEX.formatHex(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static Signature hex(String name, long offset, String digits) {
    return new Signature(name, offset, digits);
  }

  /** What a drive holds, each once, in words; empty if nothing is known. */
  public static List<String> find(Drive drive, DriveIo io) {
    long end = drive.bytes() / ALIGNMENT * ALIGNMENT;
    List<String> found = new ArrayList<>();
    int head = (int) Math.min(HEAD, end);
    io.read(0, head);
    for (Signature signature : KNOWN) {
      if (signature.offset >= 0) {
        check(io.buffer(), head, signature.offset, signature, found);
      }
    }
    if (isZfs(io.buffer(), head)) {
      found.add("a member of a ZFS pool");
    }
    int tail = (int) Math.min(TAIL, end);
    io.read(end - tail, tail);
    // The drive's own end: the tail that was read may stop short of it by less than a unit.
    for (Signature signature : KNOWN) {
      if (signature.offset < 0) {
        check(io.buffer(), tail, tail + signature.offset, signature, found);
      }
    }
    if (isMdAtEnd(io.buffer(), tail, end)) {
      add(found, "a member of an md array");
    }
    return found;
  }

  private static void check(
      MemorySegment buffer, int length, long at, Signature signature, List<String> found) {
    byte[] bytes = HEX.parseHex(signature.hex);
    if (at >= 0 && at + bytes.length <= length && isBytes(buffer, at, bytes)) {
      add(found, signature.name);
    }
  }

  private static void add(List<String> found, String name) {
    if (!found.contains(name)) {
      found.add(name);
    }
  }

  /** Uberblocks of the first two labels: one each KiB from 128 KiB of a label of 256 KiB. */
  private static boolean isZfs(MemorySegment head, int length) {
    byte[] little = HEX.parseHex("0cb1ba0000000000");
    byte[] big = HEX.parseHex("0000000000bab10c");
    for (long label = 0; label + (256 << 10) <= length; label += 256 << 10) {
      for (long at = label + (128 << 10); at < label + (256 << 10); at += 1024) {
        if (isBytes(head, at, little) || isBytes(head, at, big)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Superblocks 0.90 (a 64 KiB unit, 64 KiB or more from the end) and 1.0 (8 KiB or more). */
  private static boolean isMdAtEnd(MemorySegment tail, int length, long end) {
    byte[] magic = HEX.parseHex("fc4e2ba9");
    long old = (end & -65536L) - 65536 - (end - length);
    long newer = (end - 8192 & -4096L) - (end - length);
    return (old >= 0 && isBytes(tail, old, magic)) || (newer >= 0 && isBytes(tail, newer, magic));
  }

  private static boolean isBytes(MemorySegment memory, long at, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (memory.get(JAVA_BYTE, at + i) != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
