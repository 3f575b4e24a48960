package sluice.recorder.volume;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sluice.recorder.drive.Drive;
import sluice.recorder.drive.DriveIo;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Superblock;
import sluice.vfio.discovery.DiskSignatures;

/** What a drive may hold that nobody wants to lose: what others know, and recordings. */
public final class Signatures {
  private static final int HEAD = 512 << 10;
  private static final int TAIL = 128 << 10;
  private static final int ALIGNMENT = 4096;
  private static final String OURS = "a layout of this recorder";

  private Signatures() {}

  /** What a drive holds, each once, in words; empty if nothing is known. */
  public static List<String> find(Drive drive, DriveIo io) {
    long end = drive.bytes() / ALIGNMENT * ALIGNMENT;
    byte[] head = read(io, 0, (int) Math.min(HEAD, end));
    int tailLength = (int) Math.min(TAIL, end);
    byte[] tail = read(io, end - tailLength, tailLength);
    DiskSignatures.Content content =
        (offset, length) -> {
          byte[] bytes = part(head, offset, length);
          return bytes.length > 0 ? bytes : part(tail, offset - (end - tailLength), length);
        };
    try {
      List<String> found = new ArrayList<>();
      if (isThere(content, 0, Superblock.MAGIC)
          || isThere(content, end - ALIGNMENT, Superblock.MAGIC)
          || isThere(content, ALIGNMENT, CatalogueEntry.MAGIC)) {
        found.add(OURS);
      }
      found.addAll(DiskSignatures.find(content, end));
      return found;
    } catch (IOException e) {
      throw new AssertionError("bytes in memory cannot be read", e);
    }
  }

  private static boolean isThere(DiskSignatures.Content content, long at, String magic)
      throws IOException {
    byte[] bytes = magic.getBytes(StandardCharsets.ISO_8859_1);
    return Arrays.equals(content.read(at, bytes.length), bytes);
  }

  private static byte[] read(DriveIo io, long address, int length) {
    io.read(address, length);
    return io.buffer().asSlice(0, length).toArray(JAVA_BYTE);
  }

  /** So much from an offset; nothing when it is not all there. */
  private static byte[] part(byte[] bytes, long offset, int length) {
    return offset < 0 || offset + length > bytes.length
        ? new byte[0]
        : Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
  }
}
