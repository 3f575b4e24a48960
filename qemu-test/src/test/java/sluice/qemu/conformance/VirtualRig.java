package sluice.qemu.conformance;

import sluice.support.agent.IdleStrategy;
import sluice.vfio.PciFunction;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.pci.VirtualFunction;
import sluice.virtual.personality.Personality;

/**
 * Virtual drives in this process, made anew for every opening. Most take their turns in the
 * driver's polls; the one with blocks of 4096 bytes has a thread of its own.
 */
final class VirtualRig implements PciRig {
  /** Doorbells 16 bytes apart, which QEMU's controller cannot have. */
  private static final int WIDE_STRIDE = 2;

  @Override
  public String name() {
    return "virtual";
  }

  @Override
  public boolean isQemu() {
    return false;
  }

  @Override
  public PciFunction function(TestDrive drive) {
    DriveSettings settings =
        new DriveSettings()
            .blockBytes(drive.blockSize())
            .namespaces(drive.namespaces())
            .mdts(drive.mdts())
            .ioQueues(drive.ioQueues())
            .shadowDoorbells(true)
            .dstrd(doorbellStride(drive));
    MemoryBackend memory = new MemoryBackend(drive.namespaceBytes() * drive.namespaces());
    VirtualDrive behind = new VirtualDrive(settings, Personality.PLAIN, memory, System::nanoTime);
    boolean ownThread = drive == TestDrive.BLOCKS_OF_4096;
    IdleStrategy idle = ownThread ? IdleStrategy.backingOff() : null;
    return new VirtualFunction("virtual:" + drive, behind, idle);
  }

  /** As CAP.DSTRD has it. */
  static int doorbellStride(TestDrive drive) {
    return drive == TestDrive.FEW_QUEUES ? WIDE_STRIDE : 0;
  }

  @Override
  public void close() {
    // Drives end with their functions, which the tests close.
  }

  @Override
  public String toString() {
    return name();
  }
}
