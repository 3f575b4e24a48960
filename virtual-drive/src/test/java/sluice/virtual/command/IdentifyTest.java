package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.ControllerList;
import sluice.nvme.spec.IdentifyCns;
import sluice.nvme.spec.IdentifyNamespace;
import sluice.nvme.spec.NamespaceDescriptors;
import sluice.nvme.spec.NamespaceList;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.vfio.DmaMemory;
import sluice.virtual.media.DriveIdentity;
import sluice.virtual.pci.Host;

class IdentifyTest {
  private static final int INVALID_NAMESPACE = StatusCode.INVALID_NAMESPACE_OR_FORMAT.statusDnr();
  private static final int INVALID_FIELD = StatusCode.INVALID_FIELD.statusDnr();

  private static int identify(Host host, DmaMemory page, int cns, int nsid) {
    page.segment().fill((byte) 0xee);
    return host.admin(AdminOpcode.IDENTIFY, nsid, page, cns).status();
  }

  /** The lines of a page that are not zeros. */
  private static String dump(DmaMemory page) {
    byte[] bytes = page.segment().toArray(ValueLayout.JAVA_BYTE);
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < bytes.length; at += 16) {
      String line = HexFormat.ofDelimiter(" ").formatHex(bytes, at, at + 16);
      if (!line.matches("[0 ]*")) {
        text.append(String.format("%4d: %s%n", at, line));
      }
    }
    return text.toString();
  }

  private static final DriveIdentity IDENTITY =
      new DriveIdentity(
          UUID.fromString("f81d4fae-7dec-41d0-a765-00a0c91e6bf6"),
          "S123",
          "nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-41d0-a765-00a0c91e6bf6");

  @Test
  void controllerPage() {
    DriveSettings settings =
        new DriveSettings().identity(IDENTITY).shadowDoorbells(true).namespaces(2);
    try (Host host = Host.ready(settings)) {
      DmaMemory page = host.memory(4096);
      assertThat(identify(host, page, IdentifyCns.CONTROLLER, 0)).isZero();
      assertThat(dump(page))
          .isEqualTo(
              """
                 0: 34 12 34 12 53 31 32 33 20 20 20 20 20 20 20 20
                16: 20 20 20 20 20 20 20 20 73 6c 75 69 63 65 20 76
                32: 69 72 74 75 61 6c 20 64 72 69 76 65 20 20 20 20
                48: 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20
                64: 30 2e 31 20 20 20 20 20 00 00 00 00 00 05 35 db
                80: 00 04 01 00 00 00 00 00 00 0e 27 07 00 00 00 00
                96: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01
               256: 00 01 03 03 03 04 3f 00 00 00 57 01 61 01 00 00
               512: 66 44 00 00 02 00 00 00 dd 00 01 00 00 07 00 00
               768: 6e 71 6e 2e 32 30 31 34 2d 30 38 2e 6f 72 67 2e
               784: 6e 76 6d 65 78 70 72 65 73 73 3a 75 75 69 64 3a
               800: 66 38 31 64 34 66 61 65 2d 37 64 65 63 2d 34 31
               816: 64 30 2d 61 37 36 35 2d 30 30 61 30 63 39 31 65
               832: 36 62 66 36 00 00 00 00 00 00 00 00 00 00 00 00
              2048: f4 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00
              """);
    }
  }

  @Test
  void namespacePage() {
    try (Host host = Host.ready(new DriveSettings().identity(IDENTITY).blockBytes(4096))) {
      DmaMemory page = host.memory(4096);
      assertThat(identify(host, page, IdentifyCns.NAMESPACE, 1)).isZero();
      assertThat(dump(page))
          .isEqualTo(
              """
                 0: 00 10 00 00 00 00 00 00 00 10 00 00 00 00 00 00
                16: 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                32: 00 09 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                48: 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00
                96: 00 00 00 00 00 00 00 00 6f 63 60 97 da 9c 3f 96
               112: 82 8a f0 ac 90 96 87 8c 82 8a f0 ac 90 96 87 8c
               128: 00 00 0c 00 00 00 00 00 00 00 00 00 00 00 00 00
              """);
    }
  }

  @Test
  void namespacesOfTheirOwnSizes() {
    DriveSettings settings = new DriveSettings().namespaceBytes(List.of(8L << 20, 1L << 20));
    try (Host host = Host.ready(settings)) {
      DmaMemory page = host.memory(4096);
      assertThat(identify(host, page, IdentifyCns.NAMESPACE, 2)).isZero();
      IdentifyNamespace namespace = new IdentifyNamespace(page.segment());
      assertThat(namespace.nsze()).isEqualTo(2048);
      assertThat(namespace.blockBytes()).isEqualTo(512);
    }
  }

  @Test
  void lists() {
    DriveSettings settings = new DriveSettings().identity(IDENTITY).namespaces(3);
    try (Host host = Host.ready(settings)) {
      DmaMemory page = host.memory(4096);
      NamespaceList list = new NamespaceList(page.segment());
      assertThat(identify(host, page, IdentifyCns.ACTIVE_NAMESPACES, 0)).isZero();
      assertThat(list.count()).isEqualTo(3);
      assertThat(list.nsid(0)).isEqualTo(1);
      assertThat(list.nsid(2)).isEqualTo(3);
      assertThat(identify(host, page, IdentifyCns.ACTIVE_NAMESPACES, 2)).isZero();
      assertThat(list.count()).isEqualTo(1);
      assertThat(list.nsid(0)).isEqualTo(3);
      assertThat(identify(host, page, IdentifyCns.ACTIVE_NAMESPACES, 0xfffffffd)).isZero();
      assertThat(list.count()).isZero();

      ControllerList controllers = new ControllerList(page.segment());
      assertThat(identify(host, page, IdentifyCns.CONTROLLERS, 0)).isZero();
      assertThat(controllers.count()).isEqualTo(1);
      assertThat(controllers.cntlid(0)).isEqualTo(settings.identity().controllerId());
      int next = settings.identity().controllerId() + 1;
      assertThat(identify(host, page, next << 16 | IdentifyCns.CONTROLLERS, 0)).isZero();
      assertThat(controllers.count()).isZero();
      assertThat(identify(host, page, IdentifyCns.ATTACHED_CONTROLLERS, 3)).isZero();
      assertThat(controllers.count()).isEqualTo(1);
    }
  }

  @Test
  void descriptors() {
    try (Host host = Host.ready()) {
      DmaMemory page = host.memory(4096);
      assertThat(identify(host, page, IdentifyCns.NAMESPACE, 1)).isZero();
      byte[] nguid = new IdentifyNamespace(page.segment()).nguid();
      assertThat(identify(host, page, IdentifyCns.NAMESPACE_DESCRIPTORS, 1)).isZero();
      NamespaceDescriptors descriptors = new NamespaceDescriptors(page.segment());
      assertThat(descriptors.find(NamespaceDescriptors.NGUID)).hasValue(nguid);
      assertThat(descriptors.find(NamespaceDescriptors.UUID)).isPresent();
      assertThat(descriptors.find(NamespaceDescriptors.EUI64))
          .hasValue(Arrays.copyOfRange(nguid, 8, 16));
    }
  }

  /** Linux asks a drive of any version for it, and its errors are in the log for good. */
  @Test
  void theLimitsOfTheCommandSetAreAPageOfZeros() {
    try (Host host = Host.ready()) {
      DmaMemory page = host.memory(4096);
      int cns = IdentifyCns.COMMAND_SET_CONTROLLER;
      assertThat(identify(host, page, cns, 0)).isZero();
      assertThat(page.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(new byte[4096]);
      assertThat(host.admin(AdminOpcode.IDENTIFY, 0, page, cns, 2 << 24).status())
          .as("of another command set")
          .isEqualTo(INVALID_FIELD);
    }
  }

  @Test
  void whatIsNotThere() {
    try (Host host = Host.ready()) {
      DmaMemory page = host.memory(4096);
      for (int nsid : new int[] {0, 2, 0xfffffffe, 0xffffffff}) {
        assertThat(identify(host, page, IdentifyCns.NAMESPACE, nsid)).isEqualTo(INVALID_NAMESPACE);
        assertThat(identify(host, page, IdentifyCns.NAMESPACE_DESCRIPTORS, nsid))
            .isEqualTo(INVALID_NAMESPACE);
      }
      assertThat(identify(host, page, IdentifyCns.ACTIVE_NAMESPACES, 0xfffffffe))
          .isEqualTo(INVALID_NAMESPACE);
      assertThat(identify(host, page, IdentifyCns.ACTIVE_NAMESPACES, 0xffffffff))
          .isEqualTo(INVALID_NAMESPACE);
      for (int cns : new int[] {4, 0x10, 0x11, 0x14, 0xff}) {
        assertThat(identify(host, page, cns, 1)).as("CNS %d", cns).isEqualTo(INVALID_FIELD);
      }
      assertThat(page.segment().get(ValueLayout.JAVA_BYTE, 0))
          .as("untouched")
          .isEqualTo((byte) 0xee);
    }
  }

  @Test
  void aPageAcrossTwoPages() {
    try (Host host = Host.ready()) {
      DmaMemory data = host.memory(8192);
      long entry = host.admin.begin(AdminOpcode.IDENTIFY, 0);
      SubmissionEntry.prps(entry, data.iova(2048), data.iova(4096));
      SubmissionEntry.cdw(entry, 10, IdentifyCns.CONTROLLER);
      assertThat(host.finish(host.admin).status()).isZero();
      assertThat(data.segment().get(ValueLayout.JAVA_SHORT_UNALIGNED, 2048))
          .isEqualTo((short) 0x1234);
      assertThat(data.segment().get(ValueLayout.JAVA_BYTE, 2048 + 2049)).isEqualTo((byte) 1);
    }
  }

  @Test
  void dataThatCannotBeReached() {
    try (Host host = Host.ready()) {
      long entry = host.admin.begin(AdminOpcode.IDENTIFY, 0);
      SubmissionEntry.prps(entry, 0x70000000L, 0);
      SubmissionEntry.cdw(entry, 10, IdentifyCns.CONTROLLER);
      assertThat(host.finish(host.admin).status())
          .isEqualTo(StatusCode.DATA_TRANSFER_ERROR.status());
    }
  }
}
