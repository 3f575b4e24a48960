package sluice.virtual.pci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.Aqa;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.Registers;
import sluice.vfio.ConfigSpace;
import sluice.vfio.DmaMemory;
import sluice.virtual.command.DriveSettings;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.personality.Personality;

/** Registers, and the ways between the controller's states. */
class ControllerStateTest {
  private static final int READY = Csts.rdy(0, true);
  private static final int FATAL = Csts.cfs(0, true);

  private static Host off() {
    return new Host(new MemoryBackend(1 << 20));
  }

  @Test
  void capabilities() {
    try (Host host = off()) {
      long cap = host.bar.read64(Registers.CAP);
      assertThat(cap).isEqualTo(0x0040_0020_0f01_03ffL);
      assertThat(Cap.timeoutMillis(cap)).isEqualTo(8000);
      assertThat(host.bar.read32(Registers.VS)).isEqualTo(0x00010400);
      assertThat(host.csts()).isZero();
      assertThat(host.bar.read32(Registers.CC)).isZero();
    }
    DriveSettings settings = new DriveSettings().queueEntries(32768).dstrd(3);
    try (Host host = new Host(settings, Personality.PLAIN, new MemoryBackend(1 << 20))) {
      assertThat(host.bar.read64(Registers.CAP)).isEqualTo(0x0040_0023_0f01_7fffL);
    }
  }

  @Test
  void readOnlyAndReservedRegistersIgnoreWrites() {
    try (Host host = off()) {
      for (int offset :
          new int[] {Registers.CAP, Registers.CAP + 4, Registers.VS, Registers.CSTS}) {
        int before = host.bar.read32(offset);
        host.bar.write32(offset, ~before);
        assertThat(host.bar.read32(offset)).as("register 0x%x", offset).isEqualTo(before);
      }
      for (int offset = 0x38; offset < 0x1000; offset += 4) {
        host.bar.write32(offset, -1);
        assertThat(host.bar.read32(offset)).as("register 0x%x", offset).isZero();
      }
      host.bar.write32(0x18, -1);
      assertThat(host.bar.read32(0x18)).isZero();
      host.bar.write32(Registers.NSSR, 0x4e564d65);
      assertThat(host.bar.read32(Registers.NSSR)).isZero();
    }
  }

  @Test
  void reservedBitsStayZero() {
    try (Host host = off()) {
      host.bar.write32(Registers.AQA, -1);
      assertThat(host.bar.read32(Registers.AQA)).isEqualTo(0x0fff0fff);
      host.bar.write64(Registers.ASQ, -1);
      assertThat(host.bar.read64(Registers.ASQ)).isEqualTo(0xfffffffffffff000L);
      host.bar.write64(Registers.ACQ, 0x123456789abcdefL);
      assertThat(host.bar.read64(Registers.ACQ)).isEqualTo(0x123456789abc000L);
      host.writeCc(0xfffffffe);
      assertThat(host.bar.read32(Registers.CC)).isEqualTo(0x00fffff0);
    }
  }

  @Test
  void interruptMask() {
    try (Host host = off()) {
      host.bar.write32(Registers.INTMS, 0b0110);
      host.bar.write32(Registers.INTMS, 0b1000);
      assertThat(host.bar.read32(Registers.INTMS)).isEqualTo(0b1110);
      host.bar.write32(Registers.INTMC, 0b0010);
      assertThat(host.bar.read32(Registers.INTMC)).isEqualTo(0b1100);
      assertThat(host.bar.read32(Registers.INTMS)).isEqualTo(0b1100);
    }
  }

  /** From each of the four states of EN and RDY. */
  @Test
  void enableAndDisable() {
    try (Host host = off()) {
      host.settle();
      assertThat(host.csts()).as("EN=0 RDY=0").isZero();
      host.enable();
      assertThat(host.csts()).as("EN=1 RDY=1").isEqualTo(READY);
      host.writeCc(0);
      assertThat(host.csts()).as("EN=0 RDY=1").isEqualTo(READY);
      host.settle();
      assertThat(host.csts()).as("EN=0 RDY=0 again").isZero();
      host.writeCc(Host.enabledCc());
      assertThat(host.csts()).as("EN=1 RDY=0").isZero();
      host.writeCc(0);
      host.settle();
      assertThat(host.csts()).as("disabled before it was ready").isZero();
      host.enable();
    }
  }

  @Test
  void aDisableThatTheDriveDidNotSeeIsStillAReset() {
    try (Host host = Host.ready()) {
      host.createQueue(1, 8);
      host.writeCc(0);
      host.enable();
      Host.Queue queue = host.createQueue(1, 8);
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
    }
  }

  @Test
  void aResetForgetsQueuesAndFeatures() {
    try (Host host = Host.ready()) {
      Host.Queue queue = host.createQueue(1, 8);
      assertThat(host.admin(AdminOpcode.SET_FEATURES, 0, null, 6, 0).status()).isZero();
      assertThat(host.admin(AdminOpcode.GET_FEATURES, 0, null, 6).result()).isZero();
      host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
      queue.ring();
      host.writeCc(0);
      host.settle();
      assertThat(queue.hasCompletion()).isFalse();
      host.enable();
      assertThat(host.admin(AdminOpcode.GET_FEATURES, 0, null, 6).result()).isEqualTo(1);
      assertThat(host.createCompletion(queue).status()).isZero();
    }
  }

