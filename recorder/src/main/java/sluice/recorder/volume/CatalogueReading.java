package sluice.recorder.volume;

import java.util.ArrayList;
import java.util.List;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveIo;
import sluice.nvme.spec.Status;
import sluice.recorder.format.SealedBlock;
import sluice.recorder.format.Superblock;
import sluice.recorder.volume.CatalogueSlot.Copy;

/** Reads both copies of a catalogue's entries, as far as the drive can. */
final class CatalogueReading {
  private CatalogueReading() {}

  /** All entries, by their number. */
  static List<CatalogueSlot> slots(Drive drive, DriveIo io, Superblock superblock) {
    int entries = superblock.catalogueEntries();
    Copy[] first = readCopies(drive, io, superblock, 0);
    Copy[] second = readCopies(drive, io, superblock, 1);
    List<CatalogueSlot> slots = new ArrayList<>(entries);
    for (int i = 0; i < entries; i++) {
      slots.add(CatalogueSlot.judge(i, first[i], second[i]));
    }
    return slots;
  }

  private static Copy[] readCopies(Drive drive, DriveIo io, Superblock superblock, int copy) {
    Copy[] copies = new Copy[superblock.catalogueEntries()];
    long end = drive.bytes() / SealedBlock.SIZE * SealedBlock.SIZE;
    int perRead = DriveIo.BUFFER_BYTES / SealedBlock.SIZE;
    for (int n = 0; n < copies.length; n += perRead) {
      long address = superblock.catalogueAddress(n, copy);
      int count = Math.min(perRead, copies.length - n);
      int present = Math.clamp((end - address) / SealedBlock.SIZE, 0, count);
      for (int i = present; i < count; i++) {
        copies[n + i] = Copy.missing();
      }
      if (present > 0 && io.tryRead(address, present * SealedBlock.SIZE) == 0) {
        for (int i = 0; i < present; i++) {
          copies[n + i] = copy(io, n + i, copy, i);
        }
      } else {
        for (int i = 0; i < present; i++) {
          copies[n + i] = alone(io, superblock, n + i, copy);
        }
      }
    }
    return copies;
  }

  /** One bad block takes no other entry with it. */
  static Copy alone(DriveIo io, Superblock superblock, int number, int copy) {
    int status = io.tryRead(superblock.catalogueAddress(number, copy), SealedBlock.SIZE);
    return status == 0
        ? copy(io, number, copy, 0)
        : Copy.unreadable("the drive cannot read it: " + Status.format(status));
  }

  private static Copy copy(DriveIo io, int number, int copy, int block) {
    return Copy.read(
        number, copy, io.buffer().asSlice((long) block * SealedBlock.SIZE, SealedBlock.SIZE));
  }
}
