package sluice.virtual.command;

import sluice.nvme.spec.SmartLog;

/** What the SMART log counts. Used in the drive's turns. */
public final class DriveStatistics {
  private static final long NANOS_PER_HOUR = 3_600_000_000_000L;
  private static final long BYTES_PER_DATA_UNIT = 512_000;

  private final long poweredOnAt;
  long bytesRead;
  long bytesWritten;
  long readCommands;
  long writeCommands;
  long mediaErrors;

  public DriveStatistics(long now) {
    poweredOnAt = now;
  }

  void read(long bytes) {
    bytesRead += bytes;
    readCommands++;
  }

  void written(long bytes) {
    bytesWritten += bytes;
    writeCommands++;
  }

  public void fill(SmartLog log, long now) {
    log.availableSpare(100);
    log.availableSpareThreshold(10);
    log.dataUnitsRead(Math.ceilDiv(bytesRead, BYTES_PER_DATA_UNIT));
    log.dataUnitsWritten(Math.ceilDiv(bytesWritten, BYTES_PER_DATA_UNIT));
    log.hostReadCommands(readCommands);
    log.hostWriteCommands(writeCommands);
    log.powerCycles(1);
    log.powerOnHours((now - poweredOnAt) / NANOS_PER_HOUR);
    log.mediaErrors(mediaErrors);
  }
}