  /** What is wrong when the host sets EN: the controller does not start. */
  @ParameterizedTest
  @CsvSource({
    "no submission queue, 0x001f001f, 0, 0x20000, 0x460001",
    "no completion queue, 0x001f001f, 0x10000, 0, 0x460001",
    "submission queue of one entry, 0x001f0000, 0x10000, 0x20000, 0x460001",
    "completion queue of one entry, 0x0000001f, 0x10000, 0x20000, 0x460001",
    "page too large, 0x001f001f, 0x100000, 0x200000, 0x460281",
    "queue not at a page of 8 KiB, 0x001f001f, 0x11000, 0x20000, 0x460081",
    "unknown command set, 0x001f001f, 0x10000, 0x20000, 0x460061",
    "unknown arbitration, 0x001f001f, 0x10000, 0x20000, 0x460801",
  })
  void badEnable(String what, String aqa, String asq, String acq, String cc) {
    try (Host host = off()) {
      host.bar.write32(Registers.AQA, Integer.decode(aqa));
      host.bar.write64(Registers.ASQ, Long.decode(asq));
      host.bar.write64(Registers.ACQ, Long.decode(acq));
      host.writeCc(Integer.decode(cc));
      host.settle();
      assertThat(host.csts()).as(what).isEqualTo(FATAL);
      host.writeCc(0);
      host.settle();
      assertThat(host.csts()).isZero();
      host.enable();
    }
  }

  @Test
  void queuesThatAreNotMappedAreFatal() {
    try (Host host = off()) {
      host.bar.write32(Registers.AQA, Aqa.of(32, 32));
      host.bar.write64(Registers.ASQ, 0x70000000L);
      host.bar.write64(Registers.ACQ, host.admin.cq.iova());
      host.writeCc(Host.enabledCc());
      host.settle();
      assertThat(host.csts()).isEqualTo(READY);
      host.bar.write32(Registers.DOORBELLS, 1);
      host.settle();
      assertThat(host.csts()).as("no submission queue").isEqualTo(READY | FATAL);

      host.writeCc(0);
      host.settle();
      host.bar.write64(Registers.ASQ, host.admin.sq.iova());
      host.bar.write64(Registers.ACQ, 0x70000000L);
      host.writeCc(Host.enabledCc());
      host.settle();
      host.admin.begin(AdminOpcode.IDENTIFY, 0);
      host.admin.ring();
      host.settle();
      assertThat(host.csts()).as("no completion queue").isEqualTo(READY | FATAL);
      host.writeCc(0);
      host.settle();
      host.enable();
    }
  }

  @Test
  void withoutBusMasteringTheQueuesAreOutOfReach() {
    try (Host host = Host.ready()) {
      host.function.config().write16(ConfigSpace.COMMAND, ConfigSpace.COMMAND_MEMORY);
      host.admin.begin(AdminOpcode.IDENTIFY, 0);
      host.admin.ring();
      host.settle();
      assertThat(Csts.cfs(host.csts())).isTrue();
    }
  }

  @Test
  void memoryThatIsFreedUnderARunningQueueIsAFault() {
    try (Host host = Host.ready()) {
      Host.Queue queue = host.createQueue(1, 8);
      assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
      host.function.dma().free(queue.cq);
      queue.begin(IoOpcode.FLUSH, 1);
      queue.ring();
      host.settle();
      assertThat(Csts.cfs(host.csts())).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2"})
  void shutdown(int shn) {
    try (Host host = Host.ready()) {
      Host.Queue queue = host.createQueue(1, 8);
      host.writeCc(Cc.shn(Host.enabledCc(), shn));
      host.settle();
      assertThat(Csts.shst(host.csts())).isEqualTo(Csts.SHST_COMPLETE);
      queue.begin(IoOpcode.FLUSH, 1);
      queue.ring();
      host.admin.begin(AdminOpcode.IDENTIFY, 0);
      host.admin.ring();
      host.settle();
      assertThat(queue.hasCompletion()).as("commands after a shutdown").isFalse();
      assertThat(host.admin.hasCompletion()).isFalse();
      host.writeCc(0);
      host.settle();
      assertThat(host.csts()).isZero();
      host.enable();
      DmaMemory page = host.memory(4096);
      assertThat(host.admin(AdminOpcode.IDENTIFY, 0, page, IdentifyCns.CONTROLLER).status())
          .isZero();
    }
  }

  @Test
  void functionReset() {
    try (Host host = Host.ready()) {
      host.bar.write32(Registers.INTMS, 1);
      host.function.reset();
      assertThat(host.csts()).isZero();
      assertThat(host.bar.read32(Registers.CC)).isZero();
      assertThat(host.bar.read32(Registers.AQA)).isZero();
      assertThat(host.bar.read64(Registers.ASQ)).isZero();
      assertThat(host.bar.read64(Registers.ACQ)).isZero();
      assertThat(host.bar.read32(Registers.INTMS)).isZero();
      assertThat(host.function.config().read16(ConfigSpace.COMMAND)).isZero();
      host.function.config().enableBusMaster();
      host.enable();
    }
  }

  @Test
  void aClosedDriveIsGone() {
    Host host = Host.ready();
    host.close();
    assertThat(host.function.isPresent()).isFalse();
    assertThat(host.csts()).isEqualTo(-1);
    assertThat(host.bar.read64(Registers.CAP)).isEqualTo(-1);
    assertThat(host.function.config().isPresent()).isFalse();
    assertThat(host.step()).isZero();
    host.close();
  }
}
