package sluice.qemu.conformance;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.nvme.BlockIo;
import sluice.nvme.ControllerOptions;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.vfio.DmaMemory;
import sluice.vfio.PciFunction;

/** What the suite's classes share: the rig, and controllers that are closed after each test. */
@ParameterizedClass(name = "{0}")
@MethodSource("sluice.qemu.conformance.Rig#all")
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
abstract class ConformanceTest {
  @Parameter Rig rig;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  final PciFunction openFunction(TestDrive drive) {
    PciFunction function = rig.open(drive);
    opened.add(function);
    return function;
  }

  final NvmeController open(TestDrive drive) {
    return open(drive, ControllerOptions.defaults());
  }

  final NvmeController open(TestDrive drive, ControllerOptions options) {
    NvmeController controller = NvmeController.open(rig.open(drive), options);
    opened.add(controller);
    return controller;
  }

  final BlockIo blockIo(NvmeController controller, int nsid) {
    IoQueue queue = controller.createIoQueue(Math.min(32, controller.maxQueueDepth()));
    return new BlockIo(controller, queue, controller.namespace(nsid));
  }

  /** Fills with bytes that tell place and seed, so that a misplaced block shows. */
  static void fill(DmaMemory memory, long offset, long length, long seed) {
    for (long i = 0; i < length; i++) {
      long at = offset + i;
      memory.segment().set(ValueLayout.JAVA_BYTE, at, patternByte(i, seed));
    }
  }

  /** Where the first byte differs from what {@link #fill} wrote; -1 if none does. */
  static long mismatch(DmaMemory memory, long offset, long length, long seed) {
    for (long i = 0; i < length; i++) {
      if (memory.segment().get(ValueLayout.JAVA_BYTE, offset + i) != patternByte(i, seed)) {
        return i;
      }
    }
    return -1;
  }

  private static byte patternByte(long index, long seed) {
    long mixed = (index >>> 3) * 0x9e3779b97f4a7c15L + seed * 0xbf58476d1ce4e5b9L;
    return (byte) (mixed >>> (8 * (index & 7)));
  }
}
