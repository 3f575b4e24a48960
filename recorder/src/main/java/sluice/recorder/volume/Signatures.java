package sluice.recorder.volume;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Superblock;
import sluice.vfio.discovery.DiskSignatures;

/** What a drive may hold that nobody wants to lose: what others know, recordings, any data. */
public final class Signatures {
  private static final int ALIGNMENT = 4096;
  private static final String OURS = "a layout of this recorder";

  private Signatures() {}

  /**
   * What a drive holds, each once, in words; empty if it is empty, which {@link DiskSignatures}
   * says more of. A drive that cannot be read where it is looked at counts as one that holds
   * something.
   */
  public static List<String> find(Drive drive, DriveIo io) {
    long end = drive.bytes() / ALIGNMENT * ALIGNMENT;
    if (end == 0) {
      return List.of("less than " + ALIGNMENT + " bytes, too few to be looked at");
    }
    List<String> found = new ArrayList<>();
    try {
      if (begins(io, 0, Superblock.MAGIC)
          || begins(io, end - ALIGNMENT, Superblock.MAGIC)
          || begins(io, ALIGNMENT, CatalogueEntry.MAGIC)) {
        found.add(OURS);
      }
      DiskSignatures others = DiskSignatures.of((offset, length) -> read(io, offset, length), end);
      found.addAll(others.known());
      if (found.isEmpty()) {
        others.unknown().ifPresent(found::add);
      }
    } catch (NvmeException e) {
      found.add("what cannot be read (" + e.getMessage() + ")");
    } catch (IOException e) {
      throw new AssertionError("a drive fails with another exception", e);
    }
    return found;
  }

  private static boolean begins(DriveIo io, long at, String magic) {
    byte[] bytes = magic.getBytes(StandardCharsets.ISO_8859_1);
    return at >= 0
        && Arrays.equals(read(io, at, ALIGNMENT), 0, bytes.length, bytes, 0, bytes.length);
  }

  /** Both are multiples of {@link #ALIGNMENT}, as the drive's end is. */
  private static byte[] read(DriveIo io, long address, int length) {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      int part = Math.min(DriveIo.BUFFER_BYTES, length - done);
      io.read(address + done, part);
      MemorySegment.copy(io.buffer(), JAVA_BYTE, 0, bytes, done, part);
      done += part;
    }
    return bytes;
  }
}
